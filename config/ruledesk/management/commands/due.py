"""`due --calendar CODE START --minutes N | --business-days N | --natural-days N`, or `-`: when does a term end?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.calendars import Calendars
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal.calendars import rules
from portal.calendars.rules import DayKind, Schedule

_DAYS = {"business_days": DayKind.BUSINESS, "natural_days": DayKind.NATURAL}
_TERMS = ("minutes", *_DAYS)


class Command(LineCommand):
    """Ends terms as the portal does (domain 3)."""

    help = "Dice cuándo vence un plazo, tal cual y recorrido al día hábil siguiente; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """One question by options, or many by standard input."""
        parser.add_argument("--calendar", metavar="CÓDIGO", help="mx-office, imss-counter, cl-office …")
        parser.add_argument("start", metavar="INICIO", nargs="?", help="AAAA-MM-DD HH:MM (días: basta la fecha); o -")
        parser.add_argument("--minutes", metavar="N", help="minutos hábiles")
        parser.add_argument("--business-days", metavar="N", help="días hábiles; el del inicio es el día 0")
        parser.add_argument("--natural-days", metavar="N", help="días naturales; el del inicio es el día 0")

    def handle(self, *args: Any, start: str | None, **options: Any) -> None:
        """Answer every question."""
        asked = {"start": start, **{name: options[name] for name in ("calendar", *_TERMS)}}
        calendars = Calendars()
        self.answer(lambda text: judge(lines.parse_object(text), calendars), lines.questions(start, asked))


def judge(question: Mapping[str, Any], calendars: Calendars) -> Answer:
    """The strict end of a term and the same moved to a working day."""
    lines.need(question, "calendar", "start")
    schedule = calendars[lines.as_text(question["calendar"], "calendar").strip()]
    terms = [name for name in _TERMS if question.get(name) is not None]
    if len(terms) != 1:
        raise Unjudged("term_missing", f"Di un plazo, y solo uno: {', '.join(_TERMS)}.")
    count = lines.as_whole(question[terms[0]], terms[0])
    if terms[0] == "minutes":
        return _after_minutes(schedule, lines.as_moment(question["start"], "start"), count)
    term = rules.deadline(schedule, _day(question["start"]), count, _DAYS[terms[0]])
    return {"due": term.due.isoformat(), "rolled": term.rolled.isoformat()}


def _after_minutes(schedule: Schedule, start: datetime, count: int) -> Answer:
    due = rules.due_after_minutes(schedule, start, count)
    rolled = rules.roll_moment(schedule, due)
    return {"due": f"{due:%Y-%m-%d %H:%M}", "rolled": f"{rolled:%Y-%m-%d %H:%M}"}


def _day(start: object) -> date:
    """The start's own day, whether it was given with its hour or without."""
    text = lines.as_text(start, "start").strip()
    return lines.as_moment(text, "start").date() if ":" in text else lines.as_date(text, "start")
