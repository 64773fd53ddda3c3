"""Reads of the treasury: whose account, what is owed, what waits for whom, what the books say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse

from portal.access import Permission
from portal.design import dates, undoing
from portal.money import format_money
from portal.papers.models import StoredFile
from portal.people.selectors import parties_of, people_with
from portal.rulebook.selectors import explain_kept
from portal.states import Ball
from portal.text import listed
from portal.treasury import labels, registry, rules
from portal.treasury.models import (
    AccountDecision,
    AccountReview,
    BankAccount,
    BankFile,
    BankResult,
    BatchApproval,
    LedgerLine,
    Payable,
    PaymentBatch,
    Transfer,
)

STATEMENT = "bank-statement"
"""Purpose of a bank statement among the papers of its party."""
PAYMENT = "payment"  # the kind of the entry that pays a transfer
_KEPT_FOR = timedelta(hours=24)
OWN = "Es un pago tuyo o de quien te encarga sus cobros: lo prepara otra persona"


def kept_statement(*, party: Any, at: datetime) -> StoredFile | None:
    """The statement that waits for its CLABE: handed in the last day, right by itself, and of no account yet.

    Never one that another handed in before the RFC went to its owner (AC-11).
    """
    rows = StoredFile.objects.readable().filter(party=party, purpose=STATEMENT, created_at__gt=at - _KEPT_FOR)
    rows = rows.filter(Q(party__rfc_moved_at=None) | Q(created_at__gt=F("party__rfc_moved_at")))
    used = BankAccount.objects.filter(party=party, statement__isnull=False).values("statement")
    return rows.exclude(pk__in=used).order_by("-created_at", "-pk").first()


def purposes_of(user: Any, party: Any) -> list[registry.AccountPurpose]:
    """What a party has bank accounts for, as far as this person acts for it."""
    return [one for one in registry.purposes() if party.pk in user.party_ids(one.held_with)]


def account_page(purpose: str, name: str = "treasury:my_account") -> str:
    """The owner's page of the account for a purpose; what is declared first is what a page shows unless it is told."""
    first = registry.purposes()[0].code
    return reverse(name) if purpose == first else f"{reverse(name)}?{urlencode({'uso': purpose})}"


def owners(party: Any, *, on: date) -> list[UUID]:
    """Who is told about a party's account: everybody who may manage it."""
    people = people_with(Permission.MANAGE_OWN_ACCOUNT, party, on=on)
    return list(people.values_list("pk", flat=True))


# --- bank accounts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MyAccount:
    """What the owner sees: the account of record, the one under way, the last refusal, whether a hold runs."""

    current: BankAccount | None
    under_way: BankAccount | None
    refused: BankAccount | None
    on_hold: bool

    @property
    def to_submit(self) -> bool:
        """Whether the one under way waits for its owner to hand it in."""
        return self.under_way is not None and rules.ACCOUNT.at(self.under_way.state).ball is Ball.YOU

    @property
    def shown(self) -> BankAccount | None:
        """The one that a home page speaks of."""
        return self.current or self.under_way or self.refused


def my_account(*, party: Any, purpose: str, at: datetime) -> MyAccount:
    """The accounts of one party for one purpose; a refusal is shown only while nothing newer stands."""
    rows = list(
        BankAccount.objects.of_owner(party)
        .filter(purpose=purpose)
        .exclude(state__in=[rules.AccountState.REPLACED, rules.AccountState.STOPPED])
        .select_related("statement", "party")
        .order_by("-captured_at", "-pk")
    )
    current = next((row for row in rows if row.state == rules.AccountState.VALIDATED), None)
    under_way = next((row for row in rows if row.state in {"captured", "in_review"}), None)
    newest = rows[0] if rows else None
    refused = newest if newest is not None and newest.state == rules.AccountState.REJECTED else None
    return MyAccount(current, under_way, refused, bool(current and current.usable_from and current.usable_from > at))


