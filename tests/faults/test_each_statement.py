"""F-22: SIGKILL before each statement, before the commit and right after it: all or nothing, and again completes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from billing import services as billing
from billing.models import Complement, Invoice, InvoiceDecision
from config.demo.uploads import upload_of
from portal import queue
from portal.errors import RuleBroken
from portal.folios.models import IssuedFolio
from portal.imports.services import runs as imports
from portal.once.services import whole_transaction
from portal.papers import services as papers
from portal.papers import store
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount, BankFile, LedgerTransaction, PaymentBatch
from tests.faults import invariants
from tests.faults.forked import in_child
from tests.faults.town import Town

pytestmark = pytest.mark.django_db

UNDO = timedelta(hours=1)  # nothing of it ends by itself while it is killed again and again
POINTS = 10  # of one act: a seeded choice; both sides of the commit always
tested: dict[str, int] = {}


@dataclass
class Scene:
    """An act to be killed, what counts its effect, and how many ciphertexts one attempt may leave loose.

    `again` says that the act may be done once more on purpose (another file for the same thing), `short` that it has
    few statements, each of which is tried.
    """

    act: Callable[[], Any]
    effects: Callable[[], int]
    files: int = 0
    again: bool = False
    short: bool = False


@pytest.fixture(scope="module", autouse=True)
def _say_how_many() -> Iterator[None]:
    yield
    print(f"F-22: {sum(tested.values())} points {tested}, bad = 0")


def _judged_once(act: Callable[[], Any]) -> Callable[[], Any]:
    """The act with the examiner's answers of a rehearsal: a child must not start an examiner only to die."""
    answers: dict[str, papers.Examined] = {}
    really = papers.examine_upload

    def remember(**asked: Any) -> papers.Examined:
        answers[asked["upload"].name] = said = really(**asked)
        return said

    def repeat(**asked: Any) -> papers.Examined:
        return replace(answers[asked["upload"].name], upload=asked["upload"])

    papers.examine_upload = remember
    try:
        with whole_transaction():
            act()
            transaction.set_rollback(True)
    finally:
        papers.examine_upload = really
    papers.sweep(older_than=timedelta(seconds=-60))

    def with_answers() -> Any:
        papers.examine_upload = repeat
        try:
            return act()
        finally:
            papers.examine_upload = really

    return with_answers


def _without_pause(act: Callable[[], Any]) -> Callable[[], Any]:
    """The act without the pause in which its file is read: the block that ends there commits nothing of it."""

    def acting() -> Any:
        paused = imports.outside_transaction
        imports.outside_transaction = lambda **_lasting: nullcontext()
        try:
            return act()
        finally:
            imports.outside_transaction = paused

    return acting


def _capture(place: Town) -> Scene:
    doctor = place.doctor()
    clabe, pdf = place.statement(doctor)

    def act() -> Any:
        return treasury.capture_account(
            party=doctor.party,
            purpose="digital_orders",
            clabe=clabe,
            upload=upload_of("estado.pdf", pdf),
            by=doctor.user,
            at=place.now,
        )

    return Scene(
        _judged_once(act), BankAccount.objects.filter(party=doctor.party, state="captured").count, files=2, again=True
    )


def _attach(place: Town) -> Scene:
    doctor = place.doctor()
    invoice = place.draft(doctor)
    xml, pdf = place.papers(invoice)

    def act() -> Any:
        sent = {"xml": upload_of("factura.xml", xml), "pdf": upload_of("factura.pdf", pdf)}
        return billing.attach_files(invoice=invoice, by=doctor.user, at=place.now, **sent)

    return Scene(_judged_once(act), Invoice.objects.filter(pk=invoice.pk).exclude(uuid="").count, files=3, again=True)


def _submit(place: Town) -> Scene:
    doctor = place.doctor()
    invoice = place.attached(doctor)
    return Scene(
        lambda: billing.submit_invoice(invoice=invoice, by=doctor.user, at=place.now),
        IssuedFolio.objects.filter(series__prefix="FA", at__gte=place.now).count,
    )


def _accept(place: Town) -> Scene:
    invoice = place.submitted(place.doctor())
    return Scene(
        lambda: billing.accept_invoice(invoice=invoice, by=place.reviewer, at=place.now),
        LedgerTransaction.objects.filter(kind="invoice_accepted", subject_id=str(invoice.pk)).count,
    )


def _decide(place: Town) -> Scene:
    invoice = place.submitted(place.doctor())
    return Scene(
        lambda: billing.accept_invoice(invoice=invoice, by=place.reviewer, at=place.now, undo_for=UNDO),
        InvoiceDecision.objects.filter(invoice=invoice, done_at=None).count,
        short=True,
    )


