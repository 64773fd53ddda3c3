"""What claims owe: what a final decision pays, to the account that whoever filed registered for it."""

from __future__ import annotations

from claims import services
from claims.rules import ledger
from claims.selectors import payables
from portal.access import Permission
from portal.treasury.registry import PayableKind

CLAIM = PayableKind(
    kind=services.KIND,
    purpose=ledger.ACCOUNT,
    liability=ledger.OWED,
    entry=ledger.DECIDED,
    nouns=("trámite", "trámites"),
    see=Permission.SEE_OWN_MEMBERSHIP,
    by_rfc=False,
    barred=payables.deciders_of,
    accepted=payables.accepted_by,
    lines=payables.advice_lines,
    tells=True,
    scheduled=services.note_scheduled,
    released=services.note_waits,
    paid=services.note_paid,
    rejected=services.note_waits,
    returned=services.note_returned,
)
