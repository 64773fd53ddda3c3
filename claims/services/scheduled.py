"""A scheduled event: what is planned and where, the adviser's help, the letter, the hospital's bill (S3.14, S3.15)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from claims import selectors
from claims.guides import ADVISER_REQUEST
from claims.models import Claim, ClaimLine, Decision, Hospital
from claims.models.shared import CURRENCY
from claims.rules.deciding import Outcome, Told, check_told, outcome_of
from claims.rules.kinds import MINOR_COVERAGE, SUBTYPE_LABELS, Kind, Subtype, kind_of
from claims.rules.scheduled import check_authorised, check_billed_on, check_planned
from claims.rules.states import ClaimState
from claims.services import deciding, settling
from claims.services.drafts import change_claim, hold_to_file, keep_draft
from claims.services.holding import hold_claim, refuse_own
from portal import clock
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.help import services as contact
from portal.help.models import ContactMessage
from portal.history import services as history
from portal.money import format_money
from portal.once.services import throttle

if TYPE_CHECKING:
    from memberships.models import Condition
    from portal.people.models import Party, User

DAY, MOST_ASKED, CONTACT = 86_400, 10, "escríbenos desde «Contacto»"  # questions to the adviser a day


@transaction.atomic
def schedule_draft(*, claim: Claim, scheduled: bool, by: User, at: datetime) -> Claim:
    """Say whether a draft asks beforehand or for what was paid. Raises RuleBroken where its coverage has no events."""
    _envelope, row = hold_to_file(claim=claim, by=by, on=clock.date_in(at))
    if row.parent_id is not None or (row.kind == Kind.SCHEDULED) == scheduled:
        return row
    if scheduled and row.coverage.kind == MINOR_COVERAGE:
        raise RuleBroken("Con gastos menores no se programan eventos.", code="minor_has_no_events", field="what")
    if scheduled and row.invoices.standing().exists():
        raise RuleBroken(
            "Este borrador lleva facturas, y un evento programado todavía no las tiene. Quítalas antes.",
            code="event_has_no_invoices",
            field="what",
        )
    row.kind = (Kind.SCHEDULED if scheduled else kind_of(row.coverage.kind)).value
    if not scheduled:
        row.subtype, row.hospital, row.planned_on, row.unlisted, row.adviser_request = "", None, None, "", None
    keep_draft(claim=row, at=at)
    row.save()
    _record_draft(row, by=by, at=at)
    return row


@transaction.atomic
def describe_draft(
    *, claim: Claim, choice: str, condition: Condition | None, pending: bool, scheduled: bool, by: User, at: datetime
) -> Claim:
    """Say whom and what a draft is of, and whether it asks beforehand: both or neither.

    Raises what `change_claim` and `schedule_draft` raise.
    """
    row = change_claim(claim=claim, choice=choice, condition=condition, pending=pending, by=by, at=at)
    return schedule_draft(claim=row, scheduled=scheduled, by=by, at=at)


@transaction.atomic
def schedule_event(*, claim: Claim, by: User, at: datetime, **planned: Any) -> Claim:
    """Make an event of a draft and say what is planned, in one: `planned` is what `plan_event` takes.

    Raises what `schedule_draft` and `plan_event` raise.
    """
    return plan_event(claim=schedule_draft(claim=claim, scheduled=True, by=by, at=at), by=by, at=at, **planned)


@transaction.atomic
def plan_event(
    *, claim: Claim, subtype: str, planned_on: date, hospital: Hospital | None, unlisted: str, by: User, at: datetime
) -> Claim:
    """Say what is planned, when and where; of a hospital that is not listed the adviser is asked, by a help folio.

    Raises RuleBroken for a day that is past, or a hospital without the insurer's agreement.
    """
    on = clock.date_in(at)
    _envelope, row = hold_to_file(claim=claim, by=by, on=on)
    _check_plan(row, planned_on, hospital, on=on)
    if hospital is None and not unlisted.strip() and row.adviser_request_id is None:
        raise RuleBroken("Elige el hospital, o escribe cuál es.", code="hospital_missing", field="hospital")
    row.subtype, row.planned_on, row.hospital, row.unlisted = subtype, planned_on, hospital, ""
    if hospital is None and unlisted.strip() and not _is_asked(row):
        row.adviser_request = _ask_adviser(row, unlisted.strip(), by=by, at=at)
    keep_draft(claim=row, at=at)
    row.save()
    _record_draft(row, by=by, at=at)
    return row


@transaction.atomic
def keep_event(*, claim: Claim, by: User, at: datetime, **told: Any) -> Claim:
    """Keep what of an event is filled in so far (`subtype`, `planned_on`, `hospital`, `unlisted`); nobody is asked.

    Raises as `plan_event`.
    """
    on = clock.date_in(at)
    _envelope, row = hold_to_file(claim=claim, by=by, on=on)
    _check_plan(row, told.get("planned_on"), told.get("hospital"), on=on)
    for name, value in told.items():
        setattr(row, name, value)
    keep_draft(claim=row, at=at)
    row.save()
    _record_draft(row, by=by, at=at)
    return row


def _check_plan(row: Claim, planned_on: date | None, hospital: Hospital | None, *, on: date) -> None:
    if row.kind != Kind.SCHEDULED:
        raise Conflict("Este borrador pide un reembolso. Cambia qué pides en el primer paso.", code="not_an_event")
    if planned_on is not None:
        check_planned(planned_on, on=on)
    if hospital is not None and hospital not in selectors.agreed_hospitals(row, on=on):
        raise RuleBroken("Ese hospital no tiene convenio hoy. Elige otro.", code="not_agreed", field="hospital")


def _is_asked(claim: Claim) -> bool:
    """Whether the adviser still owes an answer: nobody is asked twice."""
    return claim.adviser_request is not None and claim.adviser_request.is_open


def _ask_adviser(claim: Claim, named: str, *, by: User, at: datetime) -> ContactMessage:
    """A help folio with the insurer, what is planned and the hospital that was typed; nothing of who is ill.

    Raises TooMany for who asked all day.
    """
    throttle(scope="claims.ask_adviser", key=str(by.pk), limit=MOST_ASKED, window=DAY, instead=CONTACT)
    what, when = SUBTYPE_LABELS[Subtype(claim.subtype)], dates.long(claim.planned_on) if claim.planned_on else ""
    return contact.leave_message(
        kind=ADVISER_REQUEST,
        name=by.name[:120] or by.email[:120],
        email=by.email,
        subject_folio=claim.coverage.plan.party.name[:40],
        body=f"Hospital que no está en la lista: {named}\nQué se programa: {what}\nDía previsto: {when}",
        by=by,
        at=at,
    )


@transaction.atomic
def answer_adviser(
    *, message: ContactMessage, answer: str, hospital: Hospital | None, by: User, at: datetime
) -> ContactMessage:
    """The adviser answers a family; with a hospital under agreement their draft has it from now on.

    Raises RuleBroken for a hospital of another insurer or without agreement today.
    """
    claim = Claim.objects.select_for_update(of=("self",)).filter(adviser_request=message).order_by("pk").first()
    if hospital is not None:
        if claim is None or hospital not in selectors.agreed_hospitals(claim, on=clock.date_in(at)):
            raise RuleBroken(
                "Ese hospital no tiene convenio con esa aseguradora hoy.", code="not_agreed", field="hospital"
            )
        if claim.state == ClaimState.DRAFT:
            claim.hospital = hospital
            claim.save(update_fields=["hospital"])
    return contact.answer_message(message=message, answer=answer, by=by, at=at)


@transaction.atomic
def decide_event(
    *,
    claim: Claim,
    condition: Condition | None,
    authorised: Decimal | None,
    why: str,
    note: str,
    by: User,
    at: datetime,
) -> Decision:
    """Authorise a scheduled event up to an amount, or refuse it with a reason; final unless another has to look.

    Raises as `decide_claim`, RuleBroken where neither or both are told.
    """
    row = deciding.hold_to_decide(claim=claim, condition=condition, by=by, at=at)
    if row.kind != Kind.SCHEDULED:
        raise Conflict("Este trámite se dictamina por renglones. Recarga la página.", code="not_an_event")
    reasons = selectors.reasons_on(clock.date_in(at))
    check_authorised(authorised, why, reasons=reasons)
    deciding.hold_person(claim=row)
    before = selectors.authorised_before(row)
    if authorised is not None and authorised < before:
        raise RuleBroken(
            f"Ya se autorizaron {format_money(before, CURRENCY)}, y una apelación solo aumenta. Corrige el monto.",
            code="appeal_only_raises",
            field="authorised",
        )
    if authorised is None:
        reason = reasons[why]
        note = f"{reason.sentence} {reason.cure} {note}".strip()
    return deciding.keep_event_decision(claim=row, authorised=authorised, note=note, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Billed:
    """One concept of a hospital's bill: its day, what was billed, what is covered, why not the rest."""

    concept: str
    on: date
    claimed: Decimal
    covered: Decimal
    why: str = ""


