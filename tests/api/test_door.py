"""The API's door: who may ask, keys, problems (RFC 9457, MO-04, AU-08, AC-02, AC-10)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.http import Http404
from django.test import Client, override_settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config import urls
from portal import access, clock
from portal.access import Permission as P
from portal.access import Role
from portal.api import door
from portal.api.answers import Answer
from portal.api.calls import acts, at, shows
from portal.api.problems import problem_details
from portal.design.forms import Form
from portal.errors import Finding, Level, RuleBroken, TooMany
from portal.once.models import IdempotencyKey
from portal.people import services
from portal.people.models import ApiToken, Consent, Party
from tests.api.callers import Caller, old_acting_token, own_token, system_token, told
from tests.factories import people

pytestmark = pytest.mark.django_db
done: list[Any] = []


class Size(Form):
    """A form of the test: a field of each kind."""

    name = forms.CharField(max_length=20)
    many = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)
    is_big = forms.BooleanField(required=False)
    count = forms.IntegerField(required=False, min_value=1)
    paper = forms.FileField(required=False)


class Done(Answer):
    """An answer of the test."""

    count = serializers.IntegerField()


def do(*, by: Any, at: Any, **typed: Any) -> dict[str, int]:
    """An act of the test; one called «roto» breaks a rule, «error» is a bug."""
    if typed.get("name") == "roto":
        people.a_party(name="ESCRITA ANTES")
        raise RuleBroken("Así no.", code="not_so", field="name")
    done.append(typed)
    return {"count": len(done)}


def find(asked: Any, number: int) -> int:
    if number != 7:
        raise Http404
    return number


SCOPE = "billing:write"
handler400 = urls.handler400
urlpatterns = [
    *urls.urlpatterns,
    *door.addresses(
        (
            at("prueba/", "test_act", acts(do, "Hacer", scope=SCOPE, takes=Size, answers=Done, status=201)),
            at("prueba/guarda/", "test_keeps", acts(do, "Guardar", scope=SCOPE, takes=Size, answers=Done, keeps=True)),
            at(
                "prueba/uso/",
                "test_query",
                acts(do, "Para un uso", scope=SCOPE, takes=Size, answers=Done, query={"uso": "Para qué."}),
            ),
            at("prueba/<int:number>/", "test_thing", acts(do, "Hacer con algo", scope=SCOPE, find=find, thing="seven")),
            at(
                "prueba/pagos/",
                "test_fresh",
                acts(do, "Autorizar", scope="payments:act", permission=P.APPROVE_PAYMENTS, fresh=True, answers=Done),
            ),
            at(
                "prueba/reglas/",
                "test_rules",
                acts(do, "Publicar", scope="portal:write", permission=P.MANAGE_RULES, fresh=True, answers=Done),
            ),
            at(
                "prueba/sistema/",
                "test_system",
                acts(
                    do,
                    "Enviar",
                    scope="orders:write",
                    permission=P.SEND_ORDERS,
                    systems=True,
                    people=False,
                    answers=Done,
                ),
            ),
            at(
                "prueba/yo/",
                "test_own",
                shows(
                    lambda asked: {"count": 1}, "Ver", scope="billing:read", answers=Done, permission=P.SEE_OWN_BILLING
                ),
            ),
        )
    ),
]


@pytest.fixture(autouse=True)
def _these_addresses() -> Iterator[None]:
    done.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield


def refused(answer: Any) -> tuple[int, str]:
    """(status, code) of a problem, which says a whole sentence and its reference."""
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json" and body["status"] == answer.status_code
    assert body["title"].endswith(".") and len(body["reference"]) == 9
    return answer.status_code, body["code"]


# --- who may ask -----------------------------------------------------------------------------------------------------


def test_without_or_with_a_wrong_token_it_is_401() -> None:
    for wrong in ("", "cauce_inventada"):
        answer = Caller(wrong).post("prueba/", {"name": "x"})
        assert refused(answer) == (401, "not_signed_in")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_persons_token_never_opens_more_than_its_scopes_nor_than_its_person_may_at_that_moment_AU_08() -> None:
    doctor = people.physician()
    reads = Caller(own_token(doctor, "billing:read", factor="password"))
    assert told(reads.get("prueba/yo/")) == {"count": 1}
    assert refused(reads.post("prueba/", {"name": "x"})) == (403, "forbidden")
    grant = doctor.grants.get()
    grant.until = grant.since
    grant.save()
    assert refused(reads.get("prueba/yo/")) == (403, "forbidden")
    grant.until = None
    grant.save()
    Consent.objects.all().delete()
    assert refused(reads.get("prueba/yo/")) == (403, "consents")
    services.disable_person(user=doctor, reason="Se fue.", by=people.administrator(), at=clock.now())
    assert refused(reads.get("prueba/yo/")) == (401, "not_signed_in")


def test_what_a_session_proved_stays_with_its_token_and_may_not_be_enough_later_AU_08() -> None:
    user = people.a_person()
    caller = Caller(own_token(user, SCOPE, factor="password"))
    assert caller.post("prueba/", {"name": "x"}).status_code == 201
    people.Grant.objects.create(
        user=user, party=people.the_operator(), role=Role.PAYMENT_PREPARER, since=people.LONG_AGO
    )
    assert refused(caller.post("prueba/", {"name": "x"})) == (403, "second_factor")


def test_a_delicate_act_asks_for_a_fresh_session_or_a_token_that_acts_for_15_minutes_AU_08() -> None:
    approver, administrator = people.approver(), people.administrator()
    session, stale = (people.signed_in(approver), people.signed_in(approver, fresh_at=0))
    assert Caller(client=session).post("prueba/pagos/").status_code == 200
    assert refused(Caller(client=stale).post("prueba/pagos/")) == (403, "fresh_proof")
    acting = own_token(approver, "payments:act")
    assert Caller(acting).post("prueba/pagos/").status_code == 200
    token = ApiToken.objects.get(user=approver)
    assert token.expires_at - token.created_at <= timedelta(minutes=15)
    other = own_token(administrator, "portal:write")
    assert refused(Caller(other).post("prueba/reglas/")) == (403, "fresh_proof")  # no other token proves presence
    assert Caller(client=people.signed_in(administrator)).post("prueba/reglas/").status_code == 200


def test_an_organisations_token_does_what_is_for_systems_in_its_organisation_alone() -> None:
    insurer, other = people.an_insurer(), people.an_insurer(name="OTRA")
    machine = people.user_with_role(Role.INSURER_API, insurer)
    assert Caller(system_token(insurer, "orders:write", user=machine)).post("prueba/sistema/").status_code == 200
    assert refused(Caller(system_token(other, "orders:write", user=machine)).post("prueba/sistema/"))[0] == 403
    assert refused(Caller(system_token(insurer, "orders:read", user=machine)).post("prueba/sistema/"))[0] == 403
    assert refused(Caller(client=people.signed_in(machine)).post("prueba/sistema/")) == (403, "systems_only")
    assert refused(Caller(old_acting_token(people.approver())).post("prueba/pagos/")) == (403, "people_only")


def test_a_session_needs_the_token_of_a_page_and_is_told_what_it_lacks_AC_10() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.physician())
    assert refused(Caller(client=strict).post("prueba/", {"name": "x"})) == (403, "csrf")
    weak = people.signed_in(people.administrator(), factor="password")
    assert refused(Caller(client=weak).get("prueba/yo/")) == (403, "second_factor")
    new = people.signed_in(people.physician(agreed=False))
    assert refused(Caller(client=new).post("prueba/", {"name": "x"})) == (403, "consents")
    assert done == []


def test_a_browsers_session_acts_with_the_token_of_a_page_by_json_and_with_files_AC_10() -> None:
    browser = people.signed_in(people.physician())
    browser.handler.enforce_csrf_checks = True
    page = browser.get("/cuenta/datos/").content.decode()
    csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]  # type: ignore[index]
    session = Caller(client=browser, csrf=csrf)
    assert told(session.post("prueba/", {"name": "x", "count": 3}), 201) == {"count": 1}
    assert told(session.post("prueba/", {"name": "y"}, files={"paper": b"uno"}), 201) == {"count": 2}
    assert [one["name"] for one in done] == ["x", "y"] and done[0]["count"] == 3 and done[1]["paper"].sha256
    for other in (Caller(client=browser), Caller(client=browser, csrf="x" * 64)):
        assert refused(other.post("prueba/", {"name": "x"})) == (403, "csrf")
        assert refused(other.post("prueba/", {"name": "x"}, files={"paper": b"uno"})) == (403, "csrf")
    assert len(done) == 2


def test_many_calls_of_one_person_are_slowed_by_whatever_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LIMIT", 2)
    doctors = [people.physician() for _ in range(2)]
    one, other, another = (Caller(own_token(who, "billing:read", factor="password")) for who in (*doctors, doctors[0]))
    assert [one.get("prueba/yo/").status_code for _ in range(3)] == [200, 200, 429]
    assert refused(one.get("prueba/yo/")) == (429, "too_many") and one.get("prueba/yo/")["Retry-After"]
    assert other.get("prueba/yo/").status_code == 200
    assert refused(another.get("prueba/yo/")) == (429, "too_many"), "another token of the same person"
    assert refused(Caller(client=people.signed_in(doctors[0])).get("prueba/yo/")) == (429, "too_many")


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_same_key_and_body_act_once_MO_04() -> None:
    caller = Caller(own_token(people.physician(), SCOPE, factor="password"))
    assert refused(caller.post("prueba/", {"name": "x"}, key=None)) == (422, "idempotency_key_missing")
    for _twice in range(2):
        answer = caller.post("prueba/", {"name": "x"}, key="entrega-0001")
        assert (answer.status_code, answer.json()) == (201, {"count": 1})
    assert refused(caller.post("prueba/", {"name": "y"}, key="entrega-0001")) == (409, "once_other_body")
    for content, status in ((b"uno", 201), (b"uno", 201), (b"dos", 409)):
        assert caller.post("prueba/", {"name": "x"}, files={"paper": content}, key="papel-0001").status_code == status
    assert [one["name"] for one in done] == ["x", "x"]
    assert refused(caller.post("prueba/", {"name": "roto"}, key="roto-0001")) == (422, "not_so")
    assert caller.post("prueba/", {"name": "x"}, key="roto-0001").status_code == 201  # a refusal leaves the key free


def test_the_same_key_with_another_query_is_another_act_MO_04() -> None:
    caller = Caller(own_token(people.physician(), SCOPE, factor="password"))
    for files in (None, {"paper": b"uno"}):
        key = f"uso-{files is None}-0001"
        told_of = [
            caller.post(f"prueba/uso/{query}", {"name": "x"}, key=key, files=files).status_code
            for query in ("?uso=uno", "?uso=uno", "?uso=dos", "")
        ]
        assert told_of == [200, 200, 409, 409]
    assert len(done) == 2


def test_an_act_under_way_is_409_with_retry_after_and_a_dead_ones_lock_heals_MO_04() -> None:
    caller = Caller(own_token(people.physician(), SCOPE, factor="password"))
    assert caller.post("prueba/", {"name": "x"}, key="caida-0001").status_code == 201
    row = IdempotencyKey.objects.get()
    row.state, row.status = "running", None
    row.locked_until = clock.real_now() + timedelta(seconds=30)
    row.save()
    running = caller.post("prueba/", {"name": "x"}, key="caida-0001")
    assert refused(running) == (409, "once_running") and 1 <= int(running["Retry-After"]) <= 31
    IdempotencyKey.objects.update(locked_until=clock.real_now() - timedelta(seconds=1))
    assert caller.post("prueba/", {"name": "x"}, key="caida-0001").status_code == 201
    assert len(done) == 2


def test_what_a_refused_act_stored_stays_only_where_its_call_says_so_MO_04() -> None:
    caller, stored = Caller(own_token(people.physician(), SCOPE, factor="password")), Party.objects.filter
    assert refused(caller.post("prueba/", {"name": "roto"}, key="roto-0001")) == (422, "not_so")
    assert not stored(name="ESCRITA ANTES").exists()
    assert refused(caller.post("prueba/guarda/", {"name": "roto"}, key="roto-0002")) == (422, "not_so")
    assert stored(name="ESCRITA ANTES").count() == 1
    assert refused(caller.post("prueba/guarda/", {"otro": 1}, key="roto-0002")) == (422, "form_invalid")
    assert told(caller.post("prueba/guarda/", {"name": "x"}, key="roto-0002")) == {"count": 1}  # the key stayed free


# --- what is sent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"name": "x", "many": ["a", "b"], "is_big": True, "count": 3}, 201, None),
        ({"name": "x", "many": None, "is_big": False}, 201, None),
        ({}, 422, "name"),
        ({"name": 7}, 422, "name"),
        ({"name": "\ud800"}, 422, "name"),
        ({"name": "x" * 21}, 422, "name"),
        ({"name": "x", "many": "a"}, 422, "many"),
        ({"name": "x", "many": ["c"]}, 422, "many"),
        ({"name": "x", "is_big": "sí"}, 422, "is_big"),
        ({"name": "x", "count": True}, 422, "count"),
        ({"name": "x", "count": 0}, 422, "count"),
        ({"name": "x", "paper": "abc"}, 422, "paper"),
        ({"name": "x", "otro": 1}, 422, "otro"),
        ([], 422, None),
        ("x", 422, None),
    ],
)
def test_json_is_read_strictly_by_the_screens_own_form(body: Any, status: int, said: str | None) -> None:
    answer = Caller(own_token(people.physician(), SCOPE, factor="password")).post("prueba/", body)
    assert answer.status_code == status
    if said:
        assert refused(answer) == (422, "form_invalid") and set(answer.json()["errors"]) == {said}
    assert len(done) == (status == 201)


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"[" * 5_000, "application/json", 400),
        (b'{"name": "x", "name": "y"}', "application/json", 400),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "text/xml", 415),
        (b"x", "multipart/form-data", 400),
        (b'"' + b"x" * 2_700_000 + b'"', "application/json", 413),
    ],
)
def test_what_cannot_be_read_or_is_too_large_is_refused(raw: bytes, kind: str, status: int) -> None:
    secret = own_token(people.physician(), SCOPE, factor="password")
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "HTTP_IDEMPOTENCY_KEY": "grande-0001"}
    answer = Client().post("/api/v1/prueba/", raw, content_type=kind, **headers)
    assert (answer.status_code, refused(answer)[0]) == (status, status)


def test_a_form_with_files_takes_its_key_as_a_field_and_nothing_unknown() -> None:
    caller = Caller(own_token(people.physician(), SCOPE, factor="password"))
    sent = {"name": "x", "idempotency_key": "campo-0001"}
    assert caller.post("prueba/", sent, files={"paper": b"uno"}, key=None).status_code == 201
    assert done[0]["paper"].sha256 and done[0]["name"] == "x"
    stray = caller.post("prueba/", {"name": "x", "xml": "no"}, files={"paper": b"uno"})
    assert set(stray.json()["errors"]) == {"xml"}


def test_what_is_not_found_is_404_before_anything_sent_is_judged_AC_02() -> None:
    caller = Caller(own_token(people.physician(), SCOPE, factor="password"))
    assert refused(caller.post("prueba/8/", {"inventado": 1})) == (404, "not_found")
    assert refused(caller.post("prueba/7/", {"inventado": 1})) == (422, "form_invalid")
    assert caller.post("prueba/7/").status_code == 204 and done == [{"seven": 7}]


def test_problems_speak_spanish_and_carry_findings() -> None:
    asked = {"request": Request(APIRequestFactory().get("/api/v1/ordenes/"))}
    finding = Finding("x", Level.ERROR, "No cuadra.", "Revisa.")
    answer = problem_details(RuleBroken("Algo falta.", code="missing", field="rfc", findings=[finding]), asked)
    assert (answer.status_code, answer.data["field"], answer.data["findings"][0]["code"]) == (422, "rfc", "x")
    slow = problem_details(TooMany("Espera.", retry_after=7), asked)
    assert (slow.status_code, slow["Retry-After"]) == (429, "7")
    assert (slow.data["title"], len(slow.data["reference"])) == ("Espera.", 9)
    assert problem_details(ZeroDivisionError(), asked) is None
    assert problem_details(access.PermissionDenied(), asked).status_code == 403
    assert json.loads(json.dumps(answer.data))["code"] == "missing"
