"""Which notices exist for people to choose, and how a text becomes HTML paragraphs."""

from __future__ import annotations

SECRET_MARK = "[[clave]]"

# Kinds whose mail a person may switch off: slug -> what it tells. The inbox always keeps them.
KINDS: dict[str, str] = {
    "orders_received": "Llegaron órdenes por facturar",
    "invoice_accepted": "Aceptamos una factura",
    "invoice_returned": "Una factura necesita cambios",
    "invoice_rejected": "Una factura fue rechazada",
    "invoice_paid": "Te pagamos",
    "complement_due": "Falta un complemento de pago",
}


def paragraphs(body: str) -> list[list[str]]:
    """Paragraphs of a mail's text, each as its lines."""
    return [block.strip().split("\n") for block in body.split("\n\n") if block.strip()]
