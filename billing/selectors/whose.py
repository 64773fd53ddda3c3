"""Whose each thing is, for who acts for several physicians, and how their lists narrow to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from portal.access import ROLES, Permission, Role, Workspace
from portal.design.forms import of_rows
from portal.listing import Column, Filters
from portal.listing.paging import WHOSE
from portal.people.models import Party
from portal.reading import once_a_reading
from portal.work import home as panels
from portal.work.home import Home

if TYPE_CHECKING:
    from portal.people.models import User


def _insurer(key: Any) -> str | None:
    return Party.objects.filter(pk=key).values_list("name", flat=True).first()


# What a group of orders to invoice is of, in words.
GROUP: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
    "insurer": ("Aseguradora", _insurer),
    "rfc": ("RFC del médico", str),
}


@once_a_reading
def whose(user: User) -> Mapping[str, str]:
    """The name of each physician for whom a person acts, by id, where they are several; {} for who acts for one."""
    ids = user.party_ids(Permission.SEE_OWN_BILLING)
    rows = Party.objects.filter(pk__in=ids).values_list("pk", "name") if len(ids) > 1 else ()
    return {str(key): name for key, name in rows}


def acts_for_several(user: User) -> bool:
    """Whether things of more than one physician stand in this person's lists."""
    return len(user.party_ids(Permission.SEE_OWN_BILLING)) > 1


def at_home(user: User, *, at: datetime, places: Sequence[Workspace], path: str, asked: str) -> dict[str, Any]:
    """The panels of a home at `path`, of one physician where `asked` is one of several for whom this person acts.

    `whose` are the ways to narrow it: name, address, whether it is this one; none for who acts for one.
    """
    names = whose(user) if Workspace.PHYSICIAN in places else {}
    if not names:
        return {"home": panels.home(user, at=at, places=places), "whose": []}
    here = asked if asked in names else ""
    found = panels.home(user, at=at, places=places, narrowed=_only(user, here) if here else None)
    each = [(name, f"{path}?{WHOSE}={key}", key == here) for key, name in sorted(names.items(), key=lambda one: one[1])]
    return {"home": _kept(found, here) if here else found, "whose": [("Todos", path, not here), *each]}


def _only(user: User, party: str) -> User:
    """The same person as if they billed for one physician alone: for panels to read by, never to act by."""
    found = copy(user)
    own = Permission.SEE_OWN_BILLING
    found.live_grants = [
        one for one in user.live_grants if own not in ROLES[Role(one.role)] or str(one.party_id) == party
    ]
    return found


def _kept(home: Home, party: str) -> Home:
    """The figures and the ways on of a home of one physician lead to lists of the same one."""
    begins = reverse("billing:home")

    def narrowed(href: str) -> str:
        return f"{href}{'&' if '?' in href else '?'}{WHOSE}={party}" if href.startswith(begins) else href

    shown = [
        replace(
            one,
            figures=[(label, value, narrowed(href)) for label, value, href in one.figures],
            act=(one.act[0], narrowed(one.act[1])) if one.act else None,
        )
        for one in home.panels
    ]
    return replace(home, panels=shown)


class OwnFilters(Filters):
    """The filters of a list of one's own things: `persona` narrows to one of several physicians."""

    persona = django_filters.ChoiceFilter(
        method="of_physician", label="Médico", choices=of_rows(lambda: []), widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if user is not None:
            persona = self.filters["persona"]
            persona.extra["choices"] = [*whose(user).items()]
            persona.__dict__.pop("_field", None)  # the schema's, of nobody's physicians, comes along where it was made

    def of_physician(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """What is this physician's; orders are bound by RFC."""
        return rows.filter(party=value)


class OwnOrderFilters(OwnFilters):
    """The same of orders, which an RFC binds."""

    def of_physician(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """What is this physician's."""
        return rows.filter(physician_rfc__in=Party.objects.filter(pk=value).values("rfc"))


OWNER = Column("physician", "Médico", path="party__name", shown=acts_for_several)
ORDER_OWNER = Column(
    "physician",
    "Médico",
    expression=Subquery(Party.objects.filter(rfc=OuterRef("physician_rfc")).order_by("pk").values("name")[:1]),
    shown=acts_for_several,
)
