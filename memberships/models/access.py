"""Whose money a person sees: the titular's alone (AC-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from portal.access import Permission

if TYPE_CHECKING:
    from portal.people.models import User


def titular_is(user: User, path: str = "") -> Q:
    """A condition on memberships (at `path`): those whose titular a person is."""
    place = f"{path}__" if path else ""
    return Q(**{f"{place}titular__party__in": user.party_ids(Permission.SEE_OWN_MEMBERSHIP)})


def pays_dues(user: User) -> Q:
    """A condition on memberships: those whose dues a person may pay by themselves, as their titular."""
    return Q(titular__party__in=user.party_ids(Permission.PAY_DUES))
