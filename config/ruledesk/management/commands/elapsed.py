"""`elapsed --calendar CODE START END | -`: business minutes between two moments of a calendar's wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.calendars import Calendars
from config.ruledesk.lines import Answer, LineCommand
from portal.calendars import rules


class Command(LineCommand):
    """Counts business time as terms do (domain 3)."""

    help = "Dice cuántos minutos hábiles hay entre dos momentos; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """One question by options, or many by standard input."""
        parser.add_argument("--calendar", metavar="CÓDIGO", help="mx-office, imss-counter, cl-office …")
        parser.add_argument("start", metavar="INICIO", nargs="?", help="AAAA-MM-DD HH:MM, hora del calendario; o -")
        parser.add_argument("end", metavar="FIN", nargs="?", help="AAAA-MM-DD HH:MM")

    def handle(self, *args: Any, start: str | None, end: str | None, calendar: str | None, **options: Any) -> None:
        """Answer every question."""
        asked = {"calendar": calendar, "start": start, "end": end}
        calendars = Calendars()
        self.answer(lambda text: judge(lines.parse_object(text), calendars), lines.questions(start, asked))


def judge(question: Mapping[str, Any], calendars: Calendars) -> Answer:
    """Whole business minutes in [start, end)."""
    lines.need(question, "calendar", "start", "end")
    schedule = calendars[lines.as_text(question["calendar"], "calendar").strip()]
    start, end = lines.as_moment(question["start"], "start"), lines.as_moment(question["end"], "end")
    return {"minutes": rules.elapsed_minutes(schedule, start, end)}
