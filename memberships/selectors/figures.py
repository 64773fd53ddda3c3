"""Where the amounts and days of a family and of a slip come from («¿De dónde sale?»)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum

from memberships.models import Charge, Membership, Slip
from memberships.models.shared import CURRENCY
from memberships.rules import ChargeState, RefundState
from memberships.selectors.slips import month_told
from portal import clock
from portal.money import ZERO, format_money
from portal.rulebook.rules import Explanation, refer
from portal.rulebook.selectors import explain_due, rule_on


def money_figures(membership: Membership) -> list[tuple[dict[str, Any], str]]:
    """What a family owes and has in its favour, each with how it is asked about; nothing of what is zero."""
    found = []
    if membership.owed:
        found.append((_owed(membership), "lo que se debe"))
    if membership.credit and (credit := _credit(membership)):
        found.append((credit, "el saldo a favor"))
    return found


def _owed(membership: Membership) -> dict[str, Any]:
    rows = membership.charges.filter(state=ChargeState.OPEN, undone_at=None).order_by("due_on", "pk")
    parts = tuple((month_told(one.period), _money(one.amount)) for one in rows)
    return Explanation("Se debe", "suma de las mensualidades por pagar", parts, _money(membership.owed)).as_json()


def _credit(membership: Membership) -> dict[str, Any]:
    """Payments less what they paid and what went back; {} where a part of it is only known to the books."""
    stand = Q(taken_back_on=None)
    paid = membership.payments.aggregate(
        whole=Sum("amount", filter=stand), left=Sum(F("lost") + F("kept"), filter=~stand)
    )
    settled = membership.charges.filter(state=ChargeState.SETTLED, undone_at=None).aggregate(sum=Sum("amount"))["sum"]
    asked, declined = membership.refunds.exclude(asked_on=None), Q(state=RefundState.DECLINED)
    back = asked.aggregate(gone=Sum("amount", filter=~declined), stays=Sum("regained", filter=declined))
    received, gone = _sum(paid), _sum(back)
    if received - (settled or ZERO) - gone != membership.credit:
        return {}
    parts = [("Pagos recibidos", _money(received)), ("Mensualidades pagadas", _money(settled or ZERO))]
    parts += [("Devoluciones", _money(gone))] if gone else []
    formula = "pagos recibidos − mensualidades pagadas" + (" − devoluciones" if gone else "")
    return Explanation("Saldo a favor", formula, tuple(parts), _money(membership.credit)).as_json()


def grace_figure(charge: Charge) -> dict[str, Any]:
    """Until when a month may be paid: by the rule of the day on which it was due; {} of a first month."""
    if charge.grace_ends_on is None:
        return {}
    rule = rule_on("dues.grace_days", on=charge.due_on)
    begins = charge.grace_ends_on - timedelta(days=int(rule.value))
    label = "Vence el" if begins == charge.due_on else "Se cuenta desde el"
    return explain_due(
        title="Último día para pagar",
        formula="día en que vence + días de gracia",
        start=(label, begins),
        due_on=charge.grace_ends_on,
        due_rule=str(refer(rule)),
    )


def next_due_figure(membership: Membership) -> dict[str, Any]:
    """Why the next month is due on its day: by the rule that was stored with it; {} where it was not stored."""
    if membership.next_due_on is None:
        return {}
    due = membership.dues_dates.filter(due_on=membership.next_due_on, ended_at=None).first()
    last = membership.charges.filter(undone_at=None).order_by("due_on", "pk").last()
    if due is None or last is None:
        return {}
    return explain_due(
        title="Próxima mensualidad",
        formula="día 1 del primer mes sin cargo; quien empieza después de ese día del mes paga desde el siguiente",
        start=("Último cargo", last.due_on),
        due_on=due.due_on,
        due_rule=due.due_rule,
    )


def end_figure(since: date, code: str, last_day: date) -> dict[str, Any]:
    """Until when a first payment, or what is owed while suspended, keeps a membership from ending."""
    return explain_due(
        title="Último día antes de que termine",
        formula="día desde el que se cuenta + días de la regla − 1",
        start=("Se cuenta desde el", since),
        due_on=last_day,
        due_rule=str(refer(rule_on(code, on=since))),
    )


def slip_figures(slip: Slip, *, known: bool) -> list[tuple[dict[str, Any], str]]:
    """A slip's last day and amount, each with how it is asked about; they say months and no name.

    The rule's own page is for who is signed in (`known`).
    """
    last_day = explain_due(
        title="Último día para pagar la ficha",
        formula="día en que se hizo + días de la regla",
        start=("Se hizo el", clock.date_in(slip.made_at)),
        due_on=slip.expires_on,
        due_rule=slip.days_rule,
    )
    parts = tuple((month_told(one.period), _money(one.amount)) for one in slip.lines.order_by("pk"))
    amount = Explanation("Importe de la ficha", "suma de sus mensualidades", parts, _money(slip.amount)).as_json()
    return [(last_day if known else last_day | {"rules": []}, "esta fecha"), (amount, "este importe")]


def _sum(parts: dict[str, Decimal | None]) -> Decimal:
    return sum((one for one in parts.values() if one), ZERO)


def _money(amount: Decimal) -> str:
    return format_money(amount, CURRENCY)
