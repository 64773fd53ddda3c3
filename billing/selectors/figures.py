"""Where the figures of billing come from: the answers to "¿De dónde sale este número?" (N2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from billing import rules
from billing.models import ComplementPayment, Invoice
from billing.selectors.schemes import Scheme
from portal import clock
from portal.design import dates
from portal.money import ZERO, format_money, format_rate
from portal.rulebook import rules as rulebook_rules
from portal.rulebook import selectors as rulebook
from portal.treasury.models import Payable
from portal.treasury.rules import PayableState

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from portal.people.models import User

_NAMED = 6  # invoices that are told one by one
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


def explain_rates(scheme: Scheme) -> dict[str, Any]:
    """What is withheld of whatever orders are chosen, before any is: the rates of the scheme in force."""
    rates = tuple((COMPONENT_LABELS[part.component], format_rate(part.rate)) for part in scheme.components)
    rule = rulebook_rules.RuleRef(scheme.rule_code, scheme.rule_version, scheme.source)
    formula = "importe de cada orden × tasa, redondeado al centavo; recibes el importe menos lo retenido"
    return rulebook_rules.Explanation(scheme.title, formula, rates, "", (rule,)).as_json()


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


def deposit(invoices: Sequence[Invoice]) -> dict[str, Any]:
    """Which invoices make the amount of a deposit."""
    shown = tuple((row.folio or "", _pesos(row.total)) for row in invoices)
    total = sum((row.total for row in invoices), ZERO)
    formula = "suma de lo pagado de cada factura, ya sin retenciones"
    return rulebook_rules.Explanation("Importe del depósito", formula, shown, _pesos(total)).as_json()


def chain(payments: Sequence[ComplementPayment]) -> dict[str, Any]:
    """Where the balances of a complement come from: each invoice's begins with its total, each payment lessens it."""
    shown = tuple(
        (
            f"{row.invoice.folio}, parcialidad {row.number}",
            f"{_pesos(row.balance_before)} − {_pesos(row.paid)} = {_pesos(row.balance_after)}",
        )
        for row in payments
    )
    paid = sum((row.paid for row in payments), ZERO)
    formula = "saldo anterior − pagado; el primer saldo es el total de la factura"
    return rulebook_rules.Explanation("Lo pagado según el complemento", formula, shown, _pesos(paid)).as_json()


def _pesos(amount: Decimal) -> str:
    return format_money(amount, rules.CURRENCY)


def next_payment(owed: Sequence[Payable]) -> dict[str, Any]:
    """Which invoices make the next payment, and the rule that gave its day; the last line tells those that are many."""
    shown = [(one.reference, _pesos(one.amount)) for one in owed[:_NAMED]]
    if rest := owed[_NAMED:]:
        shown.append((f"{len(rest)} facturas más", _pesos(sum((one.amount for one in rest), ZERO))))
    rule = rulebook_rules.RuleRef.read(owed[0].due_rule)
    return rulebook_rules.Explanation(
        title="Tu próximo pago",
        formula="suma de tus facturas aceptadas que se pagan ese día; el día se cuenta desde que se aceptaron",
        inputs=(*shown, ("Día de pago", dates.short(owed[0].due_on))),
        result=_pesos(sum((one.amount for one in owed), ZERO)),
        rules=(rule,) if rule else (),
    ).as_json()


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


def payment_ahead(invoice: Invoice, *, due_rule: str, due_on: date, on: date) -> dict[str, Any]:
    """Why an invoice in review would be paid by a day, were it accepted on the last one of our answer."""
    assert invoice.review_due_on is not None  # it was sent
    return rulebook.explain_due(
        title="Cuándo te pagaríamos",
        formula="último día para responderte + días hábiles de oficina",
        start=("Si se acepta el", max(on, invoice.review_due_on)),
        due_on=due_on,
        due_rule=due_rule,
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
