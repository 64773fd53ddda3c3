"""The desk's calls of memberships beside its lists: families, people's papers, the IMSS's links, policies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from memberships import forms, selectors, services
from memberships.api.family import StayTold
from memberships.models import ImssSource, Member, Membership, Plan
from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer
from portal.api.calls import Asked, Body, acts, at, shows
from portal.api.problems import FormRefused
from portal.errors import RuleBroken
from portal.imports.api import TOLD, run_calls
from portal.imports.models import ImportRun
from portal.listing import Link
from portal.people.models import Party, User

READ, WRITE = "memberships:read", "memberships:write"


class AffiliatedTold(Answer):
    """A family that the desk entered."""

    id = s.UUIDField()
    folio = s.CharField()
    state = s.CharField()
    joined_on = s.DateField()


class LinkTold(Answer):
    """A page or a telephone of the IMSS, and the day on which somebody last tried it."""

    id = s.IntegerField(source="pk")
    code = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    value = s.CharField()
    checked_on = s.DateField(allow_null=True)


class LinksTold(Answer):
    """The IMSS's pages and telephone."""

    links = LinkTold(many=True)


class PolicyMade(Answer):
    """A policy that was registered; its years follow."""

    id = s.UUIDField(source="pk")
    policy_number = s.CharField()
    name = s.CharField()


class YearMade(Answer):
    """A year of a policy, half-open."""

    id = s.UUIDField(source="pk")
    since = s.DateField()
    until = s.DateField()


class ConstanciaKept(Answer):
    """The IMSS's own PDF of a person, as it is kept."""

    id = s.UUIDField(source="pk")
    person = s.UUIDField(source="person_id")
    file = s.UUIDField(source="file_id")


class YearForm(forms.PolicyYearForm):
    """The screen's, whose terms are those of the policy's coverages."""

    takes_more = True


# --- a family entered whole: the screen's form, from one JSON object --------------------------------------------------

_FAMILY = ("plan", "email", "phone", "street", "neighbourhood", "zip_code", "municipality", "region", "paid_on")
_PEOPLE = [*forms.PersonForm.base_fields]
FAMILY_EXAMPLE: dict[str, Any] = {
    "plan": "0198c0de-0000-7000-8000-000000000000",
    "email": "fernanda@ejemplo.mx",
    "titular": {"given_name": "Fernanda", "first_surname": "Luna", "born_on": "1985-05-05", "sex": "female"},
    "relatives": [
        {"kinship": "child", "given_name": "Leo", "first_surname": "Luna", "born_on": "2010-05-07", "sex": "male"}
    ],
}
_PERSON_SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in _PEOPLE},
    "required": ["given_name", "first_surname", "born_on", "sex"],
    "additionalProperties": False,
}
FAMILY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in _FAMILY},
        "titular": _PERSON_SCHEMA,
        "relatives": {
            "type": "array",
            "maxItems": forms.OTHERS,
            "items": {
                **_PERSON_SCHEMA,
                "properties": {"kinship": {"type": "string"}, **{name: {"type": "string"} for name in _PEOPLE}},
            },
        },
    },
    "required": ["plan", "email", "titular"],
    "additionalProperties": False,
}
_SHAPE = "Manda un objeto con «plan», «email», «titular» y, si hay, «relatives», con los campos de la documentación."


def _read_family(body: Any) -> Mapping[str, Any]:
    """The form of the desk's page, filled with what was sent. Raises FormRefused with what is wrong at each field."""
    sent = QueryDict(mutable=True)
    for prefix, told, known in _parts_of(body):
        for name, value in told.items():
            if name not in known or not isinstance(value, str):
                raise RuleBroken(_SHAPE, code="bad_shape")
            sent[f"{prefix}-{name}" if prefix else name] = value
    form = forms.FamilyForm(sent)
    if not form.is_whole():
        named = {
            f"{part.prefix}.{name}" if part.prefix else name: said
            for part in form.parts
            for name, said in part.errors.items()
        }
        raise FormRefused(named)
    return {"form": form}