def _undo(place: Town) -> Scene:
    decision = _decided(place)
    return Scene(
        lambda: billing.undo_invoice_decision(decision=decision, by=place.reviewer, at=place.now),
        InvoiceDecision.objects.filter(pk=decision.pk).exclude(undone_at=None).count,
        short=True,
    )


def _take_effect(place: Town) -> Scene:
    decision = _decided(place)

    def act() -> None:
        with suppress(queue.LostLease):  # done already: what the drain hears, too
            billing.apply_invoice_decision(decision=InvoiceDecision.objects.get(pk=decision.pk), at=place.now)

    effects = LedgerTransaction.objects.filter(kind="invoice_accepted", subject_id=str(decision.invoice_id)).count
    return Scene(act, effects)


def _decided(place: Town) -> InvoiceDecision:
    invoice = place.submitted(place.doctor())
    billing.accept_invoice(invoice=invoice, by=place.reviewer, at=place.now, undo_for=UNDO)
    return InvoiceDecision.objects.select_related("invoice", "by").get(invoice=invoice)


def _approve(place: Town) -> Scene:
    batch = place.prepared(place.doctor(paid=True))
    return Scene(
        lambda: treasury.approve_batch(batch=batch, total=batch.total, by=place.approver, at=place.now),
        PaymentBatch.objects.filter(pk=batch.pk).exclude(folio=None).count,
    )


def _export(place: Town) -> Scene:
    batch = place.approved(place.doctor(paid=True))
    return Scene(
        lambda: treasury.export_bank_file(batch=batch, by=place.preparer, at=place.now),
        BankFile.objects.filter(batch=batch).count,
        files=1,
    )


def _import(place: Town) -> Scene:
    result = place.answered(place.doctor(paid=True), count=2)
    transfer = result.batch.transfers.get()
    return Scene(
        _without_pause(lambda: treasury.import_bank_result(result=result, by=place.preparer, at=place.now)),
        LedgerTransaction.objects.filter(kind="payment", subject_id=str(transfer.pk)).count,
    )


def _complement(place: Town) -> Scene:
    doctor = place.doctor(paid=True)
    transfer = place.paid(doctor)
    xml = place.complement(transfer)

    def act() -> Any:
        return billing.hand_in_complement(
            party=doctor.party, transfer=transfer, xml=upload_of("rep.xml", xml), by=doctor.user, at=place.now
        )

    return Scene(_judged_once(act), Complement.objects.filter(transfer=transfer).count, files=1)


SCENES = {
    "capture_account": _capture,
    "attach_files": _attach,
    "submit_invoice": _submit,
    "accept_invoice": _accept,
    "decide": _decide,
    "undo": _undo,
    "take_effect": _take_effect,
    "approve_batch": _approve,
    "export_bank_file": _export,
    "import_bank_result": _import,
    "hand_in_complement": _complement,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_f_22_killed_at_any_statement_leaves_nothing_or_all(name: str, place: Town, chance: Random) -> None:
    scene = SCENES[name](place)
    before, loose = invariants.digest(), invariants.orphans()
    assert scene.effects() == 0

    def killed(**when: Any) -> int:
        death = in_child(scene.act, **when)
        assert death.killed, (name, when, death.error)
        tested[name] = tested.get(name, 0) + 1
        return death.steps

    last = killed(never_commit=True)  # before the commit, which is also how many steps there are
    assert last > (2 if scene.short else POINTS), "so few steps are no act"
    for point in [last, *sorted(chance.sample(range(1, last), min(POINTS, last - 1)))]:
        if point != last:
            killed(at=point, never_commit=True)
        assert invariants.changed(before, invariants.digest()) == [], f"half of {name} at {point} of {last}"
        left = invariants.orphans() - loose
        assert len(left) <= scene.files, f"{name} at {point}: {len(left)} loose files"
        loose |= left
    killed(at=last + 1)  # right after the commit, before anybody was told
    assert scene.effects() == 1, f"{name} was committed and is not there"
    done = invariants.digest()
    try:
        scene.act()
    except RuleBroken as refusal:
        assert refusal.message.endswith("."), refusal.message
    assert scene.effects() == 1
    changed = set(invariants.changed(done, invariants.digest()))
    assert scene.again or changed <= {"history_auditevent"}, f"{name} again changed {changed}"
    for key in loose:  # so many at once the sweep leaves to a person: tests/papers/test_sweeping.py
        store.remove(key)
    invariants.all_hold(orphans_at_most=0)