def standing(mine: MyAccount, account: BankAccount | None) -> tuple[str, str]:
    """Where one of these accounts stands, in the owner's words, and its colour; a hold speaks before the state."""
    if account is None:
        return "", "neutral"
    if account is mine.current and mine.on_hold:
        return "Corre el plazo de seguridad", "warn"
    return rules.ACCOUNT.label(account.state), rules.ACCOUNT.tone(account.state)


def stoppable(account: BankAccount | None, *, at: datetime) -> bool:
    """Whether its owner can still take this change of account back."""
    return account is not None and rules.can_stop(
        state=rules.AccountState(account.state), is_change=account.is_change, usable_from=account.usable_from, at=at
    )


def hold_figure(account: BankAccount) -> dict[str, Any]:
    """Why a changed account is paid from its stored instant on (N10, MO-06); {} where no hold was laid on it."""
    if not account.hold_rule or account.decided_at is None or account.usable_from is None:
        return {}
    return explain_kept(
        title="Cuándo termina el plazo de seguridad",
        formula="momento en que se validó el cambio + horas de espera",
        given=("Se validó el", dates.instant(account.decided_at)),
        result=dates.instant(account.usable_from),
        rule=account.hold_rule,
    )


def account_events(account: BankAccount, *, at: datetime) -> list[dict[str, Any]]:
    """The account's timeline, oldest first: what was done, changes that were stopped, what comes next (N10)."""
    events: list[dict[str, Any]] = [
        {"title": "Se registró la CLABE con su estado de cuenta", "at": account.captured_at}
    ]
    if account.submitted_at:
        text = "Es un cambio de cuenta: la revisan dos personas." if account.is_change else ""
        events.append({"title": "Entró a revisión", "at": account.submitted_at, "text": text})
    events += _reviews(account)
    events += _returns(account)
    if account.usable_from and account.is_change:
        done = account.usable_from <= at
        events.append(
            {
                "title": "Terminó el plazo de seguridad" if done else "Termina el plazo de seguridad",
                "at": account.usable_from,
                "next": not done,
                "text": "" if done else "Hasta entonces los pagos esperan: no salen a ninguna de las dos cuentas.",
            }
        )
    if account.state == rules.AccountState.STOPPED:
        events.append({"title": "Se detuvo el cambio", "at": account.replaced_at, "bad": True})
    elif account.replaced_at:
        events.append({"title": "La reemplazó otra cuenta", "at": account.replaced_at})
    return sorted(events + _stopped_changes(account), key=lambda event: event["at"])


def _reviews(account: BankAccount) -> list[dict[str, Any]]:
    """Each round of reviews counts from one."""
    events, numbers = [], dict[int, int]()
    for review in account.reviews.order_by("at", "pk"):
        number = numbers[review.round] = numbers.get(review.round, 0) + 1
        approved = review.decision == rules.Decision.APPROVED
        title = f"Revisión {number} de {account.reviews_needed}: {'aprobada' if approved else 'rechazada'}"
        events.append({"title": title, "at": review.at, "text": review.reason, "bad": not approved})
    return events


def _returns(account: BankAccount) -> list[dict[str, Any]]:
    """Payments to this account that the bank returned: they are why it is reviewed anew."""
    if account.returned_at is None:
        return []
    transfer = account.transfers.filter(state=rules.TransferState.RETURNED).order_by("returned_on", "pk").last()
    why = f"{transfer.reason.rstrip('.')}. " if transfer else ""
    text = f"{why}La cuenta volvió a revisión y mientras tanto no se le paga."
    return [{"title": "El banco devolvió un pago", "at": account.returned_at, "text": text, "bad": True}]


def returned_to(account: BankAccount | None) -> Transfer | None:
    """The last payment to this account that the bank returned, while nobody has judged the account since."""
    if account is None or account.state != rules.AccountState.IN_REVIEW or account.returned_at is None:
        return None
    return account.transfers.filter(state=rules.TransferState.RETURNED).order_by("returned_on", "pk").last()