def _parts_of(body: Any) -> list[tuple[str, dict[str, Any], set[str]]]:
    """Each part of a family with the form's prefix for it and the fields that it may have. Raises RuleBroken."""
    if not isinstance(body, dict) or not isinstance(body.get("titular"), dict):
        raise RuleBroken(_SHAPE, code="bad_shape")
    relatives = body.get("relatives", [])
    if (
        not isinstance(relatives, list)
        or len(relatives) > forms.OTHERS
        or not all(isinstance(one, dict) for one in relatives)
    ):
        raise RuleBroken(_SHAPE, code="bad_shape")
    whole = {name: value for name, value in body.items() if name not in {"titular", "relatives"}}
    others = [
        (forms.relative_prefix(number), one, {*_PEOPLE, "kinship"}) for number, one in enumerate(relatives, start=1)
    ]
    return [("", whole, {*_FAMILY}), (forms.TITULAR, body["titular"], {*_PEOPLE}), *others]


def affiliate(*, form: forms.FamilyForm, by: User, at: datetime) -> Membership:
    """A family entered whole, the first month as paid where it was."""
    told = form.cleaned_data
    paid = services.Paid(on=told["paid_on"]) if told["paid_on"] else None
    people, contact = form.people(), form.contact()
    return services.affiliate_family(plan=told["plan"], people=people, contact=contact, paid=paid, by=by, at=at)


# --- what is found, and acts ------------------------------------------------------------------------------------------


def _family(asked: Asked, pk: UUID) -> Membership:
    return get_object_or_404(Membership.objects.visible_to(asked.by).dues().select_related("plan", "titular"), pk=pk)


def _stay(asked: Asked, pk: UUID) -> Member:
    stays = Member.objects.joined().filter(membership__in=Membership.objects.visible_to(asked.by).dues())
    return get_object_or_404(stays.select_related("person__party", "membership__plan"), pk=pk)


def _policy(asked: Asked, pk: UUID) -> Plan:
    rows = Plan.objects.visible_to(asked.by).policies().select_related("party")
    return get_object_or_404(rows, pk=pk)


def _link(asked: Asked, pk: int) -> ImssSource:
    return get_object_or_404(ImssSource, pk=pk)


def _invitable(asked: Asked, family: Membership) -> dict[str, Any]:
    found = selectors.invitable(family, on=clock.date_in(asked.at))
    return {"people": [(str(one.pk), one.person.as_printed) for one in found]}


def invite(*, membership: Membership, person: str, email: str, by: User, at: datetime) -> Member:
    """Give an adult of the family an own account."""
    member = get_object_or_404(membership.members, pk=person)
    services.invite_member(member=member, email=email, by=by, at=at)
    return member


def keep_constancia(*, member: Member, file: Any, by: User, at: datetime) -> Any:
    """Keep the PDF that the IMSS issued of a person."""
    return services.keep_imss_constancia(member=member, upload=file, by=by, at=at)


def add_policy(*, by: User, at: datetime, insurer: Party, number: str, name: str, major: str, minor: str) -> Plan:
    """A policy of an insurer with its coverages."""
    scopes = forms.scopes_of({"major": major, "minor": minor})
    return services.add_policy(insurer=insurer, number=number, name=name, scopes=scopes, by=by, at=at)


def add_year(*, plan: Plan, by: User, at: datetime, **told: Any) -> Any:
    """A year of a policy with the terms of each of its coverages."""
    days = {name: told.pop(name) for name in ("since", "until")}
    return services.add_policy_year(plan=plan, **days, terms=forms.terms_of(told), by=by, at=at)


def take_families(*, file: Any, families: int | None, people: int | None, by: User, at: datetime) -> ImportRun:
    """Read a file of families with its control totals, both or neither; it is applied by another call."""
    return services.read_affiliations(upload=file, families=families, people=people, by=by, at=at)


def take_file(
    *, plan: Plan, file: Any, certificates: int | None, people: int | None, by: User, at: datetime
) -> ImportRun:
    """Read an insurer's file of certificates with its control totals, both or neither; another call applies it."""
    totals = {"certificates": certificates, "people": people}
    return services.read_certificates(insurer=plan.party, upload=file, **totals, by=by, at=at)


_DESK: dict[str, Any] = {"scope": WRITE, "permission": P.AFFILIATE}
_POLICIES: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_PLANS}

