"""Days that a family is told of beforehand: an 18th birthday, a new price. Stored once, reminded of by the beat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse

from memberships import selectors
from memberships.models import BirthdayDue, CoveredPerson, Membership, PlanPrice, PriceDue
from memberships.rules import LIVE, CertificateState, Kinship, MembershipState
from memberships.rules.family import of_age_on
from portal import clock
from portal.calendars.rules import next_reminder
from portal.history.services import record
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.notices.services import Telling
from portal.people import selectors as people
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on

_DAY = timedelta(days=1)
_JOINED = [one for one in LIVE if one != MembershipState.DRAFT]
_AT_ONCE = 1000  # families that are told in one go


def note_birthdays(*, persons: Iterable[CoveredPerson], at: datetime) -> None:
    """Store the day on which each of these turns 18, where it is still to come. Part of the act that records it."""
    on, rows = clock.date_in(at), list(persons)
    known = {one.person_id: one for one in BirthdayDue.objects.filter(person__in=rows, ended_at=None)}
    for person in rows:
        due_on, stands = of_age_on(person.born_on), known.get(person.pk)
        if stands is not None and stands.due_on == due_on:
            continue
        if stands is not None and stands.met_at is None:  # they were told of another day
            stands.ended_at, stands.next_reminder_on = at, None
            stands.save(update_fields=["ended_at", "next_reminder_on"])
            stands = None
        if stands is None and due_on > on:
            row = BirthdayDue(person=person, anchor=on, due_on=due_on, rolled_on=due_on)
            row.due_rule = str(refer(rule_on("family.birthday_before", on=on)))
            row.next_reminder_on = next_reminder(due_on, selectors.birthday_reminders(row), after=on - _DAY)
            row.save(force_insert=True)


def remind_birthday(*, due: BirthdayDue, reached: Sequence[date], on: date, at: datetime) -> None:
    """Tell the titular of each of somebody's families that they turn, or turned, 18; `calendars.remind` calls.

    Days that were missed are one message, of what holds on the day it goes. It names nobody and no date (PR-08).
    """
    person = CoveredPerson.objects.get(pk=due.person_id)
    turned = on >= due.due_on
    stays = person.stays.current(on=on).exclude(kinship=Kinship.TITULAR).select_related("membership__titular")
    told = []
    for stay in stays.order_by("pk"):
        family = stay.membership
        holds = family.state in _JOINED or family.certificate_state == CertificateState.ACTIVE
        if family.titular is None or not holds:
            continue
        notices.notify(
            user_ids=people.users_of_party(family.titular.party_id, on=on),
            kind=f"memberships/{'turned_adult' if turned else 'turns_adult'}",
            key=f"birthday:{due.pk}:{family.pk}:{reached[0].isoformat()}",
            context={"folio": family.folio},
            url=folio_address(family.folio) if family.folio else reverse("memberships:person", args=[person.pk]),
            at=at,
        )
        told.append(str(family.pk))
    if turned:
        due.met_at = at
        due.save(update_fields=["met_at"])
    record(
        action="memberships.birthday_reminded",
        subject=person,
        party_id=person.party_id,
        by=None,
        at=at,
        details={"planned": [day.isoformat() for day in reached], "families": told},
    )


def note_price(*, price: PlanPrice, at: datetime) -> None:
    """Store that a plan's families are told of a new price before it begins; at once where that day is gone.

    Part of the act that records it.
    """
    on = clock.date_in(at)
    row = PriceDue(price=price, anchor=on, due_on=price.since, rolled_on=price.since)
    row.due_rule = str(refer(rule_on("dues.price_before", on=on)))
    row.next_reminder_on = next_reminder(price.since, selectors.price_reminders(row), after=on - _DAY) or on
    row.save(force_insert=True)


def remind_price(*, due: PriceDue, reached: Sequence[date], on: date, at: datetime) -> None:
    """Tell the titular of every family of a plan, once, that a month costs something else from a day on (PR-08: no
    amount); `calendars.remind` calls. Whoever asked to leave before that day is not told.
    """
    price = PlanPrice.objects.select_related("plan").get(pk=due.price_id)
    families = Membership.objects.filter(plan=price.plan_id, state__in=_JOINED, cancel_asked_on=None)
    told = families.select_related("titular").order_by("pk")
    count, some = 0, list[Membership]()
    for family in told.iterator(chunk_size=_AT_ONCE):
        some.append(family)
        if len(some) == _AT_ONCE:
            count += _tell_price(price, some, on=on, at=at)
            some = []
    count += _tell_price(price, some, on=on, at=at)
    due.met_at, due.next_reminder_on = at, None
    due.save(update_fields=["met_at", "next_reminder_on"])
    record(
        action="memberships.price_reminded",
        subject=price.plan,
        by=None,
        at=at,
        details={"planned": [day.isoformat() for day in reached], "since": price.since.isoformat(), "told": count},
    )


def _tell_price(price: PlanPrice, families: Sequence[Membership], *, on: date, at: datetime) -> int:
    """Tell some families at once, each in its own words; answers how many."""
    parties = [one.titular.party_id for one in families if one.titular]
    users = selectors.users_of_titulars(parties, on=on)
    notices.notify_many(
        kind="memberships/new_price",
        tellings=[
            Telling(
                users.get(one.titular.party_id, []) if one.titular else [],
                f"new_price:{price.pk}:{one.pk}",
                {"folio": one.folio, "on": price.since},
                folio_address(one.folio),
            )
            for one in families
        ],
        at=at,
    )
    return len(families)
