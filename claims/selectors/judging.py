"""A sent claim as the published rules look at it, with what they were told (domain 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from claims.models import Claim, ClaimFile, Decision
from claims.models.shared import CURRENCY
from claims.rules.automatic import Asked, Limits, Seen, seed_of
from claims.rules.kinds import Kind, Stage
from claims.rules.states import ClaimState
from claims.selectors.filing import account_standing, condition_standing, files_of, invoices_of
from memberships import selectors as memberships
from portal import clock
from portal.calendars.rules import months_before
from portal.fiscal import selectors as fiscal
from portal.help import selectors as contact
from portal.money import format_money
from portal.papers.models import FileVerdict
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import Explanation, refer

_VERDICTS = {
    FileVerdict.ACCEPTED: Seen.ACCEPTED,
    FileVerdict.REJECTED: Seen.REJECTED,
    FileVerdict.PENDING: Seen.PENDING,
}


@dataclass(frozen=True, slots=True)
class Question:
    """What the rules are asked of a claim, their numbers, and the draw's seed and share."""

    asked: Asked
    limits: Limits
    seed: str
    percent: int
    explanation: dict[str, Any]


def question_of(claim: Claim, *, at: datetime) -> Question:
    """Everything that the published rules look at, as it stands at an instant."""
    on = clock.date_in(at)
    amount, per_year = (rulebook.rule_on(f"claim.{name}", on=on) for name in ("auto_amount", "auto_per_year"))
    draw = rulebook.rule_on("claim.qa_percent", on=on)
    limits = Limits(Decimal(str(amount.value)), int(per_year.value))
    asked = _asked(claim, at=at)
    inputs = (
        ("Reclamado", format_money(claim.claimed, CURRENCY)),
        ("Monto que se aprueba solo", format_money(limits.amount, CURRENCY)),
        ("Aprobados así en este certificado, doce meses", f"{asked.automatic_last_year} de {limits.per_year}"),
        ("Comprobantes que se parecen a otro", str(asked.duplicates)),
        ("Se sortea para una segunda vista", f"{int(draw.value)} de cada 100, por folio y año"),
    )
    told = Explanation(
        "Cómo se aprobó sin que lo viera una persona",
        "hasta el monto publicado, con cobertura, padecimiento, archivos, facturas y cuenta bancaria en regla",
        inputs,
        "Aprobado por las reglas publicadas",
        (refer(amount), refer(per_year), refer(draw)),
    )
    return Question(asked, limits, seed_of(claim.folio), int(draw.value), told.as_json())


def to_judge() -> Any:
    """Sent claims that nobody took and of which the rules have said nothing yet, the oldest first."""
    rows = Claim.objects.filter(state=ClaimState.SUBMITTED, automatic_answer=None)
    return rows.order_by("submitted_at", "pk")


def _asked(claim: Claim, *, at: datetime) -> Asked:
    files, invoices = list(files_of(claim)), invoices_of(claim)
    on = clock.date_in(at)
    return Asked(
        kind=Kind(claim.kind),
        stage=Stage(claim.stage),
        claimed=claim.claimed,
        coverage_in_force=all(_in_force(claim, day) for day in {one.on for one in claim.lines.all()}),
        condition=condition_standing(claim),
        files=[_seen(one) for one in files],
        invoices=[_seen(one.xml) for one in invoices],
        duplicates=len(fiscal.that_look_alike(invoices, on=on)),
        account=account_standing(claim, at=at),
        automatic_last_year=_approved_by_rules(claim, on),
        open_complaint=contact.has_open(claim.filed_by, "complaint"),
    )


def _in_force(claim: Claim, day: date) -> bool:
    """Whether the person had the coverage that day, in a policy year whose terms are known."""
    _scope, years = memberships.terms_of(claim.coverage)
    has_terms = any(one.since <= day < one.until for one in years)
    return has_terms and claim.coverage_id in {one.pk for one in memberships.coverages_on(claim.affected, day)}


def _seen(one: ClaimFile) -> Seen:
    """The file's own verdict; anything that was found in it here is for a person."""
    verdict = _VERDICTS.get(FileVerdict(one.file.verdict), Seen.REVIEW)
    return Seen.REVIEW if verdict is Seen.ACCEPTED and one.findings else verdict


def _approved_by_rules(claim: Claim, on: date) -> int:
    """How many of the certificate the rules approved in the twelve months before, without those withdrawn."""
    rows = Decision.objects.filter(by=None, ended_at=None, claim__certificate=claim.certificate_id)
    return rows.filter(at__date__gt=months_before(on, 12)).count()
