"""A long import and whoever meets it: another worker, a command, an early hand, a cancel, wrong titles."""

from __future__ import annotations

import json
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from billing.models import CareOrder, StagedOrder
from portal import queue
from portal.errors import Conflict, RuleBroken
from portal.imports import services, staging, tasks
from portal.imports.models import ImportRun, ImportTask, KnownHeading
from portal.imports.services import long
from portal.papers import services as papers
from portal.papers import store
from portal.papers.models import StoredFile
from portal.people.models import RfcCode
from tests.api.callers import ALL, Caller, own_token
from tests.api.callers import told as answered
from tests.factories import billing as a
from tests.factories import people
from tests.factories.threads import LONG, at_once
from tests.imports.long_files import (
    HEADINGS,
    KIND,
    TOTALS,
    notices,
    orders,
    sent,
    staged,
    text,
    told,
    worked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "AT_ONCE", 2)
    monkeypatch.setattr(staging, "STRETCH", 2)


@pytest.fixture
def desk() -> SimpleNamespace:
    return SimpleNamespace(by=people.reviewer(), sender=a.insurer())


def second_stretch(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Have `act` happen once, when a first stretch of a file is staged and its second one is read."""
    real, left = papers.examine_stored, [act]

    def examine(**said: Any) -> Any:
        if said["context"]["after"] and left:
            left.pop()()
        return real(**said)

    monkeypatch.setattr("portal.imports.services.long.papers.examine_stored", examine)


def test_a_run_that_a_drain_has_is_neither_applied_nor_explained_meanwhile(desk, monkeypatch) -> None:
    """Through the API: 202 until it is read, 409 to whoever is early, no row and no code enters before (AC-11)."""
    caller, refusals = Caller(own_token(desk.by, *ALL)), list[Any]()
    asked = {"insurer": str(desk.sender.pk), "rows": 5, "payable": "6500.00"}
    arrived = answered(
        caller.post("mesa/ordenes/importar/", asked, files={"file": ("o.csv", text(orders()))}, key="k" * 20), 202
    )
    here, run = f"mesa/ordenes/importaciones/{arrived['id']}/", ImportRun.objects.get(pk=arrived["id"])
    again = caller.post("mesa/ordenes/importar/", asked, files={"file": ("o.csv", text(orders()))}, key="k" * 20)
    assert (arrived["working"], arrived["rows"], again.status_code) == (True, 0, 202)
    assert (arrived["progress"], arrived["stuck"]) == ({"act": "read", "done_rows": 0}, False)

    def early() -> None:
        assert (staged(run), CareOrder.objects.count()) == (2, 0)
        assert answered(caller.get(here), 200)["progress"] == {"act": "read", "done_rows": 2}
        refusals.append(answered(caller.post(f"{here}aplicar/"), 409)["code"])
        refusals.append(answered(caller.post(f"{here}titulos/", {}), 409)["code"])
        for act in (services.ask_apply, services.apply_run):
            with pytest.raises(Conflict, match="Todavía estamos leyendo"):
                act(run=run, by=desk.by, at=a.NOW)

    second_stretch(monkeypatch, early)
    run = worked(run)
    assert refusals == ["import_working"] * 2
    assert (run.rows, staged(run), run.file.verdict, len(json.loads(run.secrets))) == (5, 5, "accepted", 3)
    assert answered(caller.post(f"{here}aplicar/"), 202)["working"] and CareOrder.objects.count() == 0
    with pytest.raises(Conflict, match="Todavía estamos aplicando"):
        services.apply_run(run=run, by=desk.by, at=a.NOW)
    assert worked(run).state == "applied" and RfcCode.objects.count() == 3
    ended = answered(caller.get(here), 200)
    assert (ended["working"], ended["progress"], ended["stuck"]) == (False, None, False)


def test_headings_under_which_nothing_of_a_long_file_is_right_are_forgotten_and_asked_again(desk) -> None:
    lines = text(orders(), headings=["monto" if one == "honorario" else one for one in HEADINGS]).decode().splitlines()
    content = "\r\n".join([f"{lines[0]},nota", *(f"{line},hola" for line in lines[1:])]).encode()
    run = worked(sent(desk, content, declared=None))
    caller, titles = Caller(own_token(desk.by, *ALL)), f"mesa/ordenes/importaciones/{run.pk}/titulos/"
    assert answered(caller.post(titles, {"fee": "nota"}), 202)["working"]
    assert answered(caller.post(titles, {"fee": "nota"}), 409)["code"] == "import_working"
    run = worked(run)
    assert (run.state, run.headings["lacking"], staged(run), run.task) == ("read", ["fee"], 0, None)
    assert not KnownHeading.objects.exists() and notices(desk)[-1] == "No pudimos seguir con tu archivo"
    page = people.signed_in(desk.by).get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "Elige otros, o cancela el archivo" in page and "Qué es cada título" in page
    services.say_headings(run=run, said={"fee": "monto"}, by=desk.by, at=a.NOW)
    run = worked(run)
    assert (run.new, run.agrees, KnownHeading.objects.get().heading) == (5, True, "monto")


def test_the_bytes_of_a_file_that_nobody_read_go_when_it_is_cancelled(
    desk, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    """Its codes stand in them (AC-11); they stay while another run waits for the same bytes."""
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 300)
    first, second = sent(desk, text(orders())), sent(desk, text(orders()), subject_id="otra")
    queue.park(second.task, error="una falla")
    with pytest.raises(Conflict, match="se detuvo"):
        services.apply_run(run=second, by=desk.by, at=a.NOW)
    path = store.path_of(first.file.storage_key)
    for run, verdict in ((first, "pending"), (second, "rejected")):
        with django_capture_on_commit_callbacks(execute=True):
            services.cancel_run(run=run, by=desk.by, at=a.NOW)
        assert (StoredFile.objects.get().verdict, path.exists()) == (verdict, verdict == "pending")
    assert worked(sent(desk, text(orders()))).new == 5


def test_a_large_file_is_kept_wherever_its_first_bytes_end(desk, monkeypatch) -> None:
    """A line break inside quotes is no end of a row."""
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 300)
    content = text(orders(60, concept='"Consulta\nde control"'))
    middle = content.index(b"Consulta", len(content) * 9 // 10)
    for place in (0, 9, 10, 21, 22, 40):
        monkeypatch.setattr("portal.imports.services.runs.HEAD", middle + place)
        assert sent(desk, content + b"\r\n" * place, declared=None).file.verdict == "pending"


def test_of_two_workers_that_hold_one_task_the_late_one_leaves_no_row(desk, monkeypatch) -> None:
    """Its lease ran out while it read: the other one emptied the table and read the file from its start."""
    run = sent(desk, text(orders()))
    (late,) = queue.claim(ImportTask, limit=1)

    def other() -> None:
        ImportTask.objects.update(leased_until=a.NOW)
        assert tasks.work_on_imports() == 1

    second_stretch(monkeypatch, other)
    with pytest.raises(queue.LostLease):
        services.work_on(task=late, at=a.NOW)
    run.refresh_from_db()
    assert (run.rows, run.new, staged(run), notices(desk)) == (5, 5, 5, ["Leímos tu archivo"])
    ImportTask.objects.update(done_at=None, act="apply")
    with pytest.raises(queue.LostLease):
        services.work_on(task=late, at=a.NOW)
    assert CareOrder.objects.count() == 0


def test_no_row_of_a_run_is_staged_twice(desk) -> None:
    run = sent(desk, text(orders(1)), declared=told(1))
    twin = StagedOrder.objects.get(run_id=run.pk)
    twin.pk = None
    with pytest.raises(IntegrityError, match='constraint "staged_order_of_run"'), transaction.atomic():
        twin.save(force_insert=True)


def test_rows_of_a_run_that_waits_no_more_are_swept(desk) -> None:
    waits, gone = sent(desk, text(orders(2)), declared=told(2)), sent(desk, text(orders(1)), declared=told(1))
    ImportRun.objects.filter(pk=gone.pk).update(state="cancelled", closed_at=a.NOW, secrets=None)
    assert (tasks.sweep(), tasks.sweep(), staged(waits), staged(gone)) == (1, 0, 2, 0)


@pytest.mark.django_db(transaction=True)
def test_a_command_and_a_live_drain_read_one_file_once(desk, monkeypatch, tmp_path, capsys) -> None:
    real, read_now, path = papers.examine_stored, services.read_now, tmp_path / "ordenes.csv"

    def slowly(**said: Any) -> Any:
        time.sleep(0.2)
        return real(**said)

    def drains() -> int:
        while not ImportTask.objects.exists():
            time.sleep(0.01)
        return tasks.work_on_imports()

    def after_its_claim(**said: Any) -> ImportRun:
        while not ImportTask.objects.filter(attempts=1).exists():
            time.sleep(0.01)
        return read_now(**said)

    monkeypatch.setattr("portal.imports.services.long.papers.examine_stored", slowly)
    monkeypatch.setattr("portal.imports.services.long.LOOK_SECONDS", 0.05)
    monkeypatch.setattr(services, "read_now", after_its_claim)
    path.write_bytes(text(orders()))
    asked = [KIND, str(path), "--sender", desk.sender.rfc, "--by", desk.by.email, *TOTALS]
    assert at_once([lambda: call_command("import-file", *asked), drains]) == [None, 1]
    assert json.loads(capsys.readouterr().out)["new"] == CareOrder.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_reading_a_cancel_and_the_same_file_again_wait_for_each_other(desk, monkeypatch) -> None:
    """One order of locks: sender, run, task."""
    run, ending, real = sent(desk, text(orders())), threading.Event(), queue.finish

    def finish(row: Any) -> None:
        real(row)
        ending.set()
        time.sleep(0.5)

    def then(act: Any) -> Any:
        assert ending.wait(LONG)
        return act()

    monkeypatch.setattr("portal.imports.services.long.queue.finish", finish)
    answers = at_once(
        [
            tasks.work_on_imports,
            lambda: then(lambda: services.cancel_run(run=run, by=desk.by, at=a.NOW)),
            lambda: then(lambda: sent(desk, text(orders()))),
        ]
    )
    assert [type(one).__name__ for one in answers] == ["int", "ImportRun", "ImportRun"] and answers[0] >= 1
    assert ImportRun.objects.get(pk=run.pk).state == "cancelled" and staged(run) == 0


def test_who_lost_a_file_closes_nothing_and_one_that_was_looked_at_keeps_its_verdict(desk) -> None:
    run = sent(desk, text(orders()))
    task = run.task
    assert task is not None and run.file is not None
    ImportTask.objects.filter(pk=task.pk).update(leased_until=a.NOW)
    with pytest.raises(queue.LostLease):
        long._finish_task(task)
    StoredFile.objects.filter(pk=run.file.pk).update(verdict="accepted")
    task.refresh_from_db()
    long._refuse_task(task, RuleBroken("El total no coincide. Revísalo.", code="totals"), at=a.NOW)
    run.refresh_from_db()
    assert (run.state, StoredFile.objects.get(pk=run.file.pk).verdict) == ("refused", "accepted")