FAMILY_CALL = acts(
    affiliate,
    "Afiliar a una familia entera",
    takes=Body(_read_family, FAMILY_SCHEMA),
    answers=AffiliatedTold,
    status=201,
    example=FAMILY_EXAMPLE,
    **_DESK,
)
POLICY_CALL = acts(
    add_policy,
    "Registrar una póliza",
    takes=forms.PolicyForm,
    given=lambda _asked, _thing: {"insurers": selectors.insurer_choices()},
    answers=PolicyMade,
    status=201,
    example={
        "insurer": "0198c0de-0000-7000-8000-000000000000",
        "number": "GMM-00417",
        "name": "Gastos médicos",
        "major": "condition-year",
        "minor": "person-year",
    },
    **_POLICIES,
)
RESOURCES = (
    at(
        "mesa/afiliaciones/<uuid:pk>/invitar/",
        "api_invite",
        acts(
            invite,
            "Abrirle su perfil a un adulto de una familia",
            find=_family,
            thing="membership",
            takes=forms.InviteForm,
            given=_invitable,
            answers=StayTold,
            example={"person": "0198c0de-0000-7000-8000-000000000000", "email": "elena@ejemplo.mx"},
            **_DESK,
        ),
    ),
    at(
        "mesa/afiliaciones/personas/<uuid:pk>/credencial/",
        "api_reissue_card",
        acts(
            services.reissue_card,
            "Cambiar la credencial de una persona",
            find=_stay,
            thing="member",
            takes=forms.CardForm,
            answers=StayTold,
            example={"reason": "La perdió."},
            **_DESK,
        ),
    ),
    at(
        "mesa/afiliaciones/personas/<uuid:pk>/constancia-imss/",
        "api_imss_constancia",
        acts(
            keep_constancia,
            "Subir la constancia que expidió el IMSS",
            find=_stay,
            thing="member",
            takes=forms.ImssConstanciaForm,
            answers=ConstanciaKept,
            status=201,
            example={"file": "@constancia.pdf"},
            **_DESK,
        ),
    ),
    at(
        "mesa/imss/",
        "api_imss_sources",
        shows(
            lambda _asked: {"links": selectors.imss_sources()},
            "Páginas y teléfono del IMSS",
            scope=READ,
            permission=P.AFFILIATE,
            answers=LinksTold,
        ),
    ),
    at(
        "mesa/imss/<int:pk>/",
        "api_imss_source",
        acts(
            services.set_imss_source,
            "Corregir una página del IMSS, con el día en que se revisó",
            find=_link,
            thing="source",
            takes=forms.ImssSourceForm,
            answers=LinkTold,
            example={"value": "https://www.imss.gob.mx/tramites", "checked_on": "2026-11-20"},
            **_DESK,
        ),
    ),
    at(
        "mesa/polizas/<uuid:pk>/anio/",
        "api_add_policy_year",
        acts(
            add_year,
            "Agregar un año a una póliza",
            find=_policy,
            thing="plan",
            takes=YearForm,
            given=lambda _asked, plan: {"coverages": plan.coverages.order_by("kind")},
            answers=YearMade,
            status=201,
            example={
                "since": "2026-06-01",
                "until": "2027-06-01",
                "major_deductible": "8000.00",
                "major_coaseguro": "10",
                "major_coaseguro_cap": "40000.00",
                "major_sum_insured": "5000000.00",
            },
            **_POLICIES,
        ),
    ),
    at(
        "mesa/polizas/<uuid:pk>/certificados/",
        "api_import_certificates",
        acts(
            take_file,
            "Leer un archivo de certificados sin aplicarlo",
            find=_policy,
            thing="plan",
            takes=forms.CertificatesFileForm,
            leads=Link("memberships:api_certificates_run"),
            status=201,
            example={"file": "@certificados.csv"},
            **TOLD,
            **_DESK,
        ),
    ),
    at(
        "mesa/afiliaciones/archivos/",
        "api_import_affiliations",
        acts(
            take_families,
            "Leer un archivo de afiliaciones sin aplicarlo",
            takes=forms.FamiliesFileForm,
            leads=Link("memberships:api_affiliations_run"),
            status=201,
            example={"file": "@afiliaciones.csv"},
            **TOLD,
            **_DESK,
        ),
    ),
    *run_calls(
        "mesa/afiliaciones/importaciones/",
        "api_affiliations_run",
        kind=services.AFFILIATIONS_KIND,
        permission=P.AFFILIATE,
        read=READ,
        write=WRITE,
    ),
    *run_calls(
        "mesa/certificados/importaciones/",
        "api_certificates_run",
        kind=services.KIND,
        permission=P.AFFILIATE,
        read=READ,
        write=WRITE,
    ),
)
