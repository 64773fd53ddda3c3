"""The calls of a family: joining, its people, what is shared, the guide of the IMSS, slips; as its pages have them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from memberships import forms, selectors, services
from memberships.models import CoveredPerson, Member, Membership, ReferenceScheme, Slip, pays_dues, titular_is
from memberships.models.people import SHARE_LABELS
from memberships.rules import CERTIFICATE, CHARGE, KINSHIP_LABELS, MEMBERSHIP, SLIP, Kinship
from memberships.rules.family import INVITED, INVITED_WINDOW, Datum
from memberships.rules.joining import NewPerson
from memberships.rules.policies import COVERAGE_CHOICES
from memberships.selectors.family import FamilyCard, PersonRow
from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Money, With
from portal.api.calls import Asked, acts, at, shows
from portal.design.forms import Form
from portal.history.services import record_access
from portal.once.services import throttle
from portal.people.models import User
from portal.states import choices

READ, WRITE = "memberships:read", "memberships:write"
_KINSHIPS = choices(KINSHIP_LABELS)


class PersonOfFamily(Answer):
    """One of a family: enrolment to all of it; card and steps with the IMSS null or empty where they are not yours."""

    id = s.UUIDField(source="member.person_id")
    stay = s.UUIDField(source="member.pk")
    name = s.CharField()
    kinship = s.ChoiceField(_KINSHIPS, source="member.kinship")
    is_self = s.BooleanField()
    is_minor = s.BooleanField()
    card = s.UUIDField(source="card_id", allow_null=True)
    imss = s.CharField()

    def view(self, found: Any) -> With:
        """With the card's document, where it may be seen."""
        return With(found, card_id=found.member.card_id if found.card.visible else None)


class FamilyTold(Answer):
    """A family of yours; amounts (MXN) and the next due date are the titular's, for others null."""

    id = s.UUIDField(source="membership.pk")
    folio = s.CharField(source="membership.folio")
    plan = s.CharField(source="membership.plan.name")
    state = s.CharField()
    why = s.CharField()
    next_due_on = s.DateField(allow_null=True)
    owed = Money(allow_null=True)
    credit = Money(allow_null=True)
    people = PersonOfFamily(many=True)

    def view(self, found: FamilyCard) -> With:
        """With its money for its titular alone (AC-05)."""
        row, own = found.membership, found.shows_dues
        money = {name: getattr(row, name) if own else None for name in ("next_due_on", "owed", "credit")}
        return With(found, **money, state=row.certificate_state or row.state)


class PersonOfCertificate(Answer):
    """One whom a certificate covers; coverages where they are yours to see, else none."""

    id = s.UUIDField(source="member.person_id")
    name = s.CharField()
    kinship = s.ChoiceField(_KINSHIPS, source="member.kinship")
    is_self = s.BooleanField()
    is_minor = s.BooleanField()
    coverages = s.ListField(child=s.ChoiceField(COVERAGE_CHOICES))

    def view(self, found: PersonRow) -> With:
        """With the codes of its coverages."""
        return With(found, coverages=[one.kind for one in found.coverages])


class OwnCertificateTold(Answer):
    """A certificate that covers you: no money of it is yours to pay here."""

    id = s.UUIDField(source="membership.pk")
    insurer = s.CharField(source="membership.plan.party.name")
    policy_number = s.CharField(source="membership.plan.policy_number")
    certificate_number = s.CharField(source="membership.certificate_number")
    state = s.ChoiceField(CERTIFICATE.choices, source="membership.certificate_state")
    people = PersonOfCertificate(many=True)


class FamiliesTold(Answer):
    """Every family of yours, the live ones first, and every certificate that covers you."""

    families = FamilyTold(many=True)
    certificates = OwnCertificateTold(many=True)


class RelativeTold(Answer):
    """What you may see of a person of your family today, and why not the rest."""

    id = s.UUIDField()
    name = s.CharField(source="as_printed")
    enrolment = s.ListField(child=s.ListField(child=s.CharField()))
    card = s.ListField(child=s.ListField(child=s.CharField()))
    constancias = s.ListField(child=s.ListField(child=s.CharField()))
    conditions = s.ListField(child=s.ListField(child=s.CharField()))
    hidden = s.ListField(child=s.ListField(child=s.CharField()))


