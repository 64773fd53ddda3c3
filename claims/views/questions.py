"""What the desk asks before an act that several of its pages offer."""

from __future__ import annotations

from django.urls import reverse

from claims.models import Claim
from portal.design.asking import Question


def emitting(claim: Claim) -> Question:
    """What is asked before a decision."""
    return _emitting(claim, "se avisa a la familia y se paga lo que corresponda", "claims:decide")


def authorising(claim: Claim) -> Question:
    """What is asked before an event is authorised or refused."""
    return _emitting(
        claim, "la familia recibe su carta de autorización, o por qué no se autoriza", "claims:decide_event"
    )


def _emitting(claim: Claim, then: str, page: str) -> Question:
    return Question(
        id="emitir",
        title=f"¿Emitir el dictamen de {claim.folio}?",
        text=f"Si no pide segunda vista queda definitivo: {then}.",
        label="Emitir dictamen",
        keep="Seguir revisando",
        kind="primary",
        action=reverse(page, args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
    )


def recording(claim: Claim) -> Question:
    """What is asked before a hospital's bill is recorded."""
    return Question(
        id="registrar-cuenta",
        title=f"¿Registrar la cuenta del hospital de {claim.folio}?",
        text="Mueve los acumulados y se avisa a la familia. Después solo se retira con el sí de otra persona.",
        label="Registrar cuenta del hospital",
        keep="Seguir revisando",
        kind="primary",
        action=reverse("claims:record_bill", args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
    )


def withdrawing(claim: Claim) -> Question:
    """What is asked before a second person agrees that a decision be withdrawn."""
    return Question(
        id="retirar-decision",
        title=f"¿Retirar la decisión de {claim.folio}?",
        text="Se deshace lo que hizo (sus acumulados y, si los hay, su pago o su carta) y se avisa a la familia.",
        label="Retirar decisión",
        keep="Dejarla en pie",
        action=reverse("claims:answer_withdrawal", args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
        name="act",
        value="agree",
    )


def allowing(claim: Claim) -> Question:
    """What is asked before a family is asked again."""
    return Question(
        id="autorizar",
        title=f"¿Pedir más documentos de {claim.folio}?",
        text="Se avisa a la familia y el tiempo de respuesta queda en pausa.",
        label="Pedir los documentos",
        keep="Seguir revisando",
        kind="primary",
        action=reverse("claims:allow", args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
        name="act",
        value="allow",
    )


def resuming(claim: Claim) -> Question:
    """What is asked before a claim goes on without what was asked for."""
    return Question(
        id="seguir",
        title=f"¿Seguir {claim.folio} con lo que hay?",
        text="La familia ya no podrá contestar esta solicitud. El tiempo de respuesta vuelve a correr.",
        label="Seguir con lo que hay",
        keep="Esperar más",
        kind="primary",
        action=reverse("claims:resume", args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
    )