def _stopped_changes(account: BankAccount) -> list[dict[str, Any]]:
    """Attempts to change this account that its owner took back: they stay in sight, for whoever did not ask them."""
    rows = account.changes.filter(state=rules.AccountState.STOPPED).order_by("submitted_at", "pk")
    return [
        event
        for row in rows
        for event in (
            {"title": f"Se pidió cambiarla por •••• {row.last4}", "at": row.submitted_at},
            {"title": f"Se detuvo el cambio a •••• {row.last4}", "at": row.replaced_at},
        )
    ]


def reviews_of(account: BankAccount) -> list[AccountReview]:
    """Decisions on an account, oldest first."""
    return list(account.reviews.select_related("reviewer").order_by("at", "pk"))


def decision_about(account: BankAccount) -> dict[str, Any]:
    """What a reviewer has just decided, or decided without effect, for the account's page at the desk; else {}."""
    return undoing.standing(
        AccountDecision.objects.filter(account=account),
        in_review=account.state == rules.AccountState.IN_REVIEW,
        did=lambda row: f"la {rules.DECISION_LABELS[rules.Decision(row.decision)].lower()}",
    )


def same_clabe(account: BankAccount) -> list[BankAccount]:
    """Accounts of other parties with the same CLABE: a reviewer must know."""
    rows = BankAccount.objects.filter(clabe_index=account.clabe_index).exclude(party=account.party_id)
    return list(rows.exclude(state=rules.AccountState.REJECTED).select_related("party").order_by("pk")[:5])


def statement_age(account: BankAccount, *, on: date) -> int | None:
    """Days since the statement's closing date."""
    return (on - account.statement_on).days if account.statement_on else None


def accounts_to_review(user: Any) -> QuerySet[BankAccount]:
    """Accounts that wait for this reviewer: not theirs nor of whom they act for, not reviewed by them already."""
    if Permission.REVIEW_ACCOUNTS not in user.permissions:
        return BankAccount.objects.none()
    waiting = BankAccount.objects.to_review()
    mine = AccountReview.objects.filter(reviewer=user, round=F("account__round")).values("account")
    own = Q(submitted_by=user) | Q(captured_by=user) | Q(party__in=parties_of(user))
    return waiting.exclude(own).exclude(pk__in=mine)


# --- the books ---------------------------------------------------------------------------------------------------


def balance(*, code: str, currency: str, party: Any = None, on: date | None = None) -> Decimal:
    """Sum of an account's lines (debits positive), of one party or of all, up to a date included."""
    lines = LedgerLine.objects.filter(account__code=code, currency=currency)
    if party is not None:
        lines = lines.filter(account__party=party)
    if on is not None:
        lines = lines.filter(transaction__on__lte=on)
    return lines.aggregate(total=Sum("amount"))["total"] or Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Movements:
    """An account of a party over some days: what stood before, each line with its transaction, what stands after.

    Debits positive, as in the books, in one currency.
    """

    opening: Decimal
    lines: tuple[LedgerLine, ...]

    @property
    def closing(self) -> Decimal:
        """What stands after the last line."""
        return self.opening + sum((line.amount for line in self.lines), Decimal("0.00"))


def movements(*, code: str, currency: str, party_ids: Sequence[UUID], first: date, until: date) -> Movements:
    """Lines of an account from `first` to `until` (local dates, both included), by date then as they were written."""
    lines = LedgerLine.objects.filter(account__code=code, account__party__in=party_ids, currency=currency)
    before = lines.filter(transaction__on__lt=first).aggregate(total=Sum("amount"))["total"]
    found = lines.filter(transaction__on__range=(first, until)).select_related("transaction__reverses")
    return Movements(before or Decimal("0.00"), tuple(found.order_by("transaction__on", "transaction__at", "pk")))


