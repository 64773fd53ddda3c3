"""What billing owes: a physician's accepted invoice, paid to the account that is for digital orders alone (S0.8)."""

from __future__ import annotations

from billing import rules, selectors, services
from portal.access import Permission
from portal.treasury.registry import AccountPurpose, PayableKind

DIGITAL_ORDERS = AccountPurpose(
    code=rules.DIGITAL_ORDERS,
    label="Órdenes de atención digitales",
    sentence="Aquí solo recibes los pagos de órdenes de atención digitales. Las órdenes tradicionales y los honorarios "
    "quirúrgicos llevan su propia cuenta bancaria en cada trámite.",
    held_with=Permission.SEE_OWN_BILLING,
)
INVOICE = PayableKind(
    kind="invoice",
    purpose=rules.DIGITAL_ORDERS,
    liability=rules.OWED,
    entry=rules.ACCEPTED,
    nouns=("factura", "facturas"),
    see=Permission.SEE_OWN_PAYMENTS,
    barred=selectors.reviewers_of,
    accepted=selectors.accepted_by,
    explained=selectors.explanation_of,
    lines=selectors.advice_lines,
    next_step=(
        "Falta tu complemento de pago.",
        "Escribe en él {amount} como monto y el {on} como fecha de pago: son los del banco.",
    ),
    undone="Por ese depósito ya no hace falta complemento.",
    tells=True,
    scheduled=services.note_scheduled,
    released=services.note_rejection,
    paid=services.note_payment,
    rejected=services.note_rejection,
    returned=services.note_return,
)