class StayTold(Answer):
    """A person's stay in a family; `until` is the first day that it no longer holds."""

    id = s.UUIDField()
    person = s.UUIDField(source="person_id")
    kinship = s.ChoiceField(_KINSHIPS)
    since = s.DateField()
    until = s.DateField(allow_null=True)


class SharedTold(Answer):
    """What a titular sees of yours, by stay."""

    stay = s.UUIDField(source="member.pk")
    titular = s.CharField()
    shared = s.ListField(child=s.CharField())

    def view(self, found: Any) -> With:
        """What is shared now."""
        return With(found, shared=[slug for slug, _label, given in found.options if given])


class SharesTold(Answer):
    """What titulars of your families see of yours because you share it."""

    stays = SharedTold(many=True)


class ImssTold(Answer):
    """A person's answers about their constancia, the papers that are together, and where they lead."""

    person = s.UUIDField(source="person_id")
    rights = s.BooleanField(allow_null=True)
    clinic = s.CharField()
    has_card = s.BooleanField(allow_null=True)
    ticked = s.ListField(child=s.CharField())
    step = s.CharField()

    def view(self, found: Any) -> With:
        """With where the person stands, in words."""
        return With(found, step=selectors.imss_steps([found.person_id])[found.person_id])


class OwnSlipTold(Answer):
    """A slip: what it is paid with, until when; amount in MXN."""

    folio = s.CharField()
    code = s.CharField()
    state = s.ChoiceField(SLIP.choices)
    reference = s.CharField()
    amount = Money()
    expires_on = s.DateField()


class OwnSlipsTold(Answer):
    """The last slips of your families, the newest first."""

    slips = OwnSlipTold(many=True)


class ChargeTold(Answer):
    """A month charged, due and with its last day of grace; the first charge has no month until it is paid."""

    period = s.DateField(allow_null=True)
    due_on = s.DateField()
    grace_ends_on = s.DateField()
    amount = Money()
    state = s.ChoiceField(CHARGE.choices)
    settled_on = s.DateField(allow_null=True)
    written_off_on = s.DateField(allow_null=True)


class ChargesTold(Answer):
    """The months charged of one membership, the newest first."""

    charges = ChargeTold(many=True)


class SharedSlipForm(forms.SchemeForm):
    """Where one slip is paid, and how many months of which of one's memberships: «id:months» of each."""

    chosen_from = {"months": "months"}

    months = django_forms.MultipleChoiceField(label="Cuántas mensualidades de cuáles")

    clean_months = forms.PayForm.clean_months


class SharesForm(Form):
    """What one lets a titular see, and what the caller saw as shared before: another window may have changed it."""

    what = django_forms.MultipleChoiceField(
        label="Lo que compartes", choices=list(SHARE_LABELS.items()), required=False
    )
    shown = django_forms.MultipleChoiceField(
        label="Lo que estaba compartido", choices=list(SHARE_LABELS.items()), required=False
    )


# --- what is found: one's own, else nothing --------------------------------------------------------------------------


def _families(asked: Asked) -> Any:
    return {
        "families": selectors.families_of(asked.by, at=asked.at),
        "certificates": selectors.certificates_of(asked.by, at=asked.at),
    }


def _family(asked: Asked, pk: UUID) -> FamilyCard:
    found = [one for one in selectors.families_of(asked.by, at=asked.at) if one.membership.pk == pk]
    if not found:
        raise Http404
    return found[0]


def _grows(asked: Asked, pk: UUID) -> Membership:
    rows = Membership.objects.dues().exclude(state=MEMBERSHIP.initial.value)
    return get_object_or_404(rows.filter(titular_is(asked.by)), pk=pk)


def _person(asked: Asked, pk: UUID) -> CoveredPerson:
    return get_object_or_404(CoveredPerson.objects.of_member(asked.by), pk=pk)


def _shown(asked: Asked, pk: UUID) -> With:
    found = _person(asked, pk)
    page = selectors.person_page(asked.by, found, on=clock.date_in(asked.at))
    if page.conditions:  # what is clinical is never read without a trace (AD-01)
        record_access(subject=found, by=asked.by, at=asked.at, party_id=found.party_id)
    names = ("enrolment", "card", "constancias", "conditions", "hidden")
    return With(found, **{name: [list(one) for one in getattr(page, name)] for name in names})


