"""Rows wait for their second act in unlogged tables; long files are read and applied by a drain, which tells."""

from __future__ import annotations

import io
import json
import threading
import time
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from openpyxl import Workbook

from billing.models import CareOrder, StagedOrder
from billing.rules.intake import OrderRow
from billing.rules.orders_file import ORDERS
from config.demo.uploads import upload_of
from portal import queue
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.imports import services, staging, tasks
from portal.imports.models import ImportRun, ImportTask, KnownHeading, StagedRow
from portal.imports.registry import spec_of
from portal.imports.rules.copying import encoded
from portal.imports.rules.layouts import Item
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.papers import services as papers
from portal.papers import store
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from portal.people.models import RfcCode
from tests.api.callers import ALL, Caller, own_token
from tests.api.callers import told as answered
from tests.factories import billing as a
from tests.factories import people
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db
KIND, RFC, D = "billing.orders", people.rfc_number(7_100), Decimal
HEADINGS = [field.heading for field in ORDERS.fields]
TOTALS = ["--total", "rows=5", "--total", "payable=6500.00"]
CODES = ("QW12ER7Z", "ML98KJ5H", "", "ZX34CV6B", "")


@pytest.fixture(autouse=True)
def three_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "AT_ONCE", 2)
    monkeypatch.setattr(staging, "STRETCH", 2)


@pytest.fixture
def desk() -> SimpleNamespace:
    return SimpleNamespace(by=people.reviewer(), sender=a.insurer())


def orders(count: int = 5, **changes: Any) -> list[OrderRow]:
    rows = [a.row(RFC, authorised_by="SEGUROS DE PRUEBA", account=f"CTA-{n}", **changes) for n in range(count)]
    return [replace(row, physician_code=CODES[n % len(CODES)]) for n, row in enumerate(rows)]


def cells(rows: list[OrderRow]) -> list[list[str]]:
    flags = {True: "sí", False: "no"}
    return [
        [
            flags.get(said, str(said)) if isinstance(said, bool) else str(said)
            for said in (getattr(row, name) for name in ORDERS.names)
        ]
        for row in rows
    ]


def text(rows: list[OrderRow], *, headings: list[str] = HEADINGS, more: str = "") -> bytes:
    return ("\r\n".join(",".join(line) for line in [headings, *cells(rows)]) + "\r\n" + more).encode()


def sheet(rows: list[OrderRow]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in [HEADINGS, *cells(rows)]:
        book.active.append(line)
    book.save(out)
    return out.getvalue()


def told(count: int = 5) -> dict[str, Any]:
    return {"rows": count, "payable": D("1300.00") * count}


def sent(desk: Any, content: bytes, name: str = "ordenes.csv", **more: Any) -> ImportRun:
    asked = {"kind": KIND, "sender": desk.sender, "declared": told(), "by": desk.by, "at": a.NOW} | more
    return services.read_file(upload=upload_of(name, content), **asked)


def worked(run: ImportRun) -> ImportRun:
    """The run after the drain had all it could."""
    tasks.work_on_imports()
    return ImportRun.objects.get(pk=run.pk)


def notices(desk: Any) -> list[str]:
    rows = Notice.objects.filter(user=desk.by, kind="import_ready").order_by("pk")
    return [row.title.partition(":")[0] for row in rows]


def staged(run: ImportRun) -> int:
    return StagedOrder.objects.filter(run_id=run.pk).count()


def test_every_staging_table_is_unlogged() -> None:
    """What a crash may empty costs no log: its file is kept, and read again."""
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, StagedRow)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relpersistence FROM pg_class WHERE relname = ANY(%s)", [list(tables)])
        assert dict(cursor.fetchall()) == dict.fromkeys(tables, "u") and "billing_stagedorder" in tables


def test_a_kind_with_a_staged_layout_names_its_table() -> None:
    with pytest.raises(ValueError, match="go together"):
        replace(spec_of(KIND), staging=None)


def test_what_no_column_can_hold_or_copy_would_take_for_a_sign_is_written_so_that_it_is_read_back() -> None:
    row = a.row(RFC, patient="A\\b\tc\nd\re\x00f\ud800", account="\\N")
    layout = ORDERS.staged
    assert layout is not None
    line = encoded("run", layout, [Item(3, row, 9)]).decode()
    assert line.startswith("run\t3\t9\t\\\\N\t") and "A\\\\b\\tc\\nd\\re\ufffdf\ufffd" in line


