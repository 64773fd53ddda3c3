"""What an analyst decides of each line, and what that makes of the claim (S3.32, N8, domain 6). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claims.rules.automatic import is_drawn, seed_of
from claims.rules.missing import Document
from claims.rules.papers import PAPER_LABELS
from claims.rules.settlement import Figures, Settled
from memberships.rules.policies import Scope
from portal.errors import RuleBroken
from portal.money import ZERO, format_money, format_rate

_PESOS = "MXN"
# A decided claim takes no paper and its invoices are used: whoever disagrees or has one more writes to us.
_WRITE = "Escríbenos desde «Contacto» con tu folio."


class Outcome(StrEnum):
    """What a decision says of the whole claim."""

    APPROVED = "approved"
    PARTIAL = "partial"
    NOTHING_TO_PAY = "nothing_to_pay"
    NOT_COVERED = "not_covered"
    AUTHORISED = "authorised"


OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.APPROVED: "Cubierto",
    Outcome.PARTIAL: "Cubierto en parte",
    Outcome.NOTHING_TO_PAY: "Cubierto, sin nada que pagarte",
    Outcome.NOT_COVERED: "No cubierto",
    Outcome.AUTHORISED: "Autorizado",
}
APPEAL_LABELS: dict[Outcome, str] = {
    Outcome.APPROVED: "Apelación concedida",
    Outcome.PARTIAL: "Apelación concedida en parte",
    Outcome.NOTHING_TO_PAY: "Apelación concedida, sin nada que pagarte",
    Outcome.NOT_COVERED: "Se confirma la decisión",
    Outcome.AUTHORISED: "Autorizado en apelación",
}
# As whoever is not its family reads it.
DESK_LABELS: dict[Outcome, str] = OUTCOME_LABELS | {Outcome.NOTHING_TO_PAY: "Cubierto, sin nada que pagar"}
DESK_APPEAL_LABELS: dict[Outcome, str] = APPEAL_LABELS | {
    Outcome.NOTHING_TO_PAY: "Apelación concedida, sin nada que pagar"
}
OUTCOME_TONES: dict[Outcome, str] = {
    Outcome.APPROVED: "ok",
    Outcome.PARTIAL: "warn",
    Outcome.NOTHING_TO_PAY: "warn",
    Outcome.NOT_COVERED: "error",
    Outcome.AUTHORISED: "ok",
}


class Why(StrEnum):
    """Why a line, or a part of it, is not covered: the reasons that the catalogue is born with."""

    NOT_MEDICAL = "not_medical"
    OTHER_CONDITION = "other_condition"
    EXCLUDED = "excluded"
    NO_PRESCRIPTION = "no_prescription"
    ABOVE_AGREED = "above_agreed"
    OUTSIDE_POLICY = "outside_policy"
    REPEATED = "repeated"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the catalogue: its name at the desk, what the family reads, what they can do, the paper that cures it."""

    label: str
    sentence: str
    cure: str
    document: Document | None = None


