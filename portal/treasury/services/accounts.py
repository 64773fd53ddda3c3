"""Bank accounts: capture, hand in, judge (S0.4-S0.8, N10, MO-06)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal import clock, identifiers, queue
from portal.errors import RuleBroken
from portal.history.services import record
from portal.people import services as people
from portal.people.models import RfcProof
from portal.people.selectors import acts_for
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on
from portal.treasury import registry, rules, selectors
from portal.treasury.models import AccountDecision, AccountReview, BankAccount, PaymentBatch, Transfer
from portal.treasury.services import statements
from portal.treasury.services.batch_news import tell_preparer
from portal.treasury.services.locks import hold_treasury
from portal.treasury.services.release import shrink_batch
from portal.treasury.services.telling import tell_owner
from portal.vault import blind_index
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

State = rules.AccountState
SAME = "same_clabe"


def capture_account(*, party: Any, purpose: str, clabe: str, upload: Any, by: User, at: datetime) -> BankAccount:
    """Judge a CLABE with its statement at once and keep both. Without `upload` the statement kept before is judged.

    `purpose` is one that an app declared (`AccountPurpose`); another is a bug of the caller: ValueError.
    Raises RuleBroken with the findings (422): no account then, and a refused statement is not kept. One that only the
    CLABE is at odds with is: it waits for the right number. Files are examined outside the transaction.
    """
    facts = _facts_for_statement(party=party, purpose=registry.purpose(purpose).code, at=at)
    kept = None if upload else selectors.kept_statement(party=party, at=at)
    try:
        checked = check_clabe(clabe)
        _refuse_same_clabe(party=party, purpose=purpose, clabe=checked)
        examined = statements.examine(upload=upload, kept=kept, context=facts | {"clabe": checked})
        statements.refuse(examined)
    except RuleBroken as problem:
        if problem.code == SAME and upload:
            problem = _refusal_of_same(problem, upload=upload, context=facts | {"clabe": check_clabe(clabe)})
        if upload and statements.is_of_clabe(problem):
            statements.keep(party=party, upload=upload, context=facts, problem=problem, by=by, at=at)
        raise problem from None
    return _keep_account(party=party, purpose=purpose, clabe=checked, examined=examined, kept=kept, by=by, at=at)


def _refusal_of_same(same: RuleBroken, *, upload: Any, context: dict[str, Any]) -> RuleBroken:
    """What to say of the CLABE that is paid already: nothing is needed, unless the paper beside it is of another."""
    if not statements.is_of_another(upload=upload, context=context):
        return same
    return RuleBroken(
        "Esa CLABE ya es tu cuenta bancaria validada y el estado de cuenta que subiste es de otra. "
        "Si quieres cobrar en la otra, escribe su CLABE.",
        code="clabe_other",
        field="clabe",
    )


def _facts_for_statement(*, party: Any, purpose: str, at: datetime) -> dict[str, Any]:
    """What a statement is held against, but for the CLABE."""
    on = clock.date_in(at)
    return {
        "holder": party.name,
        "rfc": party.rfc,
        "holder_before": _holder_of_record(party=party, purpose=purpose),
        "on": on.isoformat(),
        "max_age_months": int(rule_on("statement.max_age_months", on=on).value),
    }


def check_clabe(clabe: str) -> str:
    """The canonical 18 digits, or RuleBroken with the identifier's own sentence."""
    if not clabe.strip():
        raise RuleBroken("Escribe tu CLABE: son 18 dígitos.", code="clabe_invalid", field="clabe")
    checked = identifiers.check("clabe", clabe)
    if not checked.valid:
        error = checked.error
        sentence = " ".join(part for part in (error.message, error.cure) if part) if error else "Revisa la CLABE."
        raise RuleBroken(sentence, code="clabe_invalid", field="clabe")
    return str(checked.canonical)


