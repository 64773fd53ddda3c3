"""When a thing is somebody's to work on, and how the house says so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.errors import Conflict, RuleBroken
from portal.zones import MEXICO_CITY

LOOKS_FOR = timedelta(seconds=60)  # an open page says every 20 seconds that somebody is there
KEPT_FOR = timedelta(hours=1)  # then the row of who looked is swept away


class Whose(StrEnum):
    """Whose hand a thing that waits is in, as a queue is narrowed by it."""

    ALL = ""
    FREE = "libre"
    MINE = "mio"
    TAKEN = "colega"
    OPEN = "tomable"  # free or mine: what can be taken


WHOSE_LABELS: dict[Whose, str] = {
    Whose.ALL: "De quien sea",
    Whose.FREE: "Libre",
    Whose.MINE: "Lo atiendo yo",
    Whose.TAKEN: "Lo atiende alguien más",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a thing, in words, and since when; `mine` when it is whoever asks."""

    who: str
    since: str
    mine: bool


def ends_at(due: date | datetime) -> datetime:
    """The instant at which a promise is broken: its own, or the end of its day in central Mexico."""
    if isinstance(due, datetime):
        return due
    return datetime.combine(due, time.max, tzinfo=ZoneInfo(MEXICO_CITY))


def is_overdue(due: date | datetime | None, *, at: datetime) -> bool:
    """Whether what was promised by then is late; what nobody promised never is."""
    return due is not None and ends_at(due) < at


def urgency(
    due: date | datetime | None, *, since: datetime, at: datetime, first: bool = False
) -> tuple[int, datetime, datetime]:
    """Sorts what waits: overdue first, then what is due, by its day or instant; then what has waited longest.

    `first` comes before all: what somebody sent back and now gets again.
    """
    if first:
        return -1, since, since
    if due is None:
        return 2, since, since
    return (0 if is_overdue(due, at=at) else 1), ends_at(due), since


def check_free(held: Held | None) -> None:
    """A thing can be taken or decided while nobody else has it. Raises Conflict with who has it."""
    if held is not None and not held.mine:
        raise Conflict(
            f"{held.who} lo atiende desde el {held.since}. Toma otro, o releva a esa persona y escribe por qué.",
            code="held_by_another",
        )


def check_mine(held: Held | None) -> None:
    """Only who has a thing gives it back. Raises Conflict."""
    if held is None or not held.mine:
        raise Conflict("Ya no lo atiendes tú. Abre la página para ver quién lo tiene.", code="not_held")


def check_waits(waits: bool) -> None:
    """What was decided, or is not this person's to decide, is not taken. Raises Conflict."""
    if not waits:
        raise Conflict("Ya no espera a que tú lo atiendas: alguien lo resolvió. Toma el siguiente.", code="not_waiting")


def check_reason(reason: str) -> str:
    """Why somebody is relieved of a thing, up to 300 characters. Raises RuleBroken without one."""
    if not reason.strip():
        raise RuleBroken(
            "Escribe por qué relevas a esa persona: lo lee quien revise qué pasó.",
            code="reason_missing",
            field="reason",
        )
    return reason.strip()[:300]


def several_text(count: int, did: str) -> str:
    """«Tomaste 3.»"""
    return f"{did} uno." if count == 1 else f"{did} {count}."


def left_text(left: int) -> str:
    """Why what was ticked was not taken; 0 when nothing was ticked."""
    if not left:
        return "No marcaste nada. Marca lo que quieras tomar."
    return (
        "Uno ya lo atiende alguien o se resolvió." if left == 1 else f"{left} ya los atiende alguien o se resolvieron."
    )


def who_is_here(names: Sequence[str]) -> str:
    """«Ana Ruiz tiene abierta esta página.», "" when nobody else has."""
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} también tiene abierta esta página."
    return f"{', '.join(names[:-1])} y {names[-1]} también tienen abierta esta página."
