"""What the calls of claims answer: a draft, a sent claim, its papers, what was decided of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers as s

from claims import forms, selectors
from claims.models import Claim, ClaimInvoice
from claims.rules.deciding import OUTCOME_LABELS
from claims.rules.kinds import KIND_LABELS, STAGE_LABELS, SUBTYPE_LABELS
from claims.rules.papers import PAPER_LABELS
from claims.rules.states import CLAIM, PAYMENT
from claims.selectors import reach
from portal import clock
from portal.api.answers import Answer, Found, Instant, Money, With
from portal.states import choices

KINDS, STAGES, PAPERS = choices(KIND_LABELS), choices(STAGE_LABELS), list(PAPER_LABELS.items())
SUBTYPES = [("", "Ninguno"), *choices(SUBTYPE_LABELS)]


class ClaimFileTold(Answer):
    """A file of a claim: what its family says it is, and what was found in it."""

    id = s.UUIDField(source="pk")
    document = s.ChoiceField(PAPERS)
    name = s.CharField(source="file.display_name")
    size = s.IntegerField(source="file.size")
    sha256 = s.CharField(source="file.sha256")
    findings = Found(source="found", many=True)


class ClaimInvoiceTold(Answer):
    """An invoice that a family paid, and which of its papers are there; `total` in MXN."""

    id = s.UUIDField(source="pk")
    uuid = s.CharField()
    issuer = s.CharField(source="issuer_rfc")
    issued_on = s.DateField()
    total = Money()
    method = s.CharField()
    medicines = s.BooleanField()
    hospital = s.BooleanField()
    has_pdf = s.BooleanField()
    has_payment_proof = s.BooleanField()

    def view(self, found: ClaimInvoice) -> With:
        """With what stands beside its XML."""
        return With(found, has_pdf=found.pdf_id is not None, has_payment_proof=found.payment_proof_id is not None)


class ClaimChoiceTold(Answer):
    """What a draft may be of: `key` is sent back as `choice` or `condition`."""

    key = s.CharField()
    name = s.CharField(source="label")


class AgreedHospitalTold(Answer):
    """A hospital under the agreement of a claim's insurer; its `id` is sent back as `hospital`."""

    id = s.UUIDField(source="pk")
    name = s.CharField()
    city = s.CharField()
    state = s.CharField()


class AgreedHospitalsTold(Answer):
    """The hospitals that a draft of an event may name, by name."""

    hospitals = AgreedHospitalTold(many=True)


class LackTold(Answer):
    """Something that a draft lacks before it is sent, and its cure."""

    name = s.CharField()
    sentence = s.CharField()


class LacksTold(Answer):
    """Everything that a draft lacks; nothing once it may be sent."""

    missing = LackTold(many=True)


class ClaimDraftTold(Answer):
    """A draft: whom and what it is of, what else it may be of, its files, invoices, and what it lacks.

    `asked` is the folio by which the adviser was asked for a hospital. Files, invoices and condition are empty while
    the «sí» of an adult with an own account is missing (AC-05).
    """

    id = s.UUIDField(source="pk")
    state = s.ChoiceField(CLAIM.choices)
    folio = s.CharField()
    kind = s.ChoiceField(KINDS)
    stage = s.ChoiceField(STAGES)
    person = s.CharField(source="affected.as_printed")
    coverage = s.CharField(source="coverage.label")
    choice = s.CharField()
    condition = s.CharField()
    subtype = s.ChoiceField(SUBTYPES)
    planned_on = s.DateField(allow_null=True)
    hospital = AgreedHospitalTold(allow_null=True)
    unlisted = s.CharField()
    asked = s.CharField(source="adviser_request.folio", allow_null=True, default=None)
    choices = ClaimChoiceTold(many=True)
    conditions = ClaimChoiceTold(many=True)
    files = ClaimFileTold(many=True)
    removed = ClaimFileTold(many=True)
    invoices = ClaimInvoiceTold(many=True)
    missing = LackTold(many=True)

    def view(self, found: Claim) -> With:
        """As it stands now, whatever an act left in memory."""
        row = Claim.objects.select_related(*reach.WITH).get(pk=found.pk)
        now = clock.now()
        on, user = clock.date_in(now), row.filed_by
        registered, whole = selectors.conditions_for(user, row.affected, on=on), selectors.sees_all_of(user, row, on=on)
        return With(
            row,
            choice=f"{row.affected_id}:{row.coverage_id}",
            condition=forms.PENDING if row.condition_pending else str(row.condition_id or "") if whole else "",
            choices=selectors.choices_of(user, on=on),
            conditions=[{"key": str(one.pk), "label": one.name} for one in registered],
            files=list(selectors.files_of(row)) if whole else [],
            removed=list(selectors.removed_files_of(row)) if whole else [],
            invoices=selectors.invoices_of(row) if whole else [],
            missing=selectors.lacks_of(row, at=now),
        )


