"""The desk's calls of billing: reviews and complements. A decision by a call takes effect at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from billing import forms, listings, services
from billing.api import shapes
from billing.models import Complement, Invoice
from billing.selectors import reach
from portal.access import Permission as P
from portal.api.calls import Asked, acts, at, lists, shows
from portal.people.models import User

READ, WRITE = "billing:read", "billing:write"


def decide(*, complement: Complement, act: str, reason: str, by: User, at: datetime) -> Complement:
    """Accept, reject, or mark as cancelled at the SAT."""
    if act == "cancel":
        return services.cancel_complement(complement=complement, reason=reason, by=by, at=at)
    return services.decide_complement(complement=complement, accept=act == "accept", reason=reason, by=by, at=at)


def _invoice(asked: Asked, folio: str) -> Invoice:
    return reach.desk_invoice(asked.by, folio)


def _complement(asked: Asked, pk: UUID) -> Complement:
    return reach.complement(asked.by, pk)


_DECISION: dict[str, Any] = {
    "scope": WRITE,
    "permission": P.REVIEW_INVOICES,
    "find": _invoice,
    "thing": "invoice",
    "answers": shapes.InvoiceTold,
}
_WITH_REASONS: dict[str, Any] = {
    "takes": forms.ReasonsForm,
    "example": {"reasons": ["illegible_pdf"], "note": "El PDF no se lee."},
}


RESOURCES = (
    at("mesa/facturas/", "api_reviews", lists(listings.REVIEWS, "Facturas en la mesa", scope=READ)),
    at(
        "mesa/facturas/<slug:folio>/",
        "api_review",
        shows(
            _invoice,
            "Una factura en la mesa",
            scope=READ,
            permission=P.REVIEW_INVOICES,
            answers=shapes.InvoiceTold,
        ),
    ),
    at(
        "mesa/facturas/<slug:folio>/aceptar/",
        "api_accept",
        acts(services.accept_invoice, "Aceptar una factura", **_DECISION),
    ),
    at(
        "mesa/facturas/<slug:folio>/aceptar-sin-abrir/",
        "api_accept_unopened",
        acts(services.accept_unopened, "Aceptar una factura sin hallazgos y sin sorteo", **_DECISION),
    ),
    at(
        "mesa/facturas/<slug:folio>/devolver/",
        "api_give_back",
        acts(services.return_invoice, "Devolver una factura con sus motivos", **_DECISION, **_WITH_REASONS),
    ),
    at(
        "mesa/facturas/<slug:folio>/rechazar/",
        "api_reject",
        acts(services.reject_invoice, "Rechazar una factura", **_DECISION, **_WITH_REASONS),
    ),
    at(
        "mesa/facturas/<slug:folio>/cancelada/",
        "api_cancel",
        acts(
            services.cancel_invoice,
            "Marcar una factura aceptada como cancelada en el SAT",
            **_DECISION,
            takes=forms.CancelledForm,
            example={"reason": "Consultada en el SAT el 12/11/2026."},
        ),
    ),
    at("mesa/complementos/", "api_complements", lists(listings.COMPLEMENTS, "Complementos en la mesa", scope=READ)),
    at(
        "mesa/complementos/vencidos/",
        "api_overdue",
        lists(listings.OVERDUE, "Facturas pagadas con el complemento vencido", scope=READ),
    ),
    at(
        "mesa/complementos/<uuid:pk>/",
        "api_complement_review",
        shows(_complement, "Un complemento", scope=READ, permission=P.REVIEW_INVOICES, answers=shapes.ComplementTold),
    ),
    at(
        "mesa/complementos/<uuid:pk>/decidir/",
        "api_decide_complement",
        acts(
            decide,
            "Aceptar, rechazar o marcar como cancelado un complemento",
            scope=WRITE,
            permission=P.REVIEW_INVOICES,
            find=_complement,
            thing="complement",
            takes=forms.ComplementDecisionForm,
            answers=shapes.ComplementTold,
            after=shapes.as_it_stands,
            example={"act": "accept", "reason": ""},
        ),
    ),
)
