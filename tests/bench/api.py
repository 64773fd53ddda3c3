"""What a call of the API costs: one order from an insurer's system, and the same call sent again (MO-04)."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from tests.bench.pairs import compare

ADDRESS = "/api/v1/ordenes/"
GOALS: dict[str, Any] = {}  # what each must keep to was never written: their ratios are compared between two runs


def calls() -> None:
    """One order by API against the INSERT of the same row; its repetition against its own statements alone."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from billing.models import CareOrder
    from portal import ids

    send, one = _sender(), CareOrder.objects.order_by("pk")[0]
    columns = {field.column: getattr(one, field.attname) for field in CareOrder._meta.concrete_fields}
    insert = f"INSERT INTO billing_careorder ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(insert, [*(columns | {"id": ids.uuid7(), "account": _account()}).values()])

    compare("S0.10 una orden por la API / su renglón por SQL", lambda: send(_key(), _body(one)), bare)
    key, body = _key(), _body(one)
    send(key, body)
    with CaptureQueriesContext(connection) as seen:
        send(key, body)
    asked = [row["sql"] for row in seen.captured_queries]

    def alone() -> None:
        with connection.cursor() as cursor:
            for sql in asked:
                cursor.execute(sql)

    compare("MO-04 la misma llamada repetida / su SQL a secas", lambda: send(key, body), alone)


def _key() -> str:
    return uuid.uuid4().hex


def _account() -> str:
    return f"BA-{uuid.uuid4().hex[:12].upper()}"


def _body(order: Any) -> bytes:
    """A delivery of one order like `order`, of an account of its own."""
    told = {
        "account": _account(),
        "physician_rfc": order.physician_rfc,
        "patient": order.patient,
        "service_on": order.service_on.isoformat(),
        "concept": order.concept,
        "fee": str(order.fee),
        "coaseguro": str(order.coaseguro),
        "payable": str(order.payable),
        "authorised_by": order.insurer.name,
        "signed_by_insured": True,
        "signed_by_physician": True,
    }
    return json.dumps({"control": {"rows": 1, "payable": told["payable"]}, "orders": [told]}).encode()


def _sender() -> Any:
    """The system of the insurer whose orders the demo world has: `send(key, body)`."""
    from django.test import Client

    from billing.models import CareOrder
    from portal import clock
    from portal.access import Permission
    from portal.people import services
    from portal.people.selectors import people_with

    insurer = CareOrder.objects.order_by("pk")[0].insurer
    administrator = people_with(Permission.MANAGE_PEOPLE, on=clock.today())[0]
    _token, secret = services.issue_token(
        name="Medida",
        user=administrator,
        party=insurer,
        scopes=("orders:write",),
        expires_at=clock.real_now() + timedelta(days=1),
        by=administrator,
        at=clock.now(),
    )
    client = Client(HTTP_HOST="localhost")

    def send(key: str, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
        answer = client.post(ADDRESS, body, content_type="application/json", headers=headers)
        if answer.status_code != 201:
            raise SystemExit(f"{ADDRESS} answered {answer.status_code}: {answer.content.decode()}")

    return send


MEASURES = (calls,)
