"""What the database itself refuses: what was added to an accumulator, and what a final decision says, is history."""

from django.db import migrations

from portal.history.append_only import append_only, frozen, never_deleted


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial"), ("history", "0001_database_roles")]
    operations = [
        *append_only("claims_accumulatorentry"),
        *append_only("claims_format"),
        frozen(
            "claims_documentrequirement",
            "document_requirement_is_frozen",
            *("kind", "subtype", "stage", "document", "required", "since", "source", "reason", "at", "by_id"),
        ),
        never_deleted("claims_documentrequirement"),
        frozen(
            "claims_notcoveredreason",
            "not_covered_reason_is_frozen",
            *("code", "label", "sentence", "cure", "document", "since", "source", "reason", "at", "by_id"),
        ),
        never_deleted("claims_notcoveredreason"),
        *append_only("claims_opening"),
        *append_only("claims_openingbalance"),
        frozen(
            "claims_decision",
            "final_decision_is_frozen",
            *("claim_id", "outcome", "by_id", "at", "final_at", "authorised", "valid_until", "of_bill"),
            *("claimed", "already", "not_covered", "covered", "deductible", "coaseguro", "over_limit", "paid"),
            once="OLD.final_at IS NOT NULL",
        ),
        never_deleted("claims_decision"),
        frozen(
            "claims_decisionline",
            "decision_line_is_frozen",
            *("decision_id", "line_id", "told", "why", "rate", "accumulator_id", "claimed", "already", "not_covered"),
            *("covered", "deductible", "coaseguro", "over_limit", "paid"),
            once="OLD.is_final",
        ),
        never_deleted("claims_decisionline"),
        frozen(
            "claims_claimline", "claim_line_is_frozen", "claim_id", "number", "concept", "on", "claimed", "origin_id"
        ),
        never_deleted("claims_claimline"),
        never_deleted("claims_accumulator"),
        never_deleted("claims_clocksegment"),
        frozen("claims_clocksegment", "clock_segment_is_frozen", "claim_id", "since", "promised_at", "promise_rule"),
        *append_only("claims_claimmessage"),
        frozen(
            "claims_claimdue", "claim_due_is_frozen", "claim_id", "kind", "anchor", "due_on", "rolled_on", "due_rule"
        ),
        never_deleted("claims_claimdue"),
        frozen(
            "claims_documentrequest",
            "document_request_is_frozen",
            *("claim_id", "number", "reason", "by_id", "at"),
        ),
        never_deleted("claims_documentrequest"),
        frozen("claims_requestitem", "request_item_is_frozen", "request_id", "document", "why", "detail", "example"),
        never_deleted("claims_requestitem"),
        frozen(
            "claims_estimate",
            "estimate_is_frozen",
            *("claim_id", "cases", "p50_minutes", "p80_minutes", "p50_due", "p80_due", "tested", "hits"),
        ),
        frozen(
            "claims_claim",
            "claim_folio_is_kept",
            *("folio", "submitted_at", "payee_id", "affected_id", "coverage_id", "certificate_id", "filed_by_id"),
            *("claimed", "kind", "subtype", "promise_rule", "stage", "parent_id", "reasons", "planned_on"),
            once="OLD.folio <> ''",
        ),
        never_deleted("claims_claim"),
    ]
