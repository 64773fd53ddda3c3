"""F-06, OP-12: a database that cannot serve is 503 with Retry-After and its own page; a wrong statement stays a 500."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import (
    DataError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.test import Client

from portal import outage
from tests.factories.people import physician, signed_in
from tests.sources import ROOT

SOFT = ("08006", "40001", "40P01", "53100", "53200", "53300", "57014", "57P01", "57P02", "57P03", "58030")
AWAY = (*SOFT, "25006", "25P03", "55P03", "3D000")
OURS = ("23505", "42601", "42P01", "22P02", "25P02", "0A000", "54001", "42501")


def raised_by(code: str) -> BaseException:
    """What Django makes of an error with that SQLSTATE, raised by PostgreSQL itself."""
    with pytest.raises(Exception) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$")
    return caught.value


@pytest.mark.django_db
@pytest.mark.parametrize("code", AWAY)
def test_what_says_that_the_database_cannot_serve(code: str) -> None:
    assert outage.is_database_away(raised_by(code))


@pytest.mark.django_db
@pytest.mark.parametrize("code", OURS)
def test_what_is_a_mistake_of_ours(code: str) -> None:
    assert not outage.is_database_away(raised_by(code))


def test_errors_without_a_code_and_errors_around_errors() -> None:
    lost = OperationalError("could not translate host name")
    assert outage.is_database_away(lost)
    assert outage.is_database_away(InterfaceError("connection already closed"))
    assert not outage.is_database_away(InterfaceError("cursor already closed"))
    assert not outage.is_database_away(DataError("wrong"))
    assert not outage.is_database_away(ValueError("connection"))
    assert not outage.is_database_away(None)
    wrapped, answering = RuntimeError("a"), RuntimeError("b")
    wrapped.__cause__, answering.__context__ = lost, wrapped
    assert outage.is_database_away(answering)
    wrapped.__context__ = answering  # a ring ends too
    assert outage.is_database_away(answering)


@contextmanager
def fails_at(statement: int, error: Exception) -> Iterator[list[str]]:
    """The database is lost at that statement of a request and stays so."""
    seen: list[str] = []

    def lose(execute: Any, sql: str, params: Any, many: bool, facts: Any) -> Any:
        seen.append(sql)
        if len(seen) >= statement:
            raise error
        return execute(sql, params, many, facts)

    with connection.execute_wrapper(lose):
        yield seen


def lost() -> Exception:
    error = OperationalError("terminating connection due to administrator command")
    error.__cause__ = psycopg2.errors.AdminShutdown()
    return error


def is_the_page(answer: Any) -> None:
    text = answer.content.decode()
    assert answer.status_code == 503, text[:300]
    assert int(answer["Retry-After"]) == outage.RETRY_SECONDS
    assert "no puede atenderte en este momento" in text
    assert "Referencia" in text
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Cache-Control"] == "no-store"
    assert 'lang="es-MX"' in text


@pytest.mark.django_db(transaction=True)
def test_a_page_says_so_at_whichever_statement_the_database_goes(settings: Any) -> None:
    """The first statements are the session's and the person's, in middleware; the later ones the view's."""
    browser = signed_in(physician())
    browser.raise_request_exception = False
    assert browser.get("/medico/").status_code == 200
    reached = 0
    while True:
        with fails_at(reached + 1, lost()) as seen:
            answer = browser.get("/medico/")
        if len(seen) <= reached:
            break  # the request needs no more statements than that
        is_the_page(answer)
        reached += 1
    assert reached > 5
    settings.DEBUG = True  # then a middleware's error is Django's own page, a view's is still ours
    told = []
    for statement in range(1, reached + 1):
        with fails_at(statement, lost()):
            told.append(browser.get("/medico/").status_code)
    assert set(told) == {500, 503}


@pytest.mark.django_db
def test_an_address_that_is_not_there_says_so_too() -> None:
    browser = signed_in(physician())
    browser.raise_request_exception = False
    with fails_at(1, lost()):
        is_the_page(browser.get("/no/existe/"))


