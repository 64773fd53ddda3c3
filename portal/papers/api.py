"""Files, documents and long lists of the API: what each is, and its bytes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers as s
from rest_framework.response import Response

from portal.api.answers import Answer, Found, Instant, With
from portal.api.calls import Asked, at, gives, shows
from portal.papers import views
from portal.papers.models import IssuedDocument, StoredFile

READ = "portal:read"
AGAIN = 2  # seconds after which a document that is being made may be asked for again


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


def _file(asked: Asked, file_id: UUID) -> StoredFile:
    return get_object_or_404(StoredFile.objects.visible_to(asked.by), pk=file_id)


def _document(asked: Asked, document_id: UUID) -> IssuedDocument:
    return get_object_or_404(IssuedDocument.objects.visible_to(asked.by).select_related("pdf"), pk=document_id)


def _content(asked: Asked, file_id: UUID) -> Any:
    return views.file_content(_file(asked, file_id), by=asked.by, at=asked.at)


def _pdf(asked: Asked, document_id: UUID) -> HttpResponse | Any:
    issued = _document(asked, document_id)
    if issued.pdf is None:
        where = reverse("papers:api_document", args=[issued.pk])
        return Response(DocumentTold(issued).data, 202, headers={"Location": where, "Retry-After": str(AGAIN)})
    return views.document_content(issued, by=asked.by, at=asked.at)


RESOURCES = (
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
)
