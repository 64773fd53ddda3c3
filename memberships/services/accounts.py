"""Own accounts of people who are covered: by the desk's or a titular's invitation, adults only (2.12 of the domain)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from memberships.models import CoveredPerson, Member
from memberships.rules import MembershipState
from memberships.rules.family import of_age_on
from memberships.selectors.family import has_account
from memberships.selectors.links import LINK_DAYS, link_token
from memberships.services import telling
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import write_to
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Grant
from portal.people.rules import clean_email

if TYPE_CHECKING:
    from portal.people.models import Party, User


@transaction.atomic
def invite_member(*, member: Member, email: str, by: User, at: datetime) -> Grant:
    """Give somebody of a family an own account: a one-time secret goes to the address, the role holds for their party.

    From then on the titular sees of them what AC-05 leaves. Raises RuleBroken for a minor, Conflict for who is not of
    the family any more, has an account, or whose address has one.
    """
    row = _invitable(member, on=clock.date_in(at))
    user = accounts.enter_person(email=email, name=row.person.as_printed, by=by, at=at)
    grant = accounts.grant_role(user=user, party=row.person.party, role=Role.MEMBER, by=by, at=at)
    record(action="memberships.account_given", subject=row, by=by, at=at, party_id=row.person.party_id)
    return grant


def _invitable(member: Member, *, on: date) -> Member:
    rows = Member.objects.select_for_update(of=("self",)).select_related("person__party", "membership")
    row = rows.get(pk=member.pk)
    if row.membership.state == MembershipState.DRAFT:
        raise Conflict("La familia todavía no termina su afiliación. Invítala después.", code="not_complete")
    if row.until is not None or has_account(row.person, on=on):
        raise Conflict(
            "Esa persona ya tiene su perfil, o ya no es de la familia. Recarga la página para ver cómo quedó.",
            code="invited_late",
        )
    if on < of_age_on(row.person.born_on):
        raise RuleBroken(
            "Es menor de edad: quien es titular ve todo. Invítala cuando cumpla 18 años.", code="minor", field="person"
        )
    return row


@transaction.atomic
def invite_adult(*, member: Member, email: str, by: User, at: datetime) -> None:
    """A titular names an adult's address: the same answer whether it has an account or not (AU-03).

    Both get a link by which its owner takes the person as theirs, a new one its one-time secret too; until then nothing
    is given, and the titular's pages say the same. The affiliation desk is told: a mistyped or false address opens
    another's data. Raises what `invite_member` raises, RuleBroken for the titular's own address.
    """
    address = clean_email(email)
    if address == by.email:
        raise RuleBroken("Ese es tu propio correo. Escribe el de esa persona.", code="own_email", field="email")
    row, known = _invitable(member, on=clock.date_in(at)), people.person_by_email(address)
    user = known or accounts.enter_person(email=address, name=row.person.as_printed, by=by, at=at)
    token = link_token(row, user)
    write_to(
        address=address,
        kind="memberships/account_link",
        key=f"link:{row.pk}:{at.isoformat()}",
        context={"days": LINK_DAYS},
        url=reverse("memberships:home"),
        secret_url=reverse("memberships:link", args=[token]),
        at=at,
        action_label="Ver la invitación",
    )
    telling.tell_affiliation(membership=row.membership, key=f"{row.pk}:{at.isoformat()}", at=at)
    record(action="memberships.account_offered", subject=row, by=by, at=at, party_id=row.person.party_id)


@transaction.atomic
def accept_link(*, member: Member, by: User, at: datetime) -> CoveredPerson:
    """Who has an account takes the person that a titular offered them as theirs, once. Raises as `invite_member`."""
    row = _invitable(member, on=clock.date_in(at))
    return link_account(person=row.person, user=by, by=by, at=at)


@transaction.atomic
def link_account(*, person: CoveredPerson, user: User, by: User, at: datetime) -> CoveredPerson:
    """An account is a covered person's from now on (2.12): its own party takes the place of the person's while that
    owns nothing (no entry, bank account, receipt, paper); else the account acts for the person's party too.
    """
    row = CoveredPerson.objects.select_for_update(of=("self",)).select_related("party").get(pk=person.pk)
    before, own = row.party, people.personal_party(user, on=clock.date_in(at))
    if own is not None and not CoveredPerson.objects.filter(party=own).exists():
        _give_way(row, own)
    if not Grant.objects.in_force(on=clock.date_in(at)).filter(user=user, party=row.party, role=Role.MEMBER).exists():
        Grant.objects.create(user=user, party=row.party, role=Role.MEMBER, since=clock.date_in(at))
    user.__dict__.pop("live_grants", None)
    details = {"taken": row.party_id != before.pk}
    record(action="memberships.account_linked", subject=row, by=by, at=at, party_id=row.party_id, details=details)
    return row


def _give_way(person: CoveredPerson, own: Party) -> None:
    """Put another party in the place of the person's, where that owned nothing."""
    before, mark = person.party, transaction.savepoint()
    person.party = own
    person.save(update_fields=["party"])
    if people.is_bound(before):
        transaction.savepoint_rollback(mark)
        person.party = before
        return
    transaction.savepoint_commit(mark)
    before.delete()
