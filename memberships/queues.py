"""What of memberships waits for people at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from memberships.listings import REFUNDS
from memberships.models import GatewayDoubt, Refund
from memberships.selectors import doubts_open, refunds_to_approve, refunds_wanted
from portal.access import Permission, Workspace
from portal.listing import Link
from portal.money import format_money
from portal.people.selectors import parties_of
from portal.work.registry import Queue


def _doubts(user: Any, at: datetime) -> QuerySet[GatewayDoubt]:
    """Those of other people's families."""
    rows = doubts_open().exclude(event__attempt__party__in=parties_of(user))
    return rows.select_related("event__attempt").only("since", "event__event_id", "event__attempt__folio")


DOUBTS = Queue(
    name="memberships.doubts",
    workspace=Workspace.TREASURY,
    label="Avisos dudosos de la pasarela",
    permission=Permission.MATCH_DEPOSITS,
    rows=_doubts,
    page="memberships:card_events",
    query="estado=doubtful",
    since="since",
    title=lambda row: f"Pago con tarjeta {row.event.attempt.folio}",
    href=Link("memberships:card_doubt", "event_id"),
)


def _of_others(rows: QuerySet[Refund], user: Any) -> QuerySet[Refund]:
    rows = rows.exclude(party__in=parties_of(user)).select_related("membership")
    return rows.only("since", "amount", "folio", "membership__folio")


def _wanted(user: Any, at: datetime) -> QuerySet[Refund]:
    """Those of other people's families."""
    return _of_others(refunds_wanted(), user)


def _to_approve(user: Any, at: datetime) -> QuerySet[Refund]:
    """Those that somebody else asked, of other people's families (MO-05)."""
    return _of_others(refunds_to_approve().exclude(asked_by=user), user)


def _title(row: Refund) -> str:
    return f"Devolución de {format_money(row.amount, 'MXN')}"


REFUNDS_WANTED = Queue(
    name="memberships.refunds_wanted",
    workspace=Workspace.TREASURY,
    label="Devoluciones que piden las familias",
    permission=Permission.MATCH_DEPOSITS,
    rows=_wanted,
    seen=Refund.objects.visible_to,
    page="memberships:refunds",
    query="estado=wanted",
    listing=REFUNDS,
    since="since",
    title=_title,
    who=lambda row: row.membership.folio,
    href=Link("memberships:refund"),
)
REFUNDS_TO_APPROVE = Queue(
    name="memberships.refunds_to_approve",
    workspace=Workspace.TREASURY,
    label="Devoluciones a tarjeta por autorizar",
    permission=Permission.APPROVE_PAYMENTS,
    rows=_to_approve,
    seen=Refund.objects.visible_to,
    page="memberships:refunds",
    query="estado=asked",
    listing=REFUNDS,
    since="since",
    title=_title,
    who=lambda row: row.membership.folio,
    href=Link("memberships:refund"),
)
QUEUES = (DOUBTS, REFUNDS_WANTED, REFUNDS_TO_APPROVE)