def _stay(asked: Asked, pk: UUID) -> Member:
    led = Member.objects.led_by(asked.by, on=clock.date_in(asked.at))
    return get_object_or_404(led.select_related("person__party", "membership"), pk=pk)


def _own_stay(asked: Asked, pk: UUID) -> Member:
    offers = selectors.shares_of(asked.by, on=clock.date_in(asked.at))
    found = [one.member for one in offers if one.member.pk == pk]
    if not found:
        raise Http404
    return found[0]


def _imss(asked: Asked, pk: UUID) -> CoveredPerson:
    found = get_object_or_404(CoveredPerson.objects.of_member(asked.by), pk=pk)
    joined = Member.objects.joined().filter(person=found).exists()
    if not joined or not selectors.may_see(asked.by, found, Datum.IMSS, clock.date_in(asked.at)).visible:
        raise Http404
    return found


def _slip(asked: Asked, folio: str) -> Slip:
    return get_object_or_404(Slip.objects.visible_to(asked.by), folio=folio)


def _own_slip(asked: Asked, folio: str) -> Slip:
    return get_object_or_404(Slip.objects.filter(party__in=asked.by.party_ids(P.PAY_DUES)), folio=folio)


def _charges(asked: Asked, pk: UUID) -> Any:
    rows = _grows(asked, pk).charges.filter(undone_at=None)
    return {"charges": rows.order_by("-due_on", "-pk")}


def _own_months(asked: Asked, _thing: Any) -> dict[str, Any]:
    """What the form offers: months of the families whose dues the caller pays."""
    shown = selectors.months_to_pay(selectors.own_to_pay(asked.by), on=clock.date_in(asked.at))
    return {"months": selectors.month_choices(shown)}


# --- acts: what the form read, as the service takes it ---------------------------------------------------------------


def typed_person(told: dict[str, Any], kinship: Kinship | None = None) -> NewPerson:
    return NewPerson(**{**told, "kinship": kinship or Kinship(told["kinship"])})


def add_person(*, membership: Membership, by: User, at: datetime, **told: Any) -> Member:
    """Somebody more of one's own family, from today on."""
    return services.add_member(membership=membership, person=typed_person(told), by=by, at=at)


def invite(*, member: Member, email: str, by: User, at: datetime) -> Member:
    """An adult of one's family gets an own account, by the address that one names; the same answer for all."""
    throttle(scope="memberships.invite", key=str(by.pk), limit=INVITED, window=INVITED_WINDOW)
    services.invite_adult(member=member, email=email, by=by, at=at)
    return member


def share(*, member: Member, what: list[str], shown: list[str], by: User, at: datetime) -> Any:
    """Let a titular see just this, and take back the rest."""
    services.set_shares(chosen={member.pk: what}, shown={member.pk: shown}, by=by, at=at)
    return {"stays": selectors.shares_of(by, on=clock.date_in(at))}


def make_shared_slip(*, scheme: ReferenceScheme, months: list[tuple[str, int]], by: User, at: datetime) -> Slip:
    """One slip of the first months of one or several of one's own memberships."""
    counts = dict(months)
    rows = Membership.objects.dues().filter(pays_dues(by), pk__in=counts)
    return services.make_slip_of(chosen=[(one, counts[str(one.pk)]) for one in rows], scheme=scheme, by=by, at=at)


def answer_imss(*, person: CoveredPerson, by: User, at: datetime, **told: Any) -> Any:
    """The three answers about a person's constancia."""
    return services.keep_imss_answers(person=person, **forms.ImssForm.as_answers(told), by=by, at=at)


_OWN: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_OWN_MEMBERSHIP}
_SEES: dict[str, Any] = {"scope": READ, "permission": P.SEE_OWN_MEMBERSHIP}
SOMEBODY = {
    "kinship": "child",
    "given_name": "Leo",
    "first_surname": "Luna",
    "born_on": "2010-05-07",
    "sex": "male",
}

