"""`claim-clock -`: how long a claim has run, by when it was promised, and how long such claims take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from django.core.management.base import CommandParser

from claims.rules.clock import Forecast, Pause, read_clock
from claims.selectors import estimate_limits
from config.ruledesk import lines
from config.ruledesk.calendars import Calendars
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal.reading import one_reading

_ENDS = 2


class Command(LineCommand):
    """Reads a claim's clock as its page does (S3.32, S3.33, N8)."""

    help = "Dice cuánto lleva un trámite en horas hábiles, qué se prometió y qué se estima; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument(
            "source", metavar="-", choices=["-"], help='- lee objetos {"calendar","submitted","pauses","now",…}'
        )

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question; calendars and rulebook are read once."""
        calendars = Calendars()
        with one_reading():
            limits = cache(estimate_limits)
            self.answer(lambda text: judge(lines.parse_object(text), calendars, limits), lines.questions(source, {}))


def judge(question: Mapping[str, Any], calendars: Calendars, limits: Callable[[date], tuple[int, int]]) -> Answer:
    """Minutes of business time, and wall-clock moments of the calendar's own place."""
    lines.need(question, "calendar", "submitted", "now", "promise_minutes")
    now = lines.as_moment(question["now"], "now")
    least, window = limits(now.date())
    found = read_clock(
        calendars[lines.as_text(question["calendar"], "calendar").strip()],
        submitted=lines.as_moment(question["submitted"], "submitted"),
        pauses=[_pause(one) for one in _list(question, "pauses")],
        now=now,
        promise_minutes=lines.as_whole(question["promise_minutes"], "promise_minutes"),
        history=[lines.as_whole(one, "history") for one in _list(question, "history")],
        least=least,
        window=window,
    )
    return {
        "elapsed_minutes": found.elapsed_minutes,
        "running": found.running,
        "promise_due": _told(found.promise_due),
        "late": found.late,
        "estimate": _forecast(found.forecast) if found.forecast else None,
        "track": {"tested": found.track.tested, "hits": found.track.hits} if found.track else None,
    }


def _list(question: Mapping[str, Any], name: str) -> list[Any]:
    lines.need_keys(question, name)
    if not isinstance(question[name], list):
        raise Unjudged("datum_unreadable", f"{name} no es una lista. Escríbela entre corchetes: […].")
    return question[name]


def _pause(found: object) -> Pause:
    if not isinstance(found, list) or len(found) != _ENDS:
        raise Unjudged("datum_unreadable", "Una pausa no es [desde, hasta]. Pon null en hasta si sigue abierta.")
    begins, ends = found
    return lines.as_moment(begins, "pauses"), None if ends is None else lines.as_moment(ends, "pauses")


def _forecast(found: Forecast) -> Answer:
    return {
        "n": found.estimate.n,
        "p50_minutes": found.estimate.p50,
        "p80_minutes": found.estimate.p80,
        "p50_due": _told(found.p50_due),
        "p80_due": _told(found.p80_due),
        "past": found.past,
    }


def _told(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None
