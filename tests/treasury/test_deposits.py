"""Files of movements enter once; deposits are matched, split, set aside, undone; the books follow (domain 2.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from portal import clock, queue
from portal.errors import Conflict, RuleBroken
from portal.imports import services as imports
from portal.treasury import invariants, selectors, services
from portal.treasury.models import Allocation, CollectionAccount, LedgerTransaction, MatchRun, Movement, MovementFile
from portal.treasury.rules.offered import ExpectedState
from portal.work import services as work
from portal.work.registry import queue_of
from tests.factories import collections as a
from tests.factories import people

pytestmark = pytest.mark.django_db
D = Decimal
REFERENCE, OTHER = "31055248164201", "31055248164302"


@pytest.fixture
def shelf() -> Iterator[a.Shelf]:
    with a.shelf() as made:
        yield made


@pytest.fixture
def by() -> Any:
    return a.clerk()


def books(code: str) -> Decimal:
    return selectors.balance(code=code, currency="MXN")


def credit(shelf: a.Shelf, key: str) -> Decimal:
    return -selectors.balance(code=a.CREDIT.code, currency="MXN", party=shelf.parties[key])


def whole() -> None:
    """The books hold, and what is unmatched is what waits."""
    assert invariants.faults() == []
    waits = sum((row.amount for row in Movement.objects.waiting()), Decimal(0))
    assert -books("unmatched_deposits") == waits


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_first_and_enters_by_a_second_act_once(shelf: a.Shelf, by: Any) -> None:
    body = a.HEAD + a.row("1", "100.00", key="K1") + "20/11/2026,COMISION,,K2,,15.00\n" + a.row("2", "0", key="K3")
    file = a.read(body + "ayer,PAGO,,,1.00,\n", by=by)
    assert (file.run.new, file.run.wrong, file.run.skipped, file.run.state) == (2, 1, 1, "read")
    assert (file.credits, file.debits) == (D("100.00"), D("15.00"))
    assert [(one["row"], one["field"], one["code"]) for one in file.run.errors] == [(4, "on", "date_unreadable")]
    assert not Movement.objects.exists() and not LedgerTransaction.objects.exists()
    services.apply_movements(file=file, by=by, at=clock.now())
    assert [(row.row, row.state, row.tracking) for row in Movement.objects.order_by("row")] == [
        (1, "waiting", "K1"),
        (2, "outgoing", "K2"),
    ]
    assert (books("collections_bank"), books("unmatched_deposits")) == (D("100.00"), D("-100.00"))
    with pytest.raises(Conflict):
        services.apply_movements(file=file, by=by, at=clock.now())
    whole()


@pytest.mark.parametrize(
    ("first", "second", "new"),
    [
        (a.row("", "5.00", key="K1"), a.row("", "5.00", key="K1") + a.row("", "5.00", key="K2"), 1),
        (a.row("", "5.00"), a.row("", "5.00") * 2, 1),
        (a.row("", "5.00") * 2, a.row("", "5.00"), 0),
        (a.row("", "5.00"), a.row("", "5.00", on="21/11/2026"), 1),
    ],
    ids=["same key", "the second of two equal ones", "fewer of them", "another day"],
)
def test_what_stands_does_not_enter_again(shelf: a.Shelf, by: Any, first: str, second: str, new: int) -> None:
    before = len(a.brought(a.HEAD + first, by=by))
    file = a.read(f"{a.HEAD}{second}", by=by)
    assert file.run.new == new and file.run.rows == new + file.run.unchanged
    if new:
        services.apply_movements(file=file, by=by, at=clock.now())
        assert Movement.objects.count() == before + new
    else:
        assert file.run.state == "read"
    whole()


def test_the_same_bytes_give_the_file_that_stands(shelf: a.Shelf, by: Any) -> None:
    body = a.HEAD + a.row("1", "100.00", key="K1")
    a.brought(body, by=by)
    assert a.read(body, by=by).run.state == "applied" and MovementFile.objects.count() == 1


@pytest.mark.parametrize(
    ("account", "content", "code"),
    [
        (a.stores, a.HEAD + a.row("1", "5.00"), "format_not_taken"),
        (a.bank, ":20:X\n:60F:C261120USD0,00\n:61:261120C5,00NTRF//K\n:62F:C261120USD5,00\n", "currency_differs"),
        (a.bank, ":20:X\n:60F:C261120CLP0,00\n:61:261120C5,00NTRF//K\n:62F:C261120CLP5,00\n", "currency_differs"),
        (a.bank, ":20:X\n:60F:C261120MXN0,00\n:61:261120C5,00NTRF//K\n:62F:C261120MXN6,00\n", "closing_differs"),
        (a.bank, "H20261120PAYNET\nT0000000100000000000001\n", "control_totals"),
        (a.bank, "nada\n", "headings_unknown"),
    ],
)
def test_a_file_of_another_account_or_that_is_broken_is_not_kept(
    by: Any, account: Callable[[], Any], content: str, code: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        a.read(content, by=by, account=account(), name="banco.txt")
    assert refused.value.code == code
    assert not MovementFile.objects.exists()


def test_mt940_and_the_stores_file_enter_by_the_same_way(shelf: a.Shelf, by: Any) -> None:
    mt940 = ":20:X\n:60F:C261120MXN0,00\n:61:261120C480,00NTRF//KEY1\n:86:PAGO\n:62F:C261120MXN480,00\n"
    (row,) = a.brought(mt940, by=by)
    assert (row.amount, row.tracking, row.text) == (D("480.00"), "KEY1", "PAGO")
    (paid,) = a.brought(a.store_file((REFERENCE, 25000)), by=by, account=a.stores())
    assert (paid.amount, paid.reference, books("store_clearing")) == (D("250.00"), REFERENCE, D("250.00"))
    whole()


def test_foreign_headings_are_asked_once_and_known_from_then_on(shelf: a.Shelf, by: Any) -> None:
    head = "Dia mov;Glosa;Entradas;Salidas\n"
    file = a.read(head + "20/11/2026;PAGO UNO;480.00;\n", by=by)
    assert file.run.headings["foreign"] == ["Dia mov", "Glosa", "Entradas", "Salidas"]
    assert file.run.headings["lacking"][:2] == ["on", "amount"]
    said = {"on": "Dia mov", "in": "Entradas", "out": "Salidas", "text": "Glosa", "amount": "", "reference": ""}
    for wrong in ({"on": ""}, {"on": "Otra"}, {"in": "Dia mov"}, {"in": "", "out": ""}):
        with pytest.raises(RuleBroken):
            imports.say_headings(run=file.run, said=said | wrong, by=by, at=clock.now())
    with pytest.raises(RuleBroken) as unsaid:
        services.apply_movements(file=file, by=by, at=clock.now())
    assert unsaid.value.code == "missing_columns"
    run = imports.say_headings(run=file.run, said=said, by=by, at=clock.now())
    assert (run.new, run.movement_file.credits) == (1, D("480.00"))
    services.apply_movements(file=run.movement_file, by=by, at=clock.now())
    later = a.read(head + "21/11/2026;PAGO DOS;;20.00\n", by=by)
    assert (later.run.headings, later.debits) == ({}, D("20.00"))
    assert Movement.objects.get().text == "PAGO UNO"


def test_a_table_with_two_known_words_and_unknown_amounts_is_asked_too(by: Any) -> None:
    file = a.read("Fecha,Concepto,Entradas\n20/11/2026,PAGO,480.00\n", by=by)
    assert file.run.headings["foreign"] == ["Entradas"] and "in" in file.run.headings["lacking"]
    plain = a.read("Fecha,Concepto,Abono\nayer,PAGO,480.00\n", by=by)
    assert (plain.run.headings, plain.run.state) == ({}, "refused")


def test_what_is_longer_than_its_column_stands_whole_in_the_text(shelf: a.Shelf, by: Any) -> None:
    (row,) = a.brought(a.HEAD + a.row("R" * 300, "5.00", key="K" * 250, text="=1+1"), by=by)
    assert (len(row.reference), len(row.tracking)) == (200, 200)
    assert row.text == f"=1+1 {'R' * 300} {'K' * 250}"


# --- matching --------------------------------------------------------------------------------------------------------


def test_the_system_matches_what_is_sure_and_proposes_the_rest(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.slip("FP-2", OTHER, "480.00")
    shelf.family("ME-2026-000451", "Julián Soto", "350.00")
    rows = a.brought(
        a.HEAD
        + a.row(REFERENCE, "480.00")
        + a.row(OTHER, "400.00")
        + a.row("", "350.00", text="JULIAN SOTO")
        + a.row("", "9.00"),
        by=by,
    )
    assert [row.state for row in rows] == ["matched", "waiting", "waiting", "waiting"]
    assert [row.proposal.get("result") for row in rows[1:]] == ["short", "family", "nothing"]
    assert rows[2].proposal["targets"] == [[a.KIND, "ME-2026-000451"]] and rows[2].score == rows[2].proposal["score"]
    made = Allocation.objects.get()
    assert (made.by, made.result, made.score, made.movement) == (None, "paid", 100, rows[0])
    assert shelf.heard == [("matched", [("FP-1", D("480.00"))], None)]
    assert credit(shelf, "FP-1") == D("480.00")
    assert a.matched() == 0
    whole()


def test_one_deposit_pays_two_slips_and_a_second_payment_is_credit(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.slip("FP-2", OTHER, "350.00")
    first, again = a.brought(a.HEAD + a.row(f"{REFERENCE} {OTHER}", "830.00") + a.row(REFERENCE, "480.00"), by=by)
    assert (first.state, again.state) == ("matched", "matched")
    assert [one.result for one in Allocation.objects.order_by("pk")] == ["paid", "double"]
    assert (credit(shelf, "FP-1"), credit(shelf, "FP-2")) == (D("960.00"), D("350.00"))
    whole()


@pytest.mark.parametrize("why", ["refused", "gone", "unknown"])
def test_what_its_app_refuses_waits_for_a_person(shelf: a.Shelf, by: Any, why: str) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    if why == "refused":
        shelf.refuses = Conflict("Ya no.", code="no")
    if why == "gone":
        del shelf.parties["FP-1"]
    amount = "1.00" if why == "unknown" else "480.00"
    (row,) = a.brought(a.HEAD + a.row(REFERENCE if why != "unknown" else "9", amount), by=by)
    assert (row.state, row.proposal["outcome"]) == ("waiting", "none" if why == "unknown" else "review")
    assert ("no se pudo asignar sola." in row.proposal["message"]) is (why != "unknown")
    assert not Allocation.objects.exists() and shelf.slips["FP-1"].state is ExpectedState.ISSUED
    whole()


def test_a_worker_that_lost_its_lease_stops(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    file = a.read(a.HEAD + a.row(REFERENCE, "480.00"), by=by)
    services.apply_movements(file=file, by=by, at=clock.now())
    run = MatchRun.objects.get()
    run.leased_until = clock.now()
    with pytest.raises(queue.LostLease):
        services.match_file(run=run, at=clock.now())
    assert not Allocation.objects.exists()


def test_a_clerk_shares_a_deposit_out_and_takes_it_back(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.family("ME-2026-000451", "", "350.00")
    (row,) = a.brought(a.HEAD + a.row("", "600.00"), by=by)
    parts = [(a.KIND, "FP-1", D("480.00")), (a.KIND, "ME-2026-000451", D("120.00"))]
    for wrong, code in ((parts[:1], "shares_differ"), ([], "nothing_chosen")):
        with pytest.raises(RuleBroken) as refused:
            services.match_deposit(movement=row, parts=wrong, by=by, at=clock.now())
        assert refused.value.code == code
    with pytest.raises(Conflict) as gone:
        services.match_deposit(movement=row, parts=[(a.KIND, "FP-9", D("600.00"))], by=by, at=clock.now())
    assert gone.value.code == "target_gone"
    made = services.match_deposit(movement=row, parts=parts, by=by, at=clock.now())
    assert (credit(shelf, "FP-1"), credit(shelf, "ME-2026-000451")) == (D("480.00"), D("120.00"))
    whole()
    again = services.undo_allocation(allocation=made, by=by, at=clock.now())
    assert (again.state, credit(shelf, "FP-1"), books("unmatched_deposits")) == ("waiting", D("0.00"), D("-600.00"))
    assert [one[0] for one in shelf.heard] == ["matched", "undone"]
    with pytest.raises(Conflict):
        services.undo_allocation(allocation=made, by=by, at=clock.now())
    services.match_deposit(movement=row, parts=parts, by=by, at=clock.now())
    whole()
    entries = LedgerTransaction.objects.filter(kind="deposit_matched")
    assert {one.on for one in entries} == {row.on}, "money counts from its value date"
    with pytest.raises(Conflict):
        services.undo_deposit(movement=row, allocation=made.pk, by=by, at=clock.now())
    assert Movement.objects.get(pk=row.pk).state == "matched", "a stale page undoes nothing of a colleague's"


def test_two_clerks_on_one_deposit_the_second_is_told_409(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.slip("FP-2", OTHER, "480.00")
    first, second = a.brought(a.HEAD + a.row("", "480.00", key="A") + a.row("", "480.00", key="B"), by=by)
    colleague = a.clerk("Otra Persona")
    services.match_deposit(movement=first, parts=[(a.KIND, "FP-1", D("480.00"))], by=colleague, at=clock.now())
    for act in (
        lambda: services.match_deposit(movement=first, parts=[(a.KIND, "FP-2", D("480.00"))], by=by, at=clock.now()),
        lambda: services.discard_deposit(movement=first, comment="No es", by=by, at=clock.now()),
    ):
        with pytest.raises(Conflict) as moved:
            act()
        assert moved.value.status == 409
    work.take(queue=queue_of("treasury.deposits"), thing=second, by=colleague, at=clock.now())
    with pytest.raises(Conflict) as held:
        services.discard_deposit(movement=second, comment="No es", by=by, at=clock.now())
    assert held.value.code == "held_by_another"


def test_what_is_set_aside_says_why_and_comes_back(shelf: a.Shelf, by: Any) -> None:
    (row,) = a.brought(a.HEAD + a.row("", "75.00"), by=by)
    with pytest.raises(RuleBroken):
        services.discard_deposit(movement=row, comment=" ", by=by, at=clock.now())
    made = services.discard_deposit(movement=row, comment="Es de otra empresa", by=by, at=clock.now())
    assert (books("other_deposits"), books("unmatched_deposits")) == (D("-75.00"), D("0.00"))
    services.undo_allocation(allocation=made, by=by, at=clock.now())
    services.discard_deposit(movement=row, comment="Sí lo es", by=by, at=clock.now())
    assert (books("other_deposits"), made.label) == (D("-75.00"), "Apartado")
    whole()


def test_a_networks_lump_sum_settles_what_it_collected_less_its_fee(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    a.brought(a.store_file((REFERENCE, 48000)), by=by, account=a.stores())
    assert books("store_clearing") == D("480.00")
    (row,) = a.brought(a.HEAD + a.row("LIQUIDACION", "470.00"), by=by)
    said = {"movement": row, "by": by, "at": clock.now()}
    for account, fee, code in (
        (a.stores(), D("11.00"), "settles_too_much"),
        (a.bank(), D("10.00"), "not_a_channel"),
    ):
        with pytest.raises(RuleBroken) as refused:
            services.settle_channel(settles=account, fee=fee, **said)
        assert refused.value.code == code
    made = services.settle_channel(settles=a.stores(), fee=D("10.00"), **said)
    assert (books("store_clearing"), books("collection_fees")) == (D("0.00"), D("10.00"))
    whole()
    services.undo_allocation(allocation=made, by=by, at=clock.now())
    assert (books("store_clearing"), books("collection_fees")) == (D("480.00"), D("0.00"))
    whole()


def test_nobody_decides_about_a_deposit_of_their_own(shelf: a.Shelf) -> None:
    doctor = people.physician()
    shelf.slip("FP-1", REFERENCE, "480.00", party=people.own_party(doctor))
    (row,) = a.brought(a.HEAD + a.row("", "480.00"), by=a.clerk())
    said = {"movement": row, "parts": [(a.KIND, "FP-1", D("480.00"))], "at": clock.now()}
    with pytest.raises(RuleBroken) as own:
        services.match_deposit(by=doctor, **said)
    assert own.value.code == "own_deposit"
    made = services.match_deposit(by=a.clerk("Otra Persona"), **said)
    with pytest.raises(RuleBroken):
        services.undo_allocation(allocation=made, by=doctor, at=clock.now())


def test_what_was_refused_pays_nothing_and_the_next_deposit_is_not_its_double(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.refuses = Conflict("Ya no.", code="no")
    first, second = a.brought(a.HEAD + a.row(REFERENCE, "480.00", key="A") + a.row(REFERENCE, "480.00", key="B"), by=by)
    assert [row.proposal["result"] for row in (first, second)] == ["paid", "paid"]
    assert [row.proposal["code"] for row in (first, second)] == ["refused", "refused"]


def test_what_a_clerk_undid_the_drain_does_not_match_again(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    (row,) = a.brought(a.HEAD + a.row(REFERENCE, "480.00"), by=by)
    services.undo_deposit(movement=row, allocation=Allocation.objects.get().pk, by=by, at=clock.now())
    MatchRun.objects.update(done_at=None)
    assert a.matched() == 1
    row.refresh_from_db()
    assert row.state == "waiting" and Allocation.objects.count() == 1
    whole()


def test_a_day_that_is_still_to_come_is_money_that_is_matched_on_its_day(shelf: a.Shelf, by: Any) -> None:
    """Banks date of the next day what comes in after hours; the shell and the screen count it alike (domain 2.13)."""
    first, third = clock.today() + timedelta(days=1), clock.today() + timedelta(days=3)
    shelf.slip("FP-1", REFERENCE, "480.00", until=third)
    shelf.slip("FP-2", OTHER, "480.00", until=third)
    body = a.HEAD + a.row(REFERENCE, "480.00", on=f"{first:%d/%m/%Y}") + a.row(OTHER, "480.00", on=f"{third:%d/%m/%Y}")
    file = a.read(body, by=by)
    assert (file.run.new, file.run.wrong, file.credits) == (2, 0, D("960.00"))
    services.apply_movements(file=file, by=by, at=clock.now())
    assert (a.matched(), a.matched()) == (1, 0), "asked once; the rest waits for its day"
    assert (books("store_clearing") + books("collections_bank"), shelf.heard) == (D("960.00"), [])
    for day, heard in ((first, 1), (third, 2)):
        with time_machine.travel(datetime.combine(day, time(0, 1), tzinfo=ZoneInfo("America/Mexico_City"))):
            assert (a.matched(), len(shelf.heard)) == (1, heard)
    assert not MatchRun.objects.filter(done_at=None).exists()
    whole()


def test_a_person_who_follows_the_matcher_keeps_what_it_said(shelf: a.Shelf, by: Any) -> None:
    shelf.slip("FP-1", REFERENCE, "480.00")
    shelf.slip("FP-2", OTHER, "480.00")
    (row,) = a.brought(a.HEAD + a.row(REFERENCE, "400.00"), by=by)
    for key, result in (("FP-2", ""), ("FP-1", "short")):
        made = services.match_deposit(movement=row, parts=[(a.KIND, key, D("400.00"))], by=by, at=clock.now())
        assert (made.result, bool(made.message)) == (result, bool(result))
        services.undo_allocation(allocation=made, by=by, at=clock.now())


def test_ones_own_deposit_is_not_in_ones_queue(shelf: a.Shelf, by: Any) -> None:
    doctor = people.physician()
    shelf.slip("FP-1", REFERENCE, "480.00", party=people.own_party(doctor))
    (row,) = a.brought(a.HEAD + a.row(REFERENCE, "400.00"), by=by)
    deposits = queue_of("treasury.deposits")
    assert list(deposits.rows(by, clock.now())) == [row] and list(deposits.rows(doctor, clock.now())) == []


def test_a_shell_names_an_account_by_its_code_and_a_wrong_one_is_told_those_that_there_are() -> None:
    people.the_operator()
    assert services.find_account(" MX-Stores ", None)[1] == str(CollectionAccount.objects.get(code="mx-stores").pk)
    with pytest.raises(RuleBroken, match="mx-collections"):
        services.find_account("mx-nada", None)
