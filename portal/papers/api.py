"""Files, documents and long lists of the API: what each is, and its bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers as s
from rest_framework.response import Response

from portal.api.answers import AGAIN, Answer, Found, Instant, With
from portal.api.calls import LISTED, Asked, acts, at, gives, lists, shows
from portal.api.door import selection_of
from portal.api.problems import Refused
from portal.design.forms import Form, TextField
from portal.errors import Conflict
from portal.listing import Link, Listing
from portal.listing.export import EXPORTS, EXPORTS_WINDOW
from portal.listing.paging import FILES
from portal.once.services import throttle
from portal.papers import selectors, services, views
from portal.papers.listings import DOWNLOADS
from portal.papers.models import IssuedDocument, ListExport, StoredFile
from portal.papers.rules import UNDER_WAY, ExportState

READ, WRITE = "portal:read", "portal:write"
_STUCK = "No pudimos preparar ese archivo y ya lo estamos mirando. Pide la lista otra vez."


class FileTold(Answer):
    """A file: what it is, and what the machine found in it."""

    id = s.UUIDField()
    name = s.CharField(source="display_name")
    kind = s.CharField()
    media = s.CharField(source="content_type")
    size = s.IntegerField()
    sha256 = s.CharField()
    pages = s.IntegerField()
    verdict = s.ChoiceField(["pending", "accepted", "review", "rejected"])
    findings = Found(many=True)
    created_at = Instant()


class DocumentTold(Answer):
    """A document of ours; `sha256` is its PDF's, "" while that is being made."""

    id = s.UUIDField(source="pk")
    kind = s.CharField()
    folio = s.CharField()
    code = s.CharField()
    issued_at = Instant()
    sha256 = s.CharField(source="pdf_sha256")
    is_ready = s.BooleanField()
    is_in_force = s.BooleanField()

    def view(self, found: IssuedDocument) -> With:
        """With whether its PDF can be asked for."""
        return With(found, is_ready=found.pdf_id is not None)


class ExportTold(Answer):
    """A list as a file that is made after the call: how far it is, until when it is kept; `why` where none was made."""

    id = s.UUIDField()
    listing = s.CharField()
    title = s.CharField()
    file = s.ChoiceField([code for _, code in FILES])
    state = s.ChoiceField(list(ExportState))
    rows = s.IntegerField(allow_null=True)
    made_rows = s.IntegerField()
    why = s.CharField(source="refused")
    asked_at = Instant()
    keep_until = s.DateField(allow_null=True)


