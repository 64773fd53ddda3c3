"""Where the figures of billing come from: the answers to "¿De dónde sale este número?" (N2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing import rules
from billing.models import Invoice
from billing.selectors.schemes import Scheme
from portal import clock
from portal.design import dates
from portal.money import format_money, format_rate
from portal.rulebook import rules as rulebook_rules
from portal.rulebook import selectors as rulebook
from portal.treasury.models import Payable
from portal.treasury.rules import PayableState

if TYPE_CHECKING:
    from portal.people.models import User

COMPONENT_LABELS = {"ISR": "ISR retenido", "LOCAL": "Impuesto cedular retenido"}


def explain_total(
    withheld: rules.WithholdingSum, scheme: Scheme, *, title: str = "Total de la factura"
) -> dict[str, Any]:
    """The answer to "¿De dónde sale este número?" for a total after withholding; stored with an invoice."""
    inputs = [("Importe de las órdenes", format_money(withheld.base, rules.CURRENCY))]
    for line in withheld.lines:
        inputs.append(
            (
                f"{COMPONENT_LABELS[line.component]}, {format_rate(line.rate)}",
                f"−{format_money(line.amount, rules.CURRENCY)}",
            )
        )
    return rulebook_rules.Explanation(
        title=title,
        formula="importe de las órdenes - retenciones",
        inputs=tuple(inputs),
        result=format_money(withheld.payable, rules.CURRENCY),
        rules=(rulebook_rules.RuleRef(scheme.rule_code, scheme.rule_version, scheme.source),),
    ).as_json()


def complement_due(invoice: Invoice) -> dict[str, Any]:
    """Why the complement is due on its stored date (domain 1.3); {} before it was paid. The rolled date is told too."""
    due = invoice.complement_due
    if due is None:
        return {}
    return rulebook.explain_due(
        title="Fecha límite de tu complemento",
        formula="el día que dice la regla, del mes siguiente al depósito",
        start=("Te depositamos el", due.anchor),
        more=(("Ese día no es hábil; el siguiente es", dates.short(due.rolled_on)),)
        if due.rolled_on != due.due_on
        else (),
        due_on=due.due_on,
        due_rule=due.due_rule,
    )


def review_due(invoice: Invoice) -> dict[str, Any]:
    """Why we answer an invoice by its stored day; {} before it was sent."""
    if invoice.review_due_on is None or invoice.submitted_at is None:
        return {}
    return rulebook.explain_due(
        title="Cuándo te respondemos",
        formula="fecha de envío + días hábiles de oficina",
        start=("Enviada el", clock.date_in(invoice.submitted_at)),
        due_on=invoice.review_due_on,
        due_rule=invoice.review_due_rule,
    )


def payment_due(invoice: Invoice, *, user: User) -> dict[str, Any]:
    """Why an accepted invoice is to be paid by its date; {} when nothing is owed, or not to be seen by this person."""
    if invoice.decided_at is None or invoice.review_state is not rules.ReviewState.ACCEPTED:
        return {}
    owed = Payable.objects.visible_to(user).exclude(state=PayableState.CANCELLED)
    payable = owed.filter(kind="invoice", subject_id=str(invoice.pk)).first()
    if payable is None:
        return {}
    return rulebook.explain_due(
        title="Cuándo te pagamos",
        formula="fecha de aceptación + días hábiles de oficina",
        start=("Aceptada el", clock.date_in(invoice.decided_at)),
        due_on=payable.due_on,
        due_rule=payable.due_rule,
    )
