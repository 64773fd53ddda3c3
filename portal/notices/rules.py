"""Which notices exist for people to choose, and how a text becomes HTML paragraphs."""

from __future__ import annotations

SECRET_MARK = "[[clave]]"

# Kinds that only who bills is ever told.
OF_BILLERS = ("billing/", "treasury/")

# Kinds whose mail a person may switch off: slug -> what it tells. The inbox always keeps them.
KINDS: dict[str, str] = {
    "billing/orders_arrived": "Llegaron órdenes por facturar",
    "billing/orders_wait": "Esperan órdenes hasta que acredites tu RFC",
    "billing/invoice_submitted": "Recibimos tu factura",
    "billing/invoice_accepted": "Aceptamos una factura",
    "billing/invoice_returned": "Una factura necesita cambios",
    "billing/invoice_rejected": "Una factura fue rechazada",
    "billing/invoice_paid": "Te pagamos",
    "billing/complement_reminder": "Se acerca la fecha de un complemento",
    "billing/complement_overdue": "Falta un complemento de pago",
    "billing/complement_accepted": "Aceptamos un complemento",
    "billing/complement_rejected": "Un complemento fue rechazado",
    "billing/complement_to_cancel": "Hay que cancelar un complemento en el SAT",
    "billing/complement_cancelled": "Se canceló un complemento",
    "billing/complement_cancelled_as_asked": "Quedó cancelado un complemento que pedimos cancelar",
    "treasury/paid": "El banco confirmó un depósito",
    "contact_received": "Recibimos tu mensaje",
    "contact_answered": "Contestamos tu mensaje",
    "list_ready": "Está lista una lista larga que pediste",
}

# Kinds that always come by mail: they guard the account, the money or the way in.
ALWAYS_BY_MAIL: frozenset[str] = frozenset(
    {
        "desk/batch_answered",
        "desk/batch_approved",
        "desk/batch_cancelled",
        "desk/batch_stopped",
        "desk/batch_stopped_outside",
        "desk/batch_undone",
        "desk/batch_waits",
        "grant_proposed",
        "invited",
        "invited_in_vain",
        "password_changed",
        "recover",
        "rfc_move_asked",
        "rfc_paper_returned",
        "rfc_proved",
        "secondary_confirm",
        "security_changed",
        "sign_in_alert",
        "sign_up_confirm",
        "sign_up_known",
        "sign_up_rfc_taken",
        "treasury/account_change_asked",
        "treasury/account_change_stopped",
        "treasury/account_changed",
        "treasury/account_rejected",
        "treasury/account_validated",
        "treasury/payment_rejected",
        "treasury/payment_returned",
    }
)


def paragraphs(body: str) -> list[list[str]]:
    """Paragraphs of a mail's text, each as its lines."""
    return [block.strip().split("\n") for block in body.split("\n\n") if block.strip()]
