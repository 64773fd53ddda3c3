"""`look-alikes -`: which receipts of a list may be one and the same (N9), by the rule in force today."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal import clock
from portal.fiscal.rules.look_alikes import Receipt, pairs
from portal.money import parse_money
from portal.names import word_key
from portal.rulebook.selectors import rule_on


class Command(LineCommand):
    """Compares the receipts of each question with each other."""

    help = "Dice qué comprobantes de una lista pueden ser el mismo; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"receipts"}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        days = int(rule_on("look_alike.days", on=clock.today()).value)
        self.answer(lambda text: judge(lines.parse_object(text), days=days), lines.questions(source, {}))


def judge(question: Mapping[str, Any], *, days: int) -> Answer:
    """Every pair with every reason, in the order in which the receipts were told."""
    rows = question.get("receipts")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unjudged("datum_missing", "Falta receipts: una lista de comprobantes. Agrégala y vuelve a preguntar.")
    for row in rows:
        lines.need(row, "id")
    names = [lines.as_text(row["id"], "id") for row in rows]
    found = pairs([_receipt(row) for row in rows], days=days)
    return {"pairs": [{"a": names[a], "b": names[b], "why": [str(one) for one in why]} for a, b, why in found]}


def _receipt(row: Mapping[str, Any]) -> Receipt:
    patients = row.get("patients") or [row.get("patient") or ""]
    if not isinstance(patients, list):
        raise Unjudged("datum_unreadable", "patients no es una lista de nombres. Escríbela entre corchetes.")
    total, issued_on = row.get("total"), row.get("issued_on")
    return Receipt(
        uuid=_text(row, "uuid").lower(),
        sha256=_text(row, "sha256").lower(),
        issuer_rfc=_text(row, "issuer_rfc").upper(),
        total=None if total in (None, "") else _total(total),
        issued_on=None if issued_on in (None, "") else lines.as_date(issued_on, "issued_on"),
        patients=frozenset(word_key(lines.as_text(name, "patient")) for name in patients) - {""},
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    return lines.as_text(row.get(name) or "", name).strip()


def _total(value: object) -> Decimal:
    return parse_money(lines.as_text(value, "total"), "MXN")
