"""Calls on trust: certificates that an administrator vouches for, and catalogue keys newer than the package."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer, Instant
from portal.api.calls import Asked, acts, at, lists, shows
from portal.fiscal import listings, selectors, services
from portal.fiscal.catalogues import LABELS, PACKED_ON
from portal.fiscal.forms import CertificateForm, KeyForm, WithdrawForm
from portal.fiscal.models import CatalogueKey, TrustedCertificate

READ, WRITE = "portal:read", "portal:write"


class CertificateTold(Answer):
    """A certificate that the house trusts."""

    id = s.UUIDField()
    serial = s.CharField()
    kind = s.ChoiceField(TrustedCertificate.Kind.choices)
    subject = s.CharField()
    rfc = s.CharField()
    sha256 = s.CharField()
    valid_from = Instant()
    valid_to = Instant()
    added_at = Instant()


class Certificates(Answer):
    """Those that somebody added, the newest first, and how many the product ships."""

    certificates = CertificateTold(many=True)
    shipped = s.IntegerField()


class KeyTold(Answer):
    """A key of a SAT catalogue that is newer than the package."""

    id = s.UUIDField()
    catalogue = s.ChoiceField(sorted(LABELS))
    key = s.CharField()
    meaning = s.CharField()
    added_at = Instant()
    withdrawn_at = Instant(allow_null=True)


class ShippedTold(Answer):
    """A certificate of the SAT's that comes with the product."""

    holder = s.CharField()
    serial = s.CharField()
    not_before = Instant()
    not_after = Instant()


class Package(Answer):
    """What the product brings: the day of its catalogues, and the certificates that nobody has to add."""

    packed_on = s.DateField()
    certificates = ShippedTold(many=True)


def _certificates(asked: Asked) -> dict[str, Any]:
    return {"certificates": selectors.trusted_certificates(), "shipped": len(selectors.shipped())}


def _package(asked: Asked) -> dict[str, Any]:
    return {"packed_on": PACKED_ON, "certificates": selectors.shipped()}


def _certificate(asked: Asked, pk: UUID) -> TrustedCertificate:
    return get_object_or_404(selectors.trusted_certificates(), pk=pk)


def _key(asked: Asked, pk: UUID) -> CatalogueKey:
    return get_object_or_404(selectors.catalogue_keys(), pk=pk)


def add(*, file: Any, by: Any, at: datetime) -> list[TrustedCertificate]:
    """Vouch for the certificates of a file."""
    return services.add_certificates(content=file.read(), by=by, at=at)


_TRUST: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_TRUST, "fresh": True}
_WITHDRAWN: dict[str, Any] = {"takes": WithdrawForm, "example": {"reason": "El SAT la dio de baja."}}

RESOURCES = (
    at(
        "mesa/certificados/",
        "api_certificates",
        lists(listings.CERTIFICATES, "Certificados de confianza agregados", scope=READ),
        acts(
            add,
            "Agregar certificados de confianza",
            takes=CertificateForm,
            answers=Certificates,
            after=lambda asked, _added: _certificates(asked),
            status=201,
            example={"file": "@certificado.cer"},
            **_TRUST,
        ),
    ),
    at(
        "mesa/certificados/<uuid:pk>/retirar/",
        "api_withdraw_certificate",
        acts(
            services.withdraw_certificate,
            "Dejar de confiar en un certificado",
            find=_certificate,
            thing="certificate",
            **_TRUST,
            **_WITHDRAWN,
        ),
    ),
    at(
        "mesa/catalogos/",
        "api_catalogues",
        lists(listings.KEYS, "Claves del SAT agregadas", scope=READ),
        acts(
            services.add_catalogue_key,
            "Agregar una clave que el SAT publicó",
            takes=KeyForm,
            answers=KeyTold,
            status=201,
            example={"catalogue": "c_ClaveProdServ", "key": "85121800", "meaning": "Laboratorios médicos"},
            **_TRUST,
        ),
    ),
    at(
        "mesa/catalogos/paquete/",
        "api_package",
        shows(_package, "Lo que el portal trae del SAT", scope=READ, permission=P.MANAGE_TRUST, answers=Package),
    ),
    at(
        "mesa/catalogos/<uuid:pk>/retirar/",
        "api_withdraw_key",
        acts(
            services.withdraw_catalogue_key,
            "Retirar una clave agregada",
            find=_key,
            thing="row",
            **_TRUST,
            **_WITHDRAWN,
        ),
    ),
)
