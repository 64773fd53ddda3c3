"""A scheduled event: which hospitals, what the adviser was asked, what the letter says, what was billed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Max, QuerySet, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404

from claims.guides import ADVISER_REQUEST
from claims.models import Claim, Decision, Hospital
from claims.models.shared import CURRENCY
from claims.rules.deciding import Outcome
from claims.rules.kinds import Kind
from claims.rules.missing import Hospital as Standing
from claims.rules.states import ClaimState
from claims.selectors.further import expense_of, raised_after
from portal.access import Permission
from portal.help.models import ContactMessage
from portal.money import ZERO

if TYPE_CHECKING:
    from portal.people.models import User


def agreed_hospitals(claim: Claim, *, on: date) -> QuerySet[Hospital]:
    """Those under the agreement of a claim's insurer on a day, by name."""
    return Hospital.objects.agreed(claim.coverage.plan.party, on=on)


def hospital_standing(claim: Claim, *, on: date) -> Standing:
    """Whether an event's hospital is in its insurer's network on a day, or what the adviser settled; else unsaid."""
    if claim.hospital_id is not None:
        agreed = agreed_hospitals(claim, on=on).filter(pk=claim.hospital_id).exists()
        return Standing.AGREED if agreed else Standing.UNSAID
    request = claim.adviser_request
    return Standing.ADVISER if request is not None and not request.is_open else Standing.UNSAID


def is_event(claim: Claim) -> bool:
    """Whether it asks beforehand."""
    return claim.kind == Kind.SCHEDULED


def billed_before(claim: Claim) -> Decimal:
    """What is covered of the hospital's bills of an event, on whichever of its letters they were recorded."""
    rows = Decision.objects.filter(claim__in=expense_of(claim), of_bill=True, ended_at=None)
    return rows.aggregate(Sum("covered"))["covered__sum"] or ZERO


def authorised_before(claim: Claim) -> Decimal:
    """Up to how much the letters of an event that stand authorise already, this claim's apart."""
    rows = Decision.objects.filter(claim__in=expense_of(claim), ended_at=None).exclude(claim=claim)
    return rows.exclude(final_at=None).aggregate(Max("authorised"))["authorised__max"] or ZERO


def takes_bill(claim: Claim) -> bool:
    """Whether a hospital may bill it: a letter stands."""
    letters = claim.decisions.filter(outcome=Outcome.AUTHORISED, ended_at=None).exclude(final_at=None)
    return claim.state == ClaimState.DECIDED and letters.exists()


def bills_of(claim: Claim) -> list[Decision]:
    """What a hospital billed, the first first."""
    return list(claim.decisions.filter(of_bill=True, ended_at=None).order_by("number"))


def waits_for_hospital(claim: Claim, letter: Decision | None, *, on: date) -> bool:
    """Whether a letter holds on a day, none of an appeal's took its place, and its hospital has billed nothing yet."""
    if letter is None or letter.valid_until is None or on > letter.valid_until:
        return False
    return claim.state == ClaimState.DECIDED and not bills_of(claim) and not raised_after(letter).exists()


def letter_context(decision: Decision) -> dict[str, Any]:
    """What a letter is made from; frozen with it."""
    claim = decision.claim
    told = decision.explanations[0]
    return {
        "folio": claim.folio,
        "decided_at": (decision.final_at or decision.at).isoformat(),
        "valid_until": decision.valid_until.isoformat() if decision.valid_until else "",
        "affected": claim.affected.as_printed,
        "insurer": claim.coverage.plan.party.name,
        "policy": claim.coverage.plan.policy_number,
        "coverage": claim.coverage.label,
        "kind": claim.kind_label,
        "hospital": str(claim.hospital) if claim.hospital else "El que acordaste con asesoría de servicio",
        "planned_on": claim.planned_on.isoformat() if claim.planned_on else "",
        "authorised": str(decision.authorised),
        "currency": CURRENCY,
        "family_pays": told["result"],
        "shares": told["inputs"],
        "note": decision.note,
    }


def requests_of_adviser(user: User) -> QuerySet[ContactMessage]:
    """What families asked the adviser, for who advises."""
    if Permission.ADVISE_CLAIMS not in user.permissions:
        return ContactMessage.objects.none()
    return ContactMessage.objects.filter(kind=ADVISER_REQUEST).exclude(user=user)


def adviser_request(user: User, folio: str) -> ContactMessage:
    """One of them. Raises Http404."""
    rows = requests_of_adviser(user).select_related("answered_by")
    return get_object_or_404(rows, folio=folio)


def claim_of_request(message: ContactMessage) -> Claim | None:
    """The draft, or what it became, that a hospital was asked for."""
    return message.claims.select_related("coverage__plan__party").order_by("pk").first()


def hospital_of(pk: UUID) -> Hospital:
    """A hospital of the list. Raises Http404."""
    found = Hospital.objects.select_related("insurer").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
