"""A family joins by itself: what was typed is kept after each step, and complete it is what the desk would enter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from memberships import selectors
from memberships.models import CoveredPerson, Member, Membership, Plan
from memberships.rules import MEMBERSHIP, Kinship, MembershipState, PlanKind
from memberships.rules.joining import Contact, NewPerson, check_family, check_identified, checked_person
from memberships.services import telling
from memberships.services.families import add_covered_person, complete, reached, told_of
from memberships.services.standing import locked, restate
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.people import services as accounts
from portal.people.models import User
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on

if TYPE_CHECKING:
    from portal.people.models import ConsentText


_STORED = ["draft_falls_on", "draft_rule", "looks_again_on"]
_DAY = timedelta(days=1)


@transaction.atomic
def begin_joining(*, plan: Plan, by: User, at: datetime) -> Membership:
    """Choose the plan to join; who has begun before goes on with what they typed, in this plan.

    They become a member for their own party, a new one where they have none. Raises RuleBroken for a plan that is not
    offered, Conflict where they are titular of a live membership of it.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if plan.kind != PlanKind.MEMBERSHIP or not plan.is_offered:
        raise RuleBroken("Ese plan no se ofrece ahora. Elige otro de la lista.", code="plan_not_offered", field="plan")
    party = accounts.begin_role(role=Role.MEMBER, by=by, at=at)
    _refuse_joined(plan, party_id=party.pk)
    draft = selectors.draft_of(by)
    if draft is None:
        draft = Membership(kind=plan.kind, state=MEMBERSHIP.initial.value, created_at=at, created_by=by)
        draft.email = by.email
    draft.plan = plan
    _keep_until(draft, at=at)
    draft.save()
    record(action="memberships.joining_begun", subject=draft, by=by, at=at, details={"plan": str(plan.pk)})
    return draft


def _refuse_joined(plan: Plan, *, party_id: Any) -> None:
    live = Membership.objects.live_of(plan).exclude(state=MembershipState.DRAFT)
    if live.filter(titular__party=party_id).exists():
        raise Conflict(
            "Ya eres titular de una membresía de este plan. Ábrela en «Mi membresía», o elige otro plan.",
            code="already_joined",
        )


@transaction.atomic
def keep_titular(
    *, draft: Membership, person: NewPerson | None, contact: Contact, by: User, at: datetime
) -> Membership:
    """Who joins and how they are reached. Whoever is of another family keeps the identity that is known there (None).

    Raises RuleBroken for who cannot be a titular, or gave neither RFC nor CURP.
    """
    row, party = _held(draft, by), accounts.begin_role(role=Role.MEMBER, by=by, at=at)
    known = CoveredPerson.objects.select_for_update(of=("self",)).filter(party=party).first()
    is_kept = known is not None and selectors.is_covered_elsewhere(known, draft=row)
    if known is not None and is_kept:
        checked = told_of(known, Kinship.TITULAR)
    else:
        checked = _checked_joiner(person, on=clock.date_in(at))
    others = [told_of(one.person, Kinship(one.kinship)) for one in selectors.relatives_of(row)]
    check_family([checked, *others], on=clock.date_in(at))
    if not is_kept:
        known = add_covered_person(person=checked, at=at, party=party, known=known)
    row.titular = known
    for name, value in reached(contact).items():
        setattr(row, name, value)
    _keep_until(row, at=at)
    row.save()
    Member.objects.get_or_create(
        membership=row, person=known, defaults={"kinship": Kinship.TITULAR.value, "since": clock.date_in(at)}
    )
    record(action="memberships.joining_kept", subject=row, by=by, at=at)
    return row


def _checked_joiner(person: NewPerson | None, *, on: date) -> NewPerson:
    if person is None:
        raise RuleBroken("Faltan tus datos. Escríbelos para seguir.", code="titular_missing", field="given_name")
    checked = checked_person(person, on=on)
    check_identified(checked)
    return checked


@transaction.atomic
def add_to_draft(*, draft: Membership, person: NewPerson, by: User, at: datetime) -> Member:
    """Somebody more who joins with the titular. Raises RuleBroken for a person or a family that cannot be."""
    row, on = _held(draft, by), clock.date_in(at)
    checked = checked_person(person, on=on)
    check_family([*_family_of(row), checked], on=on)
    member = Member.objects.create(
        membership=row,
        person=add_covered_person(person=checked, at=at),
        kinship=checked.kinship.value,
        since=on,
    )
    _keep_until(row, at=at)
    row.save(update_fields=_STORED)
    record(action="memberships.joining_kept", subject=row, by=by, at=at)
    return member


