"""Who sees a file, how it is handed out, and the public check."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.declared import Declared
from portal.history.models import AccessEvent
from portal.papers import registry, services, store
from portal.papers.forms import NOT_KEPT
from portal.papers.models import IssuedDocument, StoredFile
from portal.people.models import User
from tests.factories import people
from tests.factories.people import own_party
from tests.papers import makers
from tests.papers.test_services import issued, plain, rendered, stored

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    """A browser of somebody who has accepted the texts in force; consents are another room's tests."""
    return people.signed_in(user, consents_at=clock.real_now().timestamp())


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_owner_downloads_with_every_header_and_the_reading_is_recorded(physician: User) -> None:
    file = stored(physician, name="Estado & más ñ.pdf")
    answer = signed_in(physician).get(reverse("papers:download", args=[file.pk]))
    assert (answer.status_code, body(answer)) == (200, makers.pdf())
    expected = {
        "Content-Type": "application/pdf",
        "Content-Length": str(file.size),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Content-Disposition": "attachment; filename*=utf-8''Estado%20%26%20m%C3%A1s%20%C3%B1.pdf",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    event = AccessEvent.objects.get()
    assert (event.by, event.subject_id) == (physician, str(file.pk))


def test_stranger_colleague_and_desk_get_the_same_404_as_for_nothing(
    physician: User, stranger: User, colleague: User, reviewer: User
) -> None:
    file, document = stored(physician), issued(physician)
    absent = "01890000-0000-7000-8000-000000000000"
    for person in (stranger, colleague, reviewer):
        browser = signed_in(person)
        for name, args in (("download", []), ("file", []), ("page", [1])):
            answer = browser.get(reverse(f"papers:{name}", args=[file.pk, *args]))
            nothing = browser.get(reverse(f"papers:{name}", args=[absent, *args]))
            assert (answer.status_code, nothing.status_code) == (404, 404)
        assert browser.get(reverse("papers:document", args=[document.pk])).status_code == 404
    assert AccessEvent.objects.count() == 0


def test_anonymous_is_sent_to_sign_in(physician: User, anonymous: Client) -> None:
    answer = anonymous.get(reverse("papers:download", args=[stored(physician).pk]))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("people:sign_in"))


