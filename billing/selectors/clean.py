"""The lane of invoices in which the machine found nothing: a line each, those that are drawn are opened first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q, Window
from django.urls import reverse

from billing import queues
from billing.models import Invoice
from billing.selectors.parts import Context
from portal import clock
from portal.fiscal import selectors as fiscal
from portal.work import selectors as work

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 50  # lines at a time: those that are due first
FILTER = "estado=submitted&hallazgos=sin"


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice of the lane, and why it has to be opened first ("": it may be accepted here)."""

    invoice: Invoice
    orders: int
    opens: str


def alike(invoices: Sequence[Invoice], *, on: date) -> set[str]:
    """The keys of those that look like another receipt (N9), by the days that the rule has on the day of the asking."""
    return fiscal.that_look_alike(invoices, on=on)


def lane(user: User, *, at: datetime) -> Context:
    """What this reviewer may accept line by line, the ones due first; no more than `MOST`, as the page says."""
    rows = work.free(queues.invoices_to_review(user, at).filter(clean=True), user).select_related("insurer")
    told = rows.only(*SHOWN).annotate(
        billed=Count("lines", filter=Q(lines__live=True)),
        waiting=Window(Count("*")),
    )
    found = list(told.order_by(F("review_due_on").asc(nulls_last=True), "submitted_at", "pk")[:MOST])
    like = alike(found, on=clock.date_in(at)) if found else set()
    list_address = f"{reverse('billing:reviews')}?{FILTER}"
    return {
        "lines": [Line(one, one.billed, _why(one, like)) for one in found],
        "waiting": found[0].waiting if found else 0,
        "shown": len(found),
        "narrowed": FILTER,
        "list_address": list_address,
        "crumbs": [("Facturas", reverse("billing:reviews")), ("Sin hallazgos", "")],
    }


SHOWN = (
    "folio",
    "submitted_at",
    "review_due_on",
    "drawn",
    "base",
    "withheld_isr",
    "withheld_local",
    "total",
    "currency",
    "party__name",
    "insurer__name",
)


def _why(one: Invoice, like: set[str]) -> str:
    if one.drawn:
        return "Sorteada: ábrela"
    return "Se parece a otra: ábrela" if str(one.pk) in like else ""
