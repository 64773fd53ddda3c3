"""`claim-auto -`: is a claim approved by itself, and drawn for a second look? Needs neither database nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from claims.rules.automatic import Asked, Limits, Seen, judge_claim
from claims.rules.kinds import AccountStanding, ConditionStanding, Kind, Stage
from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged

_NEEDED = ("kind", "stage", "claimed", "coverage_in_force", "duplicates", "account", "automatic_last_year")
_NEEDED += ("open_complaint", "limits", "seed", "folio", "qa_percent")
_KEYS = ("condition", "files", "invoices")
_WHOLE = 100


class Command(LineCommand):
    """Asks the published rules of automatic approval (domain 6)."""

    help = "Dice si un trámite se aprueba solo, o por qué lo ve una persona; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument(
            "source", metavar="-", choices=["-"], help='- lee objetos {"kind","stage","claimed","files",…}'
        )

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """The outcome with every reason why a person has to look."""
    lines.need(question, *_NEEDED)
    lines.need_keys(question, *_KEYS)
    found = judge_claim(
        _asked(question),
        _limits(question["limits"]),
        seed=lines.as_text(question["seed"], "seed"),
        folio=lines.as_text(question["folio"], "folio"),
        percent=_count(question["qa_percent"], "qa_percent", most=_WHOLE),
    )
    return {
        "outcome": str(found.outcome),
        "because": [str(one) for one in found.because],
        "sampled": found.sampled,
    }


def _asked(question: Mapping[str, Any]) -> Asked:
    return Asked(
        kind=lines.as_choice(question["kind"], "kind", Kind),
        stage=lines.as_choice(question["stage"], "stage", Stage),
        claimed=lines.as_amount(question["claimed"], "claimed"),
        coverage_in_force=lines.as_flag(question["coverage_in_force"], "coverage_in_force"),
        condition=lines.as_choice(question["condition"] or "", "condition", ConditionStanding),
        files=_verdicts(question, "files"),
        invoices=_verdicts(question, "invoices"),
        duplicates=_count(question["duplicates"], "duplicates"),
        account=lines.as_choice(question["account"], "account", AccountStanding),
        automatic_last_year=_count(question["automatic_last_year"], "automatic_last_year"),
        open_complaint=lines.as_flag(question["open_complaint"], "open_complaint"),
    )


def _limits(found: object) -> Limits:
    if not isinstance(found, dict):
        raise Unjudged("datum_unreadable", 'limits no es un objeto. Escríbelo así: {"amount": "1500.00", …}.')
    lines.need(found, "amount", "per_year")
    return Limits(lines.as_amount(found["amount"], "limits.amount"), _count(found["per_year"], "limits.per_year"))


def _verdicts(question: Mapping[str, Any], name: str) -> list[Seen]:
    if not isinstance(question[name], list):
        raise Unjudged("datum_unreadable", f"{name} no es una lista de veredictos. Escríbela entre corchetes: […].")
    return [lines.as_choice(one, name, Seen) for one in question[name]]


def _count(value: object, name: str, most: int = 10**12) -> int:
    if not 0 <= (number := lines.as_whole(value, name)) <= most:
        raise Unjudged("number_out_of_range", f"{name} está fuera de lo posible. Escribe un número desde 0.")
    return number