def _refuse_same_clabe(*, party: Any, purpose: str, clabe: str) -> None:
    index = blind_index(clabe, purpose="clabe")
    if BankAccount.objects.validated().filter(party=party, purpose=purpose, clabe_index=index).exists():
        raise RuleBroken(
            "Esa CLABE ya es tu cuenta bancaria validada: no hace falta registrarla otra vez.", code=SAME, field="clabe"
        )
    # One back in review since the bank returned a payment is no reason to wait: another account may be the cure.
    if BankAccount.objects.filter(party=party, purpose=purpose, state=State.IN_REVIEW, returned_at=None).exists():
        raise RuleBroken(
            "Ya tienes una cuenta bancaria en revisión. Espera la respuesta y, si hace falta, registra otra.",
            code="under_review",
        )


def _holder_of_record(*, party: Any, purpose: str) -> str:
    """The name on the account that is paid now; whoever takes an account over may type another one for the party."""
    current = BankAccount.objects.validated().filter(party=party, purpose=purpose).first()
    return current.holder if current else ""


@transaction.atomic
def _keep_account(  # see capture_account
    *, party: Any, purpose: str, clabe: str, examined: Any, kept: Any, by: User, at: datetime
) -> BankAccount:
    hold_treasury()
    _refuse_same_clabe(party=party, purpose=purpose, clabe=clabe)
    rules.ACCOUNT.check(State.CAPTURED, State.REPLACED)
    BankAccount.objects.filter(party=party, purpose=purpose, state=State.CAPTURED).update(
        state=State.REPLACED, replaced_at=at
    )
    file = kept or statements.store(party=party, examined=examined, by=by, at=at)
    bank = identifiers.bank_of(clabe)
    account = BankAccount.objects.create(
        party=party,
        purpose=purpose,
        clabe=clabe,
        clabe_index=blind_index(clabe, purpose="clabe"),
        last4=clabe[-4:],
        bank_code=clabe[:3],
        bank_name=bank.name if bank else "",
        holder=party.name,
        statement=file,
        statement_on=_closing_day(examined),
        findings=[finding.as_json() for finding in examined.findings],
        names_rfc=bool(examined.facts.get("names_rfc")),
        captured_by=by,
        captured_at=at,
    )
    record(
        action="treasury.account_captured",
        subject=account,
        by=by,
        at=at,
        party_id=party.pk,
        details={"last4": account.last4, "bank": account.bank_code, "verdict": str(examined.verdict)},
    )
    return account


def _closing_day(examined: Any) -> date | None:
    found = examined.facts.get("closing_on")
    return date.fromisoformat(found) if found else None


@transaction.atomic
def submit_account(*, account: BankAccount, by: User, at: datetime) -> BankAccount:
    """Hand a captured account to the reviewers; a change needs two of them and tells every address of the owner."""
    account = _lock_account(account)
    queue.refuse_decided(AccountDecision.open_about(account), rules.OWNER_WAITS)
    rules.check_stands(State(account.state), State.CAPTURED)
    rules.ACCOUNT.check(account.state, State.IN_REVIEW)
    earlier = BankAccount.objects.of_owner(account.party).filter(purpose=account.purpose).exclude(usable_from=None)
    account.replaces = earlier.of_record().first() or earlier.order_by("decided_at", "pk").last()
    account.reviews_needed = rules.reviews_needed(is_change=earlier.exists())
    account.state, account.submitted_by, account.submitted_at = State.IN_REVIEW, by, at
    account.save(update_fields=["replaces", "reviews_needed", "state", "submitted_by", "submitted_at"])
    if account.is_change:
        tell_owner(account=account, kind="treasury/account_change_asked", at=at)
    record(
        action="treasury.account_submitted",
        subject=account,
        by=by,
        at=at,
        party_id=account.party_id,
        details={"last4": account.last4, "reviews_needed": account.reviews_needed},
    )
    return account