@pytest.mark.parametrize("large", [False, True], ids=["many rows", "many bytes"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_file_is_kept_then_read_and_applied_by_the_drain_which_tells_who_asked(
    desk, monkeypatch, kind, large
) -> None:
    """Its codes rest sealed and leave the copy that is kept (AC-11); nobody downloads it before."""
    if large:
        monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 300)
    rows = [*orders(4), replace(orders(5)[4], fee=D("1.00"))]
    content = text(rows) if kind == "csv" else sheet(rows)
    run = sent(desk, content, f"ordenes.{kind}")
    page = people.signed_in(desk.by)
    address = reverse("imports:run", args=[run.pk])
    assert (run.rows, run.state, run.file.verdict, run.agrees) == (0, "read", "pending", False)
    shown = page.get(address).content.decode()
    assert "Estamos leyendo" in shown and 'http-equiv="refresh"' in shown and "no coinciden" not in shown
    assert sent(desk, content, f"ordenes.{kind}").pk == run.pk, "the same file again is the run that waits"
    run = worked(run)
    assert (run.rows, run.new, run.wrong, run.agrees, staged(run)) == (5, 4, 1, True, 5)
    kept = b"".join(open_file(run.file))
    assert (run.file.kind, b"QW12ER7Z" in kept, b"CTA-3" in kept) == ("csv", False, True)
    assert json.loads(run.secrets) == {"2": CODES[0], "3": CODES[1], "5": CODES[3]}
    assert "CTA-0" in page.get(address).content.decode()
    ask = {FIELD: "k" * 20}
    assert [page.post(reverse("imports:apply", args=[run.pk]), ask).status_code for _ in range(2)] == [302, 302]
    assert "Estamos aplicando 4 renglones" in page.get(address).content.decode()
    assert services.ask_apply(run=run, by=desk.by, at=a.NOW) == run.task and ImportTask.objects.count() == 2
    assert AuditEvent.objects.filter(action="imports.apply_asked", subject_id=str(run.pk)).count() == 1
    run = worked(run)
    assert (run.state, run.order_delivery.accepted, staged(run), run.task) == ("applied", 4, 0, None)
    assert sorted(CareOrder.objects.values_list("account", flat=True)) == ["CTA-0", "CTA-1", "CTA-2", "CTA-3"]
    assert [row.account for row in CareOrder.objects.order_by("pk")] == ["CTA-0", "CTA-1", "CTA-2", "CTA-3"]
    assert RfcCode.objects.count() == 3 and run.secrets is None
    assert notices(desk) == ["Leímos tu archivo", "Tu archivo se aplicó"] and tasks.work_on_imports() == 0


def test_what_a_crash_emptied_is_read_again_from_the_kept_file_with_its_codes(desk) -> None:
    for content, count in ((text(orders()), 5), (text(orders(2)), 2)):
        CareOrder.objects.all().delete()
        run = worked(sent(desk, content, declared=told(count)))
        StagedOrder.objects.all().delete()
        done = services.apply_run(run=run, by=desk.by, at=a.NOW)
        assert (done.new, staged(run)) == (count, 0) and RfcCode.objects.filter(rfc=RFC).count() == 3


def test_an_error_of_the_file_that_arrived_stands_beside_the_copy_that_is_read_again(desk) -> None:
    lines = text(orders(2)).decode().replace("ML98KJ5H", "=1")
    run = sent(desk, lines.encode(), declared=told(2))
    assert (run.new, run.wrong) == (1, 1)
    StagedOrder.objects.all().delete()
    done = services.apply_run(run=run, by=desk.by, at=a.NOW)
    assert (done.new, done.wrong, [one["code"] for one in done.told]) == (1, 1, ["formula"])


def test_a_long_file_that_cannot_be_read_is_closed_with_its_reason_and_may_come_again(desk, tmp_path) -> None:
    rows = [replace(row, physician_code="") for row in orders(25)]
    content = text(rows, headings=HEADINGS[:-1], more='"abierta,')
    run = worked(sent(desk, content))
    assert (run.state, run.file.verdict, staged(run)) == ("refused", "rejected", 0)
    assert notices(desk) == ["No pudimos seguir con tu archivo"]
    page = people.signed_in(desk.by).get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "No se pudo leer el archivo" in page and "comillas o renglones rotos" in page
    path = tmp_path / "ordenes.csv"
    path.write_bytes(content)
    asked = [KIND, str(path), "--sender", desk.sender.rfc, "--by", desk.by.email, *TOTALS]
    with pytest.raises(CommandError, match="comillas o renglones rotos"):
        call_command("import-file", *asked)
    assert sent(desk, content).pk != run.pk


def test_a_large_file_whose_first_rows_are_no_table_of_orders_is_refused_at_once(desk, monkeypatch) -> None:
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 10)
    with pytest.raises(RuleBroken, match="le falta"):
        sent(desk, b"nada,de,esto\r\n" * 6000)
    assert not StoredFile.objects.exists() and not ImportRun.objects.exists()


