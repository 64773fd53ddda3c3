"""`imss-path -`: where three answers about a constancia lead. Needs neither database nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand
from memberships.rules import imss
from memberships.rules.imss import Clinic


class Command(LineCommand):
    """Guides through the IMSS as the page does (S1.13-S1.17)."""

    help = "Dice qué toca hacer en el IMSS según tres respuestas; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"rights","clinic","has_card"}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        self.answer(lambda text: judge(lines.parse_object(text)), lines.questions(source, {}))


def judge(question: Mapping[str, Any]) -> Answer:
    """The path, and whether the six documents go to the window."""
    lines.need(question, "rights", "clinic", "has_card")
    path = imss.imss_path(
        rights=lines.as_flag(question["rights"], "rights"),
        clinic=lines.as_choice(question["clinic"], "clinic", Clinic),
        has_card=lines.as_flag(question["has_card"], "has_card"),
    )
    return {"path": str(path), "papers_to_window": path in imss.TO_WINDOW}
