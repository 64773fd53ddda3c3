"""Bank accounts as their owner, a reviewer and a statement find them (S0.4-S0.8, N10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from portal.access import Permission
from portal.design import dates, undoing
from portal.design.reviewing import Fact, differences_first, fact
from portal.listing.paging import WHOSE
from portal.papers.models import StoredFile
from portal.people.selectors import parties_of, people_with
from portal.prepared import prepared
from portal.reading import once_a_reading
from portal.rulebook.selectors import explain_kept
from portal.states import Ball
from portal.treasury import registry, rules
from portal.treasury.models import (
    AccountDecision,
    AccountReview,
    BankAccount,
    Transfer,
)

STATEMENT = "bank-statement"
"""Purpose of a bank statement among the papers of its party."""


_KEPT_FOR = timedelta(hours=24)
_GONE = [rules.AccountState.REPLACED, rules.AccountState.STOPPED]


def kept_statement(*, party: Any, at: datetime) -> StoredFile | None:
    """The statement that waits for its CLABE: handed in the last day, right by itself, and of no account yet.

    Never one that another handed in before the RFC went to its owner (AC-11).
    """
    rows = StoredFile.objects.readable().filter(party=party, purpose=STATEMENT, created_at__gt=at - _KEPT_FOR)
    rows = rows.filter(Q(party__rfc_moved_at=None) | Q(created_at__gt=F("party__rfc_moved_at")))
    used = BankAccount.objects.filter(party=party, statement__isnull=False).values("statement")
    return rows.exclude(pk__in=used).order_by("-created_at", "-pk").first()


def account_page(purpose: str, name: str = "treasury:my_account", *, party_id: UUID | None = None) -> str:
    """The owner's page of the account for a purpose, of one party where it is said.

    What is declared first is what a page shows unless it is told.
    """
    asked = {"uso": purpose if purpose != registry.purposes()[0].code else "", WHOSE: party_id or ""}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"{reverse(name)}?{query}" if query else reverse(name)


def answers_of(account: BankAccount, capture: str, *, on: date) -> list[tuple[str, str, str]]:
    """What an account is about to be sent with: (label, value, where it is changed), as it was read."""
    age = statement_age(account, on=on)
    read = "Fecha por confirmar"
    if account.statement_on and age is not None:
        read = f"{dates.short(account.statement_on)} · hace {age} día{'' if age == 1 else 's'}"
    return [
        ("CLABE", f"•••• {account.last4}", capture),
        ("Banco", account.bank_name or "Lo confirma una persona", capture),
        ("Titular", account.holder, ""),
        ("Estado de cuenta", read, capture),
    ]


def sent_facts(account: BankAccount) -> list[tuple[str, str]]:
    """What was sent, and when."""
    assert account.submitted_at is not None  # the page of what was sent
    return [
        ("Enviada", dates.instant(account.submitted_at)),
        ("CLABE", f"•••• {account.last4}"),
        ("Banco", account.bank_name or "Lo confirma una persona"),
    ]


def owners(party: Any, *, on: date) -> list[UUID]:
    """Who is told about a party's account: everybody who may manage it."""
    people = people_with(Permission.MANAGE_OWN_ACCOUNT, party, on=on)
    return list(people.values_list("pk", flat=True))


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
    return _told(_own_accounts(party, purpose).select_related("statement", "party"), at)


def accounts_in_short(held: Sequence[tuple[UUID, str]], *, at: datetime) -> list[MyAccount]:
    """The same of each (party, purpose), with no more than a home page tells: bank, last digits, where it stands.

    One query; no CLABE is opened.
    """
    rows = live_accounts(frozenset(party_id for party_id, _purpose in held))
    return [_told([row for row in rows if (row.party_id, row.purpose) == one], at) for one in held]


@once_a_reading
def live_accounts(party_ids: frozenset[UUID]) -> Sequence[BankAccount]:
    """What these parties have in force, under way or refused, the newest first, without what seals a CLABE."""
    return _live_accounts(tuple(party_ids))


@prepared
def _live_accounts(party_ids: tuple[UUID, ...]) -> QuerySet[BankAccount]:
    told = ("party_id", "purpose", "bank_name", "last4", "state", "usable_from", "captured_at", "returned_at")
    return BankAccount.objects.of_owners(party_ids).exclude(state__in=_GONE).order_by("-captured_at", "-pk").only(*told)


def _own_accounts(party: Any, *purposes: str) -> QuerySet[BankAccount]:
    own = BankAccount.objects.of_owner(party).filter(purpose__in=purposes).exclude(state__in=_GONE)
    return own.order_by("-captured_at", "-pk")


def _told(accounts: Iterable[BankAccount], at: datetime) -> MyAccount:
    rows = list(accounts)
    current = next((row for row in rows if row.state == rules.AccountState.VALIDATED), None)
    before = {rules.AccountState.CAPTURED, rules.AccountState.IN_REVIEW}
    under_way = next((row for row in rows if row.state in before), None)
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
        text = "Es un cambio de cuenta bancaria: la revisan dos personas." if account.is_change else ""
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
                "text": ""
                if done
                else "Hasta entonces los pagos esperan: no salen a ninguna de las dos cuentas bancarias.",
            }
        )
    if account.state == rules.AccountState.STOPPED:
        events.append({"title": "Se detuvo el cambio", "at": account.replaced_at, "bad": True})
    elif account.replaced_at:
        events.append({"title": "La reemplazó otra cuenta bancaria", "at": account.replaced_at})
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
    text = f"{why}La cuenta bancaria volvió a revisión y mientras tanto no se le paga."
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


def account_facts(account: BankAccount, *, on: date) -> list[Fact]:
    """What was typed of an account against what could be read in its statement; differences first."""
    codes, read = {one.code for one in account.found}, account.statement.facts
    age = statement_age(account, on=on)
    closed = account.statement_on
    closing = f"{dates.short(closed)}, hace {age} día{'' if age == 1 else 's'}" if closed is not None else ""
    banks = ", ".join(read.get("banks") or [])
    look = "No se leyó: míralo en la imagen"
    there = {True: "Está completo", False: look}
    facts = [
        fact("CLABE", account.clabe, there["clabe_found" in codes], same="clabe_found" in codes, why="Léela"),
        fact("Banco", account.bank_name or "Desconocido", banks or look, same="bank_named" in codes, why="Compáralo"),
        fact("Titular", account.holder, there["holder_found" in codes], same="holder_found" in codes, why="Léelo"),
        fact("RFC", account.party.rfc, there[account.names_rfc], same=account.names_rfc, why="Búscalo"),
        fact("Fecha de corte", "", closing or look, same=closed is not None, why="Búscala"),
    ]
    if account.replaces is not None:
        before = f"•••• {account.replaces.last4} · {account.replaces.bank_name}"
        facts.append(fact("Reemplaza a", before, "", same=True))
    return differences_first(facts)


def statement_age(account: BankAccount, *, on: date) -> int | None:
    """Days since the statement's closing date."""
    return (on - account.statement_on).days if account.statement_on else None


def accounts_to_review(user: Any) -> QuerySet[BankAccount]:
    """Accounts that wait for this reviewer: not theirs nor of whom they act for, not reviewed by them already."""
    if Permission.REVIEW_ACCOUNTS not in user.permissions:
        return BankAccount.objects.none()
    waiting = BankAccount.objects.visible_to(user).to_review()
    mine = AccountReview.objects.filter(reviewer=user, round=F("account__round")).values("account")
    own = Q(submitted_by=user) | Q(captured_by=user) | Q(party__in=parties_of(user))
    return waiting.exclude(own).exclude(pk__in=mine)
