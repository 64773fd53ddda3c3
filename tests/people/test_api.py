"""The API's door (RFC 9457, scopes, idempotency)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from portal import clock
from portal.errors import Finding, Level, RuleBroken, TooMany
from portal.people import services
from portal.people.api import problem_details, scoped
from tests.factories import people

pytestmark = pytest.mark.django_db
calls: list[str] = []


@api_view(["POST"])
@scoped("orders:write", idempotent="test.orders")
def orders(request):
    """A view of the test."""
    calls.append(request.auth.party.name)
    return Response({"received": len(calls)}, status=201)


orders.cls.permission_classes = []


@pytest.fixture
def secret() -> str:
    calls.clear()
    return services.issue_token(
        name="Aseguradora",
        user=people.a_person(),
        party=people.an_insurer(),
        scopes=["orders:write"],
        expires_at=clock.real_now() + timedelta(days=1),
        by=people.administrator(),
        at=clock.now(),
    )[1]


def send(secret: str, body: dict[str, int], **headers: str):
    request = APIRequestFactory().post("/api/v1/x/", body, format="json", **headers)
    if secret:
        request.META["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    answer = orders(request)
    answer.render()
    return answer


def test_without_or_with_a_wrong_token_it_is_401() -> None:
    for wrong in ("", "cauce_inventada"):
        answer = send(wrong, {})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.data["code"] == "not_signed_in"


def test_another_scope_is_403() -> None:
    token, other = services.issue_token(
        name="x",
        user=people.a_person(),
        party=people.an_insurer(),
        scopes=["orders:read"],
        expires_at=clock.real_now() + timedelta(days=1),
        by=people.administrator(),
        at=clock.now(),
    )
    assert send(other, {}).status_code == 403
    assert token.scopes == ["orders:read"]


def test_the_same_key_and_body_act_once_MO_04(secret: str) -> None:
    assert send(secret, {"a": 1}).status_code == 422
    for _twice in range(2):
        answer = send(secret, {"a": 1}, HTTP_IDEMPOTENCY_KEY="entrega-0001")
        assert (answer.status_code, answer.data) == (201, {"received": 1})
    assert send(secret, {"a": 2}, HTTP_IDEMPOTENCY_KEY="entrega-0001").status_code == 409
    assert len(calls) == 1


def test_problems_speak_spanish_and_carry_findings() -> None:
    asked = {"request": Request(APIRequestFactory().get("/api/v1/ordenes/"))}
    finding = Finding("x", Level.ERROR, "No cuadra.", "Revisa.")
    answer = problem_details(RuleBroken("Algo falta.", code="missing", field="rfc", findings=[finding]), asked)
    assert (answer.status_code, answer.data["field"], answer.data["findings"][0]["code"]) == (422, "rfc", "x")
    slow = problem_details(TooMany("Espera.", retry_after=7), asked)
    assert (slow.status_code, slow["Retry-After"]) == (429, "7")
    assert (slow.data["title"], len(slow.data["reference"])) == ("Espera.", 9)
    assert problem_details(ZeroDivisionError(), asked) is None
