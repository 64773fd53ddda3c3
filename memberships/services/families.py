"""Families join, grow, shrink and leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from memberships.models import CoveredPerson, Member, Membership, Plan
from memberships.rules import MEMBERSHIP, Kinship, Means, MembershipState, PlanKind
from memberships.rules.dues import first_of_next_month
from memberships.rules.joining import Contact, NewPerson, check_family, checked_person, checked_rfc
from memberships.services import telling
from memberships.services.dates import note_birthdays
from memberships.services.payments import receive_payment
from memberships.services.standing import locked, restate
from portal import clock
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio
from portal.history.services import record
from portal.people.models import Party
from portal.people.rules import clean_email
from portal.text import clean_text
from portal.treasury.rules.offered import name_mark
from portal.vault import blind_index

if TYPE_CHECKING:
    from portal.people.models import User


@dataclass(frozen=True, slots=True)
class Paid:
    """The first month as somebody told it to the desk: the day and how."""

    on: date
    means: str = Means.DESK.value


@transaction.atomic
def affiliate_family(
    *, plan: Plan, people: Sequence[NewPerson], contact: Contact, paid: Paid | None, by: User, at: datetime
) -> Membership:
    """A family entered whole by the desk: folio ME, first charge, and the first month as paid where it was.

    Where it was paid before today, the family joined that day. Raises RuleBroken for a person, a family or a day that
    cannot be, or a plan that is no plan of ours.
    """
    on = clock.date_in(at)
    if plan.kind != PlanKind.MEMBERSHIP:
        raise RuleBroken("Una póliza no se paga por mes. Elige un plan.", code="not_a_plan", field="plan")
    if paid is not None and paid.on > on:
        raise RuleBroken(
            f"El {dates.short(paid.on)} no ha llegado. Escribe el día en que se pagó.",
            code="paid_ahead",
            field="paid_on",
        )
    checked = [checked_person(one, on=on) for one in people]
    check_family(checked, on=on)
    membership = _begin_family(plan, checked, contact, since=paid.on if paid else on, by=by, at=at)
    complete(membership=membership, joined_on=paid.on if paid else on, at=at)
    if paid is None:
        restate(membership=locked(membership), by=by, at=at)
    else:  # what it owes is said with the payment: without it, one of long ago would have lapsed meanwhile
        price = _price_of(plan, on=paid.on)
        receive_payment(
            membership=membership, amount=price, value_on=paid.on, source=membership, means=paid.means, by=by, at=at
        )
    membership.refresh_from_db()
    record(
        action="memberships.affiliated",
        subject=membership,
        by=by,
        at=at,
        details={"folio": membership.folio, "people": len(checked), "paid_on": str(paid.on) if paid else ""},
    )
    return membership


def _begin_family(
    plan: Plan, people: Sequence[NewPerson], contact: Contact, *, since: date, by: User, at: datetime
) -> Membership:
    """A draft with its people, whose titular is known."""
    membership = Membership.objects.create(
        plan=plan, kind=plan.kind, state=MEMBERSHIP.initial.value, created_at=at, created_by=by, **reached(contact)
    )
    for one in people:
        person = add_covered_person(person=one, at=at)
        Member.objects.create(membership=membership, person=person, kinship=one.kinship.value, since=since)
        if one.kinship is Kinship.TITULAR:
            membership.titular = person
    return membership


def complete(*, membership: Membership, joined_on: date, at: datetime) -> None:
    """A draft becomes a membership with its folio, from a day on. Part of the act that restates and records it."""
    MEMBERSHIP.check(membership.state, MembershipState.AWAITING_PAYMENT)
    membership.state = MembershipState.AWAITING_PAYMENT.value
    membership.joined_on, membership.folio = joined_on, next_folio(prefix="ME", at=at)
    membership.draft_falls_on, membership.draft_rule = None, ""
    membership.save()
    note_birthdays(persons=(one.person for one in membership.members.select_related("person")), at=at)


def _price_of(plan: Plan, *, on: date) -> Decimal:
    """What a month costs on a day. Raises RuleBroken where the plan had no price yet."""
    found = plan.prices.filter(since__lte=on).order_by("-since").values_list("amount", flat=True).first()
    if found is None:
        raise RuleBroken(
            f"El plan no tenía precio el {dates.short(on)}. Revisa el día del pago.",
            code="price_missing",
            field="paid_on",
        )
    return found


def add_covered_person(
    *, person: NewPerson, at: datetime, party: Party | None = None, known: CoveredPerson | None = None
) -> CoveredPerson:
    """A person who is covered, with a party of their own (2.12 of the domain). Part of the act that records it.

    Who joins by themselves has a `party`; `known` is their row, which says what they say now.
    """
    if party is None:
        party = Party.objects.create(kind=Party.Kind.PERSON, name=person.full_name.upper(), created_at=at)
    elif not party.name:
        party.name = person.full_name.upper()
        party.save(update_fields=["name"])
    row = known or CoveredPerson(party=party, created_at=at)
    for name in ("given_name", "first_surname", "second_surname", "born_on", "sex", "rfc", "curp", "nss"):
        setattr(row, name, getattr(person, name))
    row.as_printed = person.full_name
    row.name_mark = name_mark(row.as_printed)
    row.curp_index = blind_index(person.curp, purpose="curp") if person.curp else ""
    row.nss_index = blind_index(person.nss, purpose="nss") if person.nss else ""
    row.save()
    return row


def told_of(person: CoveredPerson, kinship: Kinship) -> NewPerson:
    """Somebody covered as rules take them."""
    names = ("given_name", "first_surname", "second_surname", "born_on", "sex", "curp", "rfc", "nss")
    return NewPerson(kinship, **{name: getattr(person, name) for name in names})


def reached(contact: Contact) -> dict[str, str]:
    """How a family is reached, as it is stored."""
    limits = {"phone": 20, "street": 120, "neighbourhood": 80, "zip_code": 5, "municipality": 80, "region": 40}
    told = {name: clean_text(getattr(contact, name), max_length=most) for name, most in limits.items()}
    return {"email": clean_email(contact.email), **told}


@transaction.atomic
def cancel_membership(*, membership: Membership, reason: str, by: User, at: datetime) -> Membership:
    """A titular, or the desk, asks to end a membership: an active one ends on day 1 of the next month, another at once.

    Raises Conflict for one that is not complete, has ended, or was asked to end before.
    """
    row = locked(membership)
    if row.state in {MembershipState.DRAFT, MembershipState.CANCELLED} or row.cancel_asked_on is not None:
        raise Conflict(
            "Esta membresía ya no se puede cancelar: ya terminó, o ya se pidió. Recarga la página para ver cómo quedó.",
            code="cancel_late",
        )
    row.cancel_asked_on, row.cancel_asked_by = clock.date_in(at), by
    row.cancel_reason = clean_text(reason, max_length=300, what="El motivo")
    if not row.cancel_reason:
        raise RuleBroken(
            "Escribe el motivo: queda en el historial de la familia.", code="reason_missing", field="reason"
        )
    row.save(update_fields=["cancel_asked_on", "cancel_asked_by", "cancel_reason"])
    news = restate(membership=row, by=by, at=at)
    telling.tell_steps(membership=row, steps=news.happened, at=at)
    if row.state == MembershipState.ACTIVE:
        telling.tell_titular(
            membership=row,
            kind="cancel_asked",
            key=row.cancel_asked_on.isoformat(),
            at=at,
            on=first_of_next_month(row.cancel_asked_on),
        )
    record(
        action="memberships.cancel_asked",
        subject=row,
        by=by,
        at=at,
        reason=row.cancel_reason,
        details={"state": row.state},
    )
    return row


@transaction.atomic
def keep_rfc(*, person: CoveredPerson, rfc: str, by: User, at: datetime) -> CoveredPerson:
    """The RFC of somebody of whom nobody told it. Raises RuleBroken for another's, Conflict where one is known."""
    row = CoveredPerson.objects.select_for_update().get(pk=person.pk)
    if row.rfc:
        raise Conflict("Ya tenemos su RFC. Si cambió, escríbenos desde «Contacto».", code="rfc_known", field="rfc")
    row.rfc = checked_rfc(rfc, born_on=row.born_on)
    row.save(update_fields=["rfc"])
    record(action="memberships.rfc_told", subject=row, party_id=row.party_id, by=by, at=at)
    return row
