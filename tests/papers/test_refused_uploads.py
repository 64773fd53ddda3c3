"""Refused uploads count: so many an hour and person, before a byte of the next one is looked at (UP-13)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.once.models import Throttle
from portal.papers import middleware
from tests.api.callers import Caller, own_token
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


def test_those_of_the_api_count_for_the_same_person_by_whatever_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "REFUSED", 3)
    doctor, other = people.physician(), people.physician()
    callers = [Caller(own_token(doctor, "treasury:read", "treasury:write")) for _ in range(4)]
    sent = {"clabe": "012180001234567899"}, {"statement": b"esto no es un PDF"}

    def tries(caller: Caller) -> Any:
        return caller.post("cuenta-bancaria/", sent[0], files=sent[1])

    assert [tries(one).status_code for one in callers[:3]] == [422] * 3
    paused = tries(callers[3])
    assert paused.status_code == 429 and int(paused["Retry-After"]) > 0 and paused.json()["code"] == "too_many"
    assert upload(people.signed_in(doctor)).status_code == 429, "on the pages too"
    assert callers[3].get("cuenta-bancaria/").status_code == 200
    assert tries(Caller(own_token(other, "treasury:write"))).status_code == 422
    assert tries(Caller("cauce_inventada")).status_code == 401
    strange = people.signed_in(doctor)
    strange.defaults["HTTP_AUTHORIZATION"] = "Bearer cauce_inventada"
    assert upload(strange).status_code == 429, "a header that pages do not read hides nobody"


def test_an_upload_that_was_taken_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "REFUSED", 1)
    client = people.signed_in(people.physician())
    form = {"name": "Ana", "zip_code": "44100", "paper": SimpleUploadedFile("a.txt", b"a")}
    assert [client.post("/cuenta/datos/", form).status_code for _ in range(3)] == [302] * 3
    assert Throttle.objects.get(scope="papers.refused").count == 0
