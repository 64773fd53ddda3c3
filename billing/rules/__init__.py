"""Rules of billing: states, labels, transitions, what is missing, sums. Pure: neither Django nor a clock.

Money is `Decimal` in the order's currency (MXN, two decimals); rates are fractions. Sources: S0.9-S0.23, C1-C4, domain 1.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.errors import RuleBroken
from portal.fiscal.rules import withholding
from portal.fiscal.rules.withholding import WithheldLine
from portal.identifiers import check
from portal.money import format_money

CURRENCY = "MXN"


# --- states --------------------------------------------------------------------------------------------------------


class OrderState(StrEnum):
    """Where an order of care stands."""

    AVAILABLE = "available"
    INVOICED = "invoiced"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


ORDER_LABELS: dict[OrderState, str] = {
    OrderState.AVAILABLE: "Por facturar",
    OrderState.INVOICED: "Facturada",
    OrderState.SETTLED: "Pagada",
    OrderState.WITHDRAWN: "Retirada por la aseguradora",
}
ORDER_TRANSITIONS: dict[OrderState, set[OrderState]] = {
    OrderState.AVAILABLE: {OrderState.INVOICED, OrderState.WITHDRAWN},
    OrderState.INVOICED: {OrderState.AVAILABLE, OrderState.SETTLED},
    OrderState.SETTLED: set(),
    OrderState.WITHDRAWN: set(),
}


class ReviewState(StrEnum):
    """Where an invoice stands with the reviewer."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


REVIEW_LABELS: dict[ReviewState, str] = {
    ReviewState.DRAFT: "Borrador",
    ReviewState.SUBMITTED: "En revisión",
    ReviewState.RETURNED: "Te la devolvimos para corregir",
    ReviewState.ACCEPTED: "Aceptada",
    ReviewState.REJECTED: "Rechazada",
}
REVIEW_DESK_LABELS: dict[ReviewState, str] = {
    ReviewState.DRAFT: "Borrador del médico",
    ReviewState.SUBMITTED: "Por revisar",
    ReviewState.RETURNED: "Devuelta al médico",
    ReviewState.ACCEPTED: "Aceptada",
    ReviewState.REJECTED: "Rechazada",
}
REVIEW_TRANSITIONS: dict[ReviewState, set[ReviewState]] = {
    ReviewState.DRAFT: {ReviewState.SUBMITTED},
    ReviewState.SUBMITTED: {ReviewState.ACCEPTED, ReviewState.RETURNED, ReviewState.REJECTED},
    ReviewState.RETURNED: {ReviewState.SUBMITTED},
    ReviewState.ACCEPTED: set(),
    ReviewState.REJECTED: set(),
}


class PaymentState(StrEnum):
    """Where the money of an accepted invoice stands; `none` until it is accepted."""

    NONE = "none"
    PAYABLE = "payable"
    SCHEDULED = "scheduled"
    PAID = "paid"
    COMPLEMENT_DUE = "complement_due"
    CLOSED = "closed"


PAYMENT_LABELS: dict[PaymentState, str] = {
    PaymentState.NONE: "Sin pago todavía",
    PaymentState.PAYABLE: "Por pagar",
    PaymentState.SCHEDULED: "Pago programado",
    PaymentState.PAID: "Pagada",
    PaymentState.COMPLEMENT_DUE: "Pagada: falta tu complemento",
    PaymentState.CLOSED: "Cerrada",
}
PAYMENT_TRANSITIONS: dict[PaymentState, set[PaymentState]] = {
    PaymentState.NONE: {PaymentState.PAYABLE},
    PaymentState.PAYABLE: {PaymentState.SCHEDULED},
    PaymentState.SCHEDULED: {PaymentState.PAYABLE, PaymentState.PAID},
    PaymentState.PAID: {PaymentState.COMPLEMENT_DUE},
    PaymentState.COMPLEMENT_DUE: {PaymentState.CLOSED},
    PaymentState.CLOSED: {PaymentState.COMPLEMENT_DUE},
}


class ComplementState(StrEnum):
    """Where a payment complement stands: the machine accepts, or a person looks when a certificate is unknown."""

    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


COMPLEMENT_LABELS: dict[ComplementState, str] = {
    ComplementState.IN_REVIEW: "En revisión",
    ComplementState.ACCEPTED: "Aceptado",
    ComplementState.REJECTED: "Rechazado",
    ComplementState.CANCELLED: "Cancelado en el SAT",
}
COMPLEMENT_TRANSITIONS: dict[ComplementState, set[ComplementState]] = {
    ComplementState.IN_REVIEW: {ComplementState.ACCEPTED, ComplementState.REJECTED},
    ComplementState.ACCEPTED: {ComplementState.CANCELLED},
    ComplementState.REJECTED: set(),
    ComplementState.CANCELLED: set(),
}

