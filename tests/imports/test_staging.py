"""Rows wait for their second act in unlogged tables; long files are read and applied by a drain, which tells."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from billing.models import CareOrder, StagedOrder
from billing.rules.orders_file import ORDERS
from portal import queue
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.imports import services, staging, tasks
from portal.imports.models import ImportRun, ImportTask, StagedRow
from portal.imports.registry import spec_of
from portal.imports.rules.copying import encoded
from portal.imports.rules.layouts import Item
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from portal.people.models import RfcCode
from tests.api.callers import ALL, Caller, own_token
from tests.factories import billing as a
from tests.factories import people
from tests.imports.long_files import (
    CODES,
    HEADINGS,
    KIND,
    RFC,
    TOTALS,
    D,
    notices,
    orders,
    sent,
    sheet,
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
    told_by_call = Caller(own_token(desk.by, *ALL)).get(f"mesa/ordenes/importaciones/{run.pk}/").json()
    assert [told_by_call[name] for name in ("state", "working", "progress", "stuck")] == ["read", False, None, True]
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
    with pytest.raises(Conflict, match="llegó por la API y ya se aplicó"):
        services.apply_run(run=run, by=desk.by, at=a.NOW)
