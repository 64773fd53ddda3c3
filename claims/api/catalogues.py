"""The calls on formats, networks and catalogues: made for a person, published, kept from a day on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from claims import forms, listings, selectors
from claims import services as services_of_claims
from claims.models import InsurerLink
from claims.selectors import formats as reads
from claims.services import catalogues as services_of_catalogues
from claims.services import formats as services
from memberships import selectors as memberships
from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Instant
from portal.api.calls import Asked, acts, at, lists, shows
from portal.listing import Link
from portal.papers.api import DocumentTold
from portal.people.models import ConsentText, User

READ, WRITE = "claims:read", "claims:write"


class FormatTold(Answer):
    """A format in its newest version: `key` is sent back as `what`."""

    key = s.CharField()
    name = s.CharField(source="label")
    version = s.IntegerField()
    published_at = Instant()
    asked = s.ListField(child=s.CharField())
    declaration = s.CharField()


class RequirementTold(Answer):
    """A document that a kind of claim asks for, from `since` on; `until` is the first day without that row."""

    id = s.UUIDField(source="pk")
    what = s.CharField()
    stage = s.CharField()
    document = s.CharField()
    required = s.CharField()
    since = s.DateField()
    until = s.DateField(allow_null=True)
    source = s.CharField()


class NotCoveredReasonTold(Answer):
    """A reason of not covering, as it reads from `since` on; `until` is the first day without that row."""

    id = s.UUIDField(source="pk")
    code = s.CharField()
    label = s.CharField()
    sentence = s.CharField()
    cure = s.CharField()
    document = s.CharField()
    since = s.DateField()
    until = s.DateField(allow_null=True)
    source = s.CharField()


class ConsentTextTold(Answer):
    """A version of what families agree to; `insurer` is null where it serves everybody."""

    kind = s.CharField()
    insurer = s.CharField(source="owner.name", allow_null=True, default=None)
    version = s.IntegerField()
    sha256 = s.CharField()
    published_at = Instant()


class FormatsTold(Answer):
    """Every format, in the order of the source."""

    formats = FormatTold(many=True)


class NetworkTold(Answer):
    """An insurer and the page of its network; "" where nobody told it."""

    insurer = s.CharField()
    address = s.CharField()


class NetworksTold(Answer):
    """The networks of your family's insurers."""

    networks = NetworkTold(many=True)


class InsurerLinkTold(Answer):
    """Where an insurer shows its network."""

    insurer = s.CharField(source="insurer.name")
    address = s.CharField()
    changed_at = Instant()


def _formats(_asked: Asked) -> dict[str, Any]:
    return {"formats": reads.current_formats()}


def _offered(asked: Asked, _thing: Any) -> dict[str, Any]:
    people = selectors.choices_of(asked.by, on=clock.date_in(asked.at))
    return {"formats": reads.format_choices(), "people": [(one.key, one.label) for one in people]}


def _networks(asked: Asked) -> dict[str, Any]:
    rows = reads.networks_of(asked.by, on=clock.date_in(asked.at))
    return {"networks": [{"insurer": party.name, "address": address} for party, address in rows]}


def set_network(*, insurer: str, address: str, by: User, at: datetime) -> InsurerLink:
    """Say where an insurer shows its network."""
    found = get_object_or_404(memberships.insurer_choices(), pk=insurer)
    return services.set_network(insurer=found, address=address, by=by, at=at)


def publish_text(*, kind: str, insurer: str, body: str, by: User, at: datetime) -> ConsentText:
    """A new version of what families agree to, an insurer's own or everybody's."""
    found = get_object_or_404(memberships.insurer_choices(), pk=insurer) if insurer else None
    return services_of_claims.publish_text(kind=kind, insurer=found, body=body, by=by, at=at)


def _insurers(_asked: Asked, _thing: Any) -> dict[str, Any]:
    return {"insurers": [(str(one.pk), one.name) for one in memberships.insurer_choices()]}


_MANAGES: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_CLAIM_CATALOGUES}
RESOURCES = (
    at(
        "formatos/",
        "api_formats",
        shows(_formats, "Formatos por llenar", scope=READ, permission=P.FILE_CLAIMS, answers=FormatsTold),
        acts(
            services.make_format,
            "Pedir un formato con tus datos",
            scope=WRITE,
            permission=P.FILE_CLAIMS,
            takes=forms.FormatForm,
            given=_offered,
            answers=DocumentTold,
            status=202,
            leads=Link("papers:api_document"),
            example={"what": "reimbursement.initial", "choice": "0198c0de-0000-7000-8000-000000000000:1"},
        ),
    ),
    at(
        "red-medica/",
        "api_network",
        shows(_networks, "La red médica de tu aseguradora", scope=READ, permission=P.FILE_CLAIMS, answers=NetworksTold),
    ),
    at(
        "mesa/formatos/",
        "api_publish_format",
        acts(
            services.publish_format,
            "Publicar la versión que sigue de un formato",
            takes=forms.NewFormatForm,
            given=lambda _asked, _thing: {"formats": reads.format_choices()},
            answers=FormatTold,
            status=201,
            example={"what": "reimbursement.initial", "asked": "Qué se atendió", "declaration": "Es verdad."},
            **_MANAGES,
        ),
    ),
    at(
        "mesa/documentos-de-tramites/",
        "api_requirements",
        lists(listings.REQUIREMENTS, "Documentos que pide cada trámite", scope=READ),
        acts(
            services_of_catalogues.publish_requirement,
            "Pedir un documento desde un día, o dejar de pedirlo",
            takes=forms.RequirementForm,
            answers=RequirementTold,
            status=201,
            example={
                "what": "therapy",
                "stage": "complement",
                "document": "treatment_plan",
                "required": "always",
                "since": "2027-01-01",
                "source": "Póliza 2027, anexo 3",
                "reason": "Lo pide la póliza nueva.",
            },
            **_MANAGES,
        ),
    ),
    at(
        "mesa/motivos/",
        "api_reasons",
        lists(listings.REASONS, "Motivos de no cubrir", scope=READ),
        acts(
            services_of_catalogues.publish_reason,
            "Decir un motivo con otras palabras desde un día, agregar uno o terminarlo",
            takes=forms.ReasonForm,
            answers=NotCoveredReasonTold,
            status=201,
            example={
                "code": "",
                "use": "used",
                "label": "Sin autorización previa",
                "sentence": "Este gasto pedía autorización antes.",
                "cure": "Escríbenos desde «Contacto» con tu folio.",
                "document": "",
                "since": "2027-01-01",
                "source": "Póliza 2027, cláusula 8",
                "reason": "La póliza nueva la pide.",
            },
            **_MANAGES,
        ),
    ),
    at(
        "mesa/consentimientos/",
        "api_publish_text",
        acts(
            publish_text,
            "Publicar la versión que sigue de un consentimiento",
            takes=forms.TextForm,
            given=_insurers,
            answers=ConsentTextTold,
            status=201,
            example={"kind": "sensitive-data", "insurer": "", "body": "Para qué se tratan tus datos de salud."},
            **_MANAGES,
        ),
    ),
    at(
        "mesa/red-medica/",
        "api_set_network",
        acts(
            set_network,
            "Decir dónde muestra su red una aseguradora",
            takes=forms.NetworkForm,
            given=_insurers,
            answers=InsurerLinkTold,
            example={
                "insurer": "0198c0de-0000-7000-8000-000000000000",
                "address": "https://www.aseguradora.mx/red-medica",
            },
            **_MANAGES,
        ),
    ),
)
