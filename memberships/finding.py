"""What of memberships is found in the search, by which names, and on whose page it opens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from memberships.models import (
    CardAttempt,
    DuesPayment,
    DuesPosting,
    ImssConstancia,
    Member,
    Membership,
    Refund,
    Slip,
)
from portal import identifiers
from portal.access import Permission as P
from portal.listing.search import Findable, Found, How, Name, as_folio, as_rfc, as_words
from portal.treasury.models import Allocation, AllocationShare, Payable
from portal.vault import blind_index


def as_curp(typed: str) -> str | None:
    """The blind index of a whole CURP; None for anything else."""
    found = identifiers.check("curp", typed)
    return blind_index(found.canonical, purpose="curp") if found.canonical else None


def _desk_families(user: Any) -> QuerySet[Membership] | None:
    if P.SEE_MEMBERSHIPS not in user.permissions:
        return None
    return Membership.objects.dues().exclude(folio="").select_related("titular", "plan")


def _own_families(user: Any) -> QuerySet[Membership] | None:
    if P.SEE_OWN_MEMBERSHIP not in user.permissions:
        return None
    return Membership.objects.of_member(user).dues().exclude(folio="").select_related("titular", "plan")


def _people(user: Any) -> QuerySet[Member] | None:
    if P.SEE_MEMBERSHIPS not in user.permissions:
        return None
    return Member.objects.filter(membership__kind="membership").select_related("person", "membership")


def _slips(user: Any) -> QuerySet[Slip] | None:
    if not {P.SEE_MEMBERSHIPS, P.SEE_OWN_MEMBERSHIP} & set(user.permissions):
        return None
    return Slip.objects.visible_to(user)


def _attempts(user: Any) -> QuerySet[CardAttempt] | None:
    if not {P.SEE_COLLECTIONS, P.SEE_OWN_MEMBERSHIP} & set(user.permissions):
        return None
    return CardAttempt.objects.visible_to(user)


def _refunds(user: Any) -> QuerySet[Refund] | None:
    if P.SEE_REFUNDS not in user.permissions:
        return None
    return Refund.objects.exclude(folio=None)


def _sources(payments: QuerySet[DuesPayment], kind: type[Model]) -> list[str]:
    """The keys of what these payments came by, of one kind."""
    return list(payments.filter(source_type=kind._meta.label_lower).values_list("source_id", flat=True))


def _of_memberships(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """Their people with each one's papers, their payments by what each came (treasury's books name the deposit's), and
    what the books say of their dues.
    """
    payments = DuesPayment.objects.filter(membership__in=keys)
    return (
        payments,
        Allocation.objects.filter(shares__in=[int(key) for key in _sources(payments, AllocationShare)]),
        CardAttempt.objects.filter(pk__in=_sources(payments, CardAttempt)),
        DuesPosting.objects.filter(charge__membership__in=keys),
        Refund.objects.filter(membership__in=keys),
        Member.objects.filter(membership__in=keys),
        ImssConstancia.objects.filter(person__stays__membership__in=keys).distinct(),
    )


def _of_slips(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """The deposits that paid them, and the payments that these became."""
    shares = AllocationShare.objects.filter(key__in=Slip.objects.filter(pk__in=keys).values("folio"))
    made = [str(pk) for pk in shares.values_list("pk", flat=True)]
    return (
        Allocation.objects.filter(shares__in=shares),
        DuesPayment.objects.filter(source_type=AllocationShare._meta.label_lower, source_id__in=made),
    )


def _of_attempts(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """The payments that they became, and what of them was asked back."""
    kind = CardAttempt._meta.label_lower
    return (
        DuesPayment.objects.filter(source_type=kind, source_id__in=[str(key) for key in keys]),
        Refund.objects.filter(attempt__in=keys),
    )


def _of_refunds(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """What is owed for them."""
    kind = Refund._meta.label_lower
    return (Payable.objects.filter(subject_type=kind, subject_id__in=[str(key) for key in keys]),)


FINDABLES = (
    Findable(
        "memberships.refund",
        "Devoluciones",
        (Name("folio", shape=as_folio({"DV"})),),
        _refunds,
        lambda row: Found(row.folio, row.label, row.get_absolute_url()),
        folio="folio",
        belongs=_of_refunds,
    ),
    Findable(
        "memberships.cardattempt",
        "Pagos con tarjeta",
        (Name("folio"),),
        _attempts,
        lambda row: Found(row.folio, row.label, row.get_absolute_url()),
        folio="folio",
        belongs=_of_attempts,
    ),
    Findable(
        "memberships.slip",
        "Fichas de pago",
        (Name("folio", shape=as_folio({"FP"})), Name("reference")),
        _slips,
        lambda row: Found(row.folio, row.label, row.get_absolute_url()),
        folio="folio",
        belongs=_of_slips,
    ),
    Findable(
        "memberships.membership",
        "Membresías",
        (Name("folio", shape=as_folio({"ME"})),),
        _own_families,
        lambda row: Found(row.folio, f"{row.plan.name} · {row.state_label}", reverse("memberships:home")),
        folio="folio",
    ),
    Findable(
        "memberships.membership",
        "Afiliaciones",
        (Name("folio", shape=as_folio({"ME"})),),
        _desk_families,
        lambda row: Found(row.folio, f"{row.titular} · {row.state_label}", row.get_absolute_url()),
        folio="folio",
        belongs=_of_memberships,
    ),
    Findable(
        "memberships.member",
        "Personas afiliadas",
        (
            Name("person__as_printed", How.WORDS, as_words),
            Name("person__rfc", How.START, as_rfc),
            Name("person__curp_index", How.WHOLE, as_curp),
        ),
        _people,
        lambda row: Found(row.person.as_printed, row.membership.folio, row.membership.get_absolute_url()),
    ),
)