def books_are_whole() -> bool:
    """Whether every currency of the ledger sums to zero (MO-03); `invariants` asks the rest at night."""
    return not unbalanced_currencies()


def unbalanced_currencies() -> list[str]:
    """Currencies that do not sum to zero, by name: one sum, cheap enough for the health page."""
    sums = LedgerLine.objects.values("currency").annotate(total=Sum("amount")).order_by("currency")
    return [row["currency"] for row in sums if row["total"]]


# --- payables and batches ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A payable on the page that prepares a batch; `wait` says why it cannot be chosen."""

    payable: Payable
    account: BankAccount | None
    wait: str
    until: datetime | None = None


def choices_for_batch(*, by: Any, at: datetime) -> tuple[list[Choice], list[Choice]]:
    """(selectable, waiting with the reason) payables for this preparer, by due date. Query count is constant."""
    payables = list(Payable.objects.waiting().select_related("party").order_by("due_on", "pk")[:500])
    accounts = {
        (row.party_id, row.purpose): row
        for row in BankAccount.objects.validated().filter(party__in={p.party_id for p in payables}).order_by("pk")
    }
    reviewing = set(
        BankAccount.objects.filter(state=rules.AccountState.IN_REVIEW, party__in={p.party_id for p in payables})
        .order_by("pk")
        .values_list("party_id", "purpose")
    )
    ready, waiting = [], []
    for payable in payables:
        key = (payable.party_id, payable.purpose)
        account = accounts.get(key)
        wait = rules.why_waits(
            validated_from=account.usable_from if account else None, in_review=key in reviewing, at=at
        )
        if wait is None:
            ready.append(Choice(payable, account, ""))
        else:
            until = account.usable_from if account and wait == rules.Wait.ON_HOLD else None
            waiting.append(Choice(payable, account, rules.WAIT_LABELS[wait], until))
    return _without_reviewed(ready, waiting, by=by)


def _without_reviewed(ready: list[Choice], waiting: list[Choice], *, by: Any) -> tuple[list[Choice], list[Choice]]:
    """Set aside what is this person's own, and what they reviewed (MO-05): asked one by one only when the whole
    selection says so."""
    own = set(parties_of(by))
    waiting += [Choice(row.payable, row.account, OWN) for row in ready if row.payable.party_id in own]
    ready = [row for row in ready if row.payable.party_id not in own]
    if by.pk not in registry.barred_people([row.payable for row in ready]):
        return ready, waiting
    mine = {row.payable.pk for row in ready if by.pk in registry.barred_people([row.payable])}
    aside = [
        Choice(row.payable, row.account, "Tú la revisaste: la paga otra persona")
        for row in ready
        if row.payable.pk in mine
    ]
    return [row for row in ready if row.payable.pk not in mine], waiting + aside


def transfers_of(batch: PaymentBatch) -> list[Transfer]:
    """Transfers with their payables' references, by number."""
    return list(batch.transfers.select_related("party", "advice").prefetch_related("items__payable").order_by("number"))


def folios_of(transfer: Transfer) -> str:
    """What a transfer pays, or paid, by the references its people know, in words."""
    return listed(transfer.items.order_by("payable__reference").values_list("payable__reference", flat=True))


def deposits() -> QuerySet[Transfer]:
    """Transfers that reached their account, also when their money went back; whose they are, the caller asks."""
    return Transfer.objects.filter(state__in=[rules.TransferState.PAID, rules.TransferState.RETURNED])


def deposit(pk: UUID) -> Transfer | None:
    """One of them."""
    return deposits().filter(pk=pk).select_related("batch", "advice").first()


def subjects_of(transfer: Transfer, *, kind: str) -> list[str]:
    """Ids of what a transfer pays, or paid, among payables of one kind."""
    return list(transfer.items.filter(payable__kind=kind).order_by("pk").values_list("payable__subject_id", flat=True))


