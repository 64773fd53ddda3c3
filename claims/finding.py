"""What of claims is found by folio or name, and whose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse

from claims.models import Claim, ClaimInvoice, Decision, Submission
from claims.selectors.family import seen_whole
from portal import clock
from portal.access import Permission
from portal.listing.search import Findable, Found, How, Name, as_folio, as_uuid, as_words

if TYPE_CHECKING:
    from portal.people.models import User


_INVOICE = Name("invoices__uuid", How.WHOLE, as_uuid)


def _own(user: User) -> QuerySet[Claim] | None:
    if Permission.SEE_OWN_CLAIMS not in user.permissions:
        return None
    return Claim.objects.of_member(user).sent().select_related("affected")


def _seen(user: User) -> QuerySet[Claim] | None:
    """By name those alone of which they see whose they are (AC-05)."""
    own = _own(user)
    return None if own is None else own.filter(pk__in=seen_whole(user, on=clock.today()))


def _at_desk(user: User) -> QuerySet[Claim] | None:
    return Claim.objects.for_desk(user) if Permission.DECIDE_CLAIMS in user.permissions else None


def _belongs(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """What was sent with them, and what was decided of them."""
    rooms = (Decision, ClaimInvoice, Submission)
    return tuple(one._default_manager.filter(claim__in=keys) for one in rooms)


def _found(row: Claim) -> Found:
    return Found(row.folio, f"{row.kind_label} · {row.state_label}", reverse("claims:claim", args=[row.folio]))


def _found_at_desk(row: Claim) -> Found:
    """Where it stands alone: what is planned of whom is read by who opens it, and each reading is recorded."""
    return Found(row.folio, row.desk_label, reverse("claims:review", args=[row.folio]))


FINDABLES = (
    Findable(
        "claims.claim",
        "Trámites",
        (Name("folio", shape=as_folio({"RB", "PR"})),),
        _own,
        lambda row: Found(row.folio, row.state_label, reverse("claims:claim", args=[row.folio])),
        folio="folio",
        belongs=_belongs,
    ),
    Findable(
        "claims.claim",
        "Trámites de una persona",
        (Name("affected__as_printed", How.WORDS, as_words),),
        _seen,
        _found,
    ),
    Findable(
        "claims.claim",
        "Trámites de una factura",
        (_INVOICE,),
        _seen,
        _found,
    ),
    Findable(
        "claims.claim",
        "Trámites de la mesa",
        (Name("folio", shape=as_folio({"RB", "PR"})), _INVOICE),
        _at_desk,
        _found_at_desk,
        folio="folio",
        belongs=_belongs,
    ),
)
