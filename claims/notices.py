"""What claims tell people, as their preferences say it; a decision and money always come by mail."""

from __future__ import annotations

GROUP = "Trámites"
NOTICES: dict[str, str] = {
    "claims/claim_sent": "Recibimos tu trámite",
    "claims/claim_taken": "Una persona revisa tu trámite",
}
MAILS = ("claims/claim_decided", "claims/claim_paid", "claims/claim_returned")
