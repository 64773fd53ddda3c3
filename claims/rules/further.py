"""What may follow a claim: a complement for what was left out, an appeal of its decision, its withdrawal. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from claims.rules.kinds import Kind
from claims.rules.states import UNDER_WAY, ClaimState
from portal.design import dates
from portal.errors import Conflict, RuleBroken

# Folios by what is asked: money back, or something that is still to come.
PREFIXES: dict[Kind, str] = {Kind.REIMBURSEMENT: "RB", Kind.MINOR: "RB", Kind.SCHEDULED: "PR"}
LEAST_REASONS = 20


def last_day_to_appeal(decided_on: date, days: int) -> date:
    """The last day on which a decision may be appealed, that day included."""
    return decided_on + timedelta(days=days)


def check_complement(state: str) -> None:
    """Raises Conflict for a folio that takes no complement: one that was withdrawn."""
    if state not in {*UNDER_WAY, ClaimState.DECIDED}:
        raise Conflict("Este trámite se retiró. Presenta sus facturas en un trámite nuevo.", code="complements_nothing")


def check_appeal(*, decided: bool, open_one: str, until: date | None, on: date) -> None:
    """Raises Conflict where nothing is to appeal: no decision yet, an appeal under way, or the term is over."""
    if not decided or until is None:
        raise Conflict(
            "Este trámite todavía no tiene una decisión que apelar. Espera su respuesta.", code="not_decided"
        )
    if open_one:
        raise Conflict(
            f"Esta decisión ya se apeló: sigue la apelación {open_one}.",
            code="appealed_already",
        )
    if on > until:
        raise Conflict(
            f"El plazo para apelar terminó el {dates.long(until)}. Si algo lo impidió, escríbenos desde «Contacto».",
            code="appeal_too_late",
        )


def check_reasons(reasons: str) -> str:
    """The reasons of an appeal, whole. Raises RuleBroken where they say too little to be looked at again."""
    said = reasons.strip()
    if len(said) < LEAST_REASONS:
        raise RuleBroken(
            "Escribe por qué no estás de acuerdo: qué renglón, y qué se pasó por alto.",
            code="reasons_missing",
            field="reasons",
        )
    return said


def check_withdraws(*, paid: bool, appealed: bool, followed: bool, reopened: bool) -> None:
    """Raises Conflict for a decision that stays: its money moved, an appeal runs, or a later one counts on it.

    `reopened`: it answers an appeal of a decision that was withdrawn, so what it raised is being decided anew.
    """
    if paid:
        raise Conflict(
            "El pago de esta decisión ya está en un lote o se hizo. Una decisión se retira antes de eso.",
            code="decision_is_paid",
        )
    if appealed:
        raise Conflict(
            "Esta decisión está en apelación. Lo que haya que cambiar se decide en ella.", code="is_appealed"
        )
    if reopened:
        raise Conflict(
            "Lo que aquí se apeló se está dictaminando otra vez. Espera esa decisión.", code="first_is_reopened"
        )
    if followed:
        raise Conflict(
            "Otra decisión posterior ya cuenta con lo acumulado en esta. Retira primero la posterior.",
            code="later_stands_on_it",
        )
