"""What a person has to do at the IMSS, as their page shows it (S1.6-S1.17)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from memberships.models import CoveredPerson, ImssCheck, ImssSource, Member, Membership
from memberships.rules import imss
from memberships.rules.family import Datum
from memberships.selectors.family import constancias, sights
from memberships.selectors.imss_steps import imss_steps
from portal import clock
from portal.calendars.selectors import calendar

if TYPE_CHECKING:
    from memberships.models.people import MemberQuerySet
    from portal.people.models import User


def imss_check(person: CoveredPerson) -> ImssCheck:
    """What a person answered and ticked; an empty row where nothing was."""
    return ImssCheck.objects.filter(person=person).first() or ImssCheck(person=person, ticked=[])


def imss_sources() -> list[ImssSource]:
    """The IMSS's links and telephone, as the desk keeps them."""
    return list(ImssSource.objects.order_by("label", "code"))


def contact() -> dict[str, ImssSource]:
    """Our own telephone and mail for families, stored once (S1.4, S1.23, S1.25): `phone` and `mail`."""
    rows = ImssSource.objects.filter(code__startswith="contact_")
    return {one.code.removeprefix("contact_"): one for one in rows}


def imss_page(viewer: User, person: CoveredPerson, *, at: datetime) -> dict[str, Any]:
    """One person's answers, the path they lead to, their papers, the window's hours, and the rest of the family."""
    check = imss_check(person)
    path = imss.path_of(rights=check.rights, clinic=check.clinic, has_card=check.has_card)
    sources = {one.code: one for one in imss_sources()}
    guide = imss.GUIDES[path] if path else None
    counter = calendar(imss.COUNTER)
    return {
        "check": check,
        "guide": guide,
        "asks_us": path is imss.Path.ASK_US,
        "links": [sources[code] for code in guide.links if code in sources] if guide else [],
        "rights": sources.get("rights"),
        "phone": sources.get("phone"),
        "contact": contact(),
        "to_window": path is None or path in imss.TO_WINDOW,
        "constancias": constancias(_stays(viewer, person, on=clock.date_in(at)), person),
        "missing": len(imss.Paper) - len(check.ticked),
        "hours": imss.hours_told(counter),
        "now": imss.counter_told(counter, at),
        "others": _others(viewer, person, at=at),
    }


def _around(viewer: User, *, on: date) -> MemberQuerySet:
    """The stays of a day in one's own families."""
    return Member.objects.joined().current(on=on).filter(membership__in=Membership.objects.of_member(viewer))


def _stays(viewer: User, person: CoveredPerson, *, on: date) -> list[Member]:
    return list(_around(viewer, on=on).filter(person=person).select_related("membership").order_by("since", "pk"))


def _others(viewer: User, person: CoveredPerson, *, at: datetime) -> list[tuple[CoveredPerson, str]]:
    """Everybody else of one's families whose steps one may see, with where each stands."""
    on = clock.date_in(at)
    others = _around(viewer, on=on).exclude(person=person).select_related("person").order_by("since", "pk")
    people = list({one.person_id: one.person for one in others}.values())
    seen = sights(viewer, people, (Datum.IMSS,), on=on)
    visible = [one for one in people if seen[one.pk, Datum.IMSS].visible]
    steps = imss_steps(one.pk for one in visible)
    return [(one, steps[one.pk]) for one in visible]