REASONS: dict[Why, Reason] = {
    Why.NOT_MEDICAL: Reason(
        "No es un gasto médico",
        "No es un gasto médico, y tu póliza solo cubre gastos médicos.",
        _WRITE,
        Document.MEDICAL_REPORT,
    ),
    Why.OTHER_CONDITION: Reason(
        "De otro padecimiento",
        "Corresponde a otro padecimiento, y este trámite es de uno solo.",
        _WRITE,
    ),
    Why.EXCLUDED: Reason(
        "Excluido en la póliza",
        "Tu póliza excluye este gasto.",
        f"Revisa las exclusiones de tu póliza. {_WRITE}",
    ),
    Why.NO_PRESCRIPTION: Reason(
        "Sin receta",
        "Falta la receta de este medicamento.",
        _WRITE,
        Document.PRESCRIPTION,
    ),
    Why.ABOVE_AGREED: Reason(
        "Arriba del precio convenido",
        "Pasa del precio convenido con la aseguradora; cubrimos hasta ese precio.",
        "La diferencia queda a tu cargo.",
    ),
    Why.OUTSIDE_POLICY: Reason(
        "Fuera de vigencia",
        "Ese día la póliza o la cobertura no estaba vigente.",
        f"Revisa la fecha de la factura. {_WRITE}",
    ),
    Why.REPEATED: Reason(
        "Repetido",
        "Este gasto ya se presentó antes.",
        "Revisa tus trámites anteriores: ahí está su respuesta.",
    ),
    Why.UNREADABLE: Reason(
        "No se lee",
        "No se alcanza a leer qué se pagó.",
        _WRITE,
        Document.ITEMISED_BILL,
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the analyst says of a line: how much is covered in all, and why not the rest ("" where all is)."""

    claimed: Decimal
    covered: Decimal
    why: str = ""
    already: Decimal = ZERO  # of an appeal: what was covered of it before


def needs_condition(scope: str) -> bool:
    """Whether a coverage shares its deductible by illness, so that nothing is decided without one."""
    return scope != Scope.PERSON_YEAR


def check_began(began_on: date, *, on: date) -> None:
    """Raises RuleBroken for an illness that would begin after the day on which it is registered."""
    if began_on > on:
        raise RuleBroken(
            "Un padecimiento no empieza después de hoy. Revisa la fecha.", code="condition_to_come", field="began_on"
        )


def check_told(number: int, one: Told, *, reasons: Collection[str]) -> None:
    """Raises RuleBroken for a line that covers more than was claimed, or whose reason and amount do not agree.

    `reasons`: codes of the catalogue in force that day.
    """
    if not ZERO <= one.covered <= one.claimed:
        most = format_money(one.claimed, _PESOS)
        raise RuleBroken(
            f"Lo cubierto del renglón {number} va de cero a {most}. Corrige el importe.",
            code="covered_out_of_range",
            field=f"covered_{number}",
        )
    if one.covered < one.already:
        least = format_money(one.already, _PESOS)
        raise RuleBroken(
            f"Del renglón {number} ya se cubrieron {least}, y una apelación solo aumenta. Corrige el importe.",
            code="appeal_only_raises",
            field=f"covered_{number}",
        )
    if one.covered < one.claimed and one.why not in reasons:
        raise RuleBroken(
            f"El renglón {number} no se cubre entero. Elige por qué: la familia lo lee.",
            code="why_missing",
            field=f"why_{number}",
        )
    if one.covered == one.claimed and one.why:
        raise RuleBroken(
            f"El renglón {number} se cubre entero y lleva un motivo. Quita el motivo o baja el importe.",
            code="why_too_many",
            field=f"why_{number}",
        )


def outcome_of(total: Settled) -> Outcome:
    """What a settled claim comes to."""
    figures = total.figures
    if not figures.covered:
        return Outcome.NOT_COVERED
    if not figures.paid:
        return Outcome.NOTHING_TO_PAY
    return Outcome.PARTIAL if total.not_covered else Outcome.APPROVED


class SecondLook(StrEnum):
    """Why another analyst looks before money or letter; NONE where nobody has to."""

    NONE = ""
    AMOUNT = "amount"
    SAMPLE = "sample"


SECOND_LOOK_LABELS: dict[SecondLook, str] = {
    SecondLook.NONE: "",
    SecondLook.AMOUNT: "Pasa del monto que mira una segunda persona.",
    SecondLook.SAMPLE: "Salió en el sorteo de calidad.",
}


def second_look(total: Settled, *, above: Decimal, folio: str, percent: int) -> SecondLook:
    """Whether a decision waits for another analyst: what it pays is above the rule's amount, or its folio is drawn.

    The seed of the draw is the folio's year, refusals are drawn too: anybody can check it.
    """
    if total.figures.paid > above:
        return SecondLook.AMOUNT
    return SecondLook.SAMPLE if is_drawn(seed_of(folio), folio, percent) else SecondLook.NONE


def explain_line(settled: Settled, reason: Reason | None, *, rate: Decimal) -> str:
    """A line's figures as its family reads them: what was covered, who bears what, and the reason for the rest."""
    told, figures = list[str](), settled.figures
    if settled.already:
        told.append(f"Ya te habíamos cubierto {_pesos(settled.already)}.")
    if figures.covered:
        told.append(f"Cubrimos {_pesos(figures.covered)} de {_pesos(settled.claimed)}{_shared(figures, rate)}.")
    elif not settled.already:
        told.append(f"No cubrimos estos {_pesos(settled.claimed)}.")
    if settled.not_covered and reason is not None:
        told += [reason.sentence, reason.cure]
        if reason.document is not None:
            told.append(f"Documento que lo aclara: {PAPER_LABELS[reason.document].lower()}.")
    return " ".join(told)


def _shared(figures: Figures, rate: Decimal) -> str:
    parts = [
        (figures.deductible, "{} son de tu deducible"),
        (figures.coaseguro, f"{{}} de tu coaseguro ({format_rate(rate)})"),
        (figures.over_limit, "{} pasan de la suma asegurada"),
        (figures.paid, "te corresponden {}"),
    ]
    said = [text.format(_pesos(amount)) for amount, text in parts if amount]
    return f": {', '.join(said)}"


def _pesos(amount: Decimal) -> str:
    return format_money(amount, _PESOS)


def total_of(lines: Sequence[Settled]) -> Settled:
    """Settled lines added up."""
    from_nothing = Figures()
    return Settled(
        sum((one.claimed for one in lines), ZERO),
        sum((one.already for one in lines), ZERO),
        sum((one.not_covered for one in lines), ZERO),
        sum((one.figures for one in lines), from_nothing),
    )