@transaction.atomic
def review_account(
    *, account: BankAccount, decision: str, by: User, at: datetime, reason: str = "", undo_for: timedelta = timedelta()
) -> BankAccount:
    """One reviewer's decision, at once or when `undo_for` is over.

    A rejection ends it; the last approval needed validates the account. `reason` (required to reject) is read by the
    owner. Raises RuleBroken for one's own account, Conflict for a second decision by the same person, an account that
    moved on or one that somebody has just decided.
    """
    account = _lock_account(account)
    queue.refuse_decided(AccountDecision.open_about(account), rules.DECISION_WAITS)
    reason = _check_account_review(account, decision=decision, by=by, at=at, reason=reason)
    work.settle(thing=account, by=by)
    decided = AccountDecision(account=account, decision=decision, reason=reason, by=by, at=at)
    if not queue.decide(decided, lambda: _review_account(decided), undo_for=undo_for):
        record(
            action="treasury.account_decided",
            subject=account,
            by=by,
            at=at,
            party_id=account.party_id,
            details={"last4": account.last4, "decision": str(decision), "seconds": int(undo_for.total_seconds())},
        )
    return account


def apply_account_decision(*, decision: AccountDecision, at: datetime) -> None:
    """Let a decision take effect, dated when it was made; called by the drain once nobody can undo it."""

    def effect() -> None:
        decision.account = _lock_account(decision.account)
        _check_account_review(
            decision.account, decision=decision.decision, by=decision.by, at=decision.at, reason=decision.reason
        )
        _review_account(decision)

    def refused(why: str) -> None:
        record(
            action="treasury.account_decision_refused",
            subject=decision.account,
            by=None,
            at=at,
            reason=why,
            party_id=decision.account.party_id,
            details={"last4": decision.account.last4, "decision": decision.decision},
        )

    queue.take_effect(decision, effect, refused=refused)


@transaction.atomic
def undo_account_decision(*, decision: AccountDecision, by: User, at: datetime) -> None:
    """Take one's own decision back in time: nothing of it happened, the account waits for a reviewer again."""
    queue.undo(decision, by=by, at=at)
    record(
        action="treasury.account_decision_undone",
        subject=decision.account,
        by=by,
        at=at,
        party_id=decision.account.party_id,
        details={"last4": decision.account.last4, "decision": decision.decision},
    )


def _lock_account(account: BankAccount) -> BankAccount:
    hold_treasury()
    return BankAccount.objects.select_for_update().select_related("party").get(pk=account.pk)


def _check_account_review(account: BankAccount, *, decision: str, by: User, at: datetime, reason: str) -> str:
    """Whether this reviewer may decide it so; the reason to keep."""
    target = State.VALIDATED if decision == rules.Decision.APPROVED else State.REJECTED
    rules.check_stands(State(account.state), State.IN_REVIEW)
    rules.check_reviewer(
        reviewer=by.pk,
        submitter=account.submitted_by_id,
        earlier=set(account.reviews.filter(round=account.round).values_list("reviewer_id", flat=True)),
        own_party=by.pk == account.captured_by_id or acts_for(by, account.party_id, on=clock.date_in(at)),
    )
    return rules.check_reason(reason) if target == State.REJECTED else ""


def _review_account(decided: AccountDecision) -> None:
    """What a decision does; the account is locked."""
    account, by, at, reason = decided.account, decided.by, decided.at, decided.reason
    AccountReview.objects.create(
        account=account, reviewer=by, decision=decided.decision, reason=reason, at=at, round=account.round
    )
    if decided.decision == rules.Decision.REJECTED:
        _reject_account(account, reason=reason, at=at)
    elif account.reviews.filter(round=account.round).count() >= account.reviews_needed:
        _validate_account(account, by=by, at=at)
    record(
        action=f"treasury.account_{decided.decision}",
        subject=account,
        by=by,
        at=at,
        reason=reason,
        party_id=account.party_id,
        details={"last4": account.last4, "state": str(account.state)},
    )


def _reject_account(account: BankAccount, *, reason: str, at: datetime) -> None:
    rules.ACCOUNT.check(account.state, State.REJECTED)
    account.state, account.decided_at, account.reason = State.REJECTED, at, reason
    account.save(update_fields=["state", "decided_at", "reason"])
    tell_owner(account=account, kind="treasury/account_rejected", at=at, reason=reason)


