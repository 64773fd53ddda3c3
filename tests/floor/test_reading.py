"""What is read once while a page is made (`portal.reading`)."""

from __future__ import annotations

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from portal import clock
from portal.calendars.selectors import calendar
from portal.history.middleware import ReadsDoNotWrite
from portal.reading import once_a_reading, one_reading
from portal.rulebook.models import Rule
from portal.rulebook.selectors import rule_on, version_of

asked: list[tuple[int, str]] = []


@once_a_reading
def _read(number: int, *, word: str = "") -> list[int]:
    asked.append((number, word))
    return [number]


def test_a_question_asked_again_is_answered_from_memory_only_inside_one_reading() -> None:
    asked.clear()
    assert _read(1) is not _read(1)
    with one_reading():
        assert _read(1) is _read(1)
        assert (_read(2), _read(1, word="a")) == ([2], [1])
        with one_reading():
            assert _read(1) == [1]
    assert _read(1) == [1]
    assert asked == [(1, ""), (1, ""), (1, ""), (2, ""), (1, "a"), (1, ""), (1, "")]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "queries"), [("get", 2), ("head", 2), ("post", 8)])
def test_a_page_asks_the_rulebook_and_a_calendar_once_and_an_act_each_time(method: str, queries: int) -> None:
    today = clock.today()

    def page(request: WSGIRequest) -> HttpResponse:
        for code in ("stamp.max_hours", "amount.tolerance"):
            assert version_of(code, rule_on(code, on=today).version) == rule_on(code, on=today)
        return HttpResponse(calendar("mx-office").label + calendar("mx-office").code)

    rule_on("stamp.max_hours", on=today), calendar("mx-office")  # this process knows them already
    with CaptureQueriesContext(connection) as seen:
        ReadsDoNotWrite(page)(getattr(RequestFactory(), method)("/"))
    assert len(seen) == queries, seen.captured_queries


@pytest.mark.django_db
def test_a_version_that_ended_or_was_withdrawn_holds_no_more_at_once() -> None:
    today, code = clock.today(), "stamp.max_hours"
    kept = rule_on(code, on=today)
    Rule.objects.filter(pk=kept.id).update(active=False)
    found = version_of(code, kept.version)
    assert found is not None
    assert not found.active
