"""Whose bank account a person looks at: what for, and of which of the parties whose accounts they manage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from portal.access import Permission
from portal.people.models import Party
from portal.treasury import registry, rules
from portal.treasury.models import BankAccount, Payable
from portal.treasury.selectors.accounts import account_page

if TYPE_CHECKING:
    from portal.people.models import User

_SETTLED = Q(state=rules.AccountState.VALIDATED) | Q(state=rules.AccountState.IN_REVIEW, returned_at=None)


@dataclass(frozen=True, slots=True)
class Use:
    """One account that somebody manages: its purpose and its party; `is_only` where no other of theirs has such one."""

    purpose: registry.AccountPurpose
    party_id: UUID
    is_only: bool

    def page(self, name: str = "treasury:my_account") -> str:
        """Its page; it names the party only where it has to."""
        return account_page(self.purpose.code, name, party_id=None if self.is_only else self.party_id)


def uses_of(user: User) -> list[Use]:
    """What a person manages accounts for, in the order of the purposes, each of the oldest grant's party first."""
    own = [*dict.fromkeys(user.party_ids(Permission.MANAGE_OWN_ACCOUNT))]
    held = {one.code: [key for key in own if key in user.party_ids(one.held_with)] for one in registry.purposes()}
    return [Use(one, key, is_only=len(held[one.code]) == 1) for one in registry.purposes() for key in held[one.code]]


def uses_asked_for(user: User) -> list[Use]:
    """Those whose purpose asks for an account, and those to which something is owed now."""
    uses = uses_of(user)
    others = {one.party_id: one.purpose.code for one in uses if not one.purpose.is_asked_for}
    waiting = Payable.objects.waiting().filter(party__in=others, purpose__in=set(others.values()))
    owed = set(waiting.values_list("party", "purpose")) if others else set()
    return [one for one in uses if one.purpose.is_asked_for or (one.party_id, one.purpose.code) in owed]


def use_of(user: User, *, purpose: str | None = None, party: str | None = None) -> Use | None:
    """The one that is asked for, None where it is not theirs.

    Without a party the one that is owed something and has no account, else the oldest grant's; without a purpose the
    first.
    """
    found = [one for one in uses_of(user) if purpose in {None, one.purpose.code} and party in {None, str(one.party_id)}]
    same = [one for one in found if one.purpose == found[0].purpose]
    if len(same) < 2:
        return same[0] if same else None
    owed = _owed_without_account(same)
    return next((one for one in same if one.party_id in owed), same[0])


def _owed_without_account(uses: Sequence[Use]) -> set[UUID]:
    told = {"purpose": uses[0].purpose.code, "party__in": [one.party_id for one in uses]}
    settled = BankAccount.objects.filter(_SETTLED, **told).values("party")
    return set(Payable.objects.waiting().filter(**told).exclude(party__in=settled).values_list("party", flat=True))


def page_of(user: User, *, purpose: str, party_id: UUID) -> str:
    """The page of a party's account for a purpose, as this person reaches it."""
    use = use_of(user, purpose=purpose, party=str(party_id))
    return use.page() if use else account_page(purpose)


def names_of(uses: Sequence[Use]) -> dict[Use, str]:
    """What tells each from the others: its purpose, and whose it is where several have one for the same."""
    several = {one.party_id for one in uses if not one.is_only}
    names = dict(Party.objects.filter(pk__in=several).values_list("pk", "name")) if several else {}
    return {one: one.purpose.label if one.is_only else f"{one.purpose.label} · {names[one.party_id]}" for one in uses}
