"""The desk's page of a claim: what is to be looked at first, facts, lines, accumulators, its papers (ux 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claims.models import Accumulator, Claim, Decision, DecisionLine, DocumentRequest
from claims.models.shared import CURRENCY, SHARES
from claims.rules.deciding import SECOND_LOOK_LABELS, SecondLook, needs_condition
from claims.rules.settlement import Figures, Settled
from claims.rules.states import ClaimState
from claims.selectors.catalogues import reasons_on
from claims.selectors.filing import files_of, invoices_of
from claims.selectors.further import said_of_origin
from claims.selectors.papers import Explained, explain_totals, explained_lines, settled_of
from claims.selectors.requests import items_of, open_request, proposed_request, thread_of
from claims.selectors.running import elapsed_minutes
from claims.selectors.scheduled import is_event
from memberships import selectors as memberships
from portal import clock
from portal.design import dates
from portal.errors import Finding, Level
from portal.fiscal import selectors as fiscal
from portal.history.selectors import timeline
from portal.money import format_money

if TYPE_CHECKING:
    from datetime import date

    from portal.people.models import User

Context = dict[str, Any]
EVENTS = {
    "claims.claim_sent": "Enviado",
    "claims.review_begun": "Tomado para dictamen",
    "claims.judged_by_rules": "Lo miraron las reglas publicadas",
    "claims.documents_wanted": "Documentos pedidos a la familia; el reloj quedó en pausa",
    "claims.more_documents_proposed": "Se propuso pedir más documentos",
    "claims.more_documents_declined": "No se autorizó pedir más documentos",
    "claims.documents_answered": "La familia completó los documentos",
    "claims.documents_overdue": "Se siguió con lo que había",
    "claims.claim_decided": "Dictaminado",
    "claims.decision_sent_back": "Regresado de la segunda vista",
    "claims.decision_final": "Decisión definitiva",
    "claims.withdrawal_asked": "Se pidió retirar la decisión",
    "claims.withdrawal_refused": "El retiro no se confirmó",
    "claims.decision_withdrawn": "Decisión retirada",
    "claims.bill_recorded": "Cuenta del hospital registrada",
    "claims.payment_scheduled": "Pago en un lote",
    "claims.payment_waits": "El pago espera otro lote",
    "claims.claim_paid": "Pagado",
    "claims.payment_returned": "El banco devolvió el pago",
    "claims.claim_withdrawn": "Retirado por quien lo presentó",
}


def review(claim: Claim, *, user: User, on: date, at: datetime) -> Context:
    """Everything an analyst looks at before deciding."""
    invoices = invoices_of(claim)
    alike = [one for invoice in invoices for one in fiscal.look_alikes(invoice, user=user, on=on)]
    standing = (
        claim.decisions.filter(ended_at=None, of_bill=False).select_related("by", "looked_by", "document").first()
    )
    return {
        "findings": _findings(claim),
        "look_alikes": alike,
        "facts": _facts(claim, at=at),
        "accumulators": _accumulators(claim),
        "invoices": [(one, f"{one.issuer_name or one.issuer_rfc}, {dates.short(one.issued_on)}") for one in invoices],
        "files": list(files_of(claim).exclude(envelope__closed_at=None)),
        "standing": standing,
        "lines": explained_lines(standing) if standing else [],
        "explanations": standing.explanations if standing else [],
        "totals": _event_totals(standing) if standing else [],
        "sum_figure": _sum_figure(settled_of(standing)) if standing and standing.authorised is None else {},
        "why_second": SECOND_LOOK_LABELS[SecondLook(standing.second_look)] if standing else "",
        "sent_back": claim.decisions.exclude(ended_at=None)
        .filter(final_at=None)
        .select_related("looked_by")
        .order_by("-number")
        .first(),
        "events": _events(claim),
    }


def _event_totals(row: Decision) -> list[tuple[str, str]]:
    """The sums of a decision; of a letter up to how much, and what the family pays."""
    if row.authorised is None:
        return _totals(row.not_covered, _shares_of(row))
    told = [
        ("Autorizado hasta", format_money(row.authorised, CURRENCY)),
        ("La familia paga en el hospital", row.explanations[0]["result"]),
    ]
    return told + ([("La carta vale hasta", dates.long(row.valid_until))] if row.valid_until else [])


def reckoned_again(rows: Sequence[DecisionLine], total: Settled, explanations: list[dict[str, Any]]) -> Context:
    """A decision that waits, as it would come out now; its reasons as they were when it was taken."""
    reasons = reasons_on(clock.date_in(rows[0].decision.at)) if rows else {}
    return {
        "lines": [Explained(one, reasons) for one in rows],
        "explanations": explanations,
        "totals": _totals(total.not_covered, total.figures),
        "sum_figure": _sum_figure(total),
    }


def event_again(row: Decision, explanations: list[dict[str, Any]]) -> Context:
    """A letter that waits, with what its family would pay now."""
    row.explanations = explanations
    return {"explanations": explanations, "totals": _event_totals(row)}


def _sum_figure(told: Settled) -> dict[str, Any]:
    return explain_totals(told, title="Lo que se paga de este trámite")


def _totals(not_covered: Decimal, figures: Figures) -> list[tuple[str, str]]:
    told = [
        ("Cubierto", figures.covered),
        ("Deducible", figures.deductible),
        ("Coaseguro", figures.coaseguro),
        ("Arriba de la suma asegurada", figures.over_limit),
        ("No cubierto", not_covered),
        ("Se paga", figures.paid),
    ]
    return [(label, format_money(amount, CURRENCY)) for label, amount in told]


def said_before(claim: Claim) -> dict[str, Any]:
    """What the last decision said of each line, for whoever decides it again after it was sent back."""
    last = claim.decisions.order_by("-number").first()
    if last is None:
        said = said_of_origin(claim)
        return {f"covered_{number}": amount for number, (amount, _why) in said.items()} | {
            f"why_{number}": why for number, (_amount, why) in said.items()
        }
    told: dict[str, Any] = {"note": last.note}
    for one in last.lines.select_related("line"):
        told |= {
            f"covered_{one.line.number}": one.told,
            f"why_{one.line.number}": one.why if one.told < one.claimed else "",
        }
    return told


def illnesses_of(claim: Claim) -> Context:
    """Which illnesses a decision chooses among, and whether there is none without one (domain 6)."""
    return {"conditions": memberships.conditions_of(claim.affected), "needed": needs_condition(claim.coverage.scope)}


def lacks_condition(claim: Claim) -> bool:
    """Whether an illness has to be registered before anything of it can be decided."""
    found = illnesses_of(claim)
    return found["needed"] and not found["conditions"]


def waits_for_look(claim: Claim) -> bool:
    """Whether a decision of it waits for a second person."""
    return claim.state == ClaimState.SECOND_LOOK


def waits_for_lines(claim: Claim) -> bool:
    """Whether its lines wait to be decided by who took it."""
    return claim.state == ClaimState.IN_REVIEW


def proposal_for(claim: Claim, user: User) -> DocumentRequest | None:
    """What a colleague proposed to ask for again, for whoever may say yes or no."""
    found = proposed_request(claim)
    return None if found is None or found.by_id == user.pk else found


def requests_of(claim: Claim, *, user: User, mine: bool, on: date) -> Context:
    """What was asked for, what is proposed, what this person does about it now; what both sides wrote."""
    proposal, wanted = proposal_for(claim, user), open_request(claim)
    rows = claim.requests.select_related("by", "due").order_by("number")
    return {
        "requests": [(one, getattr(one, "due", None), list(items_of(one))) for one in rows],
        "allows": proposal is not None and mine,
        "may_ask": waits_for_lines(claim) and mine and proposed_request(claim) is None,
        "asks_again": bool(rows),
        "resumes": wanted is not None and mine and wanted.due.is_over(on=on),
        "thread": thread_of(claim, desk=True),
    }


def decision_to_look(claim: Claim) -> Decision | None:
    """The decision that waits for a second person."""
    return claim.decisions.filter(ended_at=None, final_at=None).select_related("claim").first()


def _findings(claim: Claim) -> list[Finding]:
    """What the machine would have a person look at in its files, each once."""
    told = [one for item in files_of(claim) for one in item.found if one.level in {Level.REVIEW, Level.WARNING}]
    return list({(one.code, one.message): one for one in told}.values())


def _facts(claim: Claim, *, at: datetime) -> list[tuple[str, str]]:
    return [
        ("Persona afectada", f"{claim.affected.as_printed}, nacimiento {dates.short(claim.affected.born_on)}"),
        ("Aseguradora y póliza", f"{claim.coverage.plan.party.name}, {claim.coverage.plan.policy_number}"),
        ("Cobertura", f"{claim.coverage.label} ({claim.coverage.scope_label.lower()})"),
        ("Qué pide", claim.kind_label),
        ("Padecimiento", _illness(claim)),
        *_asked_for(claim),
        ("Enviado", dates.instant(claim.submitted_at) if claim.submitted_at else ""),
        ("Se responde a más tardar", dates.instant(claim.promised_at) if claim.promised_at else ""),
        ("Horas hábiles transcurridas", str(elapsed_minutes(claim, at=at) // 60)),
    ]


def _asked_for(claim: Claim) -> list[tuple[str, str]]:
    """An amount and who is paid; of an event, which is paid at the hospital, its day and where it takes place."""
    if not is_event(claim):
        return [("Reclamado", format_money(claim.claimed, CURRENCY)), ("Se paga a", claim.payee_name)]
    where, settled = str(claim.hospital or ""), claim.adviser_request
    told = where or (f"El que acordó asesoría de servicio ({settled.folio})" if settled else "")
    return [("Día previsto", dates.long(claim.planned_on) if claim.planned_on else ""), ("Hospital", told)]


def _illness(claim: Claim) -> str:
    if claim.condition is not None:
        return f"{claim.condition.name} ({claim.condition.code}), desde {dates.short(claim.condition.began_on)}"
    return "La familia lo dejó pendiente" if claim.condition_pending else "La familia no lo dijo"


def _shares_of(row: Decision) -> Figures:
    return Figures(*(getattr(row, name) for name in SHARES))


def _accumulators(claim: Claim) -> list[tuple[str, str]]:
    """What the person's buckets of this coverage hold already."""
    rows = Accumulator.objects.filter(person=claim.affected, coverage=claim.coverage, covered__gt=0)
    return [
        (
            f"{_bucket(one)}",
            f"cubierto {format_money(one.covered, CURRENCY)}, deducible {format_money(one.deductible, CURRENCY)}, "
            f"coaseguro {format_money(one.coaseguro, CURRENCY)}, "
            f"a cargo de la aseguradora {format_money(one.paid, CURRENCY)}",
        )
        for one in rows.select_related("condition").order_by("year", "pk")
    ]


def _bucket(one: Accumulator) -> str:
    named = [one.condition.name] if one.condition else []
    return ", ".join([*named, *([f"año desde {dates.short(one.year)}"] if one.year else [])])


def _events(claim: Claim) -> list[dict[str, Any]]:
    rows = timeline(claim).filter(action__in=EVENTS).order_by("pk")
    return [{"title": EVENTS[one.action], "at": one.at, "text": one.reason} for one in rows]
