"""Machines of states: steps, words, colours, who has to move next, which rule promises a date. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from portal.errors import Conflict, RuleBroken

S = TypeVar("S", bound=StrEnum)
TONES = ("neutral", "info", "ok", "warn", "error")


def choices(labels: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Django's choices from a label table, in its order; values as plain text, so that migrations can hold them."""
    return [(str(value), label) for value, label in labels.items()]


class Ball(StrEnum):
    """Who has to move next, seen by the owner of the thing."""

    YOU = "you"
    US = "us"
    BANK = "bank"
    HOSPITAL = "hospital"
    NOBODY = "nobody"


# The same at the desk, where the owner is somebody else.
DESK_BALL_LABELS: dict[Ball, str] = {
    Ball.YOU: "Le toca a la otra persona",
    Ball.US: "Nos toca a nosotros",
    Ball.BANK: "Le toca al banco",
    Ball.HOSPITAL: "Le toca al hospital",
    Ball.NOBODY: "Nadie debe nada",
}
BALL_LABELS: dict[Ball, str] = {
    Ball.YOU: "Te toca a ti",
    Ball.US: "Nos toca a nosotros",
    Ball.BANK: "Tu pago está en camino",
    Ball.HOSPITAL: "Le toca al hospital",
    Ball.NOBODY: "Nadie debe nada",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What a machine says of one state.

    `label` is read by the owner, `desk` at the desk (the same when empty), `tone` is the design's colour, `to` are the
    states it may pass to, `next` what the owner does now (where `ball` is YOU) or the desk (where it is US), `due` the
    code of the rule that promises a date while it lasts. `begins` says that a row may begin here too, beside the first
    of the states.
    """

    label: str
    tone: str
    desk: str = ""
    to: tuple[StrEnum, ...] = ()
    ball: Ball = Ball.NOBODY
    next: str = ""
    due: str = ""
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Machine(Generic[S]):
    """One machine of states: a table with a row for each state of the enum, in its order; the first one begins it.

    Stands in its room's `rules`, where documents and conventions find it. `moved` is the sentence of a step that it
    does not draw, `code` its slug; without a sentence both states are named.
    """

    states: type[S]
    table: Mapping[S, Stand]
    moved: str = ""
    code: str = "state_moved_on"

    def __post_init__(self) -> None:
        if list(self.table) != list(self.states):
            raise ValueError(f"a machine tells each of the states of {self.name}, in their order")

    @property
    def name(self) -> str:
        """The enum's name: `BatchState`."""
        return self.states.__name__

    @property
    def initial(self) -> S:
        """Where it begins."""
        return next(iter(self.states))

    @property
    def beginnings(self) -> list[S]:
        """Every state that a row may begin in."""
        return [state for state in self.states if state is self.initial or self.table[state].begins]

    @property
    def values(self) -> list[str]:
        """Every state as stored: for the `…_state_known` constraint of its field."""
        return [state.value for state in self.states]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Django's choices, in the owner's words."""
        return choices(self.labels)

    @property
    def labels(self) -> dict[S, str]:
        """Each state in the owner's words."""
        return {state: stand.label for state, stand in self.table.items()}

    @property
    def desk_labels(self) -> dict[S, str]:
        """Each state in the desk's words."""
        return {state: stand.desk or stand.label for state, stand in self.table.items()}

    @property
    def tones(self) -> dict[S, str]:
        """Each state's colour."""
        return {state: stand.tone for state, stand in self.table.items()}

    def at(self, state: str) -> Stand:
        """What it says of a state, as stored or of the enum; ValueError for one that it does not know."""
        return self.table[self.states(state)]

    def label(self, state: str) -> str:
        """A state in the owner's words."""
        return self.at(state).label

    def desk_label(self, state: str) -> str:
        """A state in the desk's words."""
        return self.at(state).desk or self.at(state).label

    def tone(self, state: str) -> str:
        """A state's colour."""
        return self.at(state).tone

    def allows(self, old: str, new: S) -> bool:
        """Whether it draws this step."""
        return new in self.at(old).to

    def check(self, old: str, new: S, sentence: str = "") -> None:
        """Refuse a step that it does not draw; every service that moves a state calls it first.

        Raises Conflict (409) with `sentence` or the machine's own; RuleBroken (422, `wrong_state`) naming both states
        when there is none.
        """
        if not isinstance(new, self.states):
            raise TypeError(f"{new!r} is no {self.name}")
        if self.allows(old, new):
            return
        if said := sentence or self.moved:
            raise Conflict(said, code=self.code)
        now, wanted = self.label(old), self.label(new)
        cause = f"Ya está en «{now}»" if now == wanted else f"Está en «{now}» y así no puede pasar a «{wanted}»"
        raise RuleBroken(
            f"{cause}: alguien se adelantó, quizá tú en otra ventana. Vuelve a abrir la página para ver qué sigue.",
            code="wrong_state",
        )

    def diagram(self) -> list[str]:
        """The lines of its Mermaid state diagram."""
        lines = [f"    {state}: {label}" for state, label in self.labels.items()]
        return [*lines, *(f"    [*] --> {one}" for one in self.beginnings), *self._steps()]

    def _steps(self) -> Iterator[str]:
        for state, stand in self.table.items():
            yield from (f"    {state} --> {one}" for one in self.states if one in stand.to)
            if not stand.to:
                yield f"    {state} --> [*]"