class ExportForm(Form):
    """A list by its name, the format, and the filters as the list's address has them."""

    listing = forms.ChoiceField(label="Qué lista", choices=lambda: [(name, one.title) for name, one in LISTED.items()])
    file = forms.ChoiceField(label="Formato", choices=[(code, name) for name, code in FILES])
    filters = TextField(
        label="Filtros, como en la dirección de la lista: estado=…&desde=…", max_length=2000, required=False
    )

    def __init__(self, *args: Any, asked: Asked, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked

    def clean(self) -> dict[str, Any]:
        """What the drain is told. Raises what the list itself would raise, for whoever may not ask for it."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        call = LISTED[typed["listing"]]
        assert isinstance(call.answers, Listing)
        if not call.answers.is_open_to(self.asked.by):
            self.add_error("listing", "No hay una lista tuya que se llame así.")
            return typed
        if self.asked.token is not None and call.scope not in self.asked.token.scopes:
            raise PermissionDenied
        if not (call.answers.own or self.asked.is_fresh):
            raise Refused("fresh_proof")
        chosen = selection_of(call, call.answers, self.asked, QueryDict(typed.pop("filters")))
        return {**typed, "asked": chosen.asked.urlencode(), "parts": dict(chosen.parts)}


def ask_export(*, by: Any, at: datetime, **told: Any) -> ListExport:
    """Ask for a list as a file; as many in ten minutes as on the pages (OP-08)."""
    throttle(scope="export", key=str(by.pk), limit=EXPORTS, window=EXPORTS_WINDOW)
    return services.ask_export(**told, by=by, at=at)


def _of(asked: Asked) -> list[str] | None:
    """The lists whose files a token opens: those of its scopes; None for all, in a session."""
    if asked.token is None:
        return None
    return [name for name, call in LISTED.items() if call.scope in asked.token.scopes]


def _within(asked: Asked) -> dict[str, Any]:
    return {"of": _of(asked)}


def _readable(asked: Asked) -> QuerySet[ListExport]:
    """What this person asked for; to a token only the lists that its scopes open."""
    return selectors.exports(asked.by, **_within(asked))


def _export(asked: Asked, pk: UUID) -> Any:
    return get_object_or_404(_readable(asked), pk=pk)


def _made(asked: Asked, pk: UUID) -> HttpResponse | Any:
    row = _export(asked, pk)
    if row.state in UNDER_WAY:
        where = reverse("papers:api_export", args=[row.pk])
        return Response(ExportTold(row).data, 202, headers={"Location": where, "Retry-After": str(AGAIN)})
    if row.made_id is None:
        said = _STUCK if row.parked_at else "Ese archivo ya no está. Pide la lista otra vez."
        raise Conflict(row.refused or said, code="export_gone")
    return views.file_content(_file(asked, row.made_id), by=asked.by, at=asked.at)


def _file(asked: Asked, file_id: UUID) -> StoredFile:
    """A list that was made as a file is that list still: a token opens it by the list's scope alone."""
    lists = ListExport.objects.filter(made=OuterRef("pk")).exclude(pk__in=_readable(asked))
    return get_object_or_404(StoredFile.objects.visible_to(asked.by).exclude(Exists(lists)), pk=file_id)


def _document(asked: Asked, document_id: UUID) -> IssuedDocument:
    return get_object_or_404(IssuedDocument.objects.visible_to(asked.by).select_related("pdf"), pk=document_id)


def _content(asked: Asked, file_id: UUID) -> Any:
    return views.file_content(_file(asked, file_id), by=asked.by, at=asked.at)


def _pdf(asked: Asked, document_id: UUID) -> HttpResponse | Any:
    return _rendered(asked, document_id, views.document_content)


def _picture(asked: Asked, document_id: UUID) -> HttpResponse | Any:
    return _rendered(asked, document_id, views.document_picture)


def _rendered(asked: Asked, document_id: UUID, give: Callable[..., Any]) -> HttpResponse | Any:
    issued = _document(asked, document_id)
    if issued.pdf is None:
        where = reverse("papers:api_document", args=[issued.pk])
        return Response(DocumentTold(issued).data, 202, headers={"Location": where, "Retry-After": str(AGAIN)})
    return give(issued, by=asked.by, at=asked.at)


RESOURCES = (
    at(
        "descargas/",
        "api_exports",
        lists(DOWNLOADS, "Los archivos de listas que pediste", scope=READ, within=_within),
        acts(
            ask_export,
            "Pedir una lista como archivo, que se prepara después",
            scope=WRITE,
            takes=ExportForm,
            given=lambda asked, _thing: {"asked": asked},
            after=lambda asked, row: _export(asked, row.pk),
            answers=ExportTold,
            status=202,
            leads=Link("papers:api_export"),
            example={"listing": "invoices", "file": "xlsx", "filters": "estado=accepted"},
        ),
    ),
    at(
        "descargas/<uuid:pk>/",
        "api_export",
        shows(_export, "Cómo va un archivo de una lista", scope=READ, answers=ExportTold),
    ),
    at(
        "descargas/<uuid:pk>/contenido/",
        "api_export_content",
        gives(
            _made,
            "El archivo de una lista; 202 mientras se prepara",
            scope=READ,
            media="*/*",
            later=ExportTold,
        ),
    ),
    at("archivos/<uuid:file_id>/", "api_file", shows(_file, "Qué es un archivo", scope=READ, answers=FileTold)),
    at(
        "archivos/<uuid:file_id>/contenido/",
        "api_file_content",
        gives(_content, "Los bytes de un archivo", scope=READ, media="*/*"),
    ),
    at(
        "documentos/<uuid:document_id>/",
        "api_document",
        shows(_document, "Un documento nuestro", scope=READ, answers=DocumentTold),
    ),
    at(
        "documentos/<uuid:document_id>/pdf/",
        "api_document_pdf",
        gives(
            _pdf,
            "El PDF de un documento; 202 mientras se prepara",
            scope=READ,
            media="application/pdf",
            later=DocumentTold,
        ),
    ),
    at(
        "documentos/<uuid:document_id>/imagen/",
        "api_document_picture",
        gives(
            _picture,
            "La primera página de un documento como PNG; 202 mientras se prepara",
            scope=READ,
            media="image/png",
            later=DocumentTold,
        ),
    ),
)
