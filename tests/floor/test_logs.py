"""One JSON object a line, with the request's reference and nothing that a person typed (OP-06, AD-05)."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from gunicorn.config import Config

from config.logs import JsonLines
from config.serverlog import ServerLog
from portal.history.context import Origin, origin
from portal.people.models import User


def _line(record: logging.LogRecord) -> dict[str, Any]:
    text = JsonLines().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


def test_line_carries_the_reference_of_its_request() -> None:
    token = origin.set(Origin(request_id="7KQ2-MX4T"))
    record = logging.makeLogRecord({"msg": "a %s", "args": ("b",), "levelname": "INFO", "name": "cauce.x"})
    line = _line(record)
    origin.reset(token)
    assert (line["request"], line["message"], line["logger"]) == ("7KQ2-MX4T", "a b", "cauce.x")
    assert line["at"].endswith("+00:00")
    assert "request" not in _line(record)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "told"), [("/nada/ana@example.com/", "no such address"), ("/verificar/ANA/", "<")])
def test_address_that_was_asked_for_is_not_written(caplog: pytest.LogCaptureFixture, path: str, told: str) -> None:
    answer = Client().get(path, secure=True)
    assert answer.status_code == 404
    (line,) = [_line(record) for record in caplog.records if record.name == "django.request"]
    assert path not in json.dumps(line)
    assert told in line["message"]
    assert line["request"] == answer["X-Request-Id"]


@pytest.mark.django_db
def test_row_that_postgresql_quotes_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("cauce.test")
    people = [User(email="ana@example.com")]  # without the moment it was made
    with pytest.raises(IntegrityError), transaction.atomic():
        try:
            User.objects.bulk_create(people)
        except IntegrityError:
            logger.exception("refused")
            raise
    assert "ana@example.com" in caplog.text, "Python's own formatter would tell it"
    (line,) = [_line(record) for record in caplog.records if record.name == "cauce.test"]
    assert "DETAIL: (left out)" in line["traceback"]
    assert "ana@example.com" not in json.dumps(line)


def test_web_server_writes_the_same_lines(capfd: pytest.CaptureFixture[str]) -> None:
    before = {name: (logging.getLogger(name).handlers[:], logging.getLogger(name).propagate) for name in NAMES}
    try:
        ServerLog(Config()).info("Starting gunicorn %s", "x")
    finally:
        for name, (handlers, propagate) in before.items():
            logging.getLogger(name).handlers, logging.getLogger(name).propagate = handlers, propagate
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "Starting gunicorn x"


NAMES = ("gunicorn.error", "gunicorn.access")


@pytest.mark.django_db
def test_health_answers_by_any_name_and_nothing_else_does() -> None:
    stranger = Client(headers={"host": "10.0.0.7:8000"})
    assert stranger.get("/salud/vivo").status_code == 200
    assert stranger.get("/salud/listo").status_code == 200
    assert stranger.get("/").status_code == 400
