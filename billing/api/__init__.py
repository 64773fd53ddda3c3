"""Billing's part of the API: the insurer's orders, the physician's invoices and deposits, the desk's reviews."""

from billing.api import desk, orders, physician

RESOURCES = (*orders.RESOURCES, *physician.RESOURCES, *desk.RESOURCES)