class ClaimDraftRow(Answer):
    """A draft in the list of one's own."""

    id = s.UUIDField(source="pk")
    kind = s.ChoiceField(KINDS)
    stage = s.ChoiceField(STAGES)
    person = s.CharField(source="affected.as_printed")
    changed_at = Instant()


class ClaimDraftsTold(Answer):
    """Drafts of one's own, the last changed first."""

    drafts = ClaimDraftRow(many=True)


class BorneTold(Answer):
    """An expense and who bears it, in MXN."""

    claimed = Money()
    not_covered = Money()
    covered = Money()
    deductible = Money()
    coaseguro = Money()
    over_limit = Money()
    paid = Money()


class SettledLineTold(BorneTold):
    """A line of a decision: what it was, who bears what of it, and why not all is covered; amounts in MXN."""

    concept = s.CharField()
    on = s.DateField()
    why = s.CharField()
    sentence = s.CharField()


class InputTold(Answer):
    """A figure that went into another one, as people read it."""

    label = s.CharField()
    value = s.CharField()


class ExplanationTold(Answer):
    """Where a figure comes from, as «¿De dónde sale?» tells it: texts, amounts as people read them."""

    title = s.CharField()
    formula = s.CharField()
    inputs = InputTold(many=True)
    result = s.CharField()


class ClaimBillTold(BorneTold):
    """What a hospital billed of an authorised event, and who bears it; amounts in MXN. No money moves here."""

    recorded_at = Instant(source="at")


class ClaimDecisionTold(BorneTold):
    """What was decided; claimed = already + covered + not_covered, covered = the four shares.

    `authorised` is what a letter lets the hospital charge, `valid_until` its last day; null without a letter. What the
    family pays at the hospital is explained; `paid` is what was decided, not what the bank paid.
    """

    outcome = s.ChoiceField(choices(OUTCOME_LABELS))
    note = s.CharField()
    final_at = Instant(allow_null=True)
    already = Money()
    authorised = Money(allow_null=True)
    valid_until = s.DateField(allow_null=True)
    lines = SettledLineTold(many=True, source="explained")
    explanations = ExplanationTold(many=True, source="told")


class EstimateTold(Answer):
    """How long such claims took, as it was when this one was sent; `hits` of `tested` tell how good that is."""

    cases = s.IntegerField()
    p50_due = Instant()
    p80_due = Instant()
    tested = s.IntegerField()
    hits = s.IntegerField()


class ClaimTold(Answer):
    """A sent claim; what is clinical is null or empty for whoever does not see it whole today (AC-05)."""

    folio = s.CharField()
    state = s.ChoiceField(CLAIM.choices)
    state_label = s.CharField()
    payment_state = s.ChoiceField(PAYMENT.choices)
    ball = s.CharField()
    claimed = Money()
    submitted_at = Instant()
    promised_at = Instant()
    decided_at = Instant(allow_null=True)
    paid_on = s.DateField(allow_null=True)
    whole = s.BooleanField()
    kind = s.CharField(source="told_kind")
    stage = s.CharField(source="told_stage")
    subtype = s.CharField(source="told_subtype")
    planned_on = s.DateField(allow_null=True, source="told_day")
    hospital = AgreedHospitalTold(allow_null=True, source="told_hospital")
    person = s.CharField()
    coverage = s.CharField(source="told_coverage")
    condition = s.CharField(source="told_condition")
    business_hours = s.IntegerField()
    estimate = EstimateTold(allow_null=True, source="told_estimate")
    decision = ClaimDecisionTold(allow_null=True)
    bills = ClaimBillTold(many=True)
    files = ClaimFileTold(many=True)


def explained(stored: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored explanations as `ExplanationTold` reads them."""
    return [one | {"inputs": [{"label": label, "value": value} for label, value in one["inputs"]]} for one in stored]
