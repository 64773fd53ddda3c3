"""The desk's page of certificates: administrators only, each act twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.demo import samples
from portal import clock
from portal.fiscal import services
from portal.fiscal.models import TrustedCertificate
from tests.factories import people

pytestmark = pytest.mark.django_db
PAGE, ADD = "/mesa/certificados/", "/mesa/certificados/agregar/"


def upload(content: bytes = b"") -> dict[str, Any]:
    return {"file": SimpleUploadedFile("pac.cer", content or samples.trust_der()[1])}


def test_anonymous_goes_to_sign_in_and_other_roles_are_refused() -> None:
    assert Client().get(PAGE).status_code == 302
    for person in (people.support(), people.reviewer(), people.auditor()):
        browser = people.signed_in(person)
        assert browser.get(PAGE).status_code == 403
        assert browser.post(ADD, upload()).status_code == 403
    assert TrustedCertificate.objects.count() == 0


def test_an_administrator_adds_a_certificate_and_a_second_time_is_told() -> None:
    browser = people.signed_in(people.administrator())
    assert browser.post(ADD, upload()).status_code == 302
    page = browser.get(PAGE)
    assert "30001000000900000001" in page.content.decode()
    again = browser.post(ADD, upload())
    assert again.status_code == 422
    assert "ya están en la lista" in again.content.decode()
    assert TrustedCertificate.objects.count() == 1


def test_no_file_or_no_certificate_answers_with_a_sentence() -> None:
    browser = people.signed_in(people.administrator())
    assert "Elige el archivo" in browser.post(ADD, {}).content.decode()
    answer = browser.post(ADD, upload(b"hola"))
    assert answer.status_code == 422
    assert "no es un certificado" in answer.content.decode()


def test_withdrawing_asks_why_and_happens_once() -> None:
    browser = people.signed_in(people.administrator())
    row = services.add_certificates(content=samples.trust_der()[0], by=None, at=clock.now())[0]
    address = f"/mesa/certificados/{row.pk}/retirar/"
    assert "¿Dejar de confiar" in browser.get(address).content.decode()
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "Ya no opera"}).status_code == 302
    assert browser.post(address, {"reason": "Ya no opera"}).status_code == 404
    assert people.signed_in(people.reviewer()).get(address).status_code == 403
