"""The family's pages: who looks at whom, and what of it they may see (AC-05)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Max, Q
from django.urls import reverse

from memberships.models import CoveredPerson, DuesPayment, Member, Membership, PlanCoverage, Share, titular_is
from memberships.models.people import SHARE_LABELS
from memberships.rules import ChargeState, Kinship, MembershipState
from memberships.rules.family import ADULT, Datum, Sight, Viewer, of_age_on, sight
from memberships.rules.paying import TAKES_MONEY, next_act
from memberships.selectors.alerts import Alert, alerts_of
from memberships.selectors.figures import money_figures
from memberships.selectors.imss_steps import imss_files, imss_steps
from memberships.selectors.refunds import family_refunds, refund_wanted
from memberships.selectors.slips import month_told
from portal import clock
from portal.access import Permission
from portal.calendars.rules import months_before
from portal.design import dates
from portal.money import format_money
from portal.people.models import Grant
from portal.reading import once_a_reading

if TYPE_CHECKING:
    from portal.people.models import User

_OF_NOBODY = Sight(False, "stranger", "No es de tu familia.")


def has_account(person: CoveredPerson, *, on: date) -> bool:
    """Whether somebody acts for a person's own party as a member today (2.12 of the domain)."""
    return person.party_id in with_account([person.party_id], on=on)


def with_account(party_ids: Sequence[UUID], *, on: date) -> set[UUID]:
    """Which of these parties a member's account acts for on a day."""
    grants = Grant.objects.in_force(on=on).filter(party__in=party_ids, role="member", user__disabled_at=None)
    return set(grants.values_list("party_id", flat=True))


def may_see(viewer: User, person: CoveredPerson, what: Datum, on: date) -> Sight:
    """Whether somebody may see a datum of a covered person on a day, and why; pages, lists, files and mails ask it.

    The widest of what their families give: one may be titular in one and dependant in another.
    """
    return sights(viewer, [person], (what,), on=on)[person.pk, what]


@once_a_reading
def seen_clinically(viewer: User, on: date) -> list[UUID]:
    """Ids of the people whose clinical data somebody sees on a day: themselves, and of the certificates that they head
    the minors and whoever shares it. What `may_see` says of each, told without asking for each.
    """
    own = viewer.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    current = Member.objects.current(on=on)
    headed = current.filter(person__party__in=own, membership__titular__party__in=own).values("membership")
    minors = Q(person__born_on__gt=months_before(on, 12 * ADULT))
    account = Grant.objects.in_force(on=on).filter(role="member", user__disabled_at=None).values("party")
    shares = Q(shares__what=Datum.CLINICAL.value, shares__ended_at=None, person__party__in=account)
    theirs = current.filter(Q(membership__in=headed) & (minors | shares))
    people = CoveredPerson.objects.filter(party__in=own).values_list("pk", flat=True)
    return sorted(people.union(theirs.values_list("person", flat=True)))  # an OR would read everybody


def sights(
    viewer: User, people: Sequence[CoveredPerson], what: Sequence[Datum], *, on: date
) -> dict[tuple[UUID, Datum], Sight]:
    """`may_see` of several people and data at once, in as many queries as for one: (person's id, datum) → sight."""
    own = set(viewer.party_ids(Permission.SEE_OWN_MEMBERSHIP))
    members = Member.objects.current(on=on)
    stays = list(members.filter(person__in=people).select_related("membership__titular").order_by("since", "pk"))
    theirs = members.filter(person__party__in=own, membership__in=[one.membership_id for one in stays])
    around = set(theirs.values_list("membership_id", flat=True))
    accounts = with_account([one.party_id for one in people], on=on)
    shared: dict[UUID, list[Datum]] = {}
    for stay, datum in Share.objects.filter(member__in=stays, ended_at=None).values_list("member", "what"):
        shared.setdefault(stay, []).append(Datum(datum))
    found: dict[tuple[UUID, Datum], Sight] = {}
    for person in people:
        of_person = [one for one in stays if one.person_id == person.pk and one.membership_id in around]
        for datum in what:
            told = [
                _sight_in(
                    one, person, own, datum, account=person.party_id in accounts, shares=shared.get(one.pk, ()), on=on
                )
                for one in of_person
            ]
            found[person.pk, datum] = next((one for one in told if one.visible), told[0] if told else _OF_NOBODY)
    return found