RESOURCES = (
    at("membresias/", "api_families", shows(_families, "Tus membresías", answers=FamiliesTold, **_SEES)),
    at("membresias/<uuid:pk>/", "api_family", shows(_family, "Una membresía tuya", answers=FamilyTold, **_SEES)),
    at(
        "membresias/<uuid:pk>/personas/",
        "api_add_person",
        acts(
            add_person,
            "Agregar a alguien a tu membresía",
            find=_grows,
            thing="membership",
            takes=forms.RelativeForm,
            answers=StayTold,
            status=201,
            example=SOMEBODY,
            **_OWN,
        ),
    ),
    at(
        "membresias/personas/<uuid:pk>/",
        "api_person",
        shows(_shown, "Una persona de tu familia", answers=RelativeTold, **_SEES),
    ),
    at(
        "membresias/integrantes/<uuid:pk>/terminar/",
        "api_end_person",
        acts(
            services.end_member,
            "Quitar a alguien de tu membresía",
            find=_stay,
            thing="member",
            answers=StayTold,
            **_OWN,
        ),
    ),
    at(
        "membresias/integrantes/<uuid:pk>/invitar/",
        "api_invite_person",
        acts(
            invite,
            "Invitar a una persona adulta a su propio perfil",
            find=_stay,
            thing="member",
            takes=forms.AdultForm,
            answers=StayTold,
            example={"email": "elena@ejemplo.mx"},
            **_OWN,
        ),
    ),
    at(
        "membresias/compartir/",
        "api_shares",
        shows(
            lambda asked: {"stays": selectors.shares_of(asked.by, on=clock.date_in(asked.at))},
            "Lo que compartes",
            answers=SharesTold,
            **_SEES,
        ),
    ),
    at(
        "membresias/integrantes/<uuid:pk>/compartir/",
        "api_share",
        acts(
            share,
            "Compartir lo tuyo con quien es titular, o dejar de hacerlo",
            find=_own_stay,
            thing="member",
            takes=SharesForm,
            answers=SharesTold,
            example={"what": ["card"], "shown": []},
            **_OWN,
        ),
    ),
    at(
        "membresias/imss/<uuid:pk>/",
        "api_imss",
        shows(
            lambda asked, pk: selectors.imss_check(_imss(asked, pk)),
            "Los pasos de una persona en el IMSS",
            answers=ImssTold,
            **_SEES,
        ),
        acts(
            answer_imss,
            "Contestar las tres preguntas del IMSS",
            find=_imss,
            thing="person",
            takes=forms.ImssForm,
            answers=ImssTold,
            example={"rights": "yes", "clinic": "right", "has_card": "no"},
            **_OWN,
        ),
    ),
    at(
        "membresias/imss/<uuid:pk>/papeles/",
        "api_imss_papers",
        acts(
            services.tick_imss_papers,
            "Marcar los papeles que ya están juntos",
            find=_imss,
            thing="person",
            takes=forms.ImssPapersForm,
            answers=ImssTold,
            example={"ticked": ["photos", "curp"]},
            **_OWN,
        ),
    ),
    at(
        "membresias/<uuid:pk>/cargos/",
        "api_family_charges",
        shows(_charges, "Las mensualidades de una membresía tuya", answers=ChargesTold, **_SEES),
    ),
    at(
        "fichas/",
        "api_slips",
        shows(
            lambda asked: {"slips": selectors.slips_of(asked.by)},
            "Tus fichas de pago",
            answers=OwnSlipsTold,
            **_SEES,
        ),
        acts(
            make_shared_slip,
            "Hacer una ficha de varias membresías tuyas",
            scope=WRITE,
            permission=P.PAY_DUES,
            given=_own_months,
            takes=SharedSlipForm,
            answers=OwnSlipTold,
            status=201,
            example={"scheme": "paynet", "months": ["0198c0de-0000-7000-8000-000000000000:1"]},
        ),
    ),
    at(
        "fichas/<slug:folio>/",
        "api_slip",
        shows(
            _slip,
            "Una ficha de pago",
            scope=READ,
            permission=(P.SEE_OWN_MEMBERSHIP, P.SEE_COLLECTIONS),
            answers=OwnSlipTold,
        ),
    ),
    at(
        "fichas/<slug:folio>/cancelar/",
        "api_cancel_slip",
        acts(
            services.cancel_slip,
            "Cancelar una ficha de pago",
            scope=WRITE,
            permission=P.PAY_DUES,
            find=_own_slip,
            thing="slip",
            answers=OwnSlipTold,
        ),
    ),
)