@transaction.atomic
def record_bill(*, claim: Claim, lines: Sequence[Billed], by: User, at: datetime) -> Decision:
    """Record what the hospital billed of an authorised event: accumulators move, the insurer pays the hospital.

    Raises Conflict where nothing is authorised, RuleBroken for a line told wrongly or more than was authorised.
    """
    row = hold_claim(claim)
    refuse_own(claim=row, by=by, at=at)
    letter = selectors.standing_decision(row)
    if row.state != ClaimState.DECIDED or letter is None or letter.outcome != Outcome.AUTHORISED:
        raise Conflict(
            "Este trámite no tiene una carta vigente a la que cargar la cuenta del hospital.", code="not_authorised"
        )
    if not lines:
        raise RuleBroken("Escribe al menos un concepto de la cuenta del hospital.", code="no_lines", field="concept_1")
    for place, one in enumerate(lines, 1):
        check_billed_on(one.on, on=clock.date_in(at), field=f"on_{place}")
    deciding.hold_person(claim=row)
    told = _write_billed(row, lines, reasons=selectors.reasons_on(clock.date_in(at)))
    covered = sum((one.covered for one in lines), Decimal(0)) + selectors.billed_before(row)
    if letter.authorised is not None and covered > letter.authorised:
        raise RuleBroken(
            "Lo cubierto pasa de lo que se autorizó en la carta. Corrige los importes o retira la carta.",
            code="above_authorised",
            field="covered_1",
        )
    reckoned, held = settling.reckon_final(row, told)
    decision = Decision(claim=row, number=row.decisions.count() + 1, by=by, at=at, of_bill=True, final_at=at)
    decision.outcome = outcome_of(reckoned.total).value
    decision.explanations = settling.explain(row, reckoned)
    for name, value in settling.figures_of_line(reckoned.total).items():
        setattr(decision, name, value)
    decision.save(force_insert=True)
    settling.write_lines(decision, reckoned)
    settling.move_accumulators(decision=decision, reckoned=reckoned, held=held, at=at)
    deciding.tell_bill(decision=decision, by=by, at=at)
    return decision


