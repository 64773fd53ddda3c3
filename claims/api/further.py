"""The calls of what follows a claim: a complement, an appeal, the withdrawal of a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms as django_forms

from claims import forms, listings, selectors, services
from claims.api.desk import DECIDE, DeskStandTold, opened, stand_of
from claims.api.family import READ, WRITE
from claims.api.shapes import ClaimDraftTold
from claims.models import Claim, DecisionWithdrawal
from claims.selectors import reach
from portal.access import Permission as P
from portal.api.calls import Asked, acts, at, lists
from portal.listing import Link
from portal.people.models import User


def _own(asked: Asked, folio: str) -> Claim:
    return reach.own_claim(asked.by, folio)


def ask_withdrawal(*, claim: Claim, reason: str, by: User, at: datetime) -> DecisionWithdrawal:
    """Ask that the decision of a claim be withdrawn."""
    return services.ask_withdrawal(decision=selectors.require_standing(claim), reason=reason, by=by, at=at)


class WithdrawalCallForm(forms.WithdrawalAnswerForm):
    """What a second person says of a withdrawal."""

    agrees = django_forms.TypedChoiceField(
        label="Qué haces",
        choices=[("yes", "Retirarla"), ("no", "Dejarla en pie")],
        coerce=lambda value: value == "yes",
    )


def answer_withdrawal(*, claim: Claim, agrees: bool, note: str, by: User, at: datetime) -> Claim:
    """Agree that it be withdrawn, or leave it."""
    services.answer_withdrawal(withdrawal=selectors.require_withdrawal(claim), agrees=agrees, note=note, by=by, at=at)
    return claim


def _stand(asked: Asked, found: Claim | DecisionWithdrawal) -> Claim:
    return stand_of(asked, found if isinstance(found, Claim) else found.decision)


_BEGINS: dict[str, Any] = {
    "scope": WRITE,
    "permission": P.FILE_CLAIMS,
    "find": _own,
    "thing": "claim",
    "answers": ClaimDraftTold,
    "status": 201,
    "leads": Link("claims:api_draft", "pk"),
}
_DESK = "mesa/tramites/<str:folio>/"
_OPENED: dict[str, Any] = {
    "scope": DECIDE,
    "permission": P.DECIDE_CLAIMS,
    "find": opened,
    "thing": "claim",
    "answers": DeskStandTold,
    "after": _stand,
}
RESOURCES = (
    at(
        "mesa/auditoria/acumulados/",
        "api_differing",
        lists(listings.DIFFERING, "Acumulados que no cuadran", scope=READ),
    ),
    at(
        "tramites/<str:folio>/complemento/",
        "api_complement",
        acts(services.start_complement, "Empezar un complemento de un folio", **_BEGINS),
    ),
    at(
        "tramites/<str:folio>/apelacion/",
        "api_appeal",
        acts(
            services.start_appeal,
            "Empezar la apelación de una decisión",
            takes=forms.AppealForm,
            example={"reasons": "El segundo renglón lleva receta y no se tomó en cuenta."},
            **_BEGINS,
        ),
    ),
    at(
        f"{_DESK}pedir-retiro/",
        "api_ask_withdrawal",
        acts(
            ask_withdrawal,
            "Pedir que se retire una decisión",
            takes=forms.WithdrawalForm,
            example={"reason": "Se eligió otro padecimiento."},
            **_OPENED,
        ),
    ),
    at(
        f"{_DESK}responder-retiro/",
        "api_answer_withdrawal",
        acts(
            answer_withdrawal,
            "Confirmar que se retire una decisión, o dejarla en pie",
            takes=WithdrawalCallForm,
            example={"agrees": "yes", "note": ""},
            **_OPENED,
        ),
    ),
)
