"""`POST /api/v1/ordenes/`: the insurer's own door to the same service (S0.10-S0.13, MO-04)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import CareOrder, OrderDelivery
from portal import clock
from portal.access import Role
from portal.people import services as people_services
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
URL = "/api/v1/ordenes/"


def token(*, scopes=("orders:write",)) -> str:
    return people_services.issue_token(
        name=f"Sistema {next(a._number)}",
        user=people.user_with_role(Role.INSURER_API, a.insurer()),
        party=a.insurer(),
        scopes=list(scopes),
        expires_at=clock.real_now() + timedelta(days=1),
        by=people.administrator(),
        at=clock.now(),
    )[1]


def order(who, **changes):
    one = a.row(who)
    told = {name: getattr(one, name) for name in one.__slots__}
    return {name: value if isinstance(value, bool) else str(value) for name, value in told.items()} | changes


def body(*orders, rows=None, payable=None):
    total = f"{1300 * len(orders)}.00" if payable is None else payable
    return {"control": {"rows": len(orders) if rows is None else rows, "payable": total}, "orders": list(orders)}


def post(secret: str, content, *, key: str = "entrega-0001", raw: bytes | None = None):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"} if secret else {}
    if key:
        headers["HTTP_IDEMPOTENCY_KEY"] = key
    data = raw if raw is not None else json.dumps(content).encode()
    return Client(enforce_csrf_checks=True).post(URL, data, content_type="application/json", **headers)


def test_the_address_is_the_one_published() -> None:
    assert reverse("billing:api_orders") == URL


@pytest.mark.parametrize(("secret", "status"), [("", 401), ("cauce_inventado", 401)])
def test_without_a_live_token_it_is_401(db, secret, status) -> None:
    answer = post(secret, body(order(a.doctor())))
    assert answer.status_code == status and answer["Content-Type"].startswith("application/problem+json")


def test_another_scope_is_403_and_reading_is_another_call(db) -> None:
    assert post(token(scopes=["orders:read"]), body(order(a.doctor()))).status_code == 403
    assert Client().get(URL, HTTP_AUTHORIZATION=f"Bearer {token()}").status_code == 403


def test_orders_enter_once_per_key_and_the_answer_says_what_became_of_each(db) -> None:
    secret, who = token(), a.doctor()
    sent = body(order(who), order(who, fee="1.00"))
    first, again = post(secret, sent), post(secret, sent)
    assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json()
    told = first.json()
    assert (told["rows"], told["accepted"], told["unchanged"], told["payable"]) == (2, 1, 0, "2600.00")
    assert [(e["row"], e["code"]) for e in told["errors"]] == [(2, "does_not_add")]
    assert (CareOrder.objects.count(), OrderDelivery.objects.count()) == (1, 1)
    assert post(secret, body(order(who))).status_code == 409
    other = post(secret, sent, key="entrega-0002")
    assert (other.status_code, other.json()["unchanged"]) == (201, 1)
    assert post(secret, sent, key="").status_code == 422


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ([], 422, "bad_shape"),
        ({}, 422, "bad_shape"),
        ({"orders": {}, "control": {}}, 422, "bad_shape"),
        ({"orders": [], "control": []}, 422, "bad_shape"),
        ({"orders": [], "control": {"rows": 0, "payable": "0.00"}}, 422, "no_rows"),
        ({"orders": [], "control": {"rows": "x", "payable": "0.00"}}, 422, "bad_control"),
        ({"orders": [], "control": {"rows": 1, "payable": 1300.0}}, 422, "bad_control"),
        ({"orders": [], "control": {"rows": 1, "payable": "sNaN"}}, 422, "bad_control"),
        ({"orders": [], "control": {"rows": 1, "payable": "1300.00"}}, 422, "control_totals"),
    ],
)
def test_a_bad_shape_or_wrong_totals_are_422_and_store_nothing(db, content, status, code) -> None:
    answer = post(token(), content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["title"].endswith(".") and not OrderDelivery.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff\xfe",
        b'{"orders": NaN}',
        b"[" * 5_000,
        b'{"control": {"rows": 0, "rows": 1, "payable": "0.00"}, "orders": [1]}',
        b'{"control": {"rows": ' + b"9" * 5_000 + b', "payable": "0.00"}, "orders": [1]}',
    ],
)
def test_bad_json_is_400_never_500(db, raw) -> None:
    assert post(token(), None, raw=raw).status_code == 400
    assert not OrderDelivery.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("fee", 1500.0, "bad_amount"),
        ("fee", "1e3", "bad_amount"),
        ("patient", ["Ana"], "bad_text"),
        ("account", "A\x00B", "bad_account"),
        ("physician_rfc", "A\x00", None),
        ("patient", "A\x00na", None),
        ("service_on", "ayer", "bad_date"),
        ("service_on", "2026\x00", "bad_date"),
        ("service_on", "\ud800", "bad_date"),
        ("fee", "1\x00", "bad_amount"),
        ("coaseguro", "\ud800", "bad_amount"),
        ("payable", "1\u202e", "bad_amount"),
        ("signed_by_insured", 7, "bad_flag"),
        ("signed_by_physician", "\ud800", "bad_flag"),
        ("account", "\ud800", "bad_account"),
        ("physician_rfc", "\ud800", None),
        ("concept", "\ud800", None),
        ("authorised_by", "a\x00", None),
        ("physician_code", "AB12\x00CD", "bad_code"),
        ("physician_code", "AB12\ud800CD", "bad_code"),
        ("a\x00b", 1, "unknown_field"),
        ("x\ud800", 1, "unknown_field"),
        ("x\u202ey", 1, "unknown_field"),
    ],
)
def test_a_bad_value_is_an_error_of_its_row_and_field(db, field, value, code) -> None:
    answer = post(token(), body(order(a.doctor(), **{field: value})))
    assert answer.status_code == 201, answer.content
    (error,) = answer.json()["errors"]
    shown = "".join("\ufffd" if letter in "\x00\ud800\u202e" else letter for letter in field)
    assert error["field"] == shown and (code is None or error["code"] == code)
    assert not CareOrder.objects.exists()


@pytest.mark.parametrize("payable", ["\ud800", "1\x00", "1\u202e"])
def test_a_control_total_that_no_column_can_hold_is_refused_in_words(db, payable) -> None:
    sent = body(order(a.doctor()))
    sent["control"]["payable"] = payable
    answer = post(token(), sent)
    assert answer.status_code == 422 and answer.json()["code"] == "bad_control"
    assert "\ufffd" in answer.json()["title"] and not OrderDelivery.objects.exists()


@pytest.mark.parametrize("name", ["a\x00b", "x\ud800", "x\u202ey"])
@pytest.mark.parametrize("where", ["", "control"])
def test_a_name_that_no_column_can_hold_is_shown_with_marks(db, name, where) -> None:
    sent = body(order(a.doctor()))
    (sent[where] if where else sent)[name] = 1
    answer = post(token(), sent)
    assert answer.status_code == 422 and answer.json()["code"] == "unknown_field"
    assert "\ufffd" in answer.json()["title"]


def test_options_hand_out_no_docstring_of_ours(db) -> None:
    answer = Client().options(URL)
    assert answer.status_code == 405 and b"docs" not in answer.content and b"Errors" not in answer.content


def test_an_amount_as_a_whole_number_is_read(db) -> None:
    assert post(token(), body(order(a.doctor(), fee=1500, coaseguro=200, payable=1300))).json()["accepted"] == 1


@pytest.mark.parametrize("where", ["", "control", "order"])
def test_a_field_that_nobody_reads_is_an_error_that_names_it(where) -> None:
    """A misspelt name would be silently lost: the order with it is refused, the envelope as a whole."""
    content = body(order(a.doctor()))
    {"": content, "control": content["control"], "order": content["orders"][0]}[where]["patiente"] = "x"
    answer = post(token(), content)
    told = answer.json()
    assert "patiente" in json.dumps(told) and "unknown_field" in json.dumps(told)
    assert not CareOrder.objects.exists()
    if where != "order":
        assert answer.status_code == 422 and told["code"] == "unknown_field"
