"""An import is read first and applied by a second act, once; its file comes again only when nothing of it stands."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.transaction import TransactionManagementError

from config.demo.uploads import upload_of
from portal import clock, ids, queue
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.history.services import record
from portal.imports import registry, running, selectors, services, tasks
from portal.imports.models import ImportRun, ImportTask
from portal.imports.rules.groups import Groups
from portal.imports.rules.layouts import Judged
from portal.imports.services import long
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from portal.people.models import Party
from tests.factories import people
from tests.factories.threads import at_once
from tests.imports import long_files
from tests.imports.long_files import notices
from tests.imports.things import KIND, THINGS, Shelf, Thing, rows

pytestmark = pytest.mark.django_db
AT = clock.real_now()
D = Decimal
TWO = b"clave,importe\nA,1.00\nB,2.00\n"


def told(count: int, amount: str) -> dict[str, Any]:
    return {"rows": count, "amount": D(amount)}


def read(desk, content: bytes = TWO, declared: dict[str, Any] | None = None, **more: Any) -> ImportRun:
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT} | more
    return services.read_file(upload=upload_of("cosas.csv", content), declared=declared or told(2, "3.00"), **asked)


def applied(desk, run: ImportRun) -> ImportRun:
    return services.apply_run(run=run, by=desk.by, at=AT)


def test_a_file_is_judged_when_it_is_read_and_enters_when_it_is_applied(shelf, desk) -> None:
    run = read(desk, b"clave,importe\nA,1.00\nMALA,2.00\nC,tres\n", told(3, "99.00"))
    assert (run.state, run.rows, run.new, run.wrong, run.agrees, run.is_whole) == ("read", 3, 1, 2, True, False)
    assert shelf.things == [] and run.file.purpose == "things" and not run.stood_before
    done = applied(desk, run)
    assert shelf.things == [Thing("A", D("1.00"))]
    assert (done.state, done.closed_by, done.counted) == ("applied", desk.by, {"rows": 3, "amount": "3.00"})
    assert [(one["row"], one["field"]) for one in done.told] == [(3, "amount"), (2, "key")]
    with pytest.raises(Conflict):
        applied(desk, run)
    assert len(shelf.things) == 1
    acts = AuditEvent.objects.filter(subject_id=str(run.pk)).order_by("pk")
    assert [act.action for act in acts] == ["imports.read", "imports.applied"]


def test_wrong_totals_are_corrected_without_the_file(shelf, desk) -> None:
    run = read(desk, declared=told(2, "4.00"))
    assert (run.agrees, run.state) == (False, "read")
    with pytest.raises(RuleBroken, match="anunciaste 2 renglones por") as refused:
        applied(desk, run)
    assert refused.value.code == "control_totals" and shelf.things == []
    services.correct_totals(run=run, declared=told(2, "3.00"), by=desk.by, at=AT)
    assert len(applied(desk, run).told) == 0 and len(shelf.things) == 2
    with pytest.raises(Conflict):
        services.correct_totals(run=run, declared=told(1, "3.00"), by=desk.by, at=AT)


@pytest.mark.parametrize(("act", "title"), [("read", "No se pudo leer así"), ("apply", "No se aplicó")])
def test_why_a_drain_did_not_go_on_is_said_until_somebody_changes_the_run(shelf, desk, act, title) -> None:
    run = read(desk)
    task = {"act": act, "by": desk.by, "asked_at": AT, "done_at": AT}
    ImportTask.objects.create(run=run, refused="Ya no.", **task)
    record(action="imports.refused", subject=run, party_id=desk.sender.pk, by=desk.by, at=AT)
    assert selectors.run_page(run)["not_done"] == {"title": title, "text": "Ya no."}
    services.correct_totals(run=run, declared=told(2, "3.00"), by=desk.by, at=AT)
    assert selectors.run_page(run)["not_done"] == {}


def test_the_same_file_again_is_the_run_that_stands_with_the_totals_of_now(shelf, desk) -> None:
    first = read(desk, declared=told(2, "4.00"))
    again = read(desk)
    assert (again.pk, again.stood_before, again.agrees) == (first.pk, True, True)
    applied(desk, again)
    third = read(desk, declared=told(1, "1.00"))
    assert (third.pk, third.state, third.agrees) == (first.pk, "applied", True)
    other = read(desk, sender=people.an_insurer(name="OTRA"))
    assert other.pk != first.pk and ImportRun.objects.count() == 2


def test_a_cancelled_or_refused_file_may_come_again(shelf, desk) -> None:
    run = read(desk)
    services.cancel_run(run=run, by=desk.by, at=AT)
    for act in (services.cancel_run, services.apply_run):
        with pytest.raises(Conflict, match="ya no espera"):
            act(run=run, by=desk.by, at=AT)
    assert shelf.things == []
    again = read(desk)
    assert again.pk != run.pk and again.state == "read" and StoredFile.objects.filter(purpose="things").count() == 1
    bad = b"clave,importe\nMALA,1.00\n"
    for _ in range(2):
        refused = read(desk, bad, told(1, "1.00"))
        assert (refused.state, refused.closed_by, refused.stood_before) == ("refused", desk.by, False)


def test_a_kind_that_takes_whole_files_refuses_one_with_a_wrong_row_also_when_it_went_wrong_later(shelf, desk) -> None:
    shelf.declare(shelf.spec(is_whole=True))
    assert read(desk, b"clave,importe\nA,1.00\nMALA,2.00\n").state == "refused"
    run = read(desk)
    shelf.declare(shelf.spec(is_whole=True, judge=_everything_wrong))
    with pytest.raises(RuleBroken, match="cambió algo"):
        applied(desk, run)
    assert shelf.things == [] and ImportRun.objects.get(pk=run.pk).is_open


BY_NOTE = Groups(
    of=lambda thing: thing.note,
    of_cells=lambda cells: cells.get("note"),
    code="others_wrong",
    sentence="Otra de su grupo tiene un error.",
)


def test_a_kind_that_takes_groups_lets_the_whole_ones_in_and_tells_each_row_of_the_others_why(shelf, desk) -> None:
    """Row by row, the whole file, or group by group (issue 9): a wrong or unreadable row keeps its own out."""
    shelf.declare(shelf.spec(groups=BY_NOTE, layout=replace(THINGS, max_rows=10)))
    table = "clave,importe,nota\nA,1.00,una\nMALA,1.00,dos\nC,1.00,dos\nD,nada,tres\nE,1.00,tres\nF,1.00,una\n"
    run = read(desk, table.encode(), told(6, "5.00"))
    assert (run.state, run.new, run.wrong) == ("read", 2, 4)
    assert sorted((one["row"], one["code"]) for one in run.errors) == [
        (2, "bad"),
        (3, "others_wrong"),
        (4, "bad_amount"),
        (5, "others_wrong"),
    ]
    shelf.things.append(Thing("C", D(1)))
    assert applied(desk, run).new == 2 and [one.key for one in shelf.things] == ["C", "A", "F"]
    again = read(desk, table.replace("MALA", "B").replace("nada", "1.00").encode(), told(6, "6.00"))
    assert (again.new, again.unchanged, again.wrong) == (3, 3, 0), "a row of a group that stayed out was not counted"


def test_a_kind_that_takes_groups_refuses_a_whole_file_too(shelf, desk) -> None:
    refusal = RuleBroken("No trata de esta cosa. Elige otro archivo.", code="another_thing")
    shelf.declare(shelf.spec(groups=BY_NOTE, judge=lambda **said: Judged(refusal=refusal)))
    with pytest.raises(RuleBroken, match="No trata de esta cosa"):
        read(desk)
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("other", [{"is_whole": True}, {"staging": object}])
def test_a_kind_goes_one_way_only(shelf, other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"test\.things"):
        shelf.spec(groups=BY_NOTE, **other)


def worked(run: ImportRun, count: int = 1) -> ImportRun:
    assert tasks.work_on_imports() == count
    return ImportRun.objects.get(pk=run.pk)


def test_a_long_file_is_judged_and_applied_by_the_drain_also_without_a_staging_table(shelf, desk, monkeypatch) -> None:
    """Kept first; the secret cells and what was wrong in the file that arrived stand beside its copy (AC-11)."""
    monkeypatch.setattr("portal.imports.staging.AT_ONCE", 1)
    run = read(desk, SECRET, told(5, "7.00"))
    assert (run.rows, run.is_working, run.agrees, shelf.things) == (0, True, False, []) and run.own_page == ""
    assert read(desk, SECRET, told(5, "7.00")).pk == run.pk, "the same file again is the run that waits"
    with pytest.raises(Conflict, match="Todavía estamos leyendo"):
        services.apply_run(run=run, by=desk.by, at=AT)
    run = worked(run)
    assert (run.rows, run.new, run.wrong, run.agrees, run.tasks.get().done_rows) == (5, 3, 2, True, 5)
    asked = services.apply_or_ask(run=run, by=desk.by, at=AT)
    assert asked.is_open and selectors.run_page(asked)["working"]["title"] == "Estamos aplicando 3 renglones"
    run = worked(run)
    assert (run.state, {thing.key: thing.pin for thing in shelf.things}) == (
        "applied",
        {"A": "X-1", "B": "", "D": "X-4"},
    )
    assert run.secrets is None and worked(run, 0).tasks.filter(act="apply").get().done_rows == 5
    assert notices(desk) == ["Leímos tu archivo", "Tu archivo se aplicó"]


def test_a_long_file_that_its_kind_refuses_is_closed_with_its_reason_and_may_come_again(
    shelf, desk, monkeypatch
) -> None:
    monkeypatch.setattr("portal.imports.staging.AT_ONCE", 1)
    shelf.declare(shelf.spec(judge=lambda **said: Judged(refusal=RuleBroken("No es de esta cuenta.", code="other"))))
    run = worked(read(desk))
    assert (run.state, run.tasks.get().refused, shelf.things) == ("refused", "No es de esta cuenta.", [])
    assert read(desk).pk != run.pk


def test_a_long_file_with_foreign_headings_is_judged_by_the_drain_once_they_are_said(shelf, desk, monkeypatch) -> None:
    monkeypatch.setattr("portal.imports.staging.AT_ONCE", 1)
    run = services.say_headings(run=read(desk, FOREIGN), said={"amount": "monto"}, by=desk.by, at=AT)
    assert (run.rows, run.is_working) == (0, True)
    assert (worked(run).new, shelf.things) == (2, [])
    again = FOREIGN.replace(b"A,1", b"C,1")
    other = services.say_headings(
        run=read(desk, again, sender=people.an_insurer(name="OTRA")), said={"amount": "fecha"}, by=desk.by, at=AT
    )
    other = worked(other)
    assert (other.state, bool(other.headings), other.tasks.get().refused) == ("read", True, running.NOTHING_READS)


def _everything_wrong(*, read, **said):
    return Shelf().judge(read=replace(read, items=tuple(_as_bad(item) for item in read.items)), **said)


def _as_bad(item):
    return type(item)(item.number, Thing("MALA", item.value.amount), item.sheet_row)


SECRET = b"clave,importe,pin\r\nA,1.00,X-1\r\n,,X-9\r\nB,2.00,\r\nC,3.00,=1\r\nD,4.00,X-4\r\n"


@pytest.mark.parametrize("foreign", [False, True])
def test_a_secret_column_rests_sealed_until_its_file_is_closed_and_enters_with_its_own_row(
    shelf, desk, foreign
) -> None:
    """A row of which the kept copy has nothing left moves no secret to the next one (AC-11)."""
    content = SECRET.replace(b"importe", b"monto") if foreign else SECRET
    run = read(desk, content, told(5, "7.00"))
    kept = b"".join(open_file(run.file))
    assert b"X-" not in kept and run.sha256 == hashlib.sha256(content).hexdigest() != run.file.sha256
    stored = ImportRun.objects.extra(select={"raw": "secrets"}).get(pk=run.pk)
    assert "X-4" in stored.secrets and "X-4" not in stored.raw
    if foreign:
        run = services.say_headings(run=run, said={"amount": "monto"}, by=desk.by, at=AT)
        services.correct_totals(run=run, declared=told(run.rows, run.counted["amount"]), by=desk.by, at=AT)
    done = applied(desk, run)
    assert {thing.key: thing.pin for thing in shelf.things if thing.key in "ABD"} == {"A": "X-1", "B": "", "D": "X-4"}
    assert done.secrets is None and ImportRun.objects.get(pk=run.pk).secrets is None
    assert read(desk, content, told(5, "7.00")).pk == run.pk
    assert [thing.key for thing in shelf.things] == (["A", "B", "C", "D"] if foreign else ["A", "B", "D"])


FOREIGN = b"clave,monto,fecha\nA,1.00,x\nB,2.00,y\n"


def test_foreign_headings_are_said_once_and_known_for_the_next_file_of_that_sender(shelf, desk) -> None:
    run = read(desk, FOREIGN)
    assert (run.state, run.rows, run.agrees) == ("read", 0, False)
    assert run.headings == {"foreign": ["monto", "fecha"], "lacking": ["amount"]}
    with pytest.raises(RuleBroken, match="importe"):
        applied(desk, run)
    with pytest.raises(RuleBroken, match="uno distinto"):
        services.say_headings(run=run, said={}, by=desk.by, at=AT)
    run = services.say_headings(run=run, said={"amount": "monto"}, by=desk.by, at=AT)
    assert (run.state, run.new, run.agrees, run.headings) == ("read", 2, True, {})
    applied(desk, run)
    assert [thing.amount for thing in shelf.things] == [D("1.00"), D("2.00")]
    again = read(desk, FOREIGN.replace(b"B,2.00", b"C,2.00"))
    assert (again.new, again.unchanged, again.agrees) == (1, 1, True)
    other = read(desk, FOREIGN, sender=people.an_insurer(name="OTRA"))
    assert other.headings["lacking"] == ["amount"]
    with pytest.raises(Conflict):
        services.say_headings(run=ImportRun.objects.get(pk=run.pk), said={"amount": "monto"}, by=desk.by, at=AT)


def test_what_was_said_of_headings_is_forgotten_with_a_cancelled_file(shelf, desk) -> None:
    run = read(desk, FOREIGN)
    with pytest.raises(RuleBroken, match="ningún renglón"):
        services.say_headings(run=run, said={"amount": "fecha"}, by=desk.by, at=AT)
    services.say_headings(run=run, said={"amount": "monto"}, by=desk.by, at=AT)
    services.cancel_run(run=run, by=desk.by, at=AT)
    assert read(desk, FOREIGN).headings["lacking"] == ["amount"]


@pytest.mark.parametrize("most", [1, 100], ids=["by the drain", "at once"])
def test_headings_that_were_taught_and_forgotten_since_are_asked_when_a_file_is_read_or_applied(
    shelf, desk, monkeypatch, most
) -> None:
    taught = services.say_headings(run=read(desk, FOREIGN), said={"amount": "monto"}, by=desk.by, at=AT)
    monkeypatch.setattr("portal.imports.staging.AT_ONCE", most)
    known = long_files.worked(read(desk, FOREIGN.replace(b"A,1", b"C,1")))
    assert (known.new, known.headings) == (2, {})
    if most == 1:
        unread = read(desk, FOREIGN.replace(b"A,1", b"D,1"))
    services.cancel_run(run=taught, by=desk.by, at=AT)
    if most == 1:
        assert long_files.worked(unread).headings["lacking"] == ["amount"]
    assert services.apply_or_ask(run=known, by=desk.by, at=AT).is_open
    known = long_files.worked(known)
    assert (known.state, known.headings["lacking"], shelf.things) == ("read", ["amount"], [])
    with pytest.raises(RuleBroken, match="importe"):
        services.apply_run(run=known, by=desk.by, at=AT)
    known = long_files.worked(services.say_headings(run=known, said={"amount": "monto"}, by=desk.by, at=AT))
    services.apply_or_ask(run=known, by=desk.by, at=AT)
    assert (long_files.worked(known).state, len(shelf.things)) == ("applied", 2)


def test_a_sender_is_held_within_a_transaction_alone(desk, monkeypatch) -> None:
    with pytest.raises(Party.DoesNotExist):
        running.one_at_a_time(Party(pk=ids.uuid7()))
    monkeypatch.setattr(running, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(TransactionManagementError):
        running.one_at_a_time(desk.sender)


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_a_long_file_of_theirs_is_applied_is_told_so_and_a_drain_comes_back(monkeypatch) -> None:
    monkeypatch.setattr(registry, "_specs", registry._specs.copy())
    made, desk = Shelf(), SimpleNamespace(by=people.reviewer(), sender=people.an_insurer())
    registry.register_import(made.spec())
    run = read(desk)
    task = long.ask(run=run, act=ImportTask.Act.APPLY, by=desk.by, at=AT)
    with closing(connection.copy()) as other, connection.cursor() as cursor:  # whoever applies the long one
        other.set_autocommit(False)
        with other.cursor() as held:
            held.execute("SELECT 1 FROM people_party WHERE id = %s FOR NO KEY UPDATE", [desk.sender.pk])
        cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(Conflict, match="Se está aplicando otro archivo de esta organización. Espera a que acabe"):
            read(desk, TWO + b"C,3.00\n")
        with pytest.raises(queue.GiveBack, match="se aplica otro archivo"):
            services.work_on(task=task, at=AT)
        other.rollback()
    services.work_on(task=task, at=AT)
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count(), len(made.things)) == ("applied", 1, 2)


def test_a_kind_about_one_thing_keeps_what_its_run_has_not_and_may_refuse_a_whole_file(shelf, desk) -> None:
    noted, said = [], {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT, "declared": None}
    refusal = RuleBroken("No trata de esta cosa. Elige otro archivo.", code="another_thing")

    def judge(**asked: Any) -> Judged:
        return replace(shelf.judge(**asked), refusal=refusal if asked["subject_id"] == "other" else None)

    def note(*, run: ImportRun, judged: Judged, by: Any, at: Any) -> None:
        noted.append((run.subject_id, len(judged.new)))

    def about(subject_id: str, content: bytes = TWO) -> ImportRun:
        return services.read_file(upload=upload_of("cosas.csv", content), subject_id=subject_id, **said)

    shelf.declare(shelf.spec(judge=judge, note=note))
    run, second, again = about("one"), about("two"), about("one")
    assert run.agrees and (again.pk, again.stood_before, second.pk != run.pk) == (run.pk, True, True)
    assert noted == [("one", 2), ("two", 2)]
    with pytest.raises(RuleBroken, match="No trata de esta cosa"):
        about("other")
    waits, foreign = about("other", FOREIGN), about("three", FOREIGN)
    with pytest.raises(RuleBroken, match="No trata de esta cosa"):
        services.say_headings(run=waits, said={"amount": "monto"}, by=desk.by, at=AT)
    foreign = services.say_headings(run=foreign, said={"amount": "monto"}, by=desk.by, at=AT)
    assert foreign.agrees and foreign.declared == {"rows": 2, "amount": "3.00"}
    assert noted[2:] == [("other", 0), ("three", 0), ("three", 2)]
    assert {row.subject_id for row in ImportRun.objects.all()} == {"one", "two", "three", "other"}


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"clave\nA\n"])
def test_what_is_wrong_with_the_whole_file_keeps_nothing(shelf, desk, content) -> None:
    with pytest.raises(RuleBroken) as refused:
        read(desk, content)
    assert refused.value.field == "file"
    assert not ImportRun.objects.exists() and not StoredFile.objects.exists()


def test_a_call_is_read_and_applied_in_one_when_its_totals_agree(shelf, desk) -> None:
    asked = {"kind": KIND, "sender": desk.sender, "by": desk.by, "at": AT, "on": clock.date_in(AT)}
    content = rows(Thing("A", D("1.00")), Thing("B", D("2.00")))
    with pytest.raises(RuleBroken):
        services.take_in(**asked, read=content, declared=told(2, "4.00"))
    assert not ImportRun.objects.exists()
    run = services.take_in(**asked, read=content, declared=told(2, "3.00"))
    assert (run.state, run.source, run.new, len(shelf.things)) == ("applied", "api", 2, 2)
    again = services.take_in(**asked, read=THINGS.read_rows([{"key": "A", "amount": "1"}]), declared=told(1, "1.00"))
    assert (again.new, again.unchanged) == (0, 1)
    wrong = services.take_in(**asked, read=THINGS.read_rows([{"key": "B"}]), declared=told(1, "0.00"))
    assert (wrong.state, wrong.new, wrong.wrong) == ("applied", 0, 1), "a call is told row by row, whatever is wrong"
    with pytest.raises(Conflict, match="llegó por la API y ya se aplicó"):
        applied(desk, run)


@pytest.mark.django_db(transaction=True)
def test_two_who_apply_one_file_at_once_apply_it_once(monkeypatch) -> None:
    monkeypatch.setattr(registry, "_specs", registry._specs.copy())
    made, desk = Shelf(), SimpleNamespace(by=people.reviewer(), sender=people.an_insurer())
    registry.register_import(made.spec())
    run = read(desk)
    answers = at_once([lambda: applied(desk, run)] * 4)
    assert sorted(type(one).__name__ for one in answers) == ["Conflict"] * 3 + ["ImportRun"]
    assert len(made.things) == 2


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def run_command(shelf, desk, tmp_path, capsys):
    (tmp_path / "cosas.csv").write_bytes(TWO)

    def run(*more: str, file: str = "cosas.csv", **changes: str) -> dict[str, Any]:
        asked = {"sender": desk.sender.rfc, "by": desk.by.email, "kind": KIND} | changes
        call_command(
            "import-file", asked["kind"], str(tmp_path / file), "--sender", asked["sender"], "--by", asked["by"], *more
        )
        return json.loads(capsys.readouterr().out)

    return run


RIGHT = ("--total", "rows=2", "--total", "amount=3.00")


def test_a_command_judges_without_storing_and_imports_in_one(shelf, run_command) -> None:
    said = run_command(*RIGHT, "--dry-run")
    assert (said["state"], said["new"], said["agrees"], said["errors"]) == ("read", 2, True, [])
    assert not run_command("--total", "rows=9", "--total", "amount=1.00", "--dry-run")["agrees"]
    assert not ImportRun.objects.exists() and not StoredFile.objects.exists() and shelf.things == []
    assert run_command(*RIGHT)["state"] == "applied" and len(shelf.things) == 2
    assert run_command(*RIGHT)["state"] == "applied" and len(shelf.things) == 2 and ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "changes", "told"),
    [
        (("--total", "rows=2", "--total", "amount=9.00"), {}, "no coinciden"),
        (("--total", "rows=2"), {}, "--total amount="),
        (("--total", "rows=dos", "--total", "amount=3.00"), {}, "--total rows="),
        (RIGHT, {"sender": "XAXX010101000"}, "Nadie tiene el RFC"),
        (RIGHT, {"by": "nadie@ejemplo.mx"}, "Nadie entra con"),
        (RIGHT, {"kind": "test.other"}, "Puede: billing.orders, test.things"),
        (RIGHT, {"file": "otro.csv"}, "No se puede leer"),
    ],
)
def test_a_command_says_why_nothing_entered(shelf, run_command, more, changes, told) -> None:
    with pytest.raises(CommandError, match=re.escape(told)):
        run_command(*more, **changes)
    assert shelf.things == []
