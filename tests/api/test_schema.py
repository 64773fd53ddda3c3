"""The schema, the page of the API and its examples are the declarations: none of them can say something else."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from django.forms import FileField
from django.test import Client

from config import matrix
from portal.access import Permission
from portal.api.answers import Answer
from portal.api.bodies import JSON, MULTIPART
from portal.api.calls import Body, Call
from portal.api.pages import docs
from portal.api.schema import example_of, fields_of
from portal.api.views import described
from portal.imports.api import RunTold
from portal.listing import registry
from portal.listing.columns import Listing
from portal.people.rules import ACTING_SCOPE

METHODS = {"GET", "POST"}


def resources() -> list[Any]:
    return [view.cls.resource for _name, _path, view in matrix.routes() if hasattr(view, "calls")]


def calls() -> list[tuple[str, Call]]:
    return [(one.path, call) for one in resources() for call in one.calls.values()]


def test_no_two_answers_are_one_component_of_the_schema() -> None:
    """A component is named by its class: of two that share a name the schema shows one for both."""
    told, found = {}, [call.answers for _path, call in calls() if isinstance(call.answers, type)]
    while found:
        kind = found.pop()
        if issubclass(kind, Answer) and told.setdefault(kind.__name__, kind) is kind:
            held = [getattr(field, "child", field) for field in kind().fields.values()]
            found += [type(one) for one in held if isinstance(one, Answer) and type(one) not in told.values()]
        assert not issubclass(kind, Answer) or told[kind.__name__] is kind, kind.__name__
    assert len(told) > 40


def test_every_call_stands_in_the_schema_once_with_its_words_and_nothing_else_does() -> None:
    described.cache_clear()  # made here, where no database may be asked: rows are no part of it
    told = {(path, method) for path, methods in described()["paths"].items() for method in methods}
    assert len(told) == len(calls()) > 70
    for methods in described()["paths"].values():
        for operation in methods.values():
            assert operation["summary"] and operation["operationId"] and operation["description"].endswith(".")
            assert {"401", "403", "422", "429"} <= set(operation["responses"])
    assert {call.method for _, call in calls()} <= METHODS
    ids = [one["operationId"] for methods in described()["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if re.search(r"_\d+$", one)] == [], "two calls are told apart by the order of the apps"


def test_what_a_drain_ends_is_answered_202_with_the_address_where_its_run_is_asked_for() -> None:
    """A file of rows may be long; a call's rows, and what only closes a file, are done when they are answered."""
    of_files = [
        (path, call)
        for path, call in calls()
        if call.answers is RunTold and call.method == "POST" and not path.endswith(("totales/", "cancelar/"))
    ]
    assert [path for path, call in of_files if call.waits is None and not isinstance(call.takes, Body)] == []
    assert [path for path, call in calls() if (call.waits or call.status == 202) and call.leads is None] == []
    assert len(of_files) > 12


def test_what_acts_on_payments_is_for_people_alone_MO_05() -> None:
    acting = [(path, call) for path, call in calls() if call.scope == ACTING_SCOPE]
    assert len(acting) > 7 and not [path for path, call in acting if call.systems]


def test_every_list_of_the_house_that_people_work_with_has_its_call() -> None:
    through = {call.answers.name for _, call in calls() if isinstance(call.answers, Listing)}
    billing_and_treasury = {
        name
        for name, one in registry.listings().items()
        if one.permission
        in {
            Permission.SEE_OWN_BILLING,
            Permission.REVIEW_INVOICES,
            Permission.IMPORT_ORDERS,
            Permission.SEE_PAYMENTS,
            Permission.REVIEW_ACCOUNTS,
            Permission.ANSWER_CONTACTS,
        }
    }
    assert billing_and_treasury - through <= {
        "rfc_papers"
    }  # the papers that prove an RFC are compared by eye, on their page


def test_every_act_that_takes_something_has_an_example_that_fits_its_form_and_schema() -> None:
    """An example that its own form would refuse for its shape teaches the wrong thing."""
    wrong, components = [], described()["components"]["schemas"]
    for methods in described()["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {})
            sent = operation.get("x-example", {})
            body = content.get(MULTIPART) or content.get(JSON) or {"schema": {"properties": {}}}
            if body["schema"].get("properties") and not sent:
                wrong.append(f"{operation['operationId']} has no example")
                continue
            try:
                jsonschema.validate(sent, body["schema"] if sent else {})
            except jsonschema.ValidationError as error:
                wrong.append(f"{operation['operationId']}: {error.message}")
            for code, answer in operation["responses"].items():
                for told in answer.get("content", {}).values():
                    if code.startswith("2") and told["schema"].get("format") != "binary":
                        made = example_of(told["schema"], components)
                        jsonschema.validate(made, {**told["schema"], "components": described()["components"]})
    assert wrong == []


def test_every_field_of_a_form_says_whether_it_is_required_as_the_form_does() -> None:
    for path, call in calls():
        fields = fields_of(call)
        if not fields:
            continue
        operation = described()["paths"][f"/api/v1/{shaped(path)}"][call.method.lower()]
        content = operation["requestBody"]["content"]
        schema = (content.get(MULTIPART) or content[JSON])["schema"]
        assert set(schema["properties"]) == set(fields)
        assert set(schema.get("required", ())) == {name for name, field in fields.items() if field.required}
        assert (MULTIPART in content) == any(isinstance(field, FileField) for field in fields.values())


def shaped(path: str) -> str:
    """`facturas/<slug:folio>/` as the schema writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


@pytest.mark.django_db
def test_the_page_shows_every_call_with_an_example_and_is_read_without_signing_in() -> None:
    answer = Client().get("/api/docs/")
    page = answer.content.decode()
    shown = [call for group in docs(described())["groups"] for call in group["calls"]]
    assert answer.status_code == 200 and len(shown) == len(calls())
    for call in shown:
        assert f'id="{call["id"]}"' in page and call["title"] in page and "Authorization: Bearer" in call["curl"]
        assert ("Idempotency-Key" in call["curl"]) == (call["method"] == "POST" and "descargar" not in call["path"])
    schema = Client().get("/api/schema/")
    assert schema.json() == described() and schema["Content-Type"].startswith("application/vnd.oai.openapi+json")