def _validate_account(account: BankAccount, *, by: User, at: datetime) -> None:
    hold = rule_on(rules.ACCOUNT.at(State.VALIDATED).due, on=clock.date_in(at))
    of_record = BankAccount.objects.select_for_update().of_record().exclude(pk=account.pk)
    old = of_record.filter(party=account.party, purpose=account.purpose).first()
    if old is not None:
        rules.ACCOUNT.check(old.state, State.REPLACED)
        work.settle(thing=old, by=None)
        old.state, old.replaced_at = State.REPLACED, at
        old.save(update_fields=["state", "replaced_at"])
        take_out_of_open_batches(old=old, reason="La cuenta bancaria cambió.", by=by, at=at)
    rules.ACCOUNT.check(account.state, State.VALIDATED)
    account.state, account.decided_at = State.VALIDATED, at
    account.usable_from = rules.usable_from(approved_at=at, is_change=account.is_change, hold_hours=int(hold.value))
    account.hold_rule = str(refer(hold)) if account.is_change else ""
    account.save(update_fields=["state", "decided_at", "usable_from", "hold_rule"])
    if account.names_rfc:  # the statement that a reviewer accepted proves whose the RFC is (AC-11)
        people.prove_rfc(party=account.party, kind=RfcProof.STATEMENT, by=by, at=at)
    kind = "treasury/account_changed" if account.is_change else "treasury/account_validated"
    label = registry.purpose(account.purpose).label
    tell_owner(account=account, kind=kind, what=label[:1].lower() + label[1:], at=at)


@transaction.atomic
def end_accounts(*, party: Any, by: User, at: datetime) -> None:
    """The RFC goes to its owner: no account that another registered there is paid or judged any more (AC-11).

    One that was replaced neither: a change that is taken back would bring it to life again.
    """
    hold_treasury()
    live = [State.CAPTURED, State.IN_REVIEW, State.VALIDATED, State.REPLACED]
    for account in BankAccount.objects.select_for_update().filter(party=party, state__in=live).order_by("pk"):
        rules.ACCOUNT.check(account.state, State.STOPPED)
        work.settle(thing=account, by=None)
        usable = account.usable_from.isoformat() if account.usable_from else ""
        account.state, account.usable_from, account.replaced_at = State.STOPPED, None, at
        account.save(update_fields=["state", "usable_from", "replaced_at"])
        take_out_of_open_batches(old=account, reason="El RFC pasó a su dueño.", by=by, at=at)
        batches = _tell_of_locked_batches(account, by=by, at=at)
        record(
            action="treasury.account_ended",
            subject=account,
            by=by,
            at=at,
            party_id=account.party_id,
            details={"last4": account.last4, "usable_from": usable, "batches": batches},
        )


def _tell_of_locked_batches(account: BankAccount, *, by: User, at: datetime) -> list[str]:
    """What people said yes to stays as it is: who prepared it hears that no file may pay this account. Their folios."""
    waiting = selectors.locked_transfers_to(account.party).filter(account=account)
    batches = list(PaymentBatch.objects.filter(pk__in=waiting.values("batch")).order_by("folio"))
    for batch in batches:
        what = "stopped_outside" if selectors.is_downloaded(batch) else "stopped"
        tell_preparer(batch=batch, what=what, by=by, at=at)
    return [batch.folio or "" for batch in batches]


def take_out_of_open_batches(*, old: BankAccount, reason: str, by: User, at: datetime) -> None:
    """What is not locked goes to neither account: its transfer leaves the batch and approvals are void (MO-06)."""
    pending = Transfer.objects.filter(
        account=old, state=rules.TransferState.PENDING, batch__state=rules.BatchState.PREPARED
    )
    ids = pending.order_by("batch_id").values_list("batch_id", flat=True)
    for batch in PaymentBatch.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"):
        leaving = list(batch.transfers.filter(account=old, state=rules.TransferState.PENDING).order_by("pk"))
        shrink_batch(batch=batch, leaving=leaving, reason=reason, by=by, at=at)
        record(
            action="treasury.batch_shrunk",
            subject=batch,
            by=by,
            at=at,
            details={"total": str(batch.total), "count": batch.count},
        )
