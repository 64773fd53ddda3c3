"""Orders to invoice, chosen on a table: those of one insurer and one physician at a time (S0.17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat
from django.http import QueryDict
from django.urls import reverse

from billing import rules, selectors
from billing.models import CareOrder, SchemeAssignment
from billing.selectors import figures, pages
from billing.selectors.parts import Context, money
from portal.access import Permission
from portal.people.models import Party
from portal.text import search_key

if TYPE_CHECKING:
    from portal.people.models import User

INSURER, PHYSICIAN = "aseguradora", "medico"


@dataclass(frozen=True, slots=True)
class Group:
    """What one invoice may bill: the orders of one insurer and one physician that wait."""

    insurer: UUID
    rfc: str
    label: str
    count: int
    payable: Decimal
    scheme: str = ""  # regime and state of the physician: «612 Jalisco»; "" while they have not told it

    @property
    def told(self) -> str:
        """`Aseguradora (190 · $120,000.00)`."""
        return f"{self.label} ({self.count:,} · {money(self.payable)})"

    @property
    def href(self) -> str:
        """Its table."""
        return f"{reverse('billing:start')}?{urlencode({INSURER: self.insurer, PHYSICIAN: self.rfc})}"


def groups(user: User, *, on: date) -> list[Group]:
    """Every group of this person's, by name; with the physician's name for who bills for several."""
    rfcs = user.proved_rfcs(Permission.BILL_ORDERS)
    waiting = CareOrder.objects.of_rfcs(rfcs).to_invoice().order_by()
    rows = waiting.values("physician_rfc", "insurer", "insurer__name").annotate(
        n=Count("pk"), sum=Sum("payable"), scheme=_scheme(user, on=on)
    )
    names = dict(Party.objects.filter(rfc__in=rfcs).values_list("rfc", "name")) if len(rfcs) > 1 else {}
    found = [
        Group(
            row["insurer"],
            row["physician_rfc"],
            f"{row['insurer__name']}, {names[row['physician_rfc']]}" if names else row["insurer__name"],
            row["n"],
            row["sum"],
            row["scheme"] or "",
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (search_key(one.label), str(one.insurer), one.rfc))


def _scheme(user: User, *, on: date) -> Coalesce:
    """Regime and state that count for a group's physician: those in force on a day, before the first ones the first."""
    mine = {grant.party_id for grant in user.live_grants if grant.is_rfc_proved}
    told = SchemeAssignment.objects.filter(party__in=mine, party__rfc=OuterRef("physician_rfc"))
    told = told.annotate(told=Concat("regime", Value(" "), "state"))
    now = told.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on).order_by("-valid_from")
    return Coalesce(*(Subquery(rows.values("told")[:1]) for rows in (now, told.order_by("valid_from"))))


def named(found: Sequence[Group], given: QueryDict) -> Group | None:
    """The group that an address or a form names; None for one of which nothing waits (any more)."""
    asked = (given.get(INSURER), given.get(PHYSICIAN))
    return next((one for one in found if (str(one.insurer), one.rfc) == asked), None)


def shown(found: Sequence[Group], given: QueryDict) -> Group | None:
    """The group that the address names; else the one with most orders. None where nothing waits."""
    return named(found, given) or max(found, key=lambda one: one.count, default=None)


def parts(group: Group | None) -> dict[str, Any]:
    """What the list's rows are narrowed to before any filter."""
    return {"insurer": group.insurer, "rfc": group.rfc} if group else {}


def page(user: User, found: Sequence[Group], group: Group | None, *, on: date) -> Context:
    """What stands around the table: the groups, and what is withheld of their orders today."""
    regime, _, state = group.scheme.partition(" ") if group else ("", "", "")
    schemes = selectors.schemes_in_force(regime=regime, state=state, on=on) if regime else []
    return {
        "groups": [(one, one is group) for one in found] if len(found) > 1 else [],
        "group": group,
        "kept": [(INSURER, group.insurer), (PHYSICIAN, group.rfc)] if group else [],
        "rates": " ".join(f"{part.rate:.6f}" for part in schemes[0].components) if schemes else "",
        "rates_figure": figures.explain_rates(schemes[0]) if schemes else {},
        "most": rules.MOST_ORDERS,
        "unproved": pages.unproved(user),
        "crumbs": [("Órdenes", reverse("billing:orders")), ("Facturar", "")],
    }
