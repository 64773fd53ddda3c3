"""Lists of what people vouch for: certificates beyond those that come with the portal, keys newer than its package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from portal.access import Permission
from portal.fiscal.catalogues import LABELS
from portal.fiscal.models import CatalogueKey, TrustedCertificate
from portal.listing import Column, Filters, Kind, Link, Listing

if TYPE_CHECKING:
    from portal.people.models import User

_ADDED = (
    Column("added_at", "Se agregó", kind=Kind.DATE),
    Column(
        "added_by",
        "Quién",
        expression=Coalesce(NullIf(F("added_by__name"), Value("")), "added_by__email", output_field=CharField()),
    ),
)


def _withdraw(page: str) -> Column:
    """The act of each row; a file and the API have none."""
    return Column("withdraw", "", expression=Value("Retirar"), href=Link(page), export=False)


def _by_call_alone(user: User) -> bool:
    """A fingerprint is compared by programs; people read the serial number."""
    return False


class CertificateFilter(Filters):
    """By kind, and by holder, RFC or serial number."""

    tipo = django_filters.ChoiceFilter(
        field_name="kind", label="Tipo", choices=TrustedCertificate.Kind.choices, empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="Titular, RFC o serie", max_length=100)

    def search(self, rows: QuerySet[TrustedCertificate], name: str, value: str) -> QuerySet[TrustedCertificate]:
        """A part of the holder's name, or the beginning of the RFC or of the serial number."""
        return rows.filter(Q(subject__icontains=value) | Q(rfc__istartswith=value) | Q(serial__istartswith=value))


def _certificates(user: User) -> QuerySet[TrustedCertificate]:
    return TrustedCertificate.objects.trusted()


CERTIFICATES = Listing(
    permission=Permission.MANAGE_TRUST,
    name="trusted_certificates",
    title="Certificados agregados",
    rows=_certificates,
    order=("-added_at", "-pk"),
    nouns=("certificado agregado", "certificados agregados"),
    filters=CertificateFilter,
    file_name="certificados-agregados",
    columns=(
        Column("subject", "Titular"),
        Column("kind", "Tipo", labels=dict(TrustedCertificate.Kind.choices)),
        Column("rfc", "RFC"),
        Column("serial", "Serie"),
        Column("sha256", "Huella", shown=_by_call_alone),
        Column("valid_from", "Vale desde", kind=Kind.DATE),
        Column("valid_to", "Vale hasta", kind=Kind.DATE, sort=True),
        *_ADDED,
        _withdraw("fiscal:withdraw_certificate"),
    ),
)


class KeyFilter(Filters):
    """By catalogue, and by key or words of its description."""

    tipo = django_filters.ChoiceFilter(
        field_name="catalogue",
        label="Catálogo",
        choices=sorted(LABELS.items(), key=lambda pair: pair[1]),
        empty_label="Todos",
    )
    buscar = django_filters.CharFilter(method="search", label="Clave o descripción", max_length=100)

    def search(self, rows: QuerySet[CatalogueKey], name: str, value: str) -> QuerySet[CatalogueKey]:
        """The beginning of the key, or a part of what the SAT says of it."""
        return rows.filter(Q(key__istartswith=value) | Q(meaning__icontains=value))


def _keys(user: User) -> QuerySet[CatalogueKey]:
    return CatalogueKey.objects.live()


KEYS = Listing(
    permission=Permission.MANAGE_TRUST,
    name="catalogue_keys",
    title="Claves agregadas",
    rows=_keys,
    order=("-added_at", "-pk"),
    nouns=("clave agregada", "claves agregadas"),
    filters=KeyFilter,
    file_name="claves-agregadas",
    columns=(
        Column("key", "Clave", sort=True),
        Column("catalogue", "Catálogo", labels=LABELS),
        Column("meaning", "Descripción"),
        *_ADDED,
        _withdraw("fiscal:withdraw_key"),
    ),
)
