"""`@once_only` around views."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.test import RequestFactory

from portal.errors import Conflict, RuleBroken
from portal.once.decorators import once_only
from portal.once.models import IdempotencyKey
from tests.factories import people

KEY = "0123456789abcdef"


@pytest.fixture
def person(db):
    return people.a_person()


class Desk:
    """A view that counts its effects."""

    def __init__(self, person, answer=None):
        self.person, self.effects = person, 0
        self.answer = answer or (lambda: HttpResponseRedirect("/listo/"))
        self.view = once_only("test.desk")(self._view)

    def _view(self, request, number=0):
        self.effects += 1
        return self.answer()

    def send(self, method="post", path="/x/", data=None, **more):
        request = getattr(RequestFactory(), method)(path, data, **more)
        request.user = self.person
        return self.view(request, number=1)


def test_a_double_click_is_one_act_and_shows_the_same_page(person):
    desk = Desk(person)
    answers = [desk.send(data={"idempotency_key": KEY, "a": "1"}) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/listo/")] * 2
    assert desk.effects == 1


def test_json_and_its_status_are_repeated(person):
    desk = Desk(person, lambda: JsonResponse({"folio": "FA-2026-000001"}, status=201))
    answers = [
        desk.send(data=json.dumps({"a": 1}), content_type="application/json", headers={"Idempotency-Key": KEY})
        for _ in range(2)
    ]
    assert [(answer.status_code, json.loads(answer.content)) for answer in answers] == [
        (201, {"folio": "FA-2026-000001"})
    ] * 2
    assert desk.effects == 1
    with pytest.raises(Conflict):
        desk.send(data=json.dumps({"a": 2}), content_type="application/json", headers={"Idempotency-Key": KEY})


def test_htmx_answers_are_repeated_with_their_header(person):
    desk = Desk(person, lambda: HttpResponse(status=204, headers={"HX-Redirect": "/listo/"}))
    answers = [desk.send(data={"idempotency_key": KEY}) for _ in range(2)]
    assert [(answer.status_code, answer["HX-Redirect"]) for answer in answers] == [(204, "/listo/")] * 2


def test_a_refusal_shows_the_views_own_page_and_the_key_may_be_used_again(person):
    desk = Desk(person, lambda: HttpResponse("corrige", status=422))
    assert desk.send(data={"idempotency_key": KEY, "a": "1"}).content == b"corrige"
    assert desk.send(data={"idempotency_key": KEY, "a": "2"}).content == b"corrige"
    assert desk.effects == 2


def test_another_file_of_the_same_name_and_size_is_another_body(person):
    desk = Desk(person)

    def upload(digest):
        request = RequestFactory().post("/x/", {"idempotency_key": KEY})
        file = SimpleUploadedFile("a.xml", b"123")
        file.sha256 = digest
        request.FILES.setlist("xml", [file])
        request.user = person
        return desk.view(request)

    upload("aa")
    upload("aa")
    with pytest.raises(Conflict):
        upload("bb")
    assert desk.effects == 1


@pytest.mark.parametrize("key", ["", "corta", "con espacios dentro"])
def test_a_post_without_a_key_is_told_to_reload(person, key):
    with pytest.raises(RuleBroken) as refused:
        Desk(person).send(data={"idempotency_key": key})
    assert refused.value.code == "once_key_missing"


def test_a_get_needs_no_key(person):
    desk = Desk(person, lambda: HttpResponse("pagina"))
    assert desk.send("get").content == b"pagina"


def test_a_page_answered_to_a_post_is_a_bug_and_leaves_nothing(person):
    with pytest.raises(TypeError, match="redirect, JSON or 204"):
        Desk(person, lambda: HttpResponse("pagina")).send(data={"idempotency_key": KEY})
    assert not IdempotencyKey.objects.exists()
