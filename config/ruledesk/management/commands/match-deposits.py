"""`match-deposits -`: which deposit pays which slip, and who confirms it. Needs neither database nor settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal.treasury.rules import matching
from portal.treasury.rules.matching import Deposit, Match
from portal.treasury.rules.offered import Debtor, Expected, ExpectedState

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


class Command(LineCommand):
    """Matches the deposits of each question with its slips and families (domain 2.10)."""

    help = "Dice qué ficha paga cada depósito, o de qué familia es; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"slips","families","deposits"}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """One match a deposit, in the order in which they were told; amounts MXN."""
    slips = [_slip(row) for row in lines.objects(question, "slips")]
    families = [_family(row) for row in lines.objects(question, "families")]
    deposits = [_deposit(row) for row in lines.objects(question, "deposits")]
    if len({one.id for one in deposits}) < len(deposits):
        raise Unjudged("deposit_twice", "Dos depósitos tienen el mismo id. Ponle a cada uno el suyo.")
    return {"matches": [_told(match) for match in matching.match_deposits(slips, families, deposits)]}


def _slip(row: Mapping[str, Any]) -> Expected:
    lines.need(row, "id", "reference", "amount", "expires_on", "state")
    lines.need_keys(row, "prefix", "agreement")
    return Expected(
        id=lines.as_text(row["id"], "id"),
        reference=lines.as_text(row["reference"], "reference"),
        prefix=_text(row, "prefix"),
        agreement=_text(row, "agreement"),
        amount=_positive(row["amount"]),
        expires_on=lines.as_date(row["expires_on"], "expires_on"),
        state=lines.as_choice(row["state"], "state", ExpectedState),
    )


def _family(row: Mapping[str, Any]) -> Debtor:
    lines.need(row, "membership")
    lines.need_keys(row, "rfc", "holder")
    owed = []
    for charge in lines.objects(row, "charges"):
        lines.need(charge, "period", "amount")
        period = lines.as_text(charge["period"], "period")
        if not _PERIOD.fullmatch(period):
            raise Unjudged("period_unreadable", f"period: «{period[:40]}» no es un mes. Escríbelo como 2026-11.")
        owed.append((period, _positive(charge["amount"])))
    folio = lines.as_text(row["membership"], "membership")
    return Debtor(folio, _text(row, "rfc"), _text(row, "holder"), tuple(owed))


def _deposit(row: Mapping[str, Any]) -> Deposit:
    lines.need(row, "id", "on", "amount")
    lines.need_keys(row, "reference", "text")
    return Deposit(
        id=lines.as_text(row["id"], "id"),
        on=lines.as_date(row["on"], "on"),
        amount=lines.as_amount(row["amount"], "amount", signed=True),
        reference=_text(row, "reference"),
        text=_text(row, "text"),
        currency="MXN",
    )


def _positive(value: object) -> Decimal:
    if not (amount := lines.as_amount(value, "amount")):
        raise Unjudged("amount_not_positive", "amount es cero. Escribe un importe mayor que cero.")
    return amount


def _text(row: Mapping[str, Any], name: str) -> str:
    """A text that may be empty or null."""
    return "" if row[name] is None else lines.as_text(row[name], name)


def _told(match: Match) -> Answer:
    return {
        "deposit": match.deposit,
        "outcome": str(match.outcome),
        "result": str(match.result),
        "slips": list(match.expected),
        "membership": match.folio,
        "periods": list(match.periods),
        "score": match.score,
        "reason": {"code": match.code, "message": match.message},
    }
