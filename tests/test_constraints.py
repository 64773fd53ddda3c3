"""Every named constraint of the house refuses the row it was written against: one table, constraint → what breaks it.

A constraint that a room's own tests break by name needs no line here; one that nobody breaks fails the first test.
Guards by trigger speak before a constraint can: they sleep for the statement that shows what the table itself refuses,
and so is another constraint of which the same row falls foul first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from billing.models import Complement, ComplementDue
from config.demo.models import DemoClock
from portal import ids
from portal.access import Role
from portal.calendars.models import CalendarFeed
from portal.help.models import ContactMessage
from portal.imports.models import ImportRun, ImportTask, KnownHeading
from portal.notices.models import Enclosure, MailPreference, Notice
from portal.once.models import IdempotencyKey
from portal.papers import services as papers
from portal.papers.models import ListExport
from portal.people.models import (
    ApiToken,
    Consent,
    ConsentText,
    Grant,
    GrantProposal,
    OneTimeSecret,
    Party,
    SignInIdentifier,
)
from portal.resume.models import KeptForm
from portal.rulebook.models import Rule
from portal.treasury import rules
from portal.treasury import services as treasury
from portal.treasury.models import BatchApproval, BatchBarred, LedgerAccount, PaymentBatch, Transfer
from portal.work.models import Hold, Look
from tests.factories import billing, people
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY
from tests.guards import guards_asleep
from tests.sources import PACKAGES, ROOT


@dataclass(frozen=True)
class Breaker:
    """A row that stands, and the values that break the constraint: in the row itself, or in a second one like it."""

    row: Callable[[], models.Model]
    change: Callable[[models.Model], dict[str, Any]] = field(default=lambda row: {})
    twin: bool = False
    without: tuple[str, ...] = ()


def changed(row: Callable[[], models.Model], *, without: tuple[str, ...] = (), **values: Any) -> Breaker:
    """The row itself, with these values."""
    return Breaker(row, lambda _row: values, without=without)


def same(row: Callable[[], models.Model], **values: Any) -> Breaker:
    """A second row like the first; `values` keep apart what another constraint would refuse first."""
    return Breaker(row, lambda _row: values, twin=True)


# --- rows that stand -------------------------------------------------------------------------------------------------


def validated() -> models.Model:
    return a.validated(a.physician())


def account_review() -> models.Model:
    return a.validated(a.physician()).reviews.get()


def payee() -> Any:
    """A physician whose account can be paid."""
    made = a.physician()
    a.validated(made, NOW - timedelta(days=10))
    return made


def batch() -> models.Model:
    return treasury.prepare_batch(payables=[a.payable(payee())], by=a.desk().preparer, at=NOW)


def chilean_batch() -> models.Model:
    made = batch()
    with guards_asleep(PaymentBatch):
        PaymentBatch.objects.update(currency="CLP")
    return made


def chilean_transfer() -> models.Model:
    made = transfer()
    with guards_asleep(Transfer):
        Transfer.objects.update(currency="CLP")
    return made


def locked() -> Any:
    return a.locked(payee(), a.desk())


def approval() -> models.Model:
    return BatchApproval.objects.get(batch=locked())


def bar() -> models.Model:
    return BatchBarred.objects.create(batch=batch(), user=people.reviewer())


def transfer() -> Any:
    return Transfer.objects.get(batch=locked())


def item() -> models.Model:
    return transfer().items.get()


def ledger_account() -> models.Model:
    return LedgerAccount.objects.create(code="bank", currency="MXN", party=None)


def entry() -> models.Model:
    return treasury.post_entry(
        kind="t",
        subject=a.operator(),
        by=None,
        at=NOW,
        on=TODAY,
        lines=[rules.Line("bank", Decimal("1.00"), "MXN"), rules.Line("care_expense", Decimal("-1.00"), "MXN")],
    )


def payable() -> models.Model:
    return a.payable(a.physician())


def complement() -> models.Model:
    who = billing.doctor()
    invoice = billing.bare(who, paid_on=TODAY, complement_due_on=TODAY)
    return Complement.objects.create(
        party=who.party,
        transfer=invoice.transfer,
        state="accepted",
        xml=a.stored_pdf(who.party, who.user),
        uuid="x",
        handed_in_by=who.user,
        handed_in_at=NOW,
    )


def idempotency_key() -> models.Model:
    return IdempotencyKey.objects.create(
        user=people.a_person(),
        scope="test.act",
        key="k" * 8,
        body_sha256="b" * 64,
        attempt=ids.uuid7(),
        locked_until=NOW,
        created_at=NOW,
    )


def imported() -> models.Model:
    by, sender = people.reviewer(), people.an_insurer()
    return ImportRun.objects.create(
        kind="test",
        sender=sender,
        source="file",
        file=a.stored_pdf(sender, by),
        sha256="b" * 64,
        declared={},
        counted={},
        rows=2,
        new=1,
        unchanged=0,
        skipped=0,
        wrong=1,
        state="applied",
        read_by=by,
        read_at=NOW,
        closed_by=by,
        closed_at=NOW,
    )


def import_task() -> models.Model:
    run: Any = imported()
    return ImportTask.objects.create(run=run, act="read", by=run.read_by, asked_at=NOW)


def known_heading() -> models.Model:
    run = imported()
    return KnownHeading.objects.create(kind="test", sender=run.sender, heading="folio", column="key", said_in=run)


def message() -> models.Model:
    return ContactMessage.objects.create(
        folio="QS-2020-000001",
        name="Ana",
        email="ana@ejemplo.mx",
        kind="question",
        body="¿Cuándo?",
        created_at=NOW,
        anchor=TODAY,
        due_on=TODAY,
        rolled_on=TODAY,
        due_rule="contact.answer_days v1 · operador",
    )


def feed() -> models.Model:
    return CalendarFeed.objects.create(user=people.reviewer(), digest="a" * 64, created_at=NOW)


def complement_due() -> models.Model:
    return ComplementDue.objects.create(anchor=TODAY, due_on=TODAY, rolled_on=TODAY, due_rule="rep_due_day v1 · RMF")


def grant() -> models.Model:
    return Grant.objects.get(user=people.physician())


def withheld() -> models.Model:
    return Grant.objects.create(
        user=people.reviewer(),
        party=people.a_party(),
        role=Role.PHYSICIAN_ASSISTANT,
        since=people.LONG_AGO,
        until=people.LONG_AGO,
        is_withheld=True,
    )


def proposal() -> models.Model:
    return GrantProposal.objects.create(
        user=people.a_person(),
        party=people.the_operator(),
        role=Role.REVIEWER,
        proposed_at=NOW,
        proposed_by=people.administrator(),
    )


def text() -> models.Model:
    return ConsentText.objects.create(
        kind="sensitive-data", version=90, body="Texto.", sha256="0" * 64, published_at=NOW
    )


def consent() -> models.Model:
    return Consent.objects.create(user=people.a_person(), text=text(), proof="session", at=NOW)


def secret() -> models.Model:
    return OneTimeSecret.objects.create(
        user=people.a_person(),
        purpose="choose-password",
        digest="d" * 64,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def token() -> models.Model:
    admin = people.administrator()
    return ApiToken.objects.create(
        name="sistema",
        user=admin,
        party=people.an_insurer(),
        digest="e" * 64,
        scopes=["orders:write"],
        issued_by=admin,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def own_token() -> models.Model:
    user = people.a_person()
    return ApiToken.objects.create(
        name="mía",
        user=user,
        factor="passkey",
        digest="f" * 64,
        scopes=["billing:read"],
        issued_by=user,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def chilean() -> models.Model:
    return Party.objects.create(kind="person", name="Chilena", country="CL", rut="12345678-5", created_at=NOW)


def identifier() -> models.Model:
    return SignInIdentifier.objects.create(user=people.a_person(), kind="rfc", canonical="XAXX010101000")


def preference() -> models.Model:
    return MailPreference.objects.create(user=people.a_person(), kind="billing/invoice_paid")


def notice() -> models.Model:
    by = people.a_person()
    return Notice.objects.create(user=by, kind="digest", key="k", title="t", body="b", created_at=NOW)


def enclosure() -> models.Model:
    paper = papers.issue_document(kind="prueba", template="pdf/document.html", context={}, party=None, by=None, at=NOW)
    return Enclosure.objects.create(notice=notice(), document=paper)


def hold() -> models.Model:
    return Hold.objects.create(thing_type="x.y", thing_id="1", queue="x.y", holder=people.reviewer(), since=NOW)


def look() -> models.Model:
    return Look.objects.create(thing_type="x.y", thing_id="1", viewer=people.reviewer(), seen_at=NOW)


def rule() -> models.Model:
    return Rule.objects.order_by("pk")[0]


def list_export() -> models.Model:
    return ListExport.objects.create(by=people.a_person(), listing="people", title="Personas", file="csv", asked_at=NOW)


def kept_form() -> models.Model:
    return KeptForm.objects.create(
        user=people.a_person(), action="/a/", page="/", fields="{}", kept_at=NOW, expires_at=NOW + timedelta(hours=1)
    )


def the_clock() -> models.Model:
    return DemoClock.objects.get_or_create(pk=1)[0]


def itself(name: str) -> Callable[[models.Model], dict[str, Any]]:
    """The row's own key in a column that must name another."""
    return lambda row: {name: row.pk}


