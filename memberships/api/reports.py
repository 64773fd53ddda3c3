"""The reports by the API: the same rows as their pages; and the schemes of references, which collections change."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from memberships import services
from memberships.forms import ChangeSchemeForm, NewSchemeForm
from memberships.listings import reports
from memberships.models import ReferenceScheme
from memberships.rules.schemes import ALGORITHMS
from memberships.rules.states import MEANS_CHOICES
from portal.access import Permission as P
from portal.api.answers import Answer
from portal.api.calls import Asked, acts, at, lists
from portal.states import choices

READ, WRITE = "memberships:read", "memberships:write"


class SchemeTold(Answer):
    """How a network or a bank wants its references, and whether slips are made by it."""

    id = s.IntegerField(source="pk")
    code = s.CharField()
    name = s.CharField(source="label")
    means = s.ChoiceField(MEANS_CHOICES)
    algorithm = s.ChoiceField(choices(ALGORITHMS))
    in_use = s.BooleanField()


def _scheme(asked: Asked, pk: int) -> ReferenceScheme:
    return get_object_or_404(ReferenceScheme, pk=pk)


_SCHEME: dict[str, Any] = {"scope": WRITE, "permission": P.MATCH_DEPOSITS, "answers": SchemeTold}
_TERMS = {
    "label": "Red de tiendas",
    "means": "store",
    "algorithm": "base10",
    "number_length": 10,
    "base_year": 2014,
    "places": "En cualquiera de sus tiendas.",
    "seen": "El día hábil siguiente.",
}
COLLECTED = "Cobrado por medio de pago: los últimos doce meses, si no pides otros días"
RESOURCES = (
    at("mesa/adeudos/", "api_dues_aged", lists(reports.DUES_AGED, "Adeudos por antigüedad", scope=READ)),
    at(
        "mesa/esquemas/",
        "api_schemes",
        lists(reports.SCHEMES, "Esquemas de referencia", scope=READ),
        acts(
            services.add_scheme,
            "Agregar un esquema de referencia, apagado",
            takes=NewSchemeForm,
            status=201,
            example={"code": "red-norte", **_TERMS},
            **_SCHEME,
        ),
    ),
    at(
        "mesa/esquemas/<int:pk>/",
        "api_change_scheme",
        acts(
            services.change_scheme,
            "Cambiar un esquema para las fichas que vienen",
            find=_scheme,
            thing="scheme",
            takes=ChangeSchemeForm,
            example={"in_use": True, **_TERMS},
            **_SCHEME,
        ),
    ),
    at("mesa/suspendidas/", "api_suspended", lists(reports.SUSPENDED, "Familias suspendidas", scope=READ)),
    at(
        "mesa/cobrado/",
        "api_collected",
        lists(reports.COLLECTED, COLLECTED, scope=READ),
    ),
    at(
        "mesa/cobrado/pagos/",
        "api_dues_payments",
        lists(reports.DUES_PAYMENTS, "Pagos de mensualidades, uno por uno", scope=READ),
    ),
    at("mesa/vigentes/", "api_active_by_plan", lists(reports.ACTIVE_BY_PLAN, "Vigentes por plan", scope=READ)),
    at("mesa/altas-y-bajas/", "api_joins_and_ends", lists(reports.JOINS_AND_ENDS, "Altas y bajas", scope=READ)),
)
