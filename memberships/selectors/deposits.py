"""What deposits may pay of memberships: slips, and families by folio, RFC or the titular's name (domain 2.9)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import product
from string import digits
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Length, Upper

from memberships.models import Charge, CoveredPerson, Membership, ReferenceScheme, Slip, SlipKey
from memberships.models.shared import CURRENCY
from memberships.rules import MEMBERSHIP, ChargeState, MembershipState, slips
from memberships.selectors.slips import expected_state, slip_target
from portal.listing.search import How, Name, as_code, as_rfc, as_words
from portal.money import format_money
from portal.prepared import AnyOf
from portal.treasury.rules.collecting import Target
from portal.treasury.rules.matching_texts import fold
from portal.treasury.rules.offered import Debtor, Expected, Offers, Place

_AT_MOST = 10
_RFC = re.compile(r"[a-z]{4}[0-9]{6}[a-z0-9]{3}", re.ASCII)
_OF_SLIPS = (Name("folio", How.START, as_code), Name("reference", How.START, as_code))
_NAMES = (
    Name("folio", How.START, as_code),
    Name("titular__rfc", How.START, as_rfc),
    Name("titular__as_printed", How.WORDS, as_words),
)


class _Nothing:
    """What is offered in a currency that no family pays in."""

    def shape(self) -> tuple[Collection[int], Collection[str]]:
        return (), ()

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        return {}

    def asked_amounts(self, amounts: Collection[Decimal]) -> Collection[Decimal]:
        return ()

    def debtors(self, place: Place, marks: Collection[str]) -> Iterable[Debtor]:
        return ()


class _Families:
    """Slips by the keys that are stored of them; complete families by folio, by their titular's RFC or name.

    A family that was cancelled is known by its folio alone.
    """

    def shape(self) -> tuple[Collection[int], Collection[str]]:
        """Lengths by the index of them, one after the other; signs of what schemes put in front, and figures."""
        lengths: list[int] = []
        keys = SlipKey.objects.alias(long=Length("key")).order_by("long")
        while found := keys.filter(long__gt=lengths[-1] if lengths else 0).values_list("key", flat=True).first():
            lengths.append(len(found))
        prefixes = ReferenceScheme.objects.exclude(prefix="").values_list("prefix", flat=True)
        return lengths, {*digits, *(sign for prefix in prefixes for sign in fold(prefix))}

    @cached_property
    def _marks(self) -> dict[int, tuple[str, str]]:
        """Prefix and agreement of each scheme, read once: what references mean stays once a slip was made."""
        schemes = ReferenceScheme.objects.values_list("pk", "prefix", "agreement")
        return {pk: (prefix, agreement) for pk, prefix, agreement in schemes}

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        names = ("key", "slip__folio", "slip__reference", "slip__amount", "slip__expires_on", "slip__state")
        rows = SlipKey.objects.filter(AnyOf("key", keys)).values_list(*names, "slip__scheme")
        marks = self._marks
        return {
            key: Expected(folio, reference, *marks[scheme], amount, until, expected_state(state))
            for key, folio, reference, amount, until, state, scheme in rows
        }

    def asked_amounts(self, amounts: Collection[Decimal]) -> Collection[Decimal]:
        rows = Slip.objects.filter(state__in=slips.OPEN, amount__in=amounts)
        return set(rows.order_by("amount").values_list("amount", flat=True).distinct())

    def debtors(self, place: Place, marks: Collection[str]) -> Iterable[Debtor]:
        rows = Membership.objects.dues().exclude(folio="").order_by("pk")
        if place is Place.FOLIO:
            rows = rows.alias(code=Upper("folio")).filter(code__in=marks)
        else:
            rows = rows.exclude(state=MembershipState.CANCELLED)
            people = CoveredPerson.objects.filter(name_mark__in=marks)
            if place is Place.RFC:
                written = [one for mark in marks for one in _rfcs_of(mark)]
                people = CoveredPerson.objects.alias(code=Upper("rfc")).filter(code__in=written)
            rows = rows.filter(titular__in=people)
        told = list(rows.values_list("pk", "folio", "titular__rfc", "titular__as_printed", "state"))
        owed = _owed_by([pk for pk, *_rest in told])
        return [
            Debtor(folio, *(("", "") if state == MembershipState.CANCELLED else (rfc, name)), tuple(owed[pk]))
            for pk, folio, rfc, name, state in told
        ]


def offered_to_deposits(currency: str) -> Offers:
    """What families may be paid, asked by key, folio, RFC or name: an index answers each."""
    return _Families() if currency == CURRENCY else _Nothing()


def _owed_by(memberships: Collection[UUID]) -> dict[UUID, list[tuple[str, Decimal]]]:
    """The open months of families, oldest first."""
    owed: dict[UUID, list[tuple[str, Decimal]]] = defaultdict(list)
    charges = Charge.objects.filter(membership__in=memberships, state=ChargeState.OPEN, undone_at=None)
    rows = charges.order_by("due_on", "pk").values_list("membership", "period", "due_on", "amount")
    for membership, period, due_on, amount in rows:
        owed[membership].append((f"{period or due_on:%Y-%m}", amount))
    return owed


def _rfcs_of(mark: str) -> Iterator[str]:
    """How an RFC of a person may be written that reads so: an N of its letters may be an Ñ."""
    if _RFC.fullmatch(mark):
        letters = product(*(("N", "Ñ") if sign == "N" else (sign,) for sign in mark[:4].upper()))
        yield from (f"{''.join(four)}{mark[4:].upper()}" for four in letters)


def targets_of_deposits(keys: Sequence[str]) -> list[Target]:
    """Slips and families by folio, as they stand now: whatever comes to a family is its credit."""
    named = _slips().filter(folio__in=keys).order_by("folio")
    rows = Membership.objects.dues().filter(folio__in=[key for key in keys if key])
    families = rows.select_related("titular", "plan").order_by("folio")
    return [*map(slip_target, named), *map(_target, families)]


def find_for_deposits(text: str, currency: str) -> list[Target]:
    """Slips by folio or reference, families by folio, RFC or the titular's name: a handful of each."""
    if currency != CURRENCY:
        return []
    rows = Membership.objects.dues().exclude(folio="").select_related("titular", "plan")
    found: dict[str, Target] = {}
    for name in _OF_SLIPS:
        named = name.among(_slips(), text.strip())
        found |= {one.folio: slip_target(one) for one in named[:_AT_MOST]} if named is not None else {}
    for name in _NAMES:
        named = name.among(rows, text.strip())
        found |= {row.folio: _target(row) for row in named[:_AT_MOST]} if named is not None else {}
    return list(found.values())


def _slips() -> QuerySet[Slip]:
    return Slip.objects.prefetch_related("lines__membership__titular")


def _target(row: Membership) -> Target:
    assert row.titular is not None and row.joined_on is not None  # complete
    owed = f"Debe {format_money(row.owed, CURRENCY)}." if row.owed else "No debe nada."
    state = MEMBERSHIP.desk_label(row.state)
    detail = f"{row.titular.as_printed}. {row.plan.name}, {state.lower()}. {owed}"
    return Target(row.folio, f"Membresía {row.folio}", detail, row.titular.party_id, row.joined_on, None)
