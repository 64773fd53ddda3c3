"""What a contact message is, and the guides of the portal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.errors import RuleBroken
from portal.states import Ball, Machine, Stand


class Kind(StrEnum):
    """Why somebody writes (S3.7)."""

    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    QUESTION = "question"


KIND_LABELS: dict[Kind, str] = {
    Kind.COMPLAINT: "Queja",
    Kind.SUGGESTION: "Sugerencia",
    Kind.QUESTION: "Duda",
}


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


def check_answer(answer: str) -> None:
    """An answer says something, otherwise RuleBroken."""
    if not answer.strip():
        raise RuleBroken("Escribe la respuesta antes de enviarla.", code="answer_empty", field="answer")


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: the slug of its address, title, one line, and the source it serves."""

    slug: str
    title: str
    summary: str
    source: str


GUIDES: tuple[Guide, ...] = (
    Guide(
        "cuenta-bancaria",
        "Cómo registro mi cuenta bancaria",
        "CLABE y estado de cuenta, y qué revisa el portal.",
        "S0.5",
    ),
    Guide(
        "orden-digital", "Cómo identifico una orden digital", "Tres señas para saber si tu orden es digital.", "S0.10"
    ),
    Guide("factura", "Cómo hago mi factura", "Los datos que lleva el CFDI y cómo sale el importe.", "S0.14"),
    Guide("complemento", "Cómo subo mi complemento", "Qué es, cuándo vence y qué importes lleva.", "S0.19"),
    Guide(
        "revisiones",
        "Qué revisamos en tus archivos",
        "Cada revisión de facturas, complementos y estados de cuenta, y cómo arreglarla.",
        "N3",
    ),
)
# The guide that shows the table of findings.
OF_FINDINGS = "revisiones"


def guide_of(slug: str) -> Guide | None:
    """The guide of an address."""
    return next((guide for guide in GUIDES if guide.slug == slug), None)
