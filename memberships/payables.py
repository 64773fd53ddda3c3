"""What memberships owe: credit that a family gets back by transfer, paid to an account that its titular registered."""

from __future__ import annotations

from memberships import selectors, services
from memberships.rules import ledger
from memberships.rules.refunds import MEMBER_PAYMENTS
from portal.access import Permission
from portal.treasury.registry import AccountPurpose, PayableKind

PURPOSE = AccountPurpose(
    code=MEMBER_PAYMENTS,
    label="Lo que te devolvemos y te pagamos",
    sentence="Aquí recibes lo que te devolvemos y lo que te pagamos. Debe estar a tu nombre.",
    held_with=Permission.SEE_OWN_MEMBERSHIP,
    is_asked_for=False,
)
REFUND = PayableKind(
    kind=services.REFUND_KIND,
    purpose=MEMBER_PAYMENTS,
    liability=ledger.PAYABLE,
    entry=ledger.REFUND_ASKED,
    nouns=("devolución", "devoluciones"),
    see=Permission.SEE_OWN_MEMBERSHIP,
    by_rfc=False,
    barred=selectors.asked_by_of,
    tells=True,
    scheduled=services.note_scheduled,
    released=services.note_waits,
    paid=services.note_paid,
    rejected=services.note_waits,
    returned=services.note_waits,
)
