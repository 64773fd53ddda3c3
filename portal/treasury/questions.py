"""What is asked before treasury ends something or lets money go: the thing, the sum, the consequence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse

from portal.design.asking import Question
from portal.money import format_money
from portal.treasury import rules
from portal.treasury.models import BankAccount, BankResult, MovementFile, PaymentBatch

ONCE = "No se puede deshacer."


def _back_to(batch: PaymentBatch) -> dict[str, Any]:
    return {"back": reverse("treasury:batch", args=[batch.pk]), "keep": "Dejarlo como está"}


def _count_of(batch: PaymentBatch) -> str:
    return "1 transferencia" if batch.count == 1 else f"{batch.count:,} transferencias"


def _stays(batch: PaymentBatch) -> str:
    if batch.count == 1:
        return "Su transferencia no sale y el pago vuelve"
    return f"Sus {_count_of(batch)} no salen y los pagos vuelven"


def _total_of(batch: PaymentBatch) -> str:
    return format_money(batch.total, batch.currency, code=True)


def _name_of(batch: PaymentBatch) -> str:
    return f"el lote {batch.folio}" if batch.folio else "el lote"


def reject_account(account: BankAccount) -> Question:
    """Before a bank account is rejected."""
    return Question(
        id="rechazar_cuenta",
        title=f"¿Rechazar la cuenta bancaria de {account.holder}?",
        text=f"Es {account.bank_name or account.bank_code} •••• {account.last4}. Ahí no se paga: su titular "
        "lee tu motivo y puede registrar otra.",
        label="Rechazar cuenta bancaria",
        name="decision",
        value=str(rules.Decision.REJECTED),
        back=reverse("treasury:account_review", args=[account.pk]),
    )


def approve_batch(batch: PaymentBatch) -> Question:
    """Before somebody says yes to a total."""
    return Question(
        id="autorizar_lote",
        title=f"¿Autorizar {_total_of(batch)}?",
        text=f"{batch}: lo preparó {batch.prepared_by}. Tu autorización queda a tu nombre y ya no la puedes retirar.",
        label="Autorizar este total",
        kind="primary",
        action=reverse("treasury:approve_batch", args=[batch.pk]),
        **_back_to(batch),
    )


def cancel_batch(batch: PaymentBatch) -> Question:
    """Before a batch is undone."""
    return Question(
        id="cancelar_lote",
        title=f"¿Cancelar {_name_of(batch)} por {_total_of(batch)}?",
        text=f"{_stays(batch)} a la lista. {ONCE}",
        label="Cancelar lote",
        action=reverse("treasury:cancel_batch", args=[batch.pk]),
        **_back_to(batch),
    )


def export_file(batch: PaymentBatch) -> Question:
    """Before the one file for the bank is written."""
    return Question(
        id="generar_archivo",
        title=f"¿Generar el archivo por {_total_of(batch)}?",
        text=f"Es {_name_of(batch)}, {_count_of(batch)}. El archivo se genera una sola vez. {ONCE}",
        label="Generar archivo para el banco",
        kind="primary",
        action=reverse("treasury:export_bank_file", args=[batch.pk]),
        **_back_to(batch),
    )


def note_sent(batch: PaymentBatch) -> Question:
    """Before the preparer says that the bank has the file."""
    return Question(
        id="ya_lo_subi",
        title=f"¿Ya subiste al banco el archivo por {_total_of(batch)}?",
        text=f"Es {_name_of(batch)}, {_count_of(batch)}. Queda a tu nombre y con esta hora. {ONCE}",
        label="Ya lo subí",
        kind="primary",
        action=reverse("treasury:note_sent", args=[batch.pk]),
        **_back_to(batch),
    )


def apply_movements(file: MovementFile) -> Question:
    """Before the movements of a file enter the books."""
    run, currency = file.run, file.account.currency
    return Question(
        id="aplicar_movimientos",
        title=f"¿Aplicar {run.new:,} {'movimiento' if run.new == 1 else 'movimientos'} de {file.account.label}?",
        text=f"Entran {format_money(file.credits, currency)} y salen {format_money(file.debits, currency)}. Cada "
        f"depósito se contabiliza y se busca a qué corresponde. {ONCE}",
        label="Aplicar y contabilizar",
        kind="primary",
        action=reverse("treasury:apply_movements", args=[file.pk]),
        back=reverse("treasury:movement_file", args=[file.pk]),
        keep="Dejarlo como está",
    )


def import_result(result: BankResult) -> Question:
    """Before the bank's answer is applied."""
    batch, sums = result.batch, result.sums
    told = (("Pagadas", "paid"), ("Rechazadas", "rejected"), ("Devueltas después de pagadas", "returned"))
    totals = [
        f"{label}: {sums[f'{what}_count']} por {format_money(Decimal(sums[f'{what}_total']), batch.currency)}."
        for label, what in told
        if f"{what}_count" in sums
    ]
    return Question(
        id="aplicar_respuesta",
        title=f"¿Aplicar la respuesta del banco de {_name_of(batch)}?",
        text=f"{' '.join(totals)} Cada una se contabiliza y se avisa a quien cobra. {ONCE}",
        label="Aplicar y contabilizar",
        kind="primary",
        back=reverse("treasury:bank_result", args=[batch.pk, result.pk]),
        keep="Dejarla como está",
    )
