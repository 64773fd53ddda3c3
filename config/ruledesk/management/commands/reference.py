"""`reference -`: a payment reference with its check digits, or taken apart. Needs neither database nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from memberships.rules import references
from memberships.rules.references import Algorithm, Scheme


class Command(LineCommand):
    """Makes and checks the references of slips (S1.21, S1.22)."""

    help = "Arma o revisa una referencia de pago con sus dígitos verificadores; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"algorithm","ref"|"full",…}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """Check digits and whole reference of `ref`, or whether `full` is one and of what."""
    lines.need(question, "algorithm")
    algorithm = lines.as_choice(question["algorithm"], "algorithm", Algorithm)
    given = [name for name in ("ref", "full") if question.get(name) not in (None, "")]
    if len(given) != 1:
        raise Unjudged("datum_missing", "Di la referencia, y solo de una forma: ref (sin dígitos) o full (completa).")
    text = lines.as_text(question[given[0]], given[0]).strip()
    asks_back = given == ["full"]
    scheme = _scheme(algorithm, question, asks_back=asks_back)
    return _taken_apart(scheme, text) if asks_back else _made(scheme, text, question)


def _scheme(algorithm: Algorithm, question: Mapping[str, Any], *, asks_back: bool) -> Scheme:
    if algorithm is not Algorithm.BASE97_AMOUNT_DATE:
        return Scheme(algorithm)
    lines.need(question, "base_year", "constant", *([] if asks_back else ["amount_digit_sum", "date", "cents"]))
    digit_sum = question.get("amount_digit_sum")
    return Scheme(
        algorithm,
        base_year=lines.as_whole(question["base_year"], "base_year"),
        amount_digit_sum=digit_sum is not None and lines.as_flag(digit_sum, "amount_digit_sum"),
        constant=lines.as_text(question["constant"], "constant").strip(),
    )


def _made(scheme: Scheme, ref: str, question: Mapping[str, Any]) -> Answer:
    if scheme.dated:
        pay_by, cents = lines.as_date(question["date"], "date"), lines.as_whole(question["cents"], "cents")
        made = references.make(scheme, ref, pay_by=pay_by, cents=cents)
    else:
        made = references.make(scheme, ref)
    return {"check": made.check, "full": made.full}


def _taken_apart(scheme: Scheme, full: str) -> Answer:
    found = references.read(scheme, full)
    answer: dict[str, Any] = {"valid": found is not None, "ref": None, "check": None}
    if scheme.dated:
        answer |= {"date": None, "amount_digit": None}
    if found:
        answer |= {"ref": found.ref, "check": found.check}
    if found and found.pay_by:
        answer |= {"date": found.pay_by.isoformat(), "amount_digit": found.amount_digit}
    return answer
