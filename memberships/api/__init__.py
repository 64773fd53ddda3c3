"""Memberships by the API: one's own families, the desk's families and plans, refunds, reports."""

from memberships.api import memberships, refunds, reports

RESOURCES = (*memberships.RESOURCES, *refunds.RESOURCES, *reports.RESOURCES)
