"""What the desk asks before an act that several of its pages offer."""

from __future__ import annotations

from django.urls import reverse

from claims.models import Claim
from portal.design.asking import Question


def withdrawing(claim: Claim) -> Question:
    """What is asked before a second person agrees that a decision be withdrawn."""
    return Question(
        id="retirar-decision",
        title=f"¿Retirar la decisión de {claim.folio}?",
        text="Se deshacen sus acumulados y su pago, su carta queda anulada y se avisa a la familia.",
        label="Retirar decisión",
        keep="Dejarla en pie",
        action=reverse("claims:answer_withdrawal", args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
        name="act",
        value="agree",
    )