def test_room_may_show_a_file_to_a_colleague(physician: User, colleague: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_files", Declared("who sees files by"))
    registry.register_visibility(lambda user: Q(purpose="prueba") if user == colleague else Q(pk__in=[]))
    assert signed_in(colleague).get(reverse("papers:download", args=[stored(physician).pk])).status_code == 200


def test_page_is_a_jpeg_of_ours_and_only_existing_pages_answer(physician: User) -> None:
    file, browser = stored(physician), signed_in(physician)
    answer = browser.get(reverse("papers:page", args=[file.pk, 1]))
    assert (answer.headers["Content-Type"], body(answer)[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert browser.get(reverse("papers:page", args=[file.pk, 2])).status_code == 404


def test_file_page_shows_name_pages_and_findings(physician: User) -> None:
    file = stored(physician, makers.plain_photo(), "blanca.jpg")
    page = signed_in(physician).get(reverse("papers:file", args=[file.pk])).content.decode()
    assert "blanca.jpg" in page
    assert "parece estar en blanco" in page
    assert reverse("papers:page", args=[file.pk, 1]) in page


def test_pending_file_is_not_handed_out(physician: User) -> None:
    file = stored(physician)
    browser, page = signed_in(physician), reverse("papers:file", args=[file.pk])
    download, picture = reverse("papers:download", args=[file.pk]), reverse("papers:page", args=[file.pk, 1])
    StoredFile.objects.filter(pk=file.pk).update(verdict="pending", done_at=None)
    assert browser.get(picture).status_code == 409
    assert browser.get(download).headers["Location"] == page, "whoever waits sees it come"
    waiting = browser.get(page).content.decode()
    assert "Estamos revisando este archivo" in waiting and 'name="comes-back"' in waiting
    assert f'href="{download}"' not in waiting and picture not in waiting
    StoredFile.objects.filter(pk=file.pk).update(verdict="rejected", done_at=clock.now())
    refused = browser.get(page).content.decode()
    assert "Lo rechazamos al revisarlo" in refused
    assert "comes-back" not in refused and f'href="{download}"' not in refused
    assert [browser.get(one).status_code for one in (download, picture)] == [409, 409]
    assert AccessEvent.objects.count() == 0


def test_reader_of_a_damaged_file_is_told(physician: User) -> None:
    file = stored(physician)
    store.remove(file.storage_key)
    answer = signed_in(physician).get(reverse("papers:download", args=[file.pk]))
    assert answer.status_code == 503
    assert "dañado" in answer.content.decode()
    assert AccessEvent.objects.count() == 0


def test_document_says_that_it_is_being_made_and_then_is_there(physician: User) -> None:
    document, browser = issued(physician), signed_in(physician)
    waiting = browser.get(reverse("papers:document", args=[document.pk]))
    assert 'http-equiv="refresh"' in waiting.content.decode()
    rendered(document)
    assert body(browser.get(reverse("papers:document", args=[document.pk]))).startswith(b"%PDF-")


def test_anybody_checks_a_document_and_learns_nothing_about_a_person(physician: User, anonymous: Client) -> None:
    document = issued(physician, patient="Fulana de Tal")
    page = anonymous.get(reverse("papers:check", args=[document.code])).content.decode()
    assert "auténtico y vigente" in page
    assert document.folio in page
    for private in ("Fulana", own_party(physician).name, own_party(physician).rfc, physician.email):
        assert private not in page
    services.void_document(document=document, reason="Error", by=physician, at=clock.now())
    page = anonymous.get(reverse("papers:check", args=[document.code])).content.decode()
    assert "anulado" in page
    assert "Error" not in page.split("<main")[1]


def test_code_is_understood_as_people_type_it(physician: User, anonymous: Client) -> None:
    document = issued(physician)
    typed = document.code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    answer = anonymous.get(reverse("papers:checks"), {"codigo": typed}, follow=True)
    assert "auténtico y vigente" in answer.content.decode()
    assert anonymous.get(reverse("papers:checks")).status_code == 200
    assert anonymous.get(reverse("papers:checks"), {"codigo": ""}).status_code == 422
    assert anonymous.get(reverse("papers:check", args=["0000-0000-0000-0000"])).status_code == 404


def test_altered_copy_is_told_from_the_original(physician: User, anonymous: Client) -> None:
    document = rendered(issued(physician))
    assert document.pdf is not None
    original = plain(document.pdf)

    def compare(content: bytes, url: str) -> str:
        for _ in range(2):
            answer = anonymous.post(url, {"archivo": SimpleUploadedFile("a.pdf", content)})
            assert answer.status_code == 200
        return answer.content.decode()

    here, anywhere = reverse("papers:check", args=[document.code]), reverse("papers:checks")
    assert "es el original" in compare(original, here)
    assert "fue alterado" in compare(original + b" ", here)
    assert "es el original" in compare(original, anywhere)
    assert "no es uno de los nuestros" in compare(makers.pdf(), anywhere)
    assert anonymous.post(here, {}).status_code == 422
    assert anonymous.post(anywhere, {}).status_code == 422


@pytest.mark.parametrize("fault", ["no_space", "too_large"])
def test_a_copy_that_could_not_be_received_is_never_called_altered(
    fault: str, physician: User, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, or more than ten megabytes: the page says so and judges nothing."""
    document = rendered(issued(physician))
    assert document.pdf is not None
    original = plain(document.pdf)
    if fault == "no_space":
        monkeypatch.setattr("portal.papers.store.is_nearly_full", lambda: True)
    else:
        monkeypatch.setattr("portal.papers.upload.MAX_BYTES_OF_STRANGERS", 100)
    for url in (reverse("papers:check", args=[document.code]), reverse("papers:checks")):
        answer = anonymous.post(url, {"archivo": SimpleUploadedFile("a.pdf", original)})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert NOT_KEPT[fault] in page
        assert "alterad" not in page
        assert "no es uno de los nuestros" not in page


def test_check_is_throttled_by_address(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.papers.views.CHECKS", 2)
    codes = [anonymous.get(reverse("papers:check", args=["0000-0000-0000-0000"])).status_code for _ in range(3)]
    assert codes == [404, 404, 429]


def test_two_documents_never_share_a_code(physician: User) -> None:
    assert len({issued(physician).code for _ in range(5)}) == IssuedDocument.objects.count() == 5
