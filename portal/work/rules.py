"""When a thing is somebody's to work on, and how the house says so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.errors import Conflict, RuleBroken

LOOKS_FOR = timedelta(seconds=60)  # an open page says every 20 seconds that somebody is there
KEPT_FOR = timedelta(hours=1)  # then the row of who looked is swept away


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a thing, in words, and since when; `mine` when it is whoever asks."""

    who: str
    since: str
    mine: bool


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


def who_is_here(names: Sequence[str]) -> str:
    """«Ana Ruiz tiene abierta esta página.», "" when nobody else has."""
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} también tiene abierta esta página."
    return f"{', '.join(names[:-1])} y {names[-1]} también tienen abierta esta página."
