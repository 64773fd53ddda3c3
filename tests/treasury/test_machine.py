"""Money under any order of acts (MO-03): every act, refused or not, against a plain model; the books hold after each.

`CAUCE_TEST_STEPS=2000 pytest tests/treasury/test_machine.py` walks further than the usual run does.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from config.demo.uploads import upload_of
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.people.models import Party
from portal.treasury import invariants, selectors, services
from portal.treasury.models import BankAccount, BankFile, LedgerTransaction, Payable, PaymentBatch, Transfer
from portal.treasury.rules import Line
from tests.factories import treasury as a
from tests.factories.treasury import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HOLD, FOUR_EYES = timedelta(hours=72), Decimal(500_000)
STEPS_AN_EXAMPLE = 30
STEPS = int(os.environ.get("CAUCE_TEST_STEPS", "180"))
indexes, doctors = st.integers(0, 40), st.integers(0, 2)
outcomes = st.lists(st.sampled_from(["pagada", "pagada", "rechazada", "devuelta", ""]), min_size=3, max_size=3)
WAITING = {"open", "rejected"}
# Where a transfer stands (None: it waits) → the bank's word → where it goes; a word that is not there contradicts.
BANK: dict[str | None, dict[str, str | None]] = {
    None: {"pagada": "paid", "rechazada": "rejected", "devuelta": "rejected"},
    "paid": {"pagada": None, "devuelta": "returned"},
    "rejected": {"rechazada": None, "devuelta": None},
    "returned": {"pagada": None, "devuelta": None},
}


@dataclass
class Owed:
    """What the model knows of a payable."""

    doctor: int
    amount: Decimal
    state: str = "open"


@dataclass
class Batch:
    """What the model knows of a batch: payables a doctor, answers a doctor."""

    shares: dict[int, list[UUID]]
    total: Decimal
    needed: int
    state: str = "prepared"
    yes: set[str] = field(default_factory=set)
    answers: dict[int, str] = field(default_factory=dict)
    accounts: dict[int, UUID] = field(default_factory=dict)


@dataclass
class Account:
    """The accounts of a doctor: a stack of (id, usable from), and the change under way with who said yes.

    `doubted` = a payment to it came back and nobody has judged it since; `gone` = somebody did, and said no.
    """

    stack: list[tuple[UUID, datetime]]
    change: UUID | None = None
    yes: set[str] = field(default_factory=set)
    doubted: dict[UUID, set[str]] = field(default_factory=dict)
    gone: set[UUID] = field(default_factory=set)

    @property
    def is_paid(self) -> bool:
        """Whether the account of record may be paid once its hold is over."""
        return self.stack[-1][0] not in self.gone and self.stack[-1][0] not in self.doubted


class Treasury(RuleBasedStateMachine):
    """One desk, three doctors, any order of acts."""

    people: ClassVar[SimpleNamespace]
    doctors: ClassVar[list[SimpleNamespace]]
    first: ClassVar[list[BankAccount]]

    def __init__(self) -> None:
        super().__init__()
        self.mark = transaction.savepoint()
        self.at = NOW
        self.owed: dict[UUID, Owed] = {}
        self.batches: dict[UUID, Batch] = {}
        self.accounts = [Account([(row.pk, NOW)]) for row in self.first]
        self.balances: dict[tuple[str, UUID | None], Decimal] = defaultdict(Decimal)

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.mark)

    def act(self, refusal: type[Exception] | None, work: Callable[[], Any]) -> Any:
        """Do it: with the refusal the model foresees, or without any."""
        if refusal is None:
            return work()
        with pytest.raises(refusal) as caught:
            work()
        assert caught.type is refusal
        return None

    # --- owing and correcting ------------------------------------------------------------------------------------

    @rule(doctor=doctors, cents=st.integers(1, 300_000_00))
    def owe(self, doctor: int, cents: int) -> None:
        amount, party = Decimal(cents) / 100, self.doctors[doctor].party
        payable = a.payable(self.doctors[doctor], str(amount), self.at)
        lines = [Line("care_expense", amount, "MXN"), Line("physician_payable", -amount, "MXN", party.pk)]
        said = {"lines": lines, "by": None, "at": self.at, "on": clock.date_in(self.at)}
        entries = [services.post_entry(kind="accepted", subject=payable, **said) for _ in range(2)]
        assert entries[0] == entries[1]
        self.owed[payable.pk] = Owed(doctor, amount)
        self.balances["care_expense", None] += amount
        self.balances["physician_payable", party.pk] -= amount

    @rule(cents=st.integers(1, 1_000_00))
    def correct_and_take_it_back(self, cents: int) -> None:
        subject = Party.objects.create(kind="organisation", name="ajuste", created_at=NOW)
        amount, said = Decimal(cents) / 100, {"by": self.people.preparer, "at": self.at, "on": clock.date_in(self.at)}
        lines = [Line("care_expense", amount, "MXN"), Line("bank", -amount, "MXN")]
        entry = services.post_entry(kind="adjusted", lines=lines, subject=subject, **said)
        assert selectors.balance(code="bank", currency="MXN") == self.balances["bank", None] - amount
        mirrors = [services.reverse_entry(entry=entry, reason="Error", **said) for _ in range(2)]
        assert mirrors[0] == mirrors[1]
        self.act(RuleBroken, lambda: services.reverse_entry(entry=mirrors[0], reason="Error", **said))

    # --- batches -------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.owed)
    @rule(picks=st.sets(indexes, min_size=1, max_size=5))
    def prepare(self, picks: set[int]) -> None:
        ids = list(self.owed)
        chosen = sorted({ids[pick % len(ids)] for pick in picks})
        rows = [self.owed[pk] for pk in chosen]
        free = all(row.state in WAITING for row in rows)
        mine = [self.accounts[row.doctor] for row in rows]
        payable_now = all(one.is_paid and one.stack[-1][1] <= self.at for one in mine)
        made = self.act(
            None if free and payable_now else Conflict,
            lambda: services.prepare_batch(
                payables=Payable.objects.filter(pk__in=chosen), by=self.people.preparer, at=self.at
            ),
        )
        if made is None:
            return
        shares: dict[int, list[UUID]] = defaultdict(list)
        for pk in chosen:
            self.owed[pk].state = "scheduled"
            shares[self.owed[pk].doctor].append(pk)
        total = sum((row.amount for row in rows), Decimal(0))
        self.batches[made.pk] = Batch(dict(shares), total, 2 if total > FOUR_EYES else 1)
        self.batches[made.pk].accounts = {doctor: self.accounts[doctor].stack[-1][0] for doctor in shares}

    @precondition(lambda self: self.batches)
    @rule(index=indexes, who=st.sampled_from(["approver", "second", "preparer"]))
    def approve(self, index: int, who: str) -> None:
        pk, batch = self.batch(index, "prepared")
        refusal: type[Exception] | None = None
        if batch.state != "prepared" or (who != "preparer" and who in batch.yes):
            refusal = Conflict
        elif who == "preparer":
            refusal = RuleBroken
        row, by = PaymentBatch.objects.get(pk=pk), getattr(self.people, who)
        self.act(refusal, lambda: services.approve_batch(batch=row, total=batch.total, by=by, at=self.at))
        if refusal is None:
            batch.yes.add(who)
            batch.state = "approved" if len(batch.yes) >= batch.needed else "prepared"

    @precondition(lambda self: self.batches)
    @rule(index=indexes, who=st.sampled_from(["preparer", "approver", "other"]))
    def cancel(self, index: int, who: str) -> None:
        pk, batch = self.batch(index, "prepared")
        refusal = Conflict if batch.state != "prepared" else RuleBroken if who == "other" else None
        row, by = PaymentBatch.objects.get(pk=pk), getattr(self.people, who)
        self.act(refusal, lambda: services.cancel_batch(batch=row, reason="Fecha", by=by, at=self.at))
        if refusal is None:
            for doctor in list(batch.shares):
                self.leave(batch, doctor)

    @precondition(lambda self: self.batches)
    @rule(index=indexes, who=st.sampled_from(["preparer", "other"]))
    def export(self, index: int, who: str) -> None:
        pk, batch = self.batch(index, "approved")
        open_or_gone = batch.state in {"prepared", "cancelled"}
        refusal = RuleBroken if who == "other" else Conflict if open_or_gone else None
        row, by = PaymentBatch.objects.get(pk=pk), getattr(self.people, who)
        for _ in range(2):
            self.act(refusal, lambda: services.export_bank_file(batch=row, by=by, at=self.at))
        if refusal is None and batch.state == "approved":
            batch.state = "exported"

    @precondition(lambda self: self.batches)
    @rule(index=indexes, said=outcomes)
    def answer(self, index: int, said: list[str]) -> None:
        pk, batch = self.batch(index, "exported")
        told = {doctor: said[doctor] for doctor in batch.shares if said[doctor]}
        if not told:
            return
        row, by = PaymentBatch.objects.get(pk=pk), self.people.preparer
        stands = {doctor: batch.answers.get(doctor) for doctor in told}
        fresh = {d: moved for d, word in told.items() if (moved := BANK[stands[d]].get(word))}
        contradicts = any(word not in BANK[stands[doctor]] for doctor, word in told.items())
        # A contradiction is left out of a file that has something to apply, and refuses one that has nothing.
        useless = contradicts and not fresh
        refusal = Conflict if batch.state not in {"exported", "posted"} else RuleBroken if useless else None
        file = self.answer_file(row, told)
        result = self.act(refusal, lambda: services.read_bank_result(batch=row, upload=file, by=by, at=self.at))
        if result is None:
            return
        for _ in range(2):
            services.import_bank_result(result=result, by=by, at=self.at)
        for doctor, outcome in fresh.items():
            self.settle(batch, doctor, outcome)
        if len(batch.answers) == len(batch.shares):
            batch.state = "posted"

    @precondition(lambda self: any(row.state in WAITING for row in self.owed.values()))
    @rule(said=outcomes)
    def pay_all_that_waits(self, said: list[str]) -> None:
        """The ordinary way, act by act: what the other rules do in any order."""
        known, ids = set(self.batches), list(self.owed)
        self.prepare({place for place, pk in enumerate(ids) if self.owed[pk].state in WAITING})
        for pk in set(self.batches) - known:
            place = 4 * list(self.batches).index(pk)
            for who in ("approver", "second")[: self.batches[pk].needed]:
                self.approve(place, who)
            self.export(place, "preparer")
            self.answer(place, said)

    def answer_file(self, batch: PaymentBatch, told: dict[int, str]) -> Any:
        rows = ["clave_rastreo,resultado,fecha,referencia,importe,motivo"]
        for doctor, word in told.items():
            transfer = batch.transfers.filter(party=self.doctors[doctor].party).order_by("-number").first()
            assert transfer is not None
            rows.append(f"{transfer.tracking},{word},{clock.date_in(self.at)},R1,{transfer.amount},")
        return upload_of("respuesta.csv", "\n".join(rows).encode(), "text/csv")

    def settle(self, batch: Batch, doctor: int, outcome: str) -> None:
        batch.answers[doctor] = outcome
        for pk in batch.shares[doctor]:
            self.owed[pk].state = "open" if outcome == "returned" else outcome
            if outcome in {"paid", "returned"}:
                amount = self.owed[pk].amount if outcome == "paid" else -self.owed[pk].amount
                self.balances["physician_payable", self.doctors[doctor].party.pk] += amount
                self.balances["bank", None] -= amount
        if outcome == "returned":
            self.doubt(doctor, batch.accounts[doctor])

    def doubt(self, doctor: int, account: UUID) -> None:
        """A payment to this account came back: it is judged anew, now or when the change after it is stopped."""
        mine = self.accounts[doctor]
        if account not in {pk for pk, _since in mine.stack} or account in mine.gone:
            return
        of_record = account == mine.stack[-1][0]
        if account not in mine.doubted or not of_record:
            mine.doubted[account] = set()
        if of_record:
            self.take_out(doctor)

    # --- accounts ------------------------------------------------------------------------------------------------

    @rule(doctor=doctors)
    def ask_change(self, doctor: int) -> None:
        if self.accounts[doctor].change is None:
            self.accounts[doctor].change = a.in_review(self.doctors[doctor], self.at).pk

    @precondition(lambda self: any(mine.change for mine in self.accounts))
    @rule(
        doctor=doctors, who=st.sampled_from(["reviewer", "reviewer2"]), yes=st.sampled_from([True, True, True, False])
    )
    def review(self, doctor: int, who: str, yes: bool) -> None:
        mine = self.accounts[doctor]
        if mine.change is None:
            return
        account, by = BankAccount.objects.get(pk=mine.change), getattr(self.people, who)
        refusal = Conflict if who in mine.yes else None
        word = "approved" if yes else "rejected"
        self.act(
            refusal,
            lambda: services.review_account(account=account, decision=word, reason="No coincide", by=by, at=self.at),
        )
        if refusal is not None:
            return
        mine.yes.add(who)
        if not yes or len(mine.yes) == 2:
            if yes:
                mine.stack.append((account.pk, self.at + HOLD))
                self.take_out(doctor)
            mine.change, mine.yes = None, set()

    @precondition(lambda self: any(mine.stack[-1][0] in mine.doubted for mine in self.accounts))
    @rule(
        doctor=doctors, who=st.sampled_from(["reviewer", "reviewer2"]), yes=st.sampled_from([True, True, True, False])
    )
    def review_again(self, doctor: int, who: str, yes: bool) -> None:
        mine = self.accounts[doctor]
        pk = mine.stack[-1][0]
        if pk not in mine.doubted:
            return
        account, by, word = BankAccount.objects.get(pk=pk), getattr(self.people, who), "approved" if yes else "rejected"
        refusal = Conflict if who in mine.doubted[pk] else None
        told = {"account": account, "decision": word, "reason": "Está cerrada", "by": by, "at": self.at}
        self.act(refusal, lambda: services.review_account(**told))
        if refusal is not None:
            return
        mine.doubted[pk].add(who)
        if not yes:
            mine.gone.add(pk)
        if not yes or len(mine.doubted[pk]) >= account.reviews_needed:
            mine.stack[-1] = (pk, self.at)
            del mine.doubted[pk]

    @precondition(lambda self: any(mine.change or len(mine.stack) > 1 for mine in self.accounts))
    @rule(doctor=doctors)
    def stop(self, doctor: int) -> None:
        mine = self.accounts[doctor]
        in_hold = len(mine.stack) > 1 and mine.is_paid and mine.stack[-1][1] > self.at
        row = BankAccount.objects.get(pk=mine.change or mine.stack[-1][0])
        stopped = self.act(
            None if mine.change or in_hold else Conflict,
            lambda: services.cancel_change(account=row, by=self.doctors[doctor].user, at=self.at),
        )
        if stopped is not None and mine.change is None:
            mine.stack.pop()
        mine.change, mine.yes = None, set()

    @rule(hours=st.sampled_from([1, 24, 71, 72, 100]))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    # --- the model's own moves -----------------------------------------------------------------------------------

    def batch(self, index: int, wanted: str) -> tuple[UUID, Batch]:
        """Three times of four one in the state wanted, if any; the fourth time any batch at all."""
        fitting = [pair for pair in self.batches.items() if pair[1].state == wanted]
        found = fitting if fitting and index % 4 else list(self.batches.items())
        return found[index // 4 % len(found)]

    def take_out(self, doctor: int) -> None:
        """A change of account empties the doctor's place in every open batch; what was approved is asked anew."""
        for batch in self.batches.values():
            if batch.state == "prepared" and doctor in batch.shares:
                self.leave(batch, doctor)
                batch.yes = set()

    def leave(self, batch: Batch, doctor: int) -> None:
        for pk in batch.shares.pop(doctor):
            self.owed[pk].state = "open"
            batch.total -= self.owed[pk].amount
        batch.state = batch.state if batch.shares else "cancelled"

    # --- what holds after every step -----------------------------------------------------------------------------

    @invariant()
    def books_hold(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert invariants.faults() == []
        assert selectors.books_are_whole()
        for (code, party), amount in self.balances.items():
            who = Party.objects.get(pk=party) if party else None
            assert selectors.balance(code=code, currency="MXN", party=who) == amount, (code, party)

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        assert dict(Payable.objects.values_list("pk", "state")) == {pk: row.state for pk, row in self.owed.items()}
        rows = {row.pk: (row.state, row.total, row.approvals_needed) for row in PaymentBatch.objects.order_by("pk")}
        assert rows == {pk: (batch.state, batch.total, batch.needed) for pk, batch in self.batches.items()}
        sent = {"exported", "posted"}
        assert BankFile.objects.count() == sum(batch.state in sent for batch in self.batches.values())
        answers = [answer for batch in self.batches.values() for answer in batch.answers.values()]
        assert LedgerTransaction.objects.filter(kind="payment").count() == sum(
            answer in {"paid", "returned"} for answer in answers
        )
        assert Transfer.objects.filter(state="returned").count() == answers.count("returned")
        assert Transfer.objects.filter(state="paid", advice=None).count() == 0

    @invariant()
    def accounts_are_as_the_model_says(self) -> None:
        current = dict(BankAccount.objects.validated().values_list("pk", "usable_from"))
        assert current == dict(mine.stack[-1] for mine in self.accounts if mine.is_paid)
        again = BankAccount.objects.of_record().exclude(pk__in=current).values_list("pk", flat=True)
        assert set(again) == {mine.stack[-1][0] for mine in self.accounts if mine.stack[-1][0] in mine.doubted}

    @invariant()
    def nothing_is_owed_once_all_is_paid(self) -> None:
        for number, doctor in enumerate(self.doctors):
            open_sum = sum(
                (row.amount for row in self.owed.values() if row.doctor == number and row.state != "paid"), 0
            )
            assert selectors.balance(code="physician_payable", currency="MXN", party=doctor.party) == -open_sum


def test_mo_03_the_books_hold_under_any_order_of_acts() -> None:
    Treasury.people = a.desk()
    Treasury.people.other = a.person("Otra Prepara", Role.PAYMENT_PREPARER)
    Treasury.people.reviewer2 = a.person("Rosa Revisa", Role.REVIEWER)
    Treasury.doctors = [a.physician() for _ in range(3)]
    Treasury.first = [a.validated(doctor) for doctor in Treasury.doctors]
    run_state_machine_as_test(
        Treasury,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_AN_EXAMPLE),
            stateful_step_count=STEPS_AN_EXAMPLE,
            deadline=None,
            database=None,
            derandomize="CAUCE_TEST_STEPS" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
