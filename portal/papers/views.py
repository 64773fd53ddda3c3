"""Downloads, page images, issued documents and the public check of a document."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from portal import clock
from portal.access import public, signed_in
from portal.design.answers import back_of
from portal.errors import Conflict, RuleBroken
from portal.history import context as origin
from portal.history.services import record_access
from portal.listing import Page, answer
from portal.listing.export import AT_ONCE
from portal.listing.paging import FORMAT
from portal.listing.selection import Selection
from portal.once.decorators import once_only
from portal.once.services import throttle
from portal.papers import kinds, rules, selectors, services
from portal.papers.forms import CodeForm, CopyForm
from portal.papers.listings import DOWNLOADS
from portal.papers.models import EncryptedBytes, IssuedDocument, PageImage, StoredFile
from portal.papers.registry import kind_label
from portal.papers.segments import DamagedFile

log = logging.getLogger("cauce.papers")
EXPORT_SALT, EXPORT_OFFER_SECONDS = "papers.export", 3600
CHECKS, CHECK_WINDOW = 60, 600  # tries of one address in ten minutes
PICTURES = 60  # that one person may have drawn in as many


class FileDamaged(RuleBroken):
    """The stored bytes are not the ones that were written: the reader is told, the log alerts (UP-07)."""

    status = 503


@signed_in
@require_GET
def download(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """The file as a download, decrypted as a stream; each reading is recorded (AD-01).

    What is not looked through yet leads to its page, which waits.
    """
    found = _visible_file(request, file_id)
    if found.is_pending:
        return redirect("papers:file", file_id=file_id)
    return file_content(found, by=request.user, at=clock.now())


def file_content(file: StoredFile, *, by: Any, at: datetime) -> StreamingHttpResponse:
    """A file that this person may see, as an attachment; recorded. Raises Conflict while it is examined."""
    return _as_download(_readable(file), file, by=by, at=at)


def document_content(issued: IssuedDocument, *, by: Any, at: datetime) -> StreamingHttpResponse:
    """The PDF of an issued document that this person may see, as an attachment; recorded."""
    assert issued.pdf is not None  # who calls looked
    return _as_download(issued.pdf, issued, by=by, at=at)


def document_picture(issued: IssuedDocument, *, by: Any, at: datetime) -> HttpResponse:
    """The first page of an issued document that this person may see, as a PNG to keep; recorded. Raises TooMany."""
    throttle(scope="papers.picture", key=str(by.pk), limit=PICTURES, window=CHECK_WINDOW)
    assert issued.pdf is not None  # who calls looked
    picture = services.picture_document(document=issued)
    answer = HttpResponse(picture, content_type="image/png")
    _guard(answer, size=len(picture))
    name = f"{issued.pdf.display_name.rpartition('.')[0]}.png"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    record_access(subject=issued, by=by, at=at, party_id=issued.party_id)
    return answer


def _as_download(
    file: StoredFile, subject: StoredFile | IssuedDocument, *, by: Any, at: datetime
) -> StreamingHttpResponse:
    answer = download_of(file)
    record_access(subject=subject, by=by, at=at, party_id=subject.party_id)
    return answer


def download_of(file: StoredFile) -> StreamingHttpResponse:
    """The very bytes of a stored file as a download, for whoever looked who may and records the reading themselves."""
    answer = _stream(file, file.content_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.display_name)
    return answer


@signed_in
@require_GET
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """What a file is, what the machine found, and its pages as images (D7); one that waits comes back by itself."""
    found, back = _visible_file(request, file_id), back_of(request)
    crumbs = [("Volver", back), (found.display_name, "")] if back and back != request.path else []
    return render(request, "papers/file.html", selectors.file_page(found) | {"crumbs": crumbs})


@signed_in
@require_GET
def page(request: HttpRequest, file_id: UUID, number: int) -> HttpResponse:
    """One page as a JPEG made by us, never the original (UP-08)."""
    shown = _readable(_visible_file(request, file_id))
    image = get_object_or_404(PageImage, file=shown, number=number)
    answer = _stream(image, "image/jpeg")
    answer["Content-Disposition"] = "inline"
    record_access(subject=shown, by=request.user, at=clock.now(), party_id=shown.party_id)
    return answer


@signed_in
@require_GET
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """An issued document: its PDF, or a page that comes back by itself while the PDF is being made."""
    visible = IssuedDocument.objects.visible_to(request.user).select_related("pdf", "party")
    issued = get_object_or_404(visible, pk=document_id)
    if issued.pdf is None:
        return render(request, "papers/preparing.html", {"issued": issued, "label": kind_label(issued.kind)})
    return document_content(issued, by=request.user, at=clock.now())


@signed_in
@require_GET
def picture(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """An issued document's first page as a PNG (a card for a telephone): whoever sees its PDF sees it."""
    visible = IssuedDocument.objects.visible_to(request.user).select_related("pdf", "party")
    issued = get_object_or_404(visible, pk=document_id)
    if issued.pdf is None:
        return render(request, "papers/preparing.html", {"issued": issued, "label": kind_label(issued.kind)})
    return document_picture(issued, by=request.user, at=clock.now())


