"""What an insurer's own system calls: it hands in its certificates, at once or as a file that is applied afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.shortcuts import get_object_or_404
from django.urls import reverse

from memberships import forms, services
from memberships.rules.certificates_file import CERTIFICATES, read_delivery
from portal.api.calls import Asked, Body, acts, at, shows
from portal.api.problems import FormRefused
from portal.design.forms import Form
from portal.imports import services as imports
from portal.imports.api import TOLD, RunTold
from portal.imports.models import ImportRun
from portal.people.models import Party, User

CERTIFICATES_WRITE = "certificates:write"
_PERSON: dict[str, Any] = {
    "policy": "GMM-00417",
    "certificate": "000123",
    "kinship": "titular",
    "given_name": "Fernanda",
    "first_surname": "Luna",
    "second_surname": "",
    "born_on": "1985-05-05",
    "sex": "F",
    "curp": "",
    "rfc": "",
    "since": "2026-06-01",
    "until": "",
    "coverages": "GMM;GMM_MENORES",
    "conditions": "K35:Apendicitis:2026-07-10",
}
DELIVERY_EXAMPLE = {"control": {"certificates": 1, "people": 1}, "people": [_PERSON]}
_COUNT = {"type": "integer", "minimum": 1}
# Each certificate stands or falls whole, so a call is refused for its shape and its totals only.
DELIVERY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "control": {
            "type": "object",
            "properties": {"certificates": _COUNT, "people": _COUNT},
            "required": ["certificates", "people"],
            "additionalProperties": False,
        },
        "people": {
            "type": "array",
            "minItems": 1,
            "maxItems": CERTIFICATES.max_called,
            "items": {"type": "object", "properties": {name: {"type": "string"} for name in _PERSON}},
        },
    },
    "required": ["control", "people"],
    "additionalProperties": False,
}


def _insurer(asked: Asked) -> Party:
    assert asked.token is not None and asked.token.party is not None  # `people=False`: a system's credential alone
    return asked.token.party


class RunForm(Form):
    """A file that an insurer's system had read."""

    run = django_forms.UUIDField(
        label="Archivo leído",
        error_messages={"required": "Di qué archivo.", "invalid": "Manda el «id» que se contestó al leerlo."},
    )


def apply_insurers_file(*, insurer: Party, run: UUID, by: User, at: datetime) -> ImportRun:
    """Apply a file that the credential's own insurer handed in; another's is not found. A drain's if long."""
    return imports.apply_or_ask(run=_run_of(insurer, run), by=by, at=at)


def _run_of(insurer: Party, run: Any) -> ImportRun:
    rows = ImportRun.objects.filter(kind=services.KIND, sender=insurer).select_related("sender", "file")
    return get_object_or_404(rows, pk=run)


def run_address(run: ImportRun) -> str:
    """Where the insurer's system asks how a run goes."""
    return f"{reverse('memberships:api_certificates_file')}?run={run.pk}"


def _handed_in(asked: Asked) -> ImportRun:
    """The file or call of `?run=`, of the credential's own insurer."""
    form = RunForm(asked.query)
    if not form.is_valid():
        raise FormRefused(form.errors)
    return _run_of(_insurer(asked), form.cleaned_data["run"])


def read_insurers_file(
    *, insurer: Party, file: Any, certificates: int | None, people: int | None, by: User, at: datetime
) -> ImportRun:
    """Read a file of certificates with its control totals, both or neither; nothing enters until it is applied."""
    totals = {"certificates": certificates, "people": people}
    return services.read_certificates(insurer=insurer, upload=file, **totals, by=by, at=at)


_SYSTEM: dict[str, Any] = {
    "scope": CERTIFICATES_WRITE,
    "systems": True,
    "people": False,
    "find": _insurer,
    "thing": "insurer",
    "status": 201,
}

RESOURCES = (
    at(
        "certificados/",
        "api_certificates",
        acts(
            services.receive_certificates,
            "Entregar certificados de una aseguradora",
            takes=Body(read_delivery, DELIVERY_SCHEMA),
            answers=RunTold,
            example=DELIVERY_EXAMPLE,
            **_SYSTEM,
        ),
    ),
    at(
        "certificados/archivos/",
        "api_certificates_file",
        shows(
            _handed_in,
            "Un archivo o una entrega de certificados de una aseguradora",
            scope=CERTIFICATES_WRITE,
            systems=True,
            people=False,
            answers=RunTold,
            query={"run": "El «id» que se contestó al leerlo o al entregarlos."},
        ),
        acts(
            read_insurers_file,
            "Leer un archivo de certificados de una aseguradora",
            takes=forms.CertificatesFileForm,
            example={"file": "@certificados.csv"},
            leads=run_address,
            **TOLD,
            **_SYSTEM,
        ),
    ),
    at(
        "certificados/archivos/aplicar/",
        "api_certificates_file_apply",
        acts(
            apply_insurers_file,
            "Aplicar un archivo de certificados que se leyó",
            takes=RunForm,
            example={"run": "0198c0de-0000-7000-8000-000000000000"},
            leads=run_address,
            **TOLD,
            **{**_SYSTEM, "status": 200},
        ),
    ),
)