BREAKERS: dict[str, Breaker] = {
    # treasury: accounts
    "validated_account_has_usable_from": changed(validated, usable_from=None),
    "usable_after_decision": changed(validated, usable_from=NOW - timedelta(days=9)),
    "review_rejects_with_reason": changed(account_review, decision="rejected", reason=""),
    # treasury: ledger (MO-01, MO-02)
    "one_ledger_account": same(ledger_account),
    "one_entry_per_subject": same(entry),
    "entry_does_not_reverse_itself": Breaker(entry, itself("reverses_id")),
    # treasury: batches, transfers, answers of the bank (MO-05, MO-09)
    "payable_state_known": changed(payable, state="lost", without=("payable_scheduled_with_transfer",)),
    "payable_cancelled_says_why": changed(payable, state="cancelled", cancelled_at=NOW),
    "batch_state_known": changed(batch, state="lost", without=("batch_locked_by_state",)),
    "batch_folio_at_lock": changed(batch, folio="LP-2020-000001"),
    "batch_cancelled_who_and_when": changed(batch, cancelled_at=NOW, without=("batch_cancelled_says_why",)),
    "batch_total_positive": changed(batch, total=Decimal("0.00")),
    "batch_clp_whole": changed(chilean_batch, total=Decimal("1.50")),
    "transfer_clp_whole": changed(chilean_transfer, amount=Decimal("1.50")),
    "batch_needs_approval": changed(batch, approvals_needed=0),
    "one_approval_per_person": same(approval),
    "one_bar_per_person": same(bar),
    "one_transfer_per_number": same(transfer, tracking="OTRA", state="withdrawn"),
    "transfer_positive": changed(transfer, amount=Decimal("0.00")),
    "one_live_transfer_per_payable": Breaker(item, lambda row: {"transfer": _another_transfer(row)}, twin=True),
    "one_item_per_payable": same(item, live=False),
    "transfer_item_positive": changed(item, amount=Decimal("-1.00")),
    # imports (N4)
    "import_state_known": changed(imported, state="lost"),
    "one_live_import_per_file": same(imported),
    "import_counts_add_up": changed(imported, unchanged=1),
    "import_closed_when": changed(imported, closed_at=None),
    "import_secrets_only_while_open": changed(imported, secrets="{}"),
    "import_file_has_its_hash": changed(imported, sha256=""),
    "import_task_act_known": changed(import_task, act="nap"),
    "one_open_task_per_import": same(import_task),
    "one_meaning_per_heading": same(known_heading),
    # help (S3.7)
    "contact_state_known": changed(message, state="lost", without=("contact_answer_who_and_when_together",)),
    "contact_answer_who_and_when_together": changed(message, state="answered", answer="Mañana."),
    "contact_fields_all_required": changed(message, body=""),
    # billing (AC-09)
    "ended_complement_due_asks_nothing": changed(complement_due, ended_at=NOW, met_at=NOW),
    "complement_state_known": changed(complement, state="lost", without=("complement_refused_says_why",)),
    # once (MO-04)
    "key_state_known": changed(idempotency_key, state="lost", without=("done_key_has_its_answer",)),
    # notices
    "one_preference_per_kind": same(preference),
    "one_enclosure_per_document": same(enclosure),
    "notice_mailed_alone_or_with_the_days": changed(notice, digested_at=NOW),
    # people (AC-07, AU-01, AU-14, PR-01)
    "one_party_per_rut": same(chilean),
    "party_kind_known": changed(chilean, kind="thing"),
    "identifier_kind_known": changed(identifier, kind="nick"),
    "one_operator": same(people.the_operator, rfc=""),
    "one_open_grant_per_role": same(grant),
    "grant_ends_after_start": changed(grant, until=people.LONG_AGO - timedelta(days=1)),
    "withheld_grant_gives_nothing": changed(grant, is_withheld=True),
    "one_withheld_grant_per_team": same(withheld),
    "one_open_proposal_per_role": same(proposal),
    "proposal_decision_whole": changed(proposal, decided_at=NOW),
    "countersigned_for_a_reason": changed(proposal, conflict="countersigned"),
    "nobody_proposes_himself": Breaker(proposal, lambda row: {"proposed_by": row.user}),
    "one_text_per_version": same(text),
    "text_hash_is_sha256": changed(text, sha256="0" * 63 + "G"),
    "one_live_consent_per_text": same(consent),
    "secret_expires_later": changed(secret, expires_at=NOW),
    "token_expires_later": changed(token, expires_at=NOW),
    "token_has_a_scope": changed(token, scopes=[]),
    "one_live_own_token_per_name": same(own_token, digest="1" * 64),
    "own_token_says_what_its_person_proved": changed(own_token, factor=""),
    # papers: long lists
    "export_file_known": changed(list_export, file="docx"),
    "export_is_made_whole": changed(list_export, made_at=NOW),
    # resume
    "one_kept_form_per_action": same(kept_form),
    "kept_form_expires": changed(kept_form, expires_at=NOW),
    # work
    "one_holder_per_thing": same(hold, queue="x.z"),
    "one_look_per_viewer_and_thing": same(look),
    # rulebook and the demo's clock
    "one_live_feed_per_person": same(feed, digest="b" * 64),
    **{
        f"{table}_{name}": changed(row, without=without, **values)
        for table, row, without in (
            ("contactmessage", message, ("contact_answer_who_and_when_together",)),
            ("complementdue", complement_due, ()),
        )
        for name, values in {
            "due_after_its_anchor": {"due_on": TODAY - timedelta(days=1)},
            "due_says_its_rule": {"due_rule": ""},
            "met_due_is_not_reminded": {"met_at": NOW, "next_reminder_on": TODAY},
        }.items()
    },
    "rule_publisher_and_instant_together": changed(rule, published_by=None, published_at=NOW),
    "one_demo_clock": same(the_clock, pk=2),
}


