"""A family that has joined grows and shrinks: its titular adds people and ends their stay."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from memberships.models import Member, Membership
from memberships.rules import Kinship, MembershipState
from memberships.rules.joining import NewPerson, check_family, checked_person
from memberships.services import telling
from memberships.services.dates import note_birthdays
from memberships.services.families import add_covered_person, told_of
from memberships.services.papers import issue_papers
from memberships.services.standing import locked
from portal import clock
from portal.errors import Conflict
from portal.history.services import record

if TYPE_CHECKING:
    from portal.people.models import User

_GROWS = frozenset({MembershipState.AWAITING_PAYMENT, MembershipState.ACTIVE, MembershipState.SUSPENDED})


@transaction.atomic
def add_member(*, membership: Membership, person: NewPerson, by: User, at: datetime) -> Member:
    """Somebody more is of the family from today on; while it is covered they get their card at once.

    Raises RuleBroken for a person or a family that cannot be, Conflict where the membership is a draft or has ended.
    """
    row, on = locked(membership), clock.date_in(at)
    if row.state not in _GROWS:
        raise Conflict("A esta membresía ya no se agregan personas: terminó o no está completa.", code="not_growing")
    checked = checked_person(person, on=on)
    stays = row.members.current(on=on).select_related("person").order_by("since", "pk")
    check_family([*(told_of(one.person, Kinship(one.kinship)) for one in stays), checked], on=on)
    made = Member.objects.create(
        membership=row,
        person=add_covered_person(person=checked, at=at),
        kinship=checked.kinship.value,
        since=on,
    )
    note_birthdays(persons=[made.person], at=at)
    if row.state == MembershipState.ACTIVE:
        issue_papers(membership=row, by=by, at=at)
        made.refresh_from_db()
        papers = [made.card_id, made.constancia_id]
        telling.tell_papers(member=made, documents=papers, key=str(made.card_id), at=at)
    details = {"folio": row.folio, "kinship": made.kinship}
    record(
        action="memberships.member_added", subject=made, party_id=made.person.party_id, by=by, at=at, details=details
    )
    return made


@transaction.atomic
def end_member(*, member: Member, by: User, at: datetime) -> Member:
    """Somebody is of the family no more from today on; their card says so at once. Raises Conflict for the titular."""
    membership, on = locked(member.membership), clock.date_in(at)
    row = Member.objects.select_for_update(of=("self",)).select_related("person").get(pk=member.pk)
    if row.kinship == Kinship.TITULAR or (row.until is not None and row.until <= on):
        raise Conflict(
            "Esa persona ya no es de la familia, o es quien es titular. Recarga la página para ver cómo quedó.",
            code="end_late",
        )
    row.until = on
    row.save(update_fields=["until"])
    details = {"folio": membership.folio}
    record(action="memberships.member_ended", subject=row, party_id=row.person.party_id, by=by, at=at, details=details)
    return row
