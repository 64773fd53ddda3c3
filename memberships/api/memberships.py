"""The calls of memberships: one's own families, and the desk's families and plans."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from memberships import forms, listings, services
from memberships.api import desk, family, insurer, joining
from memberships.models import GatewayDoubt, Membership, Plan, pays_dues, titular_is
from memberships.rules import MEMBERSHIP, SLIP
from memberships.rules.card import CARD
from memberships.rules.policies import COVERAGE_CHOICES, SCOPE_CHOICES
from portal.access import Permission as P
from portal.api.answers import Answer, Money
from portal.api.calls import Asked, acts, at, lists, shows

READ, WRITE = "memberships:read", "memberships:write"


class MembershipTold(Answer):
    """A family and where it stands; amounts in MXN."""

    id = s.UUIDField()
    folio = s.CharField()
    plan = s.CharField(source="plan.name")
    state = s.ChoiceField(MEMBERSHIP.choices)
    joined_on = s.DateField(allow_null=True)
    next_due_on = s.DateField(allow_null=True)
    owed = Money()
    credit = Money()


class PlanTold(Answer):
    """A plan that people join, and whether they may now."""

    id = s.UUIDField()
    name = s.CharField()
    benefits = s.ListField(child=s.CharField(), source="benefit_lines")
    is_offered = s.BooleanField()


class TermsTold(Answer):
    """What a coverage gives in a policy year (half-open), in MXN; a coaseguro is a fraction, no cap or sum is null."""

    since = s.DateField(source="year.since")
    until = s.DateField(source="year.until")
    deductible = Money()
    coaseguro = s.CharField(source="coaseguro_rate")
    coaseguro_cap = Money(allow_null=True)
    sum_insured = Money(allow_null=True)


class CoverageTold(Answer):
    """A coverage of a policy, and what shares a deductible in it."""

    kind = s.ChoiceField(COVERAGE_CHOICES)
    scope = s.ChoiceField(SCOPE_CHOICES)
    years = TermsTold(many=True, source="terms.all")


class PolicyTold(Answer):
    """A policy of an insurer with its coverages, year by year."""

    id = s.UUIDField()
    policy_number = s.CharField()
    name = s.CharField()
    insurer = s.CharField(source="party.name")
    coverages = CoverageTold(many=True, source="coverages.all")


class SlipTold(Answer):
    """A slip: what it is paid with, until when, and its public page; amount in MXN."""

    folio = s.CharField()
    code = s.CharField()
    state = s.ChoiceField(SLIP.choices)
    reference = s.CharField()
    amount = Money()
    expires_on = s.DateField()
    page = s.CharField(source="get_absolute_url")


class CardTold(Answer):
    """An attempt to pay by card: its public page leads to the gateway; amount in MXN."""

    folio = s.CharField()
    code = s.CharField()
    state = s.ChoiceField(CARD.choices)
    amount = Money()
    expires_at = s.DateTimeField()
    page = s.CharField(source="get_absolute_url")


class DoubtTold(Answer):
    """A doubtful event of the gateway, and what was done about it (empty until then); amounts in MXN."""

    id = s.UUIDField(source="event_id")  # the event's, as its list has it
    attempt = s.CharField(source="event.attempt.folio")
    kind = s.ChoiceField(CARD.choices, source="event.kind")
    amount = Money(source="event.amount")
    asked = Money(source="event.attempt.amount")
    settled_at = s.DateTimeField(allow_null=True)
    done = s.CharField(source="comment")


def _policy(asked: Asked, pk: UUID) -> Plan:
    rows = Plan.objects.visible_to(asked.by).policies().select_related("party")
    return get_object_or_404(rows.prefetch_related("coverages__terms__year"), pk=pk)


def _family(asked: Asked, pk: UUID) -> Membership:
    rows = Membership.objects.visible_to(asked.by).dues().select_related("plan")
    return get_object_or_404(rows, pk=pk)


def _own(asked: Asked, pk: UUID) -> Membership:
    rows = Membership.objects.of_member(asked.by).dues().filter(titular_is(asked.by)).select_related("plan")
    return get_object_or_404(rows, pk=pk)


def _to_pay(asked: Asked, pk: UUID) -> Membership:
    return get_object_or_404(Membership.objects.dues().filter(pays_dues(asked.by)), pk=pk)


def _plan(asked: Asked, pk: UUID) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(asked.by).dues(), pk=pk)


def _doubt(asked: Asked, pk: UUID) -> GatewayDoubt:
    return get_object_or_404(GatewayDoubt.objects.select_related("event__attempt"), event=pk)


def _anew(asked: Asked, made: Any) -> Any:
    """As it stands in the database."""
    return type(made).objects.select_related(*(["plan"] if isinstance(made, Membership) else [])).get(pk=made.pk)


def _its_plan(asked: Asked, price: Any) -> Plan:
    """The plan whose price was set."""
    return Plan.objects.get(pk=price.plan_id)


_PLANS: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_PLANS, "answers": PlanTold}
_ENDS: dict[str, Any] = {
    "scope": WRITE,
    "takes": forms.ReasonForm,
    "thing": "membership",
    "answers": MembershipTold,
    "after": _anew,
    "example": {"reason": "La familia se muda."},
}

RESOURCES = (
    *joining.RESOURCES,
    *family.RESOURCES,
    *desk.RESOURCES,
    *insurer.RESOURCES,
    at("membresias/cargos/", "api_charges", lists(listings.CHARGES, "Tus mensualidades", scope=READ)),
    at("membresias/estado-de-cuenta/", "api_statement", lists(listings.STATEMENT, "Tu estado de cuenta", scope=READ)),
    at(
        "membresias/<uuid:pk>/cancelar/",
        "api_cancel_own",
        acts(
            services.cancel_membership,
            "Cancelar tu membresía",
            permission=P.MANAGE_OWN_MEMBERSHIP,
            find=_own,
            **_ENDS,
        ),
    ),
    at(
        "membresias/<uuid:pk>/fichas/",
        "api_make_slip",
        acts(
            services.make_slip,
            "Hacer una ficha para pagar tus mensualidades",
            scope=WRITE,
            permission=P.PAY_DUES,
            find=_to_pay,
            thing="membership",
            takes=forms.CountForm,
            answers=SlipTold,
            status=201,
            example={"scheme": "paynet", "months": 1},
        ),
    ),
    at(
        "membresias/<uuid:pk>/tarjeta/",
        "api_start_card",
        acts(
            services.start_card,
            "Empezar a pagar tus mensualidades con tarjeta",
            scope=WRITE,
            permission=P.PAY_DUES,
            find=_to_pay,
            thing="membership",
            takes=forms.CardCountForm,
            answers=CardTold,
            status=201,
            example={"months": 1},
        ),
    ),
    at("mesa/tarjetas/", "api_card_attempts", lists(listings.CARD_ATTEMPTS, "Pagos con tarjeta", scope=READ)),
    at("mesa/tarjetas/avisos/", "api_card_events", lists(listings.GATEWAY_EVENTS, "Avisos de la pasarela", scope=READ)),
    at(
        "mesa/tarjetas/avisos/<uuid:pk>/",
        "api_card_doubt",
        shows(_doubt, "Un aviso dudoso", scope=READ, permission=P.SEE_COLLECTIONS, answers=DoubtTold),
    ),
    at(
        "mesa/tarjetas/avisos/<uuid:pk>/aclarar/",
        "api_settle_doubt",
        acts(
            services.settle_doubt,
            "Decir qué se hizo con un aviso dudoso",
            scope=WRITE,
            permission=P.MATCH_DEPOSITS,
            find=_doubt,
            thing="doubt",
            takes=forms.DoubtForm,
            answers=DoubtTold,
            example={"comment": "La pasarela lo devolvió."},
        ),
    ),
    at(
        "mesa/afiliaciones/",
        "api_affiliations",
        lists(listings.AFFILIATIONS, "Afiliaciones", scope=READ),
        desk.FAMILY_CALL,
    ),
    at(
        "mesa/afiliaciones/<uuid:pk>/",
        "api_affiliation",
        shows(_family, "Una familia", scope=READ, permission=P.SEE_MEMBERSHIPS, answers=MembershipTold),
    ),
    at(
        "mesa/afiliaciones/<uuid:pk>/cancelar/",
        "api_cancel",
        acts(
            services.cancel_membership,
            "Cancelar la membresía de una familia",
            permission=P.AFFILIATE,
            find=_family,
            **_ENDS,
        ),
    ),
    at("mesa/padecimientos/", "api_conditions", lists(listings.CONDITIONS, "Padecimientos registrados", scope=READ)),
    at(
        "mesa/polizas/",
        "api_policies",
        lists(listings.POLICIES, "Pólizas de aseguradoras", scope=READ),
        desk.POLICY_CALL,
    ),
    at(
        "mesa/polizas/<uuid:pk>/",
        "api_policy",
        shows(_policy, "Una póliza, año por año", scope=READ, permission=P.MANAGE_PLANS, answers=PolicyTold),
    ),
    at(
        "planes/",
        "api_plans",
        lists(listings.PLANS, "Planes", scope=READ),
        acts(
            services.add_plan,
            "Agregar un plan con su primer precio",
            takes=forms.PlanForm,
            status=201,
            example={"name": "Familiar", "benefits": "Consultas", "amount": "350.00", "since": "2026-12-01"},
            **_PLANS,
        ),
    ),
    at(
        "planes/<uuid:pk>/",
        "api_plan",
        shows(_plan, "Un plan", scope=READ, permission=P.MANAGE_PLANS, answers=PlanTold),
    ),
    at(
        "planes/<uuid:pk>/cambiar/",
        "api_change_plan",
        acts(
            services.change_plan,
            "Cambiar qué incluye un plan y si se ofrece",
            find=_plan,
            thing="plan",
            takes=forms.ChangePlanForm,
            example={"benefits": "Consultas", "is_offered": True},
            **_PLANS,
        ),
    ),
    at(
        "planes/<uuid:pk>/precio/",
        "api_set_price",
        acts(
            services.set_price,
            "Poner un precio desde un día",
            find=_plan,
            thing="plan",
            takes=forms.PriceForm,
            after=_its_plan,
            example={"amount": "400.00", "since": "2027-01-01"},
            **_PLANS,
        ),
    ),
)
