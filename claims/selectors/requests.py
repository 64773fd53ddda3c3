"""What a claim's family is asked for and what was written about it: who answers, what stands, what the paper says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from claims.models import Claim, ClaimFile, ClaimMessage, DocumentRequest, RequestItem
from claims.selectors.family import sees_all_of
from portal.access import Permission
from portal.errors import Conflict
from portal.papers.rules import Wanted

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.people.models import User


def may_answer(user: User, claim: Claim, *, on: date) -> bool:
    """Whether somebody answers for a claim on a day: who filed it or is the affected person, and sees it whole."""
    own = user.party_ids(Permission.FILE_CLAIMS)
    mine = claim.filed_by_id == user.pk and bool(own) or claim.affected.party_id in own
    return mine and sees_all_of(user, claim, on=on)


def open_request(claim: Claim) -> DocumentRequest | None:
    """What the family is asked for now."""
    rows = claim.requests.filter(state=Wanted.OPEN).select_related("claim__affected", "submission", "due", "document")
    return rows.first()


def proposed_request(claim: Claim) -> DocumentRequest | None:
    """What an analyst proposed to ask for again, while another has not said yes or no."""
    return claim.requests.filter(state=Wanted.PROPOSED).select_related("claim", "by").first()


def require_proposed(claim: Claim) -> DocumentRequest:
    """The same. Raises Conflict, with the way to the claim, where another said yes or no meanwhile."""
    found = proposed_request(claim)
    if found is None:
        way = (f"Ver {claim.folio}", reverse("claims:review", args=[claim.folio]))
        raise Conflict("Esa propuesta ya se resolvió. Ábrelo para ver cómo quedó.", code="not_proposed", way=way)
    return found


def items_of(request: DocumentRequest) -> QuerySet[RequestItem]:
    """Everything that a request asks for, in its order."""
    return request.items.order_by("place", "pk")


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One thing that is asked for, with the files that answer it and those that were taken out again."""

    item: RequestItem
    files: Sequence[ClaimFile]
    removed: Sequence[ClaimFile]

    @property
    def state(self) -> tuple[str, str]:
        """Where it stands in words, and the tone."""
        return ("Listo", "ok") if self.told else ("Falta", "warn")

    @property
    def told(self) -> str:
        """What answers it, in one line: the names of its files, then what was written."""
        return ". ".join(filter(None, [", ".join(one.file.display_name for one in self.files), self.item.note]))


def asked_rows(request: DocumentRequest) -> list[AskedRow]:
    """Everything that a request asks for, with what answers each; one query for all the files."""
    files = ClaimFile.objects.filter(asked__request=request).select_related("file").order_by("added_at", "pk")
    by_item = defaultdict[Any, list[ClaimFile]](list)
    for one in files:
        by_item[one.asked_id].append(one)
    return [
        AskedRow(
            item,
            [one for one in by_item[item.pk] if one.removed_at is None],
            [one for one in by_item[item.pk] if one.removed_at is not None],
        )
        for item in items_of(request)
    ]


def messages_of(claim: Claim, *, desk: bool) -> QuerySet[ClaimMessage]:
    """What was written about a claim, the oldest first; the desk's own notes for the `desk` alone."""
    rows = claim.messages.select_related("by").order_by("at", "pk")
    return rows if desk else rows.filter(internal=False)


def thread_of(claim: Claim, *, desk: bool) -> list[dict[str, Any]]:
    """The same as `components/thread.html` draws it: a family reads who of the desk writes as «Dictamen»."""
    return [
        {
            "by": str(one.by) if desk or not one.of_desk else "Dictamen",
            "text": one.text,
            "at": one.at,
            "mine": one.of_desk == desk,
            "internal": one.internal,
        }
        for one in messages_of(claim, desk=desk)
    ]


def request_context(request: DocumentRequest, *, due: date, at: datetime) -> dict[str, Any]:
    """What the paper of a request is made from; frozen with it."""
    claim = request.claim
    return {
        "folio": claim.folio,
        "asked_at": at.isoformat(),
        "due_on": due.isoformat(),
        "affected": claim.affected.as_printed,
        "insurer": claim.coverage.plan.party.name,
        "policy": claim.coverage.plan.policy_number,
        "items": [
            {"document": one.label, "why": one.sentence, "detail": one.detail, "example": one.example}
            for one in items_of(request)
        ],
    }
