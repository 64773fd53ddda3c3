"""`settle -`: what of a family's expenses is paid, line by line. Needs neither database nor settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from claims.rules.settlement import Bucket, Expense, Figures, Line, Scope, Settled, SettledExpense, YearTerms, settle
from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal.money import ZERO

_RATE = re.compile(r"0*[01](?:\.[0-9]{1,6})?|\.[0-9]{1,6}", re.ASCII)


class Command(LineCommand):
    """Settles the claims of each question against the policy years of one coverage (domain 6)."""

    help = "Dice qué se paga de los gastos de una familia, renglón por renglón; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"scope","years","claims"}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """Every claim with its lines, in order of arrival, and what each bucket holds after them; amounts MXN."""
    lines.need(question, "scope")
    scope = lines.as_choice(question["scope"], "scope", Scope)
    years = [_year(row) for row in lines.objects(question, "years")]
    expenses = [_expense(row, scope) for row in lines.objects(question, "claims")]
    found = settle(scope, years, expenses)
    return {
        "claims": [_claim(one) for one in found.expenses],
        "accumulators": [_accumulator(bucket, figures) for bucket, figures in found.accumulators.items()],
    }


def _year(row: Mapping[str, Any]) -> YearTerms:
    lines.need(row, "from", "to", "deductible", "coaseguro")
    return YearTerms(
        since=lines.as_date(row["from"], "from"),
        until=lines.as_date(row["to"], "to"),
        deductible=lines.as_amount(row["deductible"], "deductible"),
        coaseguro=_rate(row["coaseguro"]),
        coaseguro_cap=_amount_or_none(row, "coaseguro_cap"),
        sum_insured=_amount_or_none(row, "sum_insured"),
    )


def _rate(value: object) -> Decimal:
    text = lines.as_text(value, "coaseguro").strip()
    if not _RATE.fullmatch(text) or Decimal(text) > 1:
        raise Unjudged("rate_unreadable", f"coaseguro: «{text[:40]}» no es una tasa de 0 a 1. Escribe 10 % como 0.10.")
    return Decimal(text)


def _expense(row: Mapping[str, Any], scope: Scope) -> Expense:
    lines.need(row, "claim", "person")
    if scope is not Scope.PERSON_YEAR:
        lines.need(row, "condition")
    if scope is Scope.CONDITION:
        lines.need(row, "began_on")
    began_on = row.get("began_on")
    return Expense(
        claim=lines.as_text(row["claim"], "claim"),
        person=lines.as_text(row["person"], "person"),
        condition=lines.as_text(row.get("condition") or "", "condition"),
        began_on=None if began_on in (None, "") else lines.as_date(began_on, "began_on"),
        lines=tuple(_line(line) for line in lines.objects(row, "lines")),
    )


def _line(row: Mapping[str, Any]) -> Line:
    lines.need(row, "on", "claimed", "covered")
    return Line(
        on=lines.as_date(row["on"], "on"),
        claimed=lines.as_amount(row["claimed"], "claimed"),
        covered=lines.as_amount(row["covered"], "covered"),
        already=_amount_or_none(row, "already") or ZERO,
    )


def _amount_or_none(row: Mapping[str, Any], name: str) -> Decimal | None:
    return None if row.get(name) is None else lines.as_amount(row[name], name)


def _claim(one: SettledExpense) -> Answer:
    told = [{**_settled(line), "reason": str(line.reason)} for line in one.lines]
    return {"claim": one.claim, **_settled(one.total), "lines": told}


def _settled(one: Settled) -> dict[str, str]:
    told = {"claimed": one.claimed, "already": one.already, "not_covered": one.not_covered}
    return {**{name: f"{value:.2f}" for name, value in told.items()}, **_figures(one.figures)}


def _accumulator(bucket: Bucket, figures: Figures) -> Answer:
    year = bucket.year.isoformat() if bucket.year else ""
    return {"person": bucket.person, "condition": bucket.condition, "year": year, **_figures(figures)}


def _figures(found: Figures) -> dict[str, str]:
    return {
        "covered": f"{found.covered:.2f}",
        "deductible": f"{found.deductible:.2f}",
        "coaseguro": f"{found.coaseguro:.2f}",
        "over_limit": f"{found.over_limit:.2f}",
        "paid": f"{found.paid:.2f}",
    }
