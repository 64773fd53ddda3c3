"""What the desk is asked before it ends something of billing: the thing, the sum, the consequence."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from billing.models import CareOrder, Complement, Invoice
from portal.design import dates
from portal.design.asking import Question
from portal.money import format_money

RETURN = "devolver_factura"


def return_invoice(found: Invoice, said: Sequence[str] = ()) -> Question:
    """Before an invoice goes back, where no script shows beside the reasons what its physician will read (`said`)."""
    return Question(
        id=RETURN,
        title=f"¿Devolver {found.folio} por {format_money(found.total, found.currency)}?",
        text=f"{found.party.name} la corrige y la envía otra vez. Esto es lo que va a leer:",
        label="Devolver para corregir",
        kind="primary",
        action=reverse("billing:give_back", args=[found.folio]),
        back=reverse("billing:review", args=[found.folio]),
        said=tuple(said),
    )


def reject_invoice(found: Invoice, said: Sequence[str] = ()) -> Question:
    """Before an invoice is rejected; `said` is what its physician will read."""
    return Question(
        id="rechazar_factura",
        title=f"¿Rechazar {found.folio} por {format_money(found.total, found.currency)}?",
        text=f"De {found.party.name} a {found.insurer.name}. No se paga: sus órdenes quedan libres para facturarlas "
        "otra vez y el médico lee los motivos que marcaste.",
        label="Rechazar factura",
        action=reverse("billing:reject", args=[found.folio]),
        back=reverse("billing:review", args=[found.folio]),
        said=tuple(said),
    )


def cancel_invoice(found: Invoice) -> Question:
    """Before an accepted invoice is taken as cancelled at the SAT."""
    return Question(
        id="cancelar_factura",
        title=f"¿Marcar como cancelada {found.folio} por {format_money(found.total, found.currency)}?",
        text=f"De {found.party.name} a {found.insurer.name}. Ya no se paga y sus órdenes quedan libres para "
        "facturarlas con otro CFDI. No se puede deshacer.",
        label="Marcar cancelada en el SAT",
        keep="Dejarla como está",
        back=reverse("billing:review", args=[found.folio]),
    )


def _deposit(found: Complement) -> str:
    day = f" del {dates.short(found.transfer.paid_on)}" if found.transfer.paid_on else ""
    return f"{format_money(found.transfer.amount, found.transfer.currency)}{day}"


def reject_complement(found: Complement) -> Question:
    """Before a complement is rejected."""
    return Question(
        id="rechazar_complemento",
        title=f"¿Rechazar el complemento de {found.party.name}?",
        text=f"Es el del depósito de {_deposit(found)}. El médico lee tu motivo y tiene que entregar otro.",
        label="Rechazar complemento",
        keep="Dejarlo como está",
        name="act",
        value="reject",
        back=reverse("billing:complement_review", args=[found.pk]),
    )


def cancel_complement(found: Complement) -> Question:
    """Before a complement is taken as cancelled at the SAT."""
    return Question(
        id="cancelar_complemento",
        title=f"¿Marcar como cancelado el complemento de {found.party.name}?",
        text=f"Es el del depósito de {_deposit(found)}. Sus facturas vuelven a quedar sin complemento y el médico "
        "tiene que entregar otro. No se puede deshacer.",
        label="Marcar cancelado en el SAT",
        keep="Dejarlo como está",
        name="act",
        value="cancel",
        back=reverse("billing:complement_review", args=[found.pk]),
    )


def withdraw_order(found: CareOrder) -> Question:
    """Before an order is taken back."""
    return Question(
        id="retirar_orden",
        title=f"¿Retirar la orden {found.account} por {format_money(found.payable, found.currency)}?",
        text=f"De {found.patient}. El médico ya no podrá facturarla. No se puede deshacer.",
        label="Retirar orden",
        back=reverse("billing:desk_order", args=[found.pk]),
    )