@transaction.atomic
def drop_from_draft(*, member: Member, by: User, at: datetime) -> None:
    """Take somebody out before the family has joined: nothing of them is kept. Raises Conflict for the titular."""
    row = _held(member.membership, by)
    member = Member.objects.select_related("person__party").get(pk=member.pk, membership=row)
    if member.kinship == Kinship.TITULAR:
        raise Conflict("Quien es titular no se quita. Cambia sus datos en el paso anterior.", code="titular_stays")
    _forget_person(member)
    record(action="memberships.joining_kept", subject=row, by=by, at=at)


@transaction.atomic
def finish_joining(*, draft: Membership, text: ConsentText, by: User, at: datetime) -> Membership:
    """The family has joined: folio ME and its first charge, which waits for its payment. The consent is kept with it.

    Raises RuleBroken where a step is missing or the notice changed, Conflict where it has joined already.
    """
    row, on = _held(draft, by), clock.date_in(at)
    if row.titular is None:
        raise RuleBroken("Faltan tus datos. Escríbelos antes de terminar.", code="titular_missing")
    if not row.plan.is_offered:
        raise RuleBroken("Ese plan ya no se ofrece. Elige otro de la lista.", code="plan_not_offered")
    _refuse_joined(row.plan, party_id=row.titular.party_id)
    check_family(_family_of(row), on=on)
    accounts.accept_consent(by=by, text=text, purposes=["necessary"], proof="joining", at=at)
    row.members.update(since=on)
    complete(membership=row, joined_on=on, at=at)
    restate(membership=locked(row), by=by, at=at)
    row.refresh_from_db()
    details = {"folio": row.folio, "people": row.members.count(), "paid_on": ""}
    record(action="memberships.affiliated", subject=row, by=by, at=at, details=details)
    return row


def _keep_until(draft: Membership, *, at: datetime) -> None:
    """What was typed is kept so many days from this step on (`membership.draft_days`), and told of before it falls."""
    on = clock.date_in(at)
    rule, warn = rule_on("membership.draft_days", on=on), rule_on("membership.draft_warn_days", on=on)
    draft.draft_falls_on, draft.draft_rule = on + timedelta(days=int(rule.value)), str(refer(rule))
    draft.looks_again_on = max(on + _DAY, draft.draft_falls_on - timedelta(days=int(warn.value)))


def pass_draft(*, draft: Membership, on: date, at: datetime) -> bool:
    """Whoever began to join is told once that it falls, and on its day what was typed goes; never without being told.

    The caller holds its lock. After a pause the telling comes first, and the day moves as far as it promises.
    """
    assert draft.draft_falls_on is not None and draft.looks_again_on is not None  # stored together
    if draft.looks_again_on < draft.draft_falls_on:
        warn = timedelta(days=int(rule_on("membership.draft_warn_days", on=on).value))
        draft.draft_falls_on = draft.looks_again_on = max(draft.draft_falls_on, on + warn)
        draft.save(update_fields=_STORED)
        telling.tell_draft(draft=draft, at=at)
        record(
            action="memberships.draft_told",
            subject=draft,
            by=None,
            at=at,
            details={"falls_on": draft.draft_falls_on.isoformat()},
        )
        return True
    _forget_draft(draft, at=at)
    return True


def _forget_draft(draft: Membership, *, at: datetime) -> None:
    """Nothing of it stays but that it was: its people go with it, and who began it keeps their own party."""
    record(action="memberships.draft_fallen", subject=draft, by=None, at=at, details={"rule": draft.draft_rule})
    titular = draft.titular
    Membership.objects.filter(pk=draft.pk).update(titular=None)
    for member in draft.members.select_related("person__party").order_by("pk"):
        if member.person_id != draft.titular_id:
            _forget_person(member)
        else:
            member.delete()
    if titular is not None and not titular.stays.exists():
        titular.delete()
    Membership.objects.filter(pk=draft.pk).delete()


def _forget_person(member: Member) -> None:
    """Somebody who was only typed: their stay, their row and their party."""
    person = member.person
    member.delete()
    person.delete()
    person.party.delete()


def _family_of(draft: Membership) -> list[NewPerson]:
    if draft.titular is None:
        raise RuleBroken("Faltan tus datos. Escríbelos antes de agregar a tu familia.", code="titular_missing")
    relatives = [told_of(one.person, Kinship(one.kinship)) for one in selectors.relatives_of(draft)]
    return [told_of(draft.titular, Kinship.TITULAR), *relatives]


def _held(draft: Membership, by: User) -> Membership:
    """The draft under its lock. Raises Conflict where it is complete by now."""
    row = locked(draft)
    if row.state != MembershipState.DRAFT or row.created_by_id != by.pk:
        raise Conflict(
            "Esta afiliación ya está completa. Ábrela en «Mi membresía» para ver cómo quedó.", code="joined_already"
        )
    return row
