"""The calls of refunds: what a family wants back, what the desk asks, authorises or says no to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from memberships import services
from memberships.forms import DeclineForm, RefundForm, WantForm
from memberships.listings import REFUNDS
from memberships.models import Membership, Refund, pays_dues
from memberships.rules import REFUND
from portal.access import Permission as P
from portal.api.answers import Answer, Money
from portal.api.calls import Asked, acts, at, lists, shows

READ, WRITE = "memberships:read", "memberships:write"


class RefundTold(Answer):
    """Credit that goes back to a family; amount in MXN, empty and null until it is asked."""

    id = s.UUIDField()
    folio = s.CharField(allow_null=True)
    membership = s.CharField(source="membership.folio")
    state = s.ChoiceField(REFUND.choices)
    amount = Money()
    means = s.CharField()
    due_on = s.DateField(allow_null=True)
    ended_on = s.DateField(allow_null=True)
    answer = s.CharField()


def _refund(asked: Asked, pk: UUID) -> Refund:
    return get_object_or_404(Refund.objects.visible_to(asked.by).select_related("membership"), pk=pk)


def _to_pay(asked: Asked, pk: UUID) -> Membership:
    return get_object_or_404(Membership.objects.dues().filter(pays_dues(asked.by)), pk=pk)


def _family(asked: Asked, pk: UUID) -> Membership:
    return get_object_or_404(Membership.objects.visible_to(asked.by).dues(), pk=pk)


def _of_family(asked: Asked, membership: Membership) -> dict[str, Any]:
    return {"membership": membership}


_TOLD: dict[str, Any] = {"scope": WRITE, "answers": RefundTold}

RESOURCES = (
    at(
        "membresias/<uuid:pk>/devolucion/",
        "api_want_refund",
        acts(
            services.want_refund,
            "Pedir de vuelta tu saldo a favor",
            permission=P.PAY_DUES,
            find=_to_pay,
            thing="membership",
            takes=WantForm,
            status=201,
            example={"amount": "350.00", "note": "Pagué dos veces."},
            **_TOLD,
        ),
    ),
    at("mesa/devoluciones/", "api_refunds", lists(REFUNDS, "Devoluciones", scope=READ)),
    at(
        "mesa/devoluciones/<uuid:pk>/",
        "api_refund",
        shows(_refund, "Una devolución", scope=READ, permission=P.SEE_REFUNDS, answers=RefundTold),
    ),
    at(
        "mesa/afiliaciones/<uuid:pk>/devolucion/",
        "api_ask_refund",
        acts(
            services.ask_refund,
            "Pedir la devolución del saldo a favor de una familia",
            permission=P.MATCH_DEPOSITS,
            find=_family,
            thing="membership",
            takes=RefundForm,
            given=_of_family,
            status=201,
            example={"amount": "350.00", "how": "transfer", "reason": "Pagó dos veces."},
            **_TOLD,
        ),
    ),
    at(
        "mesa/devoluciones/<uuid:pk>/autorizar/",
        "api_approve_refund",
        acts(
            services.approve_refund,
            "Autorizar una devolución a la tarjeta",
            permission=P.APPROVE_PAYMENTS,
            find=_refund,
            thing="refund",
            fresh=True,
            **_TOLD,
        ),
    ),
    at(
        "mesa/devoluciones/<uuid:pk>/negar/",
        "api_decline_refund",
        acts(
            services.decline_refund,
            "Decir que una devolución no procede",
            permission=(P.MATCH_DEPOSITS, P.APPROVE_PAYMENTS),
            find=_refund,
            thing="refund",
            takes=DeclineForm,
            example={"reason": "El saldo ya pagó una mensualidad."},
            **_TOLD,
        ),
    ),
)
