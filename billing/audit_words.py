"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

from billing.rules import EVENT_LABELS

ACTS = EVENT_LABELS
THINGS: dict[str, str] = {
    "billing.bundle": "Paquete de facturas",
    "billing.careorder": "Orden",
    "billing.complement": "Complemento",
    "billing.invoice": "Factura",
    "billing.orderdelivery": "Entrega de órdenes",
    "billing.physicianprofile": "Régimen del médico",
}
DRAINS: dict[str, str] = {
    "complement_decisions": "Decisiones sobre complementos",
    "invoice_decisions": "Decisiones sobre facturas",
}
