"""What claims tell people, as their preferences say it; a decision, money and what is asked for always come by mail."""

from __future__ import annotations

GROUP = "Trámites"
NOTICES: dict[str, str] = {
    "claims/claim_sent": "Recibimos tu trámite",
    "claims/claim_taken": "Una persona revisa tu trámite",
    "claims/assent_given": "Te dieron su «sí» para un trámite",
    "claims/assent_ended": "Ya no tienes el «sí» de un trámite",
    "claims/claim_message": "Te escribimos sobre tu trámite",
    "claims/claim_draft_falls": "Tu borrador se va a borrar",
}
MAILS = (
    "claims/registered",
    "claims/registration_unmatched",
    "claims/registration_known",
    "claims/policy_link",
    "claims/assent_asked",
    "claims/claim_decided",
    "claims/claim_paid",
    "claims/claim_returned",
    "claims/claim_reopened",
    "claims/claim_letter",
    "claims/claim_bill",
    "claims/claim_documents_wanted",
    "claims/claim_documents_reminder",
    "claims/claim_documents_overdue",
)
DESK_GROUP = "Trámites por dictaminar"
DESK_NOTICES: dict[str, str] = {
    "claims/claim_promise_due": "Vence lo prometido de un trámite",
    "claims/claim_legal_due": "Vence el plazo legal de un trámite",
    "claims/claim_message_desk": "Una familia escribió sobre un trámite",
}
