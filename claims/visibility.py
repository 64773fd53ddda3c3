"""Which stored files and issued papers of claims are shown to whom, beside a party's own people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from claims.models import Claim, ClaimFile, ClaimInvoice, Decision, DocumentRequest
from claims.rules.states import ClaimState
from claims.selectors import raised_after, reach
from claims.selectors.family import seen_whole
from portal import clock
from portal.access import Permission
from portal.papers.rules import Standing, Wanted

if TYPE_CHECKING:
    from portal.papers.models import IssuedDocument
    from portal.people.models import User

KINDS = {
    "claim_receipt": "Acuse de trámite",
    "claim_benefits": "Explicación de beneficios",
    "claim_documents": "Solicitud de documentos",
    "claim_refusal": "Carta de rechazo",
    "claim_format": "Formato de trámite",
    "claim_letter": "Carta de autorización",
}


def files(user: User) -> Q:
    """An analyst sees those of claims that they took, decided or say why they open; a member of those seen whole."""
    seen = ClaimFile.objects.none()
    if Permission.DECIDE_CLAIMS in user.permissions:
        sent = ClaimFile.objects.filter(envelope__closed_at__isnull=False)  # an answer is read once it was sent
        seen = sent.filter(envelope__claim__in=reach.opened(user, at=clock.now()))
    whole = ClaimFile.objects.filter(envelope__claim__in=seen_whole(user, on=clock.today()))
    return Q(pk__in=(seen | whole).values("file"))


def documents(user: User) -> Q:
    """The same of receipts and explanations of benefits."""
    made = Q(kind="claim_format", issued_by=user)  # a format is its maker's, whoever it is for
    if not {Permission.SEE_OWN_CLAIMS, Permission.DECIDE_CLAIMS} & {*user.permissions}:
        return made
    seen = Q(pk__in=seen_whole(user, on=clock.today()))
    if Permission.DECIDE_CLAIMS in user.permissions:
        seen |= Q(pk__in=reach.opened(user, at=clock.now()).values("pk"))
    claims = Claim.objects.filter(seen)
    issued = [rows.filter(claim__in=claims).values("document") for rows in (Decision.objects, DocumentRequest.objects)]
    return made | Q(kind__in=KINDS) & (Q(pk__in=claims.values("receipt")) | Q(pk__in=issued[0]) | Q(pk__in=issued[1]))


def receipt_standing(document: IssuedDocument) -> Standing:
    """A receipt says that a claim was sent: it stands until that is withdrawn."""
    gone = Claim.objects.filter(receipt=document, state=ClaimState.WITHDRAWN).exists()
    return Standing.CANCELLED if gone else Standing.IN_FORCE


def request_standing(document: IssuedDocument) -> Standing:
    """A request for documents stands until nothing of it is wanted any more."""
    gone = DocumentRequest.objects.filter(document=document, state=Wanted.DROPPED).exists()
    return Standing.CANCELLED if gone else Standing.IN_FORCE


def letter_standing(document: IssuedDocument) -> Standing:
    """A letter holds until its last day, that day included, or until an appeal raised it: then a newer one holds.

    One that was withdrawn is void by itself.
    """
    letter = Decision.objects.filter(document=document).select_related("claim").first()
    if letter is None or letter.valid_until is None:
        return Standing.IN_FORCE
    if clock.today() > letter.valid_until:
        return Standing.EXPIRED
    newer = raised_after(letter).exclude(authorised=None)
    return Standing.REPLACED if newer.exists() else Standing.IN_FORCE


def invoice_pages(user: User, ids: list[str]) -> dict[str, tuple[str, str]]:
    """{id: (label, address)} of invoices whose claim this person may see: at the desk, or their own."""
    decides = Permission.DECIDE_CLAIMS in user.permissions
    seen = Claim.objects.for_desk(user) if decides else Claim.objects.of_member(user).sent()
    page = "claims:review" if decides else "claims:claim"
    rows = ClaimInvoice.objects.filter(pk__in=ids, claim__in=seen).values_list("pk", "claim__folio")
    return {str(pk): (f"Trámite {folio}", reverse(page, args=[folio])) for pk, folio in rows}