def batch_folios(transfer_ids: Iterable[Any]) -> dict[str, str]:
    """The folio of the batch of each of these transfers, by the transfer's id as text; other ids are left out."""
    rows = Transfer.objects.filter(pk__in=list(transfer_ids)).values_list("pk", "batch__folio")
    return {str(pk): folio or "" for pk, folio in rows.order_by("pk")}


def stopped_transfers(batch: PaymentBatch) -> list[Transfer]:
    """What a batch would pay to accounts that were stopped since it was prepared, by number (AC-11)."""
    waiting = batch.transfers.filter(state=rules.TransferState.PENDING, account__state=rules.AccountState.STOPPED)
    return list(waiting.order_by("number"))


def payees(transfers: Iterable[Transfer]) -> str:
    """Whom transfers pay, how much and where, in words."""
    return listed(f"{row.holder} {format_money(row.amount, row.currency)} a •••• {row.last4}" for row in transfers)


def is_downloaded(batch: PaymentBatch) -> bool:
    """Whether somebody has the batch's file for the bank."""
    return BankFile.objects.filter(batch=batch, downloads__gt=0).exists()


def locked_transfers_to(party: Any) -> QuerySet[Transfer]:
    """What people said yes to pay to a party's accounts and the bank has not answered."""
    locked = [rules.BatchState.APPROVED, rules.BatchState.EXPORTED]
    waiting = Transfer.objects.filter(account__party=party, batch__state__in=locked)
    return waiting.filter(state=rules.TransferState.PENDING)


def under_way_to(*, party: Any, ended: bool) -> list[str]:
    """One line a locked batch that pays a party: for who moves its RFC. `ended`: only what pays stopped accounts."""
    rows = locked_transfers_to(party).select_related("batch__prepared_by", "batch__bank_file").order_by("batch__folio")
    if ended:
        rows = rows.filter(account__state=rules.AccountState.STOPPED)
    return [f"{_batch_now(row.batch)}: paga a •••• {row.last4}. Lo preparó {row.batch.prepared_by}." for row in rows]


def _batch_now(batch: PaymentBatch) -> str:
    file = getattr(batch, "bank_file", None)
    state = labels.shown(batch.state, downloads=file.downloads if file else 0)
    return f"Lote {batch.folio} ({labels.SHOWN_LABELS[state].lower()})"


def people_of(batch: PaymentBatch) -> list[tuple[str, str, datetime | None]]:
    """(act, person, instant) of everybody who acted on a batch."""
    people: list[tuple[str, str, datetime | None]] = [("Preparó", str(batch.prepared_by), batch.prepared_at)]
    for row in batch.approvals.filter(voided_at=None).select_related("approver").order_by("at", "pk"):
        people.append(("Autorizó", str(row.approver), row.at))
    if batch.cancelled_by is not None:
        people.append(("Canceló", str(batch.cancelled_by), batch.cancelled_at))
    return people


def barred_from(batch: PaymentBatch) -> set[UUID]:
    """Who may not act on a batch (MO-05): whoever reviewed something in it before it was prepared, or since."""
    return registry.barred_people(_paid_by(batch)) | set(batch.barred.values_list("user_id", flat=True))


def paid_parties(batch: PaymentBatch) -> list[UUID]:
    """Whom a batch pays."""
    return list(batch.transfers.order_by("party_id").values_list("party_id", flat=True).distinct())


def called(batch: PaymentBatch) -> str:
    """What a batch pays, in words: several of them."""
    return registry.called(_paid_by(batch))