def offer_export(request: HttpRequest, asked: Selection, file: str) -> HttpResponse:
    """The page of a list that is too long to be written while somebody waits; what was asked travels signed."""
    parameters = asked.asked.copy()
    parameters.pop(FORMAT, None)
    told = {
        "listing": asked.listing.name,
        "file": file,
        "asked": parameters.urlencode(),
        "parts": dict(asked.parts),
        "by": str(request.user.pk),
    }
    shown = {
        "title": asked.listing.title,
        "file": kinds.LABELS[file],
        "at_once": f"{AT_ONCE[file]:,}",
        "token": signing.dumps(told, salt=EXPORT_SALT, compress=True),
    }
    return render(request, "papers/export_offer.html", shown)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("papers.ask_export")
def exports(request: HttpRequest) -> HttpResponseBase:
    """Long lists that this person asked for: how far each is, and its file; a POST asks for one more."""
    if request.method == "POST":
        try:
            told = signing.loads(request.POST.get("asked", ""), salt=EXPORT_SALT, max_age=EXPORT_OFFER_SECONDS)
        except signing.BadSignature:
            raise RuleBroken(
                "Lo que pediste caducó o no llegó completo. Vuelve a la lista y pide el archivo otra vez.",
                code="export_expired",
            ) from None
        if told.pop("by") != str(request.user.pk):
            raise Http404
        services.ask_export(**told, by=request.user, at=clock.now())
        return redirect("papers:exports")
    return answer(request, DOWNLOADS, "papers/exports.html", _comes_back)


def _comes_back(page: Page) -> dict[str, Any]:
    """Whether a list of the page is still to be made: then it comes back by itself."""
    return {"waits": any(page.shows("state", rules.EXPORT_LABELS[one]) for one in rules.UNDER_WAY)}


@public("cualquiera que recibe un documento puede comprobar que es auténtico; no muestra datos personales")
@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: HttpRequest) -> HttpResponse:
    """Ask for the code, or compare a PDF without one."""
    if request.method == "POST":
        return _compare(request, None)
    if "codigo" not in request.GET:
        return render(request, "papers/checks.html", {"form": CodeForm(), "copy_form": CopyForm()})
    form = CodeForm(request.GET)
    if form.is_valid():
        code = rules.display_code(form.cleaned_data["codigo"])
        return HttpResponseRedirect(reverse("papers:check", args=[code or "0"]))
    return render(request, "papers/checks.html", {"form": form, "copy_form": CopyForm()}, status=422)


@public("a donde lleva el QR impreso en cada documento; no muestra datos personales")
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a document exists and holds; with its PDF, whether that copy is unchanged."""
    _count_check()
    issued = IssuedDocument.objects.filter(code=rules.display_code(code)).first()
    if request.method == "POST" and issued:
        return _compare(request, issued)
    told = {**selectors.check_page(issued), "copy_form": CopyForm()}
    return render(request, "papers/check.html", told, status=200 if issued else 404)


def _compare(request: HttpRequest, issued: IssuedDocument | None) -> HttpResponse:
    if issued is None:
        _count_check()
    form = CopyForm(request.POST, request.FILES)
    if not form.is_valid():
        told = {**selectors.check_page(issued), "form": CodeForm(), "copy_form": form}
        return render(request, "papers/check.html" if issued else "papers/checks.html", told, status=422)
    sha256 = form.cleaned_data["archivo"].sha256
    told = {**selectors.compare(issued, sha256=sha256), "copy_form": CopyForm()}
    return render(request, "papers/check.html", told)


def _count_check() -> None:
    throttle(scope="papers.check", key=origin.current().ip or "unknown", limit=CHECKS, window=CHECK_WINDOW)


def _visible_file(request: HttpRequest, file_id: UUID) -> StoredFile:
    return get_object_or_404(StoredFile.objects.visible_to(request.user), pk=file_id)


def _readable(found: StoredFile) -> StoredFile:
    if found.is_pending:
        raise Conflict("Todavía estamos revisando este archivo. Vuelve en un momento.", code="file_pending")
    if not found.is_readable:
        raise Conflict("Este archivo se rechazó al revisarlo y ya no se guarda.", code="file_rejected")
    return found


def _stream(stored: EncryptedBytes, content_type: str) -> StreamingHttpResponse:
    pieces = selectors.open_file(stored)
    try:
        first = next(pieces, b"")  # a missing file or a wrong key shows before the answer begins
    except DamagedFile as error:
        log.error("stored file is missing or changed: %s", stored.pk)  # the trace says nothing more
        raise FileDamaged(
            "El archivo guardado está dañado y no se puede entregar. Ya avisamos para restaurarlo del respaldo.",
            code="file_damaged",
        ) from error
    answer = StreamingHttpResponse(_watched(chain([first], pieces), stored), content_type=content_type)
    _guard(answer, size=stored.size)
    return answer


def _guard(answer: HttpResponseBase, *, size: int) -> None:
    """The headers of whatever is made of people's files (UP-08)."""
    answer["Content-Length"] = str(size)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "no-store"


def _watched(pieces: Iterable[bytes], stored: EncryptedBytes) -> Iterator[bytes]:
    try:
        yield from pieces
    except DamagedFile:
        log.error("stored file is missing or changed: %s", stored.pk)  # the trace says nothing more
        raise  # the browser sees an answer shorter than its Content-Length and keeps nothing
