"""What breaks each constraint of claims, and the rows that stand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import models

from claims.models import (
    Accumulator,
    AccumulatorEntry,
    AutomaticAnswer,
    ClaimDue,
    ClaimMessage,
    ClockSegment,
    Decision,
    DecisionLine,
    DecisionWithdrawal,
    DocumentRequest,
    DocumentRequirement,
    Estimate,
    Format,
    Hospital,
    InsurerLink,
    NotCoveredReason,
    Opening,
    OpeningBalance,
    PolicyRegistration,
    QualityCheck,
    RequestItem,
    Submission,
)
from tests.breakers import Breaker, changed, same
from tests.breakers.floor import imported
from tests.factories import claims as a
from tests.factories import people

BEFORE = a.AT - timedelta(days=1)
CENT = Decimal("0.01")


def claim() -> models.Model:
    return a.bare(a.a_family())


def registration() -> models.Model:
    family = a.a_family()
    told = {"person": family.adult, "insurer": family.plan.party, "user": people.a_person()}
    return PolicyRegistration.objects.create(
        **told, digest="0" * 64, created_at=a.AT, expires_at=a.AT + timedelta(days=1)
    )


def assent() -> models.Model:
    return a.an_assent(a.bare(a.a_family()))


def given() -> models.Model:
    return a.an_assent(a.bare(a.a_family()), by=people.member())


def submission() -> models.Model:
    return a.a_draft(a.a_family()).submissions.get()


def file() -> models.Model:
    return a.a_file(a.a_draft(a.a_family()), "other")


def invoice() -> models.Model:
    return a.an_invoice(a.a_draft(a.a_family()), "10.00")


def line() -> models.Model:
    return a.a_line(a.bare(a.a_family()))


def segment() -> models.Model:
    told = {"since": a.AT, "promised_at": a.AT, "promise_rule": a.RULE}
    return ClockSegment.objects.create(claim=a.bare(a.a_family()), **told)


def estimate() -> models.Model:
    told = {"p50_minutes": 10, "p80_minutes": 20, "p50_due": a.AT, "p80_due": a.AT}
    return Estimate.objects.create(claim=a.bare(a.a_family()), cases=20, **told)


def decision() -> Decision:
    return Decision.objects.create(
        claim=a.bare(a.a_family()),
        number=1,
        outcome="approved",
        by=people.a_person(),
        at=a.AT,
        claimed=Decimal(10),
        covered=Decimal(10),
        paid=Decimal(10),
    )


def decided_line() -> DecisionLine:
    made = decision()
    shares = {"claimed": Decimal(10), "covered": Decimal(10), "paid": Decimal(10)}
    return DecisionLine.objects.create(decision=made, line=a.a_line(made.claim, "10.00"), told=Decimal(10), **shares)


def accumulator() -> Accumulator:
    family = a.a_family()
    told = {"of_deductible": Decimal(0), "of_rate": Decimal(0), "year": a.ON}
    return Accumulator.objects.create(person=family.titular, coverage=family.plan.coverages.first(), **told)


def entry() -> models.Model:
    made = decided_line()
    return AccumulatorEntry.objects.create(accumulator=accumulator(), line=made, at=a.AT)


def opening() -> models.Model:
    return Opening.objects.create(claim=claim(), by=people.a_person(), reason="Pregunta de la familia", at=a.AT)


def hospital() -> models.Model:
    told = {"key": "H-001", "name": "Hospital Ángeles del Valle", "city": "Puebla", "state": "Puebla"}
    return Hospital.objects.create(insurer=a.a_family().plan.party, **told, since=a.ON, changed_at=a.AT)


def request(**fields: object) -> DocumentRequest:
    made = a.bare(a.a_family())
    envelope = Submission.objects.create(
        claim=made,
        number=2,
        party=made.affected.party,
        opened_by=made.filed_by,
        opened_at=a.AT,
        file_limit=1,
        byte_limit=1,
    )
    told = {"state": "open", "opened_at": a.AT, "submission": envelope, "number": 1} | fields
    return DocumentRequest.objects.create(claim=made, by=people.a_person(), at=a.AT, **told)


def wanted() -> RequestItem:
    return RequestItem.objects.create(request=request(), place=1, document="other", why="lacks")


def day() -> models.Model:
    told = {"anchor": a.ON, "due_on": a.ON, "rolled_on": a.ON, "due_rule": a.RULE}
    return ClaimDue.objects.create(claim=claim(), kind="legal", **told)


def message() -> models.Model:
    return ClaimMessage.objects.create(claim=claim(), by=people.a_person(), text="Hola", at=a.AT)


def opening_balance() -> models.Model:
    return OpeningBalance.objects.create(accumulator=accumulator(), run=imported(), at=a.AT)


def judgement() -> models.Model:
    return AutomaticAnswer.objects.create(claim=claim(), at=a.AT, outcome="person", because=["amount"])


def quality_check() -> models.Model:
    return QualityCheck.objects.create(decision=decision(), seed="2026", percent=10, rule=a.RULE, drawn_at=a.AT)


def withdrawal() -> DecisionWithdrawal:
    told = {"reason": "Se eligió otro padecimiento", "by": people.a_person(), "at": a.AT}
    return DecisionWithdrawal.objects.create(decision=decision(), **told)


def appeal() -> models.Model:
    family = a.a_family()
    return a.bare(family, parent=a.bare(family), stage="appeal", reasons="Hay receta")


def a_format() -> models.Model:
    return Format.objects.create(
        what="therapy", stage="initial", version=9, declaration="Es verdad.", published_at=a.AT
    )


def requirement() -> models.Model:
    told = {"kind": "minor", "stage": "complement", "document": "itemised_bill", "required": "always"}
    return DocumentRequirement.objects.create(**told, since=a.ON, source="S3.19", at=a.AT)


def a_reason() -> models.Model:
    told = {"code": "new", "label": "Otro", "sentence": "No entra.", "cure": "Escríbenos.", "document": ""}
    return NotCoveredReason.objects.create(**told, since=a.ON, source="N8", at=a.AT)


def insurer_link() -> models.Model:
    insurer = a.a_family().plan.party
    return InsurerLink.objects.create(insurer=insurer, address="https://red.ejemplo.mx/", changed_at=a.AT)


BREAKERS: dict[str, Breaker] = {
    "one_claim_per_folio": same(claim),
    "only_a_scheduled_event_has_hospital_and_day": changed(claim, planned_on=a.ON),
    "sent_event_has_its_day_and_hospital": changed(claim, kind="scheduled", subtype="surgery"),
    "what_is_authorised_has_an_amount": changed(decision, authorised=CENT),
    "letter_says_until_when": changed(decision, outcome="authorised", authorised=CENT, final_at=a.AT),
    "appeal_says_why_and_nothing_else_does": changed(claim, reasons="Hay receta"),
    "one_open_appeal_per_claim": same(appeal, folio="RB-2020-999999"),
    "entry_grows_or_undoes": changed(entry, covered=-CENT, paid=-CENT),
    "automatic_answer_approves_or_says_why_not": changed(judgement, because=[]),
    "quality_check_is_done_whole": changed(quality_check, agreed=True),
    "withdrawal_says_why": changed(withdrawal, reason=""),
    "one_open_withdrawal_per_decision": same(withdrawal),
    "withdrawal_answered_by_another": Breaker(
        withdrawal, lambda row: {"agreed": True, "answered_by": row.by, "answered_at": a.AT}
    ),
    "claim_states_known": changed(claim, state="lost"),
    "claim_subtype_of_a_scheduled_event": changed(claim, subtype="surgery"),
    "claim_of_a_later_stage_has_its_first": changed(claim, stage="complement"),
    "claim_condition_is_one_or_pending": Breaker(
        claim, lambda row: {"condition": a.p.a_condition(), "condition_pending": True}
    ),
    "registration_expires_later": changed(registration, expires_at=BEFORE),
    "registration_token_is_hashed": changed(registration, digest="x"),
    "one_registration_per_token": same(registration),
    "assent_given_whole": changed(assent, given_at=a.AT),
    "assent_given_by_another": Breaker(given, lambda row: {"asked_by": row.given_by}),
    "assent_ends_later": changed(assent, ended_at=BEFORE),
    "one_open_assent_per_claim": same(assent),
    "sent_claim_has_folio_when_and_promise": changed(claim, promise_rule=""),
    "decided_claim_has_when": changed(claim, state="decided"),
    "only_decided_claims_are_paid": changed(claim, payment_state="payable"),
    "paid_claim_has_its_transfer_and_day": changed(claim, paid_on=date(2026, 11, 20)),
    "claimed_not_negative": changed(claim, claimed=-CENT),
    "clock_segment_ends_after_start": changed(segment, until=BEFORE),
    "one_running_clock_per_claim": same(segment),
    "estimate_in_order": changed(estimate, p50_minutes=21),
    "submission_number_once": same(submission, closed_at=a.AT),
    "one_open_submission_per_claim": same(submission, number=2),
    "file_once_per_submission": same(file),
    "claim_file_document_known": changed(file, document="recipe"),
    "invoice_once_per_claim": Breaker(invoice, lambda row: {"xml": a.a_file(row.claim, "invoice_xml")}, twin=True),
    "claim_invoice_total_not_negative": changed(invoice, total=-CENT),
    "claim_line_number_once": same(line),
    "claim_line_not_negative": changed(line, claimed=-CENT),
    "decision_number_once": same(decision, ended_at=a.AT),
    "one_standing_decision_per_claim": same(decision, number=2),
    "decision_outcome_known": changed(decision, outcome="perhaps"),
    "decision_adds_up": changed(decision, covered=Decimal(9)),
    "decision_not_negative": changed(decision, deductible=Decimal(-1), paid=Decimal(11)),
    "decision_looked_at_by_another": Breaker(decision, lambda row: {"looked_by": row.by, "looked_at": a.AT}),
    "second_look_comes_before_final": changed(decision, second_look="amount", final_at=a.AT),
    "only_final_decisions_are_papers": Breaker(decision, lambda row: {"document": a.sent(a.a_family()).receipt}),
    "line_once_per_decision": same(decided_line),
    "decision_line_adds_up": changed(decided_line, covered=Decimal(9)),
    "decision_line_not_negative": changed(decided_line, deductible=Decimal(-1), paid=Decimal(11)),
    "what_is_not_covered_says_why": changed(decided_line, not_covered=Decimal(1), covered=Decimal(9), paid=Decimal(9)),
    "decision_line_rate_is_a_fraction": changed(decided_line, rate=Decimal(2)),
    "one_accumulator_per_bucket": same(accumulator),
    "accumulator_adds_up": changed(accumulator, covered=CENT),
    "accumulator_not_negative": changed(accumulator, deductible=-CENT, paid=CENT),
    "drafts_alone_fall_on_a_stored_day": changed(claim, looks_again_on=a.ON),
    "documentrequest_state_known": changed(request, state="lost", without=("documentrequest_dates_as_it_stands",)),
    "documentrequest_allowed_by_another": Breaker(request, lambda row: {"allowed_by": row.by}),
    "documentrequest_again_says_why": changed(request, number=2),
    "documentrequest_dates_as_it_stands": changed(request, ended_at=a.AT),
    "request_number_once": same(request, state="dropped", ended_at=a.AT, submission=None, opened_at=None),
    "one_live_request_per_claim": same(
        request, number=2, reason="Otra vez.", state="proposed", submission=None, opened_at=None
    ),
    "open_request_has_its_envelope": changed(request, submission=None),
    "requestitem_says_what_and_why": changed(wanted, why="", without=("request_item_why_known",)),
    "request_item_place_once": same(wanted),
    "request_item_document_known": changed(wanted, document="invoice_xml"),
    "request_item_why_known": changed(wanted, why="perhaps"),
    "claimdue_due_after_its_anchor": changed(day, due_on=a.ON - timedelta(days=1)),
    "claimdue_due_says_its_rule": changed(day, due_rule=""),
    "claimdue_met_due_is_not_reminded": changed(day, met_at=a.AT, next_reminder_on=a.ON),
    "claim_due_kind_known": changed(day, kind="documents"),
    "ended_claim_due_asks_nothing": changed(day, ended_at=a.AT, next_reminder_on=a.ON),
    "one_open_due_per_claim_and_kind": same(day),
    "claim_message_says_something": changed(message, text=""),
    "internal_notes_are_the_desks": changed(message, internal=True),
    "opening_says_why": changed(opening, reason=""),
    "line_is_booked_once": same(entry),
    "accumulator_terms_in_range": changed(accumulator, of_rate=Decimal(2)),
    "accumulator_entry_adds_up": changed(entry, covered=CENT),
    "one_hospital_per_insurer_and_key": same(hospital),
    "hospital_has_key_and_name": changed(hospital, key=""),
    "opening_balance_adds_up": changed(opening_balance, covered=CENT),
    "opening_balance_not_negative": changed(opening_balance, deductible=-CENT, paid=CENT),
    "one_format_per_version": same(a_format),
    "format_is_of_a_known_kind": changed(a_format, stage="appeal"),
    "format_says_something": changed(a_format, declaration=""),
    "one_requirement_in_force": same(requirement),
    "requirement_is_of_a_known_kind": changed(requirement, subtype="surgery"),
    "requirement_is_of_the_lists": changed(requirement, stage="appeal"),
    "requirement_ends_after_start": changed(requirement, until=a.ON - timedelta(days=1)),
    "requirement_says_its_source": changed(requirement, source=""),
    "one_reason_in_force": same(a_reason),
    "reason_says_everything": changed(a_reason, cure=""),
    "reason_document_known": changed(a_reason, document="letter"),
    "reason_ends_after_start": changed(a_reason, until=a.ON - timedelta(days=1)),
    "reason_says_its_source": changed(a_reason, source=""),
    "insurer_link_is_of_the_open_web": changed(insurer_link, address="http://red.ejemplo.mx/"),
    "hospital_ends_after_start": changed(hospital, until=a.ON),
}
