"""`match-certificate -`: is what was typed what a certificate says? Needs neither database nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from memberships.rules.certificates import Named, differences

_OLDEST = 1850


class Command(LineCommand):
    """Compares policy, name and birth date as registration does (S3.3)."""

    help = "Dice si lo escrito es lo que dice el certificado, y qué difiere; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"printed","typed"}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """Whether they match, and every datum that differs."""
    lines.need(question, "printed", "typed")
    differs = differences(_named(question["printed"], "printed"), _named(question["typed"], "typed"))
    return {"match": not differs, "differs": [str(one) for one in differs]}


def _named(found: object, what: str) -> Named:
    if not isinstance(found, dict):
        raise Unjudged("datum_unreadable", f'{what} no es un objeto. Escríbelo así: {{"policy", "name", "born_on"}}.')
    lines.need(found, "policy", "name", "born_on")
    return Named(
        policy=lines.as_text(found["policy"], f"{what}.policy"),
        name=lines.as_text(found["name"], f"{what}.name"),
        born_on=lines.as_date(found["born_on"], f"{what}.born_on", first_year=_OLDEST),
    )