State = OrderState | ReviewState | PaymentState | ComplementState
_MACHINES: tuple[tuple[type[StrEnum], dict, dict], ...] = (
    (OrderState, ORDER_TRANSITIONS, ORDER_LABELS),
    (ReviewState, REVIEW_TRANSITIONS, REVIEW_LABELS),
    (PaymentState, PAYMENT_TRANSITIONS, PAYMENT_LABELS),
    (ComplementState, COMPLEMENT_TRANSITIONS, COMPLEMENT_LABELS),
)


def check_transition(current: State, target: State) -> None:
    """Refuse a step that the machine does not draw, naming both states as people read them."""
    for kind, transitions, labels in _MACHINES:
        if isinstance(current, kind) and isinstance(target, kind):
            if target in transitions[current]:
                return
            raise RuleBroken(
                f"Ya está en «{labels[current]}» y de ahí no pasa a «{labels[target]}». "
                "Vuelve a abrir la página para ver cómo quedó.",
                code="wrong_state",
            )
    raise TypeError(f"{current!r} and {target!r} belong to different machines")


class Ball(StrEnum):
    """Who has to move next."""

    YOU = "you"
    US = "us"
    BANK = "bank"
    NOBODY = "nobody"


BALL_LABELS: dict[Ball, str] = {
    Ball.YOU: "Te toca a ti",
    Ball.US: "Nos toca a nosotros",
    Ball.BANK: "Está en el banco",
    Ball.NOBODY: "Nadie debe nada",
}
_REVIEW_BALL: dict[ReviewState, Ball] = {
    ReviewState.DRAFT: Ball.YOU,
    ReviewState.SUBMITTED: Ball.US,
    ReviewState.RETURNED: Ball.YOU,
    ReviewState.ACCEPTED: Ball.US,
    ReviewState.REJECTED: Ball.NOBODY,
}
_PAYMENT_BALL: dict[PaymentState, Ball] = {
    PaymentState.NONE: Ball.US,
    PaymentState.PAYABLE: Ball.US,
    PaymentState.SCHEDULED: Ball.BANK,
    PaymentState.PAID: Ball.YOU,
    PaymentState.COMPLEMENT_DUE: Ball.YOU,
    PaymentState.CLOSED: Ball.NOBODY,
}


def ball(review: ReviewState, payment: PaymentState) -> Ball:
    """Who holds the ball, seen by the physician."""
    return _PAYMENT_BALL[payment] if review is ReviewState.ACCEPTED else _REVIEW_BALL[review]


# --- withholding ---------------------------------------------------------------------------------------------------

REGIME_LABELS: dict[str, str] = {
    "612": "Persona física con actividad profesional (612)",
    "626": "RESICO, régimen simplificado de confianza (626)",
}
STATE_LABELS: dict[str, str] = {"": "Otra entidad o no pago impuesto cedular", "JAL": "Jalisco, con impuesto cedular"}


@dataclass(frozen=True, slots=True)
class SchemeComponent:
    """One tax withheld: `ISR` or `LOCAL`, its rate as a fraction."""

    component: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class WithholdingSum:
    """Base minus each withheld tax is what is paid (S0.14, C3): total = base - sum of lines."""

    base: Decimal
    lines: tuple[WithheldLine, ...]
    payable: Decimal

    def amount_of(self, component: str) -> Decimal:
        """What is withheld for one component, zero if the scheme has none."""
        return sum((line.amount for line in self.lines if line.component == component), Decimal("0.00"))


def withhold(base: Decimal, components: Sequence[SchemeComponent]) -> WithholdingSum:
    """The sum of S0.20-S0.23: each component is `base x rate`, rounded half-up once; MXN cents."""
    parts = [{"component": part.component, "rate": str(part.rate)} for part in components]
    lines = tuple(withholding.withhold(base, parts))
    return WithholdingSum(base, lines, base - sum((line.amount for line in lines), Decimal(0)))


# --- what is missing -----------------------------------------------------------------------------------------------


