"""What a contact message is, and which kinds and guides apps declare. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.declared import Declared
from portal.errors import RuleBroken
from portal.states import Ball, Machine, Stand


class State(StrEnum):
    """Whether the message was answered."""

    OPEN = "open"
    ANSWERED = "answered"


FOLIO_PREFIX = "QS"
CALENDAR = "mx-office"
MESSAGE = Machine(
    State,
    {
        State.OPEN: Stand(
            label="Por responder", tone="warn", to=(State.ANSWERED,), ball=Ball.US, due="contact.answer_days"
        ),
        State.ANSWERED: Stand(label="Respondido", tone="ok"),
    },
    moved="Este mensaje ya tiene respuesta. Abre el folio para leerla.",
    code="already_answered",
)


def check_not_own(*, own: bool) -> None:
    """Nobody answers a message of their own, otherwise RuleBroken."""
    if own:
        raise RuleBroken("No puedes responder un mensaje tuyo. Lo responde otra persona.", code="own_message")


def check_answer(answer: str) -> None:
    """An answer says something, otherwise RuleBroken."""
    if not answer.strip():
        raise RuleBroken("Escribe la respuesta antes de enviarla.", code="answer_empty", field="answer")


# Why somebody writes (S3.7): code -> word. Each app may add its own (`guides.CONTACT_KINDS`).
KINDS: Declared[str] = Declared("the kind of message")

# Kinds that an app asks for itself and answers on a page of its own, by whom it says: neither offered in the form of
# contact nor seen by who answers the rest.
ELSEWHERE: Declared[str] = Declared("the kind of message that its app answers")


def offered() -> list[tuple[str, str]]:
    """The kinds that somebody chooses from who writes."""
    return [(code, word) for code, word in KINDS.items() if code not in ELSEWHERE]


def check_kind(kind: str) -> None:
    """A message is of a kind that an app declares. Raises RuleBroken."""
    if kind not in KINDS:
        raise RuleBroken("Elige de la lista de qué se trata tu mensaje.", code="contact_kind", field="kind")


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: the slug of its address and of its template, title, one line, and the source it serves."""

    slug: str
    title: str
    summary: str
    source: str


# Each app says its own as rows of `guides.GUIDES`; the one that shows the table of findings is the help desk's.
GUIDES: Declared[Guide] = Declared("the guide")
OF_FINDINGS = "revisiones"
