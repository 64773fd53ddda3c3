"""What the papers of a claim are made from: its receipt and its explanation of benefits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from claims.models import Claim, ClaimFile, Decision
from claims.models.shared import CURRENCY, SHARES
from claims.rules.deciding import Reason, explain_line
from claims.rules.kinds import Kind
from claims.rules.settlement import Figures, Settled
from claims.selectors.catalogues import reasons_on
from claims.selectors.filing import files_of
from claims.selectors.further import appeal_until
from portal import clock
from portal.money import format_money
from portal.people import selectors as people
from portal.rulebook.rules import Explanation


def receipt_context(claim: Claim, *, at: datetime) -> dict[str, Any]:
    """What the receipt of a sent claim is made from, with who received it and where to ask; frozen with it."""
    operator = people.operator()
    return {
        "folio": claim.folio,
        "office": f"Mesa de trámites, {operator}" if operator else "Mesa de trámites",
        "contact": f"{settings.BASE_URL}{reverse('help:contact')}?folio={claim.folio}",
        "received_at": at.isoformat(),
        "promised_at": claim.promised_at.isoformat() if claim.promised_at else "",
        "affected": claim.affected.as_printed,
        "insurer": claim.coverage.plan.party.name,
        "policy": claim.coverage.plan.policy_number,
        "coverage": claim.coverage.label,
        "kind": claim.kind_label,
        "claimed": "" if claim.kind == Kind.SCHEDULED else str(claim.claimed),
        "currency": CURRENCY,
        "files": [_file(one) for one in files_of(claim)],
    }


def _file(one: ClaimFile) -> dict[str, str]:
    return {"document": one.label, "name": one.file.display_name, "sha256": one.file.sha256}


def benefits_context(decision: Decision) -> dict[str, Any]:
    """What an explanation of benefits is made from; frozen with it."""
    claim = decision.claim
    amounts = ("claimed", "already", "not_covered", *SHARES)
    return {
        "folio": claim.folio,
        "decided_at": (decision.final_at or decision.at).isoformat(),
        "affected": claim.affected.as_printed,
        "payee": claim.payee_name,
        "insurer": claim.coverage.plan.party.name,
        "coverage": claim.coverage.label,
        "outcome": decision.label,
        "note": decision.note,
        "appeal_until": appeal_until(claim, decision.final_at or decision.at).isoformat(),
        "currency": CURRENCY,
        "totals": {name: str(getattr(decision, name)) for name in amounts},
        "lines": [
            {
                "concept": one.concept,
                "on": one.on.isoformat(),
                "claimed": str(one.claimed),
                "paid": str(one.paid),
                "sentence": one.sentence,
            }
            for one in explained_lines(decision)
        ],
    }


class Explained:
    """One line of a decision as its family reads it: what it was, its figures, and a sentence that explains them."""

    def __init__(self, row: Any, reasons: Mapping[str, Reason]) -> None:
        self.concept, self.on, self.why = row.line.concept, row.line.on, row.why
        self.claimed, self.covered, self.paid = row.claimed, row.covered, row.paid
        self.deductible, self.coaseguro, self.over_limit = row.deductible, row.coaseguro, row.over_limit
        self.not_covered = row.not_covered
        figures = Figures(*(getattr(row, name) for name in SHARES))
        settled = Settled(row.claimed, row.already, row.not_covered, figures)
        self.sentence = explain_line(settled, reasons.get(row.why), rate=row.rate)


def explain_totals(told: Settled, *, title: str) -> dict[str, Any]:
    """How what was claimed becomes what is paid, told under this title; adds up by its table's constraint."""
    shares = told.figures
    steps = [
        ("Reclamado", told.claimed),
        ("Cubierto en una decisión anterior", -told.already),
        ("No cubierto", -told.not_covered),
        ("Deducible", -shares.deductible),
        ("Coaseguro", -shares.coaseguro),
        ("Arriba de la suma asegurada", -shares.over_limit),
    ]
    shown = tuple((label, _signed(amount)) for label, amount in steps if amount or label == "Reclamado")
    formula = "reclamado − lo no cubierto − deducible − coaseguro − lo que pasa de la suma asegurada"
    return Explanation(title, formula, shown, format_money(shares.paid, CURRENCY)).as_json()


def settled_of(decision: Decision) -> Settled:
    """The sums of a decision."""
    shares = Figures(*(getattr(decision, name) for name in SHARES))
    return Settled(decision.claimed, decision.already, decision.not_covered, shares)


def _signed(amount: Decimal) -> str:
    return f"−{format_money(-amount, CURRENCY)}" if amount < 0 else format_money(amount, CURRENCY)


def explained_lines(decision: Decision) -> list[Explained]:
    """Every line of a decision, explained, in the order of the claim."""
    rows = decision.lines.select_related("line").order_by("line__number")
    reasons = reasons_on(clock.date_in(decision.at))
    return [Explained(row, reasons) for row in rows]