def missing_to_submit(
    *, has_xml: bool, has_pdf: bool, verdict: str, orders: int, withdrawn: Sequence[str]
) -> list[str]:
    """What an invoice still needs before it can be sent; the page shows it, the service enforces it."""
    missing = []
    if not orders:
        missing.append("Elige al menos una orden para facturar.")
    if withdrawn:
        missing.append(
            f"La aseguradora retiró la cuenta {', '.join(withdrawn)}. Descarta el borrador y factura las demás."
        )
    if not has_xml:
        missing.append("Sube el XML de tu factura.")
    elif verdict not in {"accepted", "review"}:
        missing.append("Corrige tu factura: el XML todavía no pasa todas las reglas.")
    if not has_pdf:
        missing.append("Sube el PDF de tu factura.")
    return missing


def check_same_insurer(insurers: Iterable[object]) -> None:
    """One invoice has one receiver, so its orders come from one insurer (S0.17)."""
    if len(set(insurers)) > 1:
        raise RuleBroken(
            "Elegiste órdenes de dos aseguradoras y una factura lleva un solo receptor. Haz una factura por aseguradora.",
            code="two_insurers",
        )


class ReturnReason(StrEnum):
    """Why a reviewer returns or rejects an invoice (N14: from a catalogue, all at once)."""

    ILLEGIBLE_PDF = "illegible_pdf"
    PDF_OF_ANOTHER = "pdf_of_another"
    WRONG_CONCEPT = "wrong_concept"
    WRONG_SERVICE_KEY = "wrong_service_key"
    UNKNOWN_CERTIFICATE = "unknown_certificate"
    CANCELLED_AT_SAT = "cancelled_at_sat"
    WRONG_WITHHOLDING = "wrong_withholding"
    NOT_RENDERED = "not_rendered"
    OTHER = "other"


REASON_LABELS: dict[ReturnReason, str] = {
    ReturnReason.ILLEGIBLE_PDF: "El PDF no se lee bien. Vuelve a generarlo desde tu sistema de facturación.",
    ReturnReason.PDF_OF_ANOTHER: "El PDF es de otra factura. Sube el que corresponde a este XML.",
    ReturnReason.WRONG_CONCEPT: "El concepto no describe la atención de la orden. Usa el texto que te damos.",
    ReturnReason.WRONG_SERVICE_KEY: "La clave de servicio no corresponde a una consulta. Usa la que te sugerimos.",
    ReturnReason.UNKNOWN_CERTIFICATE: "No pudimos comprobar el certificado con que se selló. Pide a tu proveedor otra factura.",
    ReturnReason.CANCELLED_AT_SAT: "La factura está cancelada en el SAT. Emite una nueva.",
    ReturnReason.WRONG_WITHHOLDING: "La retención no es la de tu régimen. Revisa la cuenta que te mostramos.",
    ReturnReason.NOT_RENDERED: "La atención no aparece como prestada. Comunícate con la aseguradora.",
    ReturnReason.OTHER: "Otro motivo, explicado en la nota.",
}


def check_reasons(reasons: Sequence[str], note: str) -> list[ReturnReason]:
    """A return or rejection says at least one reason; `other` needs a note."""
    chosen = [ReturnReason(reason) for reason in reasons if reason in set(ReturnReason)]
    if not chosen:
        raise RuleBroken(
            "Marca al menos un motivo para que el médico sepa qué corregir.", code="no_reason", field="reasons"
        )
    if ReturnReason.OTHER in chosen and len(note.strip()) < 10:  # noqa: PLR2004 - shorter says nothing
        raise RuleBroken("Explica el otro motivo con al menos 10 letras.", code="no_note", field="note")
    return chosen


# What a timeline says of each recorded act.
EVENT_LABELS: dict[str, str] = {
    "billing.regime_set": "Régimen fiscal registrado",
    "billing.orders_received": "Llegaron órdenes",
    "billing.order_withdrawn": "La aseguradora la retiró",
    "billing.draft_started": "Borrador empezado",
    "billing.draft_discarded": "Borrador descartado",
    "billing.files_attached": "Archivos revisados y guardados",
    "billing.invoice_submitted": "Enviada a revisión",
    "billing.invoice_accepted": "Aceptada",
    "billing.invoice_returned": "Devuelta para corregir",
    "billing.invoice_rejected": "Rechazada",
    "billing.payment_scheduled": "Pago programado",
    "billing.payment_returned": "El pago volvió a la espera",
    "billing.invoice_paid": "Pagada",
    "billing.complement_handed_in": "Complemento recibido",
    "billing.complement_accepted": "Complemento aceptado",
    "billing.complement_rejected": "Complemento rechazado",
    "billing.complement_cancelled": "Complemento cancelado en el SAT",
    "billing.complement_reminded": "Recordatorio del complemento",
}
UNHAPPY_EVENTS = frozenset(
    {
        "billing.order_withdrawn",
        "billing.invoice_returned",
        "billing.invoice_rejected",
        "billing.payment_returned",
        "billing.complement_rejected",
        "billing.complement_cancelled",
    }
)