def _sight_in(
    stay: Member,
    person: CoveredPerson,
    own: set[UUID],
    what: Datum,
    *,
    account: bool,
    shares: Collection[Datum],
    on: date,
) -> Sight:
    titular = stay.membership.titular
    is_titular = titular is not None and titular.party_id in own
    viewer = Viewer.SELF if person.party_id in own else Viewer.TITULAR if is_titular else Viewer.DEPENDANT
    if is_titular and what is Datum.DUES:
        viewer = Viewer.TITULAR
    return sight(viewer=viewer, what=what, born_on=person.born_on, has_account=account, shares=shares, on=on)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a family as somebody sees them."""

    member: Member
    name: str
    kinship: str
    is_self: bool
    is_minor: bool
    card: Sight
    imss: str = ""  # where they stand with the IMSS, where it may be seen
    coverages: tuple[PlanCoverage, ...] = ()  # what of a policy covers them, where their card may be seen

    @property
    def told(self) -> str:
        """Who they are, and what else may be said of them, in a line."""
        who = self.kinship + (", eres tú" if self.is_self else "") + (", menor de edad" if self.is_minor else "")
        more = [f"IMSS: {self.imss}"] if self.imss else []
        return ". ".join([who, *more, *(one.label for one in self.coverages)])

    @property
    def own_card(self) -> UUID | None:
        """The card of whoever looks (S1.3)."""
        return self.member.card_id if self.is_self else None


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """One family as one of its people sees it; the money only where it is theirs to see."""

    membership: Membership
    state: tuple[str, str]
    why: str
    shows_dues: bool
    people: list[PersonRow]
    facts: list[tuple[str, str]]
    figures: list[tuple[dict[str, Any], str]]  # where the sums of these facts come from
    can_cancel: bool
    receipts: list[DuesPayment]
    pays: str  # what they do next about the dues, in words
    refunds: list[tuple[str, str]]  # what was asked back, a sentence each, and where they do what is missing
    alerts: list[Alert]  # what its titular should know before it comes
    wants_back: bool  # whether its titular, who looks, may ask for the credit back and has not yet

    @property
    def own_card(self) -> UUID | None:
        """The card of whoever looks (S1.3); None where they have none yet."""
        return next((one.own_card for one in self.people if one.own_card), None)

    @property
    def is_over(self) -> bool:
        """Whether the membership has ended: nothing follows that its credit could pay."""
        return self.membership.state == MembershipState.CANCELLED

    @property
    def grows(self) -> bool:
        """Whether its titular, who looks, may add people."""
        return self.shows_dues and self.membership.state in TAKES_MONEY

    @property
    def is_draft(self) -> bool:
        """Whether its titular has still to finish joining."""
        return self.membership.state == MembershipState.DRAFT


def families_of(user: User, *, at: datetime) -> list[FamilyCard]:
    """Every family of a person's own, the live ones first."""
    rows = Membership.objects.of_member(user).dues().select_related("plan", "titular")
    dues = set(rows.filter(titular_is(user)).values_list("pk", flat=True))
    ordered = rows.order_by("created_at", "pk")
    found = sorted(ordered, key=lambda one: one.state == MembershipState.CANCELLED)
    return [_family(one, user, shows_dues=one.pk in dues, at=at) for one in found]


