"""What billing tells people, as their preferences say it."""

from __future__ import annotations

GROUP = "Órdenes, facturas y complementos"
NOTICES: dict[str, str] = {
    "billing/orders_arrived": "Llegaron órdenes por facturar",
    "billing/orders_wait": "Esperan órdenes hasta que acredites tu RFC",
    "billing/invoice_submitted": "Recibimos tu factura",
    "billing/invoice_accepted": "Aceptamos una factura",
    "billing/invoice_returned": "Una factura necesita cambios",
    "billing/invoice_rejected": "Una factura fue rechazada",
    "billing/invoice_cancelled": "Una factura aparece cancelada en el SAT",
    "billing/invoice_paid": "Te pagamos",
    "billing/complement_reminder": "Se acerca la fecha de un complemento",
    "billing/complement_overdue": "Falta un complemento de pago",
    "billing/complement_accepted": "Aceptamos un complemento",
    "billing/complement_rejected": "Un complemento fue rechazado",
    "billing/complement_to_cancel": "Hay que cancelar un complemento en el SAT",
    "billing/complement_cancelled": "Se canceló un complemento",
    "billing/complement_cancelled_as_asked": "Quedó cancelado un complemento que pedimos cancelar",
}