def test_a_file_that_is_cancelled_while_it_is_read_leaves_nothing(desk, monkeypatch) -> None:
    run = sent(desk, text(orders()))
    task = run.task
    cancelled = services.cancel_run(run=run, by=desk.by, at=a.NOW)
    with pytest.raises(queue.LostLease):
        services.work_on(task=task, at=a.NOW)
    assert (cancelled.state, staged(run), run.task) == ("cancelled", 0, None)
    run = sent(desk, text(orders()))
    task = run.task
    worked(run)
    with pytest.raises(queue.LostLease):
        services.work_on(task=task, at=a.NOW)
    assert staged(run) == 5, "the other worker's rows stay"


def test_a_file_waits_while_nobody_can_look_into_it(desk, monkeypatch) -> None:
    run = sent(desk, text(orders()))

    def away(**_said: Any) -> None:
        raise RuleBroken("no", code="examiner_away")

    monkeypatch.setattr("portal.imports.services.long.papers.examine_stored", away)
    assert tasks.work_on_imports() == 0
    assert (run.task.failures, run.task.attempts, notices(desk)) == (1, 0, [])
    with pytest.raises(RuleBroken, match="sigue en espera"):
        services.read_now(run=run, at=a.NOW)


@pytest.mark.parametrize(("act", "title"), [("read", "No pudimos leer"), ("apply", "No pudimos aplicar")])
def test_a_long_run_whose_task_is_parked_is_not_under_way_and_may_be_cancelled(desk, act, title) -> None:
    run = sent(desk, text(orders()))
    if act == "apply":
        services.ask_apply(run=worked(run), by=desk.by, at=a.NOW)
    assert run.is_working
    ImportTask.objects.filter(run=run, done_at=None).update(parked_at=a.NOW)
    page = people.signed_in(desk.by)
    shown = page.get(reverse("imports:run", args=[run.pk])).content.decode()
    assert f"{title} el archivo" in shown and "Ya avisamos" in shown and "refresh" not in shown
    assert "Estamos" not in shown and "Los totales coinciden" not in shown and not run.is_working
    assert page.post(reverse("imports:cancel", args=[run.pk]), {FIELD: "k" * 20}).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.task, staged(run), CareOrder.objects.count()) == ("cancelled", None, 0, 0)


def test_foreign_headings_of_a_long_file_are_said_and_it_is_read_once_more(desk, monkeypatch) -> None:
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 300)
    foreign = ["monto" if one == "honorario" else one for one in HEADINGS]
    run = worked(sent(desk, text(orders(), headings=foreign), declared=None))
    assert run.headings["lacking"] == ["fee"] and "monto" in run.headings["foreign"]
    with pytest.raises(RuleBroken, match="honorario"):
        services.apply_run(run=run, by=desk.by, at=a.NOW)
    with pytest.raises(RuleBroken, match="uno distinto"):
        services.say_headings(run=run, said={}, by=desk.by, at=a.NOW)
    run = services.say_headings(run=run, said={"fee": "monto"}, by=desk.by, at=a.NOW)
    run = worked(run)
    assert (run.new, run.agrees, run.headings, len(json.loads(run.secrets))) == (5, True, {}, 3)
    assert notices(desk) == ["Dinos los títulos de tu archivo", "Leímos tu archivo"]


def test_a_long_file_of_which_no_row_can_enter_is_closed_and_the_mail_says_so(desk) -> None:
    run = worked(sent(desk, text([replace(row, fee=D("1.00")) for row in orders()]), declared=None))
    notice = Notice.objects.get(user=desk.by, kind="import_ready")
    assert (run.state, run.wrong, notices(desk)) == ("refused", 5, ["Ningún renglón de tu archivo puede entrar"])
    assert "aplicarlo" not in notice.body and "Renglones con error: 5" in notice.body