# --- texts to type -------------------------------------------------------------------------------------------------


def concept_text(account: str, patient: str, service: str) -> str:
    """Description of one concept: it carries the order's account number and the patient's name (S0.16)."""
    return f"{service or 'Consulta médica'}. Cuenta {account}. Paciente {patient}.".replace("|", " ")


# --- complement ----------------------------------------------------------------------------------------------------


def complement_due_on(paid_on: date, *, day: int) -> date:
    """Day `day` (natural) of the month after the payment (domain 1.3), clamped to the month's end."""
    year, month = (paid_on.year + 1, 1) if paid_on.month == 12 else (paid_on.year, paid_on.month + 1)  # noqa: PLR2004
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def next_reminder(due_on: date, *, on: date, days_before: Sequence[int], overdue_every: int = 7) -> date:
    """First reminder date after `on`: `days_before` the due date, then every `overdue_every` days once overdue."""
    planned = sorted(due_on - timedelta(days=days) for days in days_before)
    for day in planned:
        if day > on:
            return day
    first_late = due_on + timedelta(days=1)
    if first_late > on:
        return first_late
    late = (on - first_late).days // overdue_every + 1
    return first_late + timedelta(days=late * overdue_every)


# --- intake of digital orders ----------------------------------------------------------------------------------------

ACCOUNT_PATTERN = re.compile(r"[A-Z0-9][A-Z0-9-]{2,29}\Z")


@dataclass(frozen=True, slots=True)
class RowError:
    """One problem of one row of a delivery; rows count from 1."""

    row: int
    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A digital order as the insurer sends it; money in MXN (S0.10-S0.14, C3)."""

    account: str
    physician_rfc: str
    patient: str
    service_on: date
    concept: str
    fee: Decimal
    coaseguro: Decimal
    payable: Decimal
    authorised_by: str
    signed_by_insured: bool
    signed_by_physician: bool


def check_order(row: OrderRow, *, number: int, on: date, insurer: str) -> list[RowError]:
    """Everything wrong with one order, so that the insurer mends it in one go."""
    errors: list[RowError] = []

    def wrong(field: str, code: str, message: str) -> None:
        errors.append(RowError(number, field, code, message))

    if not ACCOUNT_PATTERN.match(row.account):
        wrong(
            "account",
            "bad_account",
            "La cuenta lleva de 3 a 30 letras, números o guiones. Revisa el folio de la orden.",
        )
    rfc = check("rfc", row.physician_rfc)
    if rfc.error:
        wrong("physician_rfc", rfc.error.code, rfc.error.message)
    if not row.patient.strip():
        wrong("patient", "no_patient", "Falta el nombre del paciente; la factura lo lleva en su concepto.")
    if row.service_on > on:
        wrong(
            "service_on",
            "future_service",
            "La fecha de atención es posterior a hoy. Manda la orden cuando se haya prestado.",
        )
    if min(row.fee, row.coaseguro, row.payable) < 0 or row.payable == 0:
        wrong(
            "payable",
            "bad_amount",
            "Los importes no pueden ser negativos y el importe a pagar debe ser mayor que cero.",
        )
    if row.fee != row.coaseguro + row.payable:
        wrong(
            "payable",
            "does_not_add",
            f"El honorario {format_money(row.fee, CURRENCY)} no es la suma del coaseguro "
            f"{format_money(row.coaseguro, CURRENCY)} y el importe a pagar {format_money(row.payable, CURRENCY)}.",
        )
    if not row.authorised_by.strip():
        wrong("authorised_by", "not_authorised", f"La orden digital dice quién la autorizó, por ejemplo {insurer}.")
    if not (row.signed_by_insured and row.signed_by_physician):
        wrong(
            "signed_by_physician",
            "not_signed",
            "Una orden digital va firmada digitalmente por el asegurado y por el médico.",
        )
    return errors


def check_control(*, rows: int, payable: Decimal, declared_rows: int, declared_payable: Decimal) -> None:
    """Control totals declared by the sender must equal what arrived; otherwise nothing of the delivery is stored."""
    if (rows, payable) != (declared_rows, declared_payable):
        raise RuleBroken(
            f"Los totales de control no coinciden: anunciaste {declared_rows} órdenes por "
            f"{format_money(declared_payable, CURRENCY)} y llegaron {rows} por {format_money(payable, CURRENCY)}. "
            "No guardamos nada; revisa el archivo y mándalo completo.",
            code="control_totals",
        )
