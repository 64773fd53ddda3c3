"""What is asked before the desk decides whose an RFC is: the RFC, who gets it, who holds it, the consequence."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from portal.design.asking import Question
from portal.proofs import selectors
from portal.proofs.models import RfcMove, RfcPaper
from portal.text import listed

ONCE = "No se puede deshacer."


def _who_acts(emails: list[str]) -> str:
    if not emails:
        return "Hoy nadie actúa con él."
    return f"Hoy {'actúa' if len(emails) == 1 else 'actúan'} con él {listed(emails)}."


def accept_paper(paper: RfcPaper, *, on: date) -> Question:
    """Before a paper proves an RFC: the names of patients open at once."""
    acting = _who_acts(selectors.holders(paper.party, on=on))
    return Question(
        id="aceptar_documento",
        title=f"¿Acreditar el RFC {paper.rfc} a {paper.party.name or paper.handed_in_by.email}?",
        text=f"{acting} Quien actúa con él ve al momento lo que está a su nombre y los nombres de sus pacientes. "
        f"{ONCE}",
        label="Aceptar documento",
        kind="primary",
        name="decision",
        value="accept",
        back=reverse("proofs:paper", args=[paper.pk]),
        keep="Dejarlo en revisión",
    )


def return_paper(paper: RfcPaper) -> Question:
    """Before a paper is sent back."""
    return Question(
        id="devolver_documento",
        title=f"¿Devolver el documento del RFC {paper.rfc}?",
        text=f"{paper.handed_in_by.email} lee tu motivo y puede subir otro. {ONCE}",
        label="Devolver documento",
        name="decision",
        value="return",
        back=reverse("proofs:paper", args=[paper.pk]),
        keep="Dejarlo en revisión",
    )


def confirm_move(move: RfcMove, *, on: date) -> Question:
    """Before an RFC goes to its owner: what the other had there ends."""
    acting = _who_acts(selectors.holders(move.party, on=on))
    return Question(
        id="entregar_rfc",
        title=f"¿Entregar el RFC {move.party.rfc} a {move.name}?",
        text=f"Entra con {move.email}. {acting} Terminan los permisos, sesiones, credenciales, "
        f" borradores y cuentas bancarias que se hicieron con ese RFC. {ONCE}",
        label="Entregar el RFC",
        name="decision",
        value="confirm",
        action=reverse("proofs:decide_move", args=[move.pk]),
        back=reverse("proofs:move", args=[move.pk]),
        keep="Dejarlo por confirmar",
    )


def refuse_move(move: RfcMove) -> Question:
    """Before a request to hand an RFC over is refused."""
    return Question(
        id="no_entregar_rfc",
        title=f"¿No entregar el RFC {move.party.rfc} a {move.name}?",
        text="El RFC se queda como está. Si hace falta después, hay que pedirlo otra vez.",
        label="No entregarlo",
        kind="secondary",
        name="decision",
        value="refuse",
        action=reverse("proofs:decide_move", args=[move.pk]),
        back=reverse("proofs:move", args=[move.pk]),
        keep="Dejarlo por confirmar",
    )
