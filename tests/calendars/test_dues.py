"""Deadlines of every room are reminded of by one task: each threshold once, what was missed in order (JB-06)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import ComplementDue
from config.celery import app
from portal import clock
from portal.calendars import registry, selectors, services, tasks
from portal.calendars.rules import Reminders, next_reminder, reached
from portal.help.models import ContactMessage
from tests.factories import billing as a

DUE = date(2026, 12, 5)
PLAN = Reminders((-5, -2, 0, 1), every=7)
TODAY = a.TODAY


@pytest.mark.parametrize(
    ("since", "on", "days"),
    [
        ("11-30", "11-30", ["11-30"]),
        ("11-30", "12-04", ["11-30", "12-03"]),  # missed nights, in order
        ("11-30", "12-07", ["11-30", "12-03", "12-05", "12-06"]),  # a missed week: each threshold once
        ("12-06", "12-12", ["12-06"]),
        ("12-13", "12-13", ["12-13"]),
        ("12-03", "12-28", ["12-03", "12-05", "12-06", "12-27"]),  # of the weekly ones the newest
        ("12-15", "12-16", ["12-15"]),  # reopened on a day that the plan does not know
    ],
)
def test_jb_06_a_run_tells_each_threshold_that_has_come_in_order(since: str, on: str, days: list[str]) -> None:
    told = reached(DUE, PLAN, since=date.fromisoformat(f"2026-{since}"), on=date.fromisoformat(f"2026-{on}"))
    assert told == [date.fromisoformat(f"2026-{day}") for day in days]


@pytest.mark.parametrize(
    ("plan", "after", "following"),
    [
        (Reminders((-5, 0)), date(2026, 12, 5), None),  # nothing is said for ever
        (Reminders((), every=7), date(2026, 12, 5), None),
        (Reminders((3,), every=10), date(2026, 12, 8), date(2026, 12, 18)),
        (Reminders((-1, -1, -9)), date(2026, 11, 1), date(2026, 11, 26)),
    ],
)
def test_a_plan_ends_unless_it_repeats(plan: Reminders, after: date, following: date | None) -> None:
    assert next_reminder(DUE, plan, after=after) == following


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_jb_06_however_runs_fall_no_day_is_told_twice_and_no_threshold_is_left_out(pauses: list[int]) -> None:
    on = since = DUE - timedelta(days=5)
    told: list[date] = []
    for days in pauses:
        on += timedelta(days=days)
        if since <= on:
            told += reached(DUE, PLAN, since=since, on=on)
            since = next_reminder(DUE, PLAN, after=on)
    assert all(first < second for first, second in pairwise(told))
    assert [day for day in told if day <= DUE + timedelta(days=1)] == [
        day for number in PLAN.days if (day := DUE + timedelta(days=number)) <= on
    ]


def test_one_task_reminds_and_beat_knows_it() -> None:
    app.loader.import_default_modules()
    assert tasks.remind.name == "calendars.remind"
    assert "calendars.remind" in {entry["task"] for entry in app.conf.beat_schedule.values()}


def message(name: str, due_on: date) -> ContactMessage:
    """A message that nobody answered; its first reminder is the day before its date."""
    return ContactMessage.objects.create(
        folio=f"QS-2020-{ContactMessage.objects.count():06d}",
        name=name,
        email="ana@ejemplo.mx",
        kind="question",
        body="¿Cuándo?",
        created_at=a.NOW,
        anchor=TODAY,
        due_on=due_on,
        rolled_on=due_on,
        due_rule="contact.answer_days v1 · operador",
        next_reminder_on=due_on - timedelta(days=1),
    )


@pytest.mark.django_db
def test_jb_06_two_tables_and_a_missed_week_are_told_once_by_day_and_a_trouble_waits(monkeypatch) -> None:
    """The task stood for a week: the oldest day first, whatever room; nothing twice; what failed comes again."""
    told: list[tuple[str, list[int]]] = []

    def note(*, due: ContactMessage, reached: list[date], on: date, at: object) -> None:
        assert on == clock.today() and at is not None
        if due.body == "falla":
            raise ValueError("broken row")
        told.append((due.name, [(day - TODAY).days for day in reached]))

    monkeypatch.setattr(registry, "_kinds", registry._kinds.copy())
    registry.register_due(ContactMessage, plan=lambda due: Reminders((-1, 0, 1)), remind=note)
    monkeypatch.setattr(clock, "today", lambda *_zone: TODAY + timedelta(days=7))
    monkeypatch.setattr(clock, "now", lambda: a.NOW + timedelta(days=7))
    who = a.doctor()
    a.bare(who, paid_on=TODAY, complement_due_on=TODAY + timedelta(days=5), next_reminder_on=TODAY + timedelta(days=2))
    message("late", TODAY + timedelta(days=6))
    message("soon", TODAY + timedelta(days=1))
    order = [type(row).__name__ for row in selectors.to_remind(on=TODAY + timedelta(days=7))]
    assert order == ["ContactMessage", "ComplementDue", "ContactMessage"]
    broken = ContactMessage.objects.filter(name="late")
    broken.update(body="falla")
    assert (tasks.remind(), tasks.remind()) == (2, 0)
    broken.update(body="ya no")
    assert (tasks.remind(), tasks.remind()) == (1, 0)
    assert told == [("soon", [0, 1, 2]), ("late", [5, 6, 7])]
    assert not ContactMessage.objects.exclude(next_reminder_on=None).exists()


@pytest.mark.django_db
def test_a_due_that_was_met_or_has_no_reminder_left_waits_for_nobody() -> None:
    who = a.doctor()
    day = TODAY + timedelta(days=5)
    due = a.bare(who, paid_on=TODAY, complement_due_on=day, next_reminder_on=TODAY).complement_due
    assert due is not None
    assert ComplementDue.objects.overdue(on=day + timedelta(days=1)).get() == due
    assert not ComplementDue.objects.overdue(on=day).exists()
    ComplementDue.objects.update(met_at=a.NOW, next_reminder_on=None)
    assert not ComplementDue.objects.overdue(on=day + timedelta(days=1)).exists()
    assert services.remind(due=due, on=day, at=a.NOW) is False
