"""Who is at work says so; a worker or a beat that nothing reaches ends itself, and health tells who is asleep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import signals
from celery.worker import state

from config import health, pulse
from config.celery import SCHEDULE, app
from portal import clock
from portal.once.models import LastRun
from portal.once.services import last_runs, note_run

pytestmark = pytest.mark.django_db


class Named:
    """What Celery hands to its signals, as far as we look at it."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    told = {"waiting": 0}
    monkeypatch.setattr(pulse, "_waiting_calls", lambda app: told["waiting"])
    return told


@pytest.fixture
def at_work() -> Iterator[None]:
    yield
    state.active_requests.clear()
    state.reserved_requests.clear()
    state.total_count.clear()


def test_a_worker_is_deaf_when_calls_wait_and_it_neither_takes_nor_has_one(
    calls: dict[str, int], at_work: None
) -> None:
    deaf = pulse.DeafWorker(app).is_deaf
    assert not deaf()  # the first look knows no earlier one
    assert not deaf()  # nothing waits
    calls["waiting"] = 3
    assert deaf()
    busy = Named("1")
    state.active_requests.add(busy)
    assert not deaf()  # both children are at long work
    state.active_requests.clear()
    state.total_count["drain.audit"] += 1
    assert not deaf()  # it took one since
    assert deaf()
    calls["waiting"] = -1
    assert not deaf()  # the broker is away: whom should it hear?


def test_a_beat_is_deaf_when_it_sent_nothing_for_a_minute_and_the_broker_answers(
    calls: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(pulse.time, "monotonic", lambda: now)
    beat = pulse.SilentBeat(app)
    now += 61
    assert beat.is_deaf()
    calls["waiting"] = -1
    assert not beat.is_deaf()
    calls["waiting"] = 0
    signals.after_task_publish.send(sender="drain.audit")
    assert not beat.is_deaf()
    now += 61
    assert beat.is_deaf()


def test_three_deaf_looks_in_a_row_end_the_process_and_fewer_do_not(caplog: pytest.LogCaptureFixture) -> None:
    looks = iter([True, True, False, True, True, True, False])
    ended: list[bool] = []
    pauses: list[bool] = []
    pulse.keep_watch("worker", lambda: next(looks), end=lambda: ended.append(True), pause=lambda: pauses.append(True))
    assert (len(pauses), ended, next(looks)) == (6, [True], False)
    assert "worker is deaf" in caplog.text
    assert "worker" in last_runs()


def test_each_task_that_ends_well_is_noted_with_what_it_told() -> None:
    sender = Named("papers.sweep")
    signals.task_success.send(sender=sender, result={"parts": 0, "orphans": 2})
    signals.task_success.send(sender=Named("drain.audit"), result=7)
    signals.task_success.send(sender=Named("celery.backend_cleanup"), result=None)
    assert {name: run.told for name, run in last_runs().items()} == {
        "papers.sweep": {"parts": 0, "orphans": 2},
        "drain.audit": {"count": 7},
    }
    signals.task_success.send(sender=sender, result=None)
    assert last_runs()["papers.sweep"].told == {}
    assert str(last_runs()["papers.sweep"]).startswith("papers.sweep 2")


def seen(**ago: timedelta) -> None:
    LastRun.objects.all().delete()
    for name, age in ago.items():
        note_run(name=name.replace("__", "."), at=clock.real_now() - age)


def pulse_check() -> health.Check:
    return next(check for check in health.look(at=clock.real_now()) if check.name == "pulse")


FRESH = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("ago", "level", "said"),
    [
        ({}, "ok", "Ninguna ha corrido todavía"),
        ({"worker": FRESH, "beat": FRESH, "drain__audit": FRESH, "papers__sweep": timedelta(hours=25)}, "ok", "Al día"),
        ({"worker": FRESH, "beat": timedelta(minutes=9)}, "degraded", "El reloj (beat) no da señales desde hace 9 min"),
        ({"worker": timedelta(hours=3), "beat": FRESH}, "degraded", "(worker) no da señales desde hace 3 horas"),
        ({"worker": FRESH, "drain__notices": timedelta(minutes=4)}, "degraded", "drain.notices no corre desde hace 4"),
        ({"worker": FRESH, "calendars__remind": timedelta(minutes=2)}, "ok", "Al día"),
        ({"papers__verify": timedelta(hours=27)}, "degraded", "papers.verify no corre desde hace 27 horas"),
        ({"gone__task": timedelta(days=9)}, "ok", "Al día"),  # of an earlier version
    ],
)
def test_health_tells_who_is_asleep(ago: dict[str, timedelta], level: str, said: str) -> None:
    seen(**ago)
    check = pulse_check()
    assert (str(check.level), said in check.text) == (level, True), check.text


def test_every_task_of_the_schedule_is_watched() -> None:
    for name in SCHEDULE:
        LastRun.objects.all().delete()
        note_run(name=name, at=clock.real_now() - timedelta(days=3))
        assert name in pulse_check().text


def test_health_tells_what_the_night_found_in_the_files() -> None:
    def text() -> tuple[str, str]:
        (check,) = [check for check in health.look(at=clock.real_now()) if check.name == "files"]
        return str(check.level), check.text

    assert text()[0] == "ok"
    note_run(name="papers.verify", at=clock.real_now(), told=2)
    assert text() == ("degraded", "2 archivos faltan o cambiaron: corre verify-files y restáuralos.")
    note_run(name="papers.sweep", at=clock.real_now(), told={"parts": 0, "orphans": 0, "refused": 140})
    assert text()[1].startswith("140 archivos sin fila")
    note_run(name="papers.sweep", at=clock.real_now(), told={"parts": 0, "orphans": 0})
    note_run(name="papers.verify", at=clock.real_now(), told=0)
    assert text() == ("ok", "Completos en la última revisión nocturna.")
