"""What follows Tobías's claims: an appeal, a surgery with its letter, one that waits, two invoices that look alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from billing.models import Invoice
from claims import queues, services
from claims.models import Claim, Hospital
from config.demo.cast import Cast
from config.demo.scenes.billing import CLAIMED
from memberships.models import Condition
from portal import clock
from portal.work import services as work

_HOSPITALS = (
    ("H-0117", "Hospital Santa Elena", "Ciudad de México", "Ciudad de México"),
    ("H-0233", "Hospital del Valle de Toluca", "Toluca", "México"),
    ("H-0310", "Clínica Los Arcos", "Querétaro", "Querétaro"),
)
Add = Callable[[Cast, Claim, Sequence[str], str], None]
Sent = Callable[[Cast, int, Sequence[str]], Claim]


def play(cast: Cast, *, partly: Claim, condition: Condition, sent: Sent, add: Add) -> None:
    """`partly` was covered in part, and is appealed; `sent` sends a claim, `add` adds papers to a draft."""
    user, noemi, at = cast.users["tobias"], cast.users["noemi"], cast.days_ago(8)
    reasons = "La receta de ese medicamento está en el informe médico, en la segunda hoja."
    appeal = services.start_appeal(claim=partly, reasons=reasons, by=user, at=at)
    services.submit_claim(claim=appeal, consented=True, by=user, at=at)
    since = clock.date_in(cast.days_ago(400))
    kept = [
        services.keep_hospital(
            hospital=None,
            insurer=cast.insurers[0],
            since=since,
            until=None,
            key=key,
            name=name,
            city=city,
            state=state,
            by=noemi,
            at=cast.days_ago(40),
        )
        for key, name, city, state in _HOSPITALS
    ]
    surgery = _event(cast, 6, hospital=kept[0], unlisted="", add=add)
    _authorised(cast, surgery, condition)
    _event(cast, 1, hospital=None, unlisted="Hospital San Ángel, Ciudad de México", add=add)
    billed = Invoice.objects.get(lines__order__account=CLAIMED)
    sent(cast, 4, (str(billed.total),))  # the same doctor, patient and total as the invoice that she was accepted
    sent(cast, 3, ("1450.00",))  # the same as the one of the day before


def _event(cast: Cast, days: int, *, hospital: Hospital | None, unlisted: str, add: Add) -> Claim:
    """A surgery: sent where its hospital is known, a draft that waits for the adviser otherwise."""
    at, user = cast.days_ago(days), cast.users["tobias"]
    claim = services.schedule_draft(claim=services.start_claim(by=user, at=at), scheduled=True, by=user, at=at)
    planned_on = clock.date_in(at) + timedelta(days=25)
    told = {"subtype": "surgery", "planned_on": planned_on, "hospital": hospital, "unlisted": unlisted}
    claim = services.plan_event(claim=claim, by=user, at=at, **told)
    add(cast, claim, ("claim_form", "medical_report", "study_results", "official_id"), f"cirugia {days}")
    return services.submit_claim(claim=claim, consented=True, by=user, at=at) if hospital else claim


def _authorised(cast: Cast, claim: Claim, condition: Condition) -> None:
    delia, at = cast.users["delia"], cast.days_ago(4)
    work.take(queue=queues.CLAIMS, thing=claim, by=delia, at=at)
    made = services.decide_event(
        claim=claim, condition=condition, authorised=Decimal("85000.00"), why="", note="", by=delia, at=at
    )
    if made.final_at is None:  # its folio was drawn
        ulises, shown = cast.users["ulises"], services.preview_decision(made).mark
        work.take(queue=queues.SECOND_LOOKS, thing=claim, by=ulises, at=at)
        services.confirm_decision(decision=made, note="", shown=shown, by=ulises, at=at)