def test_a_short_file_with_foreign_headings_is_read_where_it_stands(desk) -> None:
    run = sent(
        desk, text(orders(2), headings=["pago" if one == "honorario" else one for one in HEADINGS]), declared=None
    )
    assert run.headings["lacking"] == ["fee"]
    with pytest.raises(RuleBroken, match="uno distinto"):
        services.say_headings(run=run, said={"fee": "nada"}, by=desk.by, at=a.NOW)
    run = services.say_headings(run=run, said={"fee": "pago"}, by=desk.by, at=a.NOW)
    assert (run.new, run.agrees, staged(run)) == (2, True, 2)
    assert services.apply_run(run=run, by=desk.by, at=a.NOW).new == 2 and RfcCode.objects.count() == 2


def test_what_the_drain_may_not_apply_is_told_and_waits_on_its_page(desk) -> None:
    run = worked(sent(desk, text(orders())))
    services.ask_apply(run=run, by=desk.by, at=a.NOW)
    services.correct_totals(run=run, declared=told(4), by=desk.by, at=a.NOW)
    run = worked(run)
    assert (run.state, run.task, staged(run), CareOrder.objects.count()) == ("read", None, 5, 0)
    page = people.signed_in(desk.by).get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "No se aplicó" in page and "no coinciden" in page
    services.correct_totals(run=run, declared=told(), by=desk.by, at=a.NOW)
    page = people.signed_in(desk.by).get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "No se aplicó" not in page and "Los totales coinciden" in page, "the cause is gone, and so is its note"
    services.correct_totals(run=run, declared=told(4), by=desk.by, at=a.NOW)
    with pytest.raises(RuleBroken, match="no coinciden"):
        services.ask_apply(run=run, by=desk.by, at=a.NOW)
    services.cancel_run(run=run, by=desk.by, at=a.NOW)
    with pytest.raises(Conflict):
        services.ask_apply(run=run, by=desk.by, at=a.NOW)
    assert staged(run) == 0 and notices(desk)[-1] == "No pudimos seguir con tu archivo"


def test_the_bytes_of_a_cancelled_long_file_stand_once(desk) -> None:
    for rows in (orders(), [replace(row, physician_code="") for row in orders()]):
        first = worked(sent(desk, text(rows)))
        services.cancel_run(run=first, by=desk.by, at=a.NOW)
        again = worked(sent(desk, text(rows)))
        assert again.pk != first.pk and again.file == first.file and again.new == 5
        services.cancel_run(run=again, by=desk.by, at=a.NOW)


def test_a_command_reads_and_applies_a_long_file_in_one_and_judges_it_without_storing(desk, tmp_path, capsys) -> None:
    path = tmp_path / "ordenes.csv"
    path.write_bytes(text(orders()))
    asked = [KIND, str(path), "--sender", desk.sender.rfc, "--by", desk.by.email, *TOTALS]
    call_command("import-file", *asked, "--dry-run")
    assert json.loads(capsys.readouterr().out)["new"] == 5
    assert not ImportRun.objects.exists() and not StagedOrder.objects.exists()
    call_command("import-file", *asked)
    assert json.loads(capsys.readouterr().out)["state"] == "applied" and CareOrder.objects.count() == 5
    path.write_bytes(text(orders(), headings=["pago" if one == "honorario" else one for one in HEADINGS]))
    with pytest.raises(Exception, match="le falta: honorario"):
        call_command("import-file", *asked, "--dry-run")


def test_a_call_is_never_read_again(desk) -> None:
    run = a.deliver(orders(1)).run
    assert staged(run) == 0
    with pytest.raises(ValueError, match="when it comes"):
        services.apply_run(run=run, by=desk.by, at=a.NOW)


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

    def early() -> None:
        assert (staged(run), CareOrder.objects.count()) == (2, 0)
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
    assert answered(caller.get(here), 200)["working"] is False


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
    real, path = papers.examine_stored, tmp_path / "ordenes.csv"

    def slowly(**said: Any) -> Any:
        time.sleep(0.2)
        return real(**said)

    def drains() -> None:
        while not ImportTask.objects.exists():
            time.sleep(0.01)
        tasks.work_on_imports()

    monkeypatch.setattr("portal.imports.services.long.papers.examine_stored", slowly)
    monkeypatch.setattr("portal.imports.services.long.LOOK_SECONDS", 0.05)
    path.write_bytes(text(orders()))
    asked = [KIND, str(path), "--sender", desk.sender.rfc, "--by", desk.by.email, *TOTALS]
    assert at_once([lambda: call_command("import-file", *asked), drains]) == [None, None]
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
        assert ending.wait(timeout=20)
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