def _family(membership: Membership, user: User, *, shows_dues: bool, at: datetime) -> FamilyCard:
    on = clock.date_in(at)
    members = list(membership.members.current(on=on).select_related("person").order_by("since", "pk"))
    people = people_rows(user, members, on=on)
    state = (membership.state_label, membership.tone)
    facts = money_facts(membership) if shows_dues else []
    sums = money_figures(membership) if shows_dues else []
    ends = shows_dues and can_cancel(membership)
    receipts = receipts_of(membership) if shows_dues else []
    pays = _next_act(membership) if shows_dues and Permission.PAY_DUES in user.permissions else ""
    back = family_refunds(membership, at=at) if shows_dues else []
    alerts = alerts_of(membership, members, on=on) if shows_dues else []
    wants = shows_dues and membership.credit > 0 and refund_wanted(membership) is None
    why = why_it_stands(membership)
    return FamilyCard(
        membership, state, why, shows_dues, people, facts, sums, ends, receipts, pays, back, alerts, wants
    )


def people_rows(user: User, stays: Sequence[Member], *, on: date) -> list[PersonRow]:
    """The people of one family or certificate as one of them sees them on a day, the titular first."""
    own = set(user.party_ids(Permission.SEE_OWN_MEMBERSHIP))
    seen = sights(user, [one.person for one in stays], (Datum.CARD, Datum.IMSS), on=on)
    steps = imss_steps(one.person_id for one in stays if seen[one.person_id, Datum.IMSS].visible)
    return [
        PersonRow(
            member=one,
            name=one.person.as_printed,
            kinship=one.kinship_label,
            is_self=one.person.party_id in own,
            is_minor=on < of_age_on(one.person.born_on),
            card=seen[one.person_id, Datum.CARD],
            imss=steps.get(one.person_id, ""),
        )
        for one in sorted(stays, key=lambda one: list(Kinship).index(Kinship(one.kinship)))
    ]


def _next_act(membership: Membership) -> str:
    return next_act(membership.state, owed=membership.owed, ends=membership.cancel_asked_on is not None)


def receipts_of(membership: Membership) -> list[DuesPayment]:
    """The last payments that have a receipt, the newest first."""
    return list(membership.payments.exclude(receipt=None).order_by("-value_on", "-pk")[:6])


def money_facts(membership: Membership) -> list[tuple[str, str]]:
    """What is due next, the last month that is paid, what is owed, and left over; amounts in MXN."""
    due = dates.long(membership.next_due_on) if membership.next_due_on else ""
    settled = membership.charges.filter(state=ChargeState.SETTLED, undone_at=None)
    paid = settled.aggregate(last=Max("period"))["last"]
    return [
        ("Próxima mensualidad", due),
        ("Último mes pagado", month_told(paid) if paid else ""),
        ("Se debe", format_money(membership.owed, "MXN")),
        ("Saldo a favor", format_money(membership.credit, "MXN")),
    ]


def why_it_stands(membership: Membership) -> str:
    """One sentence on why a membership stands where it stands."""
    last = membership.changes.filter(undone_at=None).order_by("-on", "-pk").first()
    since = f" desde el {dates.short(last.on)}" if last else ""
    if not membership.state:
        return ""
    return {
        MembershipState.DRAFT: "La afiliación no está terminada.",
        MembershipState.AWAITING_PAYMENT: "Falta el primer pago para que tu familia esté cubierta.",
        MembershipState.ACTIVE: f"Tu familia está cubierta{since}.",
        MembershipState.SUSPENDED: f"No hay cobertura{since}: faltan mensualidades por pagar.",
        MembershipState.CANCELLED: f"La membresía terminó{since.replace(' desde', '')}.",
    }[MembershipState(membership.state)]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """What somebody sees of a person of their family today: facts by what may be seen, and why the rest is not."""

    enrolment: list[tuple[str, str]]
    card: list[tuple[str, ...]]
    hidden: list[tuple[str, str]]
    sees_imss: bool
    constancias: list[tuple[str, ...]]
    conditions: list[tuple[str, str]]


_HIDDEN = ((Datum.CARD, "Su credencial"), (Datum.IMSS, "Sus pasos en el IMSS"), (Datum.CLINICAL, "Lo clínico"))