def _paid_by(batch: PaymentBatch) -> list[Payable]:
    return list(Payable.objects.filter(transfer__batch=batch).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Acts:
    """What this person can do on a batch now."""

    approve: bool
    cancel: bool
    export: bool
    download: bool
    upload: bool
    waits_for_another: bool
    why_not: str = ""
    stopped: str = ""


def approvals_figure(batch: PaymentBatch) -> dict[str, Any]:
    """Why so many people approve a batch. Its total when prepared decides, also where transfers left it since."""
    prepared = batch.transfers.aggregate(total=Sum("amount"))["total"] or batch.total
    needed = batch.approvals_needed
    return explain_kept(
        title="Cuántas personas autorizan el lote",
        formula="dos si al prepararlo el total pasa del límite; si no, una",
        given=("Total al prepararlo", format_money(prepared, batch.currency, code=True)),
        result=f"{needed} persona{'s' if needed > 1 else ''}",
        rule=batch.limit_rule,
    )


def acts_on(batch: PaymentBatch, *, by: Any) -> Acts:
    """The acts of a batch by state and person; `why_not` tells an approver why they may not (MO-05), `stopped` whom a
    locked batch must not pay any more (AC-11)."""
    state, mine = rules.BatchState(batch.state), batch.prepared_by_id == by.pk
    prepares = mine and Permission.PREPARE_PAYMENTS in by.permissions
    approve, why_not = False, ""
    if state == rules.BatchState.PREPARED and Permission.APPROVE_PAYMENTS in by.permissions:
        why_not = _why_not_approve(batch, by)
        approve = not why_not
    stopped, outside = stopped_transfers(batch), is_downloaded(batch)
    held = bool(stopped) and not outside
    told = rules.STOPPED if held else rules.STOPPED_OUTSIDE
    return Acts(
        approve=approve,
        why_not=why_not,
        waits_for_another=state == rules.BatchState.PREPARED and not approve and not why_not,
        stopped=told.format(who=payees(stopped)) if stopped else "",
        cancel=(state == rules.BatchState.PREPARED or held)
        and (prepares or Permission.APPROVE_PAYMENTS in by.permissions),
        export=prepares and state == rules.BatchState.APPROVED and not held,
        download=prepares and state in {rules.BatchState.EXPORTED, rules.BatchState.POSTED} and not held,
        # Also of a batch long posted: what was paid may come back.
        upload=prepares and state in {rules.BatchState.EXPORTED, rules.BatchState.POSTED},
    )


def _why_not_approve(batch: PaymentBatch, by: Any) -> str:
    if batch.transfers.filter(party__in=parties_of(by)).exists():
        return rules.OWN_PAYMENT
    earlier = set(batch.approvals.filter(voided_at=None).values_list("approver_id", flat=True))
    return rules.why_not_approve(
        by=by.pk, preparer=batch.prepared_by_id, barred=barred_from(batch), earlier=earlier, what=called(batch)
    )


def batches_to_send(user: Any) -> QuerySet[PaymentBatch]:
    """Batches that this person prepared and has to send, or whose answer is still to come."""
    mine = PaymentBatch.objects.select_related("prepared_by").filter(prepared_by=user)
    return mine.filter(state__in=["approved", "exported"])


def batches_to_approve(user: Any) -> QuerySet[PaymentBatch]:
    """Batches that wait for this person's yes: not their own, not barred, not said yet."""
    prepared = PaymentBatch.objects.filter(state=rules.BatchState.PREPARED).select_related("prepared_by")
    yours = prepared.exclude(prepared_by=user)
    # One subquery: two conditions of exclude() on a relation may be met by two different rows (a voided yes of theirs
    # and a live one of somebody else).
    said_yes = BatchApproval.objects.filter(approver=user, voided_at=None).values("batch")
    own = Transfer.objects.filter(party__in=parties_of(user)).values("batch")
    return yours.exclude(barred__user=user).exclude(pk__in=said_yes).exclude(pk__in=own)


def bank_file_of(batch: PaymentBatch) -> BankFile | None:
    """The batch's file for the bank, once it is written."""
    return BankFile.objects.filter(batch=batch).select_related("file", "exported_by").first()


def results_of(batch: PaymentBatch) -> list[BankResult]:
    """Bank answers of a batch, oldest first."""
    return list(batch.results.select_related("run__file", "run__read_by").order_by("run__read_at", "pk"))
