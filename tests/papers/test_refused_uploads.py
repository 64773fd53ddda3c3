"""Refused uploads count: so many an hour and person, before a byte of the next one is looked at (UP-13)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.once.models import Throttle
from portal.papers import middleware
from tests.factories import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PAGE = "/cuenta/bancaria/nueva/"


def upload(client: Any) -> Any:
    paper = SimpleUploadedFile("estado.pdf", b"esto no es un PDF")
    return client.post(PAGE, {"clabe": "012180001234567899", "statement": paper, "idempotency_key": "k" * 20})


def test_the_hundred_and_twenty_first_refused_upload_of_an_hour_waits() -> None:
    assert (middleware.REFUSED, middleware.WINDOW) == (120, 3600)


def test_refused_uploads_count_for_their_person_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "REFUSED", 3)
    doctor, other = people.physician(), people.physician()
    client = people.signed_in(doctor)
    assert [upload(client).status_code for _ in range(3)] == [422] * 3
    refused = upload(client)
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert client.get(PAGE).status_code == 200, "reading goes on"
    assert client.post("/cuenta/datos/", {"name": "Ana", "zip_code": ""}).status_code == 302, "so does all else"
    assert upload(people.signed_in(other)).status_code == 422


def test_an_upload_that_was_taken_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "REFUSED", 1)
    client = people.signed_in(people.physician())
    form = {"name": "Ana", "zip_code": "44100", "paper": SimpleUploadedFile("a.txt", b"a")}
    assert [client.post("/cuenta/datos/", form).status_code for _ in range(3)] == [302] * 3
    assert Throttle.objects.get(scope="papers.refused").count == 0