def _write_billed(claim: Claim, lines: Sequence[Billed], *, reasons: Collection[str]) -> dict[int, Told]:
    first = claim.lines.count() + 1
    told = dict[int, Told]()
    for place, one in enumerate(lines):
        said = Told(one.claimed, one.covered, one.why)
        check_told(place + 1, said, reasons=reasons)
        told[first + place] = said
    rows = [
        ClaimLine(claim=claim, number=first + place, concept=one.concept, on=one.on, claimed=one.claimed)
        for place, one in enumerate(lines)
    ]
    ClaimLine.objects.bulk_create(rows)
    return told


@transaction.atomic
def keep_hospital(
    *, hospital: Hospital | None, insurer: Party, since: date, until: date | None, by: User, at: datetime, **told: str
) -> Hospital:
    """Add a hospital to an insurer's list, or correct one. Raises RuleBroken for a key that stands, days reversed."""
    if until is not None and until <= since:
        raise RuleBroken("El convenio termina antes de empezar. Corrige las fechas.", code="days", field="until")
    same = Hospital.objects.filter(insurer=insurer, key=told["key"])
    if (same.exclude(pk=hospital.pk) if hospital else same).exists():
        raise _twice()
    row = hospital or Hospital()
    row.insurer, row.since, row.until, row.changed_at = insurer, since, until, at
    for name, value in told.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # two tabs at once: the second one learns it here
        raise _twice() from error
    history.record(action="claims.hospital_kept", subject=row, by=by, at=at, details={"key": row.key})
    return row


def _twice() -> RuleBroken:
    return RuleBroken("Esa aseguradora ya tiene un hospital con esa clave.", code="hospital_twice", field="key")


def _record_draft(claim: Claim, *, by: User, at: datetime) -> None:
    history.record(action="claims.draft_changed", subject=claim, by=by, at=at, party_id=claim.affected.party_id)