def person_page(viewer: User, person: CoveredPerson, *, on: date) -> PersonPage:
    """A person as somebody of their family sees them on a day (AC-05): enrolment to all, the rest by `may_see`."""
    own = Membership.objects.of_member(viewer)
    current = Member.objects.current(on=on).filter(person=person, membership__in=own)
    stays = list(current.select_related("membership__plan").order_by("since", "pk"))
    enrolment = [(one.kinship_label, f"{one.membership.plan.name}: {one.membership.state_label}") for one in stays]
    seen = sights(viewer, [person], [what for what, _label in _HIDDEN], on=on)
    card: list[tuple[str, ...]] = [("Nombre", person.as_printed), ("Nacimiento", dates.short(person.born_on))]
    card += [paper for one in stays for paper in card_papers(one)]
    hidden = [(label, seen[person.pk, what].message) for what, label in _HIDDEN if not seen[person.pk, what].visible]
    joined = any(one.membership.state != MembershipState.DRAFT for one in stays)
    sees_imss = seen[person.pk, Datum.IMSS].visible and joined
    return PersonPage(
        enrolment,
        card if seen[person.pk, Datum.CARD].visible else [],
        hidden,
        sees_imss,
        constancias(stays, person) if sees_imss else [],
        conditions_shown(person) if seen[person.pk, Datum.CLINICAL].visible else [],
    )


def conditions_shown(person: CoveredPerson) -> list[tuple[str, str]]:
    """The registered conditions of a person for whoever sees what is clinical of them, the earliest first."""
    rows = person.conditions.order_by("began_on", "pk")
    return [(one.name, f"Desde el {dates.short(one.began_on)}") for one in rows]


def card_papers(stay: Member) -> list[tuple[str, ...]]:
    """A stay's card to print, and as a picture for a telephone (S1.3)."""
    if not stay.card_id:
        return []
    return [
        ("Credencial", f"De {stay.membership.folio}, para imprimir", reverse("papers:document", args=[stay.card_id])),
        ("Credencial en imagen", "PNG para el teléfono", reverse("papers:picture", args=[stay.card_id])),
    ]


def constancias(stays: Sequence[Member], person: CoveredPerson, *, sees_imss: bool = True) -> list[tuple[str, ...]]:
    """The operator's constancia of each stay of a person, and the IMSS's own where the desk has it (S1.5, C16)."""
    ours = [
        ("Constancia de afiliación", f"De {one.membership.folio}", reverse("papers:document", args=[one.constancia_id]))
        for one in stays
        if one.constancia_id
    ]
    theirs = imss_files([person.pk]) if sees_imss else []
    return [*ours, *[("Constancia del IMSS", "Su PDF", reverse("papers:download", args=[one])) for one in theirs]]


def stay_to_manage(user: User, person: CoveredPerson, *, on: date) -> Member | None:
    """The stay of somebody else in a family whose titular a person is, which they may end."""
    if Permission.MANAGE_OWN_MEMBERSHIP not in user.permissions:
        return None
    rows = Member.objects.joined().current(on=on).filter(titular_is(user, "membership"), membership__kind="membership")
    others = rows.filter(person=person).exclude(kinship=Kinship.TITULAR).exclude(membership__state="cancelled")
    return others.select_related("person", "membership").order_by("since", "pk").first()


@dataclass(frozen=True, slots=True)
class Offer:
    """What an adult may let the titular of one of their families see: each datum with its words, and whether it is."""

    member: Member
    titular: str
    options: list[tuple[str, str, bool]]


def shares_of(user: User, *, on: date) -> list[Offer]:
    """What a person may share: adults with an own account, in families whose titular is another."""
    own = user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    stays = Member.objects.current(on=on).filter(person__party__in=own).exclude(membership__titular__party__in=own)
    found = []
    for one in stays.select_related("person", "membership__titular").order_by("since", "pk"):
        if on < of_age_on(one.person.born_on):
            continue
        given = set(one.shares.filter(ended_at=None).values_list("what", flat=True))
        options = [(slug, label, slug in given) for slug, label in SHARE_LABELS.items()]
        found.append(Offer(one, str(one.membership.titular), options))
    return found


def can_cancel(membership: Membership) -> bool:
    """Whether its end may be asked for now."""
    over = {MembershipState.DRAFT, MembershipState.CANCELLED}
    return membership.state not in over and membership.cancel_asked_on is None
