"""An issued document as a picture: its first page as a PNG, for whoever sees its PDF (membership cards)."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from django.conf import settings
from django.urls import reverse
from PIL import Image

from portal.errors import Conflict, RuleBroken
from portal.history.models import AccessEvent
from portal.papers import services, views
from portal.papers.models import IssuedDocument
from portal.people.models import User
from tests.papers.test_services import AT, issued, rendered
from tests.papers.test_views import signed_in

pytestmark = pytest.mark.django_db
LETTER = (1237, 1600)  # 8.5 by 11 inches, its long side as a preview's


def address(document: IssuedDocument, name: str = "papers:picture") -> str:
    return reverse(name, args=[document.pk])


def test_its_first_page_is_a_sharp_picture_whose_code_leads_to_the_public_check(physician: User) -> None:
    document = rendered(issued(physician, patient="Fulana de Tal"))
    answer = signed_in(physician).get(address(document))
    expected = {
        "Content-Type": "image/png",
        "Content-Length": str(len(answer.content)),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{document.folio}.png"',
    }
    assert {name: answer.headers[name] for name in expected} == expected
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.mode, picture.info.keys() & {"exif", "Software"}) == ("PNG", "RGB", set())
    assert picture.size == LETTER
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"{settings.BASE_URL}{reverse('papers:check', args=[document.code])}"
    assert services.picture_document(document=document) == answer.content, "the same bytes each time"
    event = AccessEvent.objects.get()
    assert (event.by, event.subject_id) == (physician, str(document.pk))
    called = signed_in(physician).get(address(document, "papers:api_document_picture"))
    assert (called.status_code, called.content) == (200, answer.content)


def test_who_does_not_see_the_document_does_not_see_its_picture(
    physician: User, stranger: User, colleague: User
) -> None:
    document = rendered(issued(physician))
    for person in (stranger, colleague):
        for name in ("papers:picture", "papers:api_document_picture"):
            assert signed_in(person).get(address(document, name)).status_code == 404
    assert not AccessEvent.objects.exists()


def test_while_it_is_being_made_nothing_is_drawn(physician: User) -> None:
    document, browser = issued(physician), signed_in(physician)
    assert 'http-equiv="refresh"' in browser.get(address(document)).content.decode()
    assert browser.get(address(document, "papers:api_document_picture")).status_code == 202
    with pytest.raises(Conflict):
        services.picture_document(document=document)


def test_what_cannot_be_drawn_is_told_and_drawing_has_its_limit(
    physician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, browser = issued(physician), signed_in(physician)
    document.pdf = services.store_bytes(
        content=b"roto", name="D.pdf", kind="pdf", purpose="issued-prueba", party=None, by=None, at=AT
    )
    with pytest.raises(RuleBroken, match="Descarga su PDF"):
        services.picture_document(document=document)
    monkeypatch.setattr(views, "PICTURES", 0)
    assert browser.get(address(rendered(issued(physician)))).status_code == 429