def _another_transfer(row: models.Model) -> Transfer:
    """A second transfer of the same batch, so that only the payable is the same."""
    first = row.transfer  # type: ignore[attr-defined]
    return _copy(first, {"number": 99, "tracking": "SEGUNDA", "account": a.validated(a.physician())})


def _copy(row: models.Model, values: dict[str, Any]) -> Any:
    """A new row like this one; written past services and guards."""
    kept = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}
    key = row._meta.pk
    fresh = {} if key is None or isinstance(key, models.AutoField) else {key.attname: ids.uuid7()}
    copy = type(row)(**(kept | fresh))
    for name, value in values.items():
        setattr(copy, name, value)
    with guards_asleep(type(row)):
        type(row)._base_manager.bulk_create([copy])
    return copy


def _constraints() -> dict[str, str]:
    """Each constraint that a model of ours declares, and its model."""
    ours = [one for one in apps.get_models() if one.__module__.split(".")[0] in PACKAGES]
    return {one.name: model.__name__ for model in ours for one in model._meta.constraints}


def test_every_named_constraint_is_broken_by_name_in_some_test() -> None:
    here = ROOT / "tests" / "test_constraints.py"
    elsewhere = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")) if path != here)
    found = _constraints()
    assert len(found) > 100
    assert [f"{model}: {name}" for name, model in found.items() if name not in BREAKERS and name not in elsewhere] == []
    assert sorted(set(BREAKERS) - set(found)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREAKERS)
def test_the_table_refuses_what_the_constraint_was_written_against(name: str) -> None:
    breaker = BREAKERS[name]
    row = breaker.row()
    values = breaker.change(row)
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        if breaker.twin:
            _copy(row, values)
        else:
            with guards_asleep(type(row), breaker.without):
                type(row)._base_manager.filter(pk=row.pk).update(**values)