@pytest.mark.django_db(transaction=True)
def test_a_session_that_cannot_be_stored_is_no_bad_request() -> None:
    """Django's session says so by another name (SessionInterrupted) and would answer 400."""
    browser = signed_in(physician())
    browser.raise_request_exception = False
    error = raised_by("25006")

    def read_only(execute: Any, sql: str, params: Any, many: bool, facts: Any) -> Any:
        if sql.startswith(("UPDATE", "INSERT", "DELETE")):
            raise error
        return execute(sql, params, many, facts)

    session = browser.session
    session["consents_at"] = 0  # asked again, and written down in the session
    session.save()
    with connection.execute_wrapper(read_only):
        is_the_page(browser.get("/medico/"))


@pytest.mark.django_db
def test_the_api_says_so_to_machines() -> None:
    client = Client(raise_request_exception=False)
    with fails_at(1, lost()):
        answer = client.post(
            "/api/v1/ordenes/", "[]", content_type="application/json", headers={"authorization": "Bearer x.y"}
        )
    assert answer.status_code == 503, answer.content
    assert (answer["Content-Type"], int(answer["Retry-After"])) == ("application/problem+json", outage.RETRY_SECONDS)
    told = json.loads(answer.content)
    assert (told["status"], told["code"], bool(told["reference"])) == (503, "database_away", True)
    assert "misma llave" in told["title"]


@pytest.mark.django_db
def test_a_mistake_of_ours_stays_a_500() -> None:
    browser = signed_in(physician())
    browser.raise_request_exception = False
    error = ProgrammingError("column does not exist")
    error.__cause__ = psycopg2.errors.UndefinedColumn()
    with fails_at(4, error):
        answer = browser.get("/medico/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


NOBODY_THERE = """
import json, logging, os
import dj_database_url, django
django.setup()
logging.disable(logging.CRITICAL)
from django.conf import settings
from django.db import connection
from django.test import Client
settings.DEBUG = False  # it was true so that static files need no collecting
client = Client(raise_request_exception=False, SERVER_NAME="localhost")
def ask(path, cookie):
    client.cookies.clear()
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    answer = client.get(path)
    return [path, cookie, answer.status_code, answer.headers.get("Retry-After", ""), answer.headers["Content-Type"]]
paths = ["/entrar/", "/medico/", "/mesa/", "/salud/vivo", "/salud/listo", "/api/v1/ordenes/", "/no/existe/"]
told = {}
for address in json.loads(os.environ["CAUCE_TEST_ADDRESSES"]):
    connection.close()
    asked = dj_database_url.parse(address)
    connection.settings_dict.update({name: asked[name] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")})
    told[address] = [ask(path, cookie) for path in paths for cookie in (False, True)]
print(json.dumps(told))
"""
NOBODYS = (
    "postgres://cauce_app:x@127.0.0.1:1/cauce",  # refused
    "postgres://cauce_app:x@%2Fnonexistent/cauce",  # no socket
    "postgres://cauce_app:x@nowhere.invalid/cauce",  # no such host
)


def test_nobody_at_the_databases_address() -> None:
    """One process that began without a database asks at each address in turn: where it looks is all that differs."""
    environment = {**os.environ, "DATABASE_URL": NOBODYS[0], "DATABASE_AS_OWNER": "false", "DEBUG": "true"}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", "BASE_URL": "http://localhost:8000"}
    environment["CAUCE_TEST_ADDRESSES"] = json.dumps(NOBODYS)
    done = subprocess.run(
        [sys.executable, "-c", NOBODY_THERE], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found) == list(NOBODYS)
    for address, answers in found.items():
        told = {(path, cookie): rest for path, cookie, *rest in answers}
        assert {told["/salud/vivo", cookie][0] for cookie in (False, True)} == {200}, address
        assert told["/salud/listo", False] == [503, "", "application/json"], address
        assert told["/medico/", True] == [503, str(outage.RETRY_SECONDS), "text/html; charset=utf-8"], address
        assert told["/mesa/", True][0] == told["/salud/listo", True][0] == told["/entrar/", True][0] == 503, address
        assert {status for status, *_ in told.values()} <= {200, 302, 401, 404, 405, 503}, (address, told)
