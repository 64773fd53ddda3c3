"""The record in words: what each act and each thing is called on the audit page. Codes stay what is stored.

Each app says its own in its `audit_words` (`ACTS`, `THINGS`, `DRAINS`).
"""

from __future__ import annotations

from portal import modules
from portal.access import ROLE_LABELS
from portal.papers.registry import kind_label


def _of_apps(table: str) -> dict[str, str]:
    return {
        code: said for _, module in modules.named("audit_words") for code, said in getattr(module, table, {}).items()
    }


ACTS: dict[str, str] = _of_apps("ACTS")
THINGS: dict[str, str] = _of_apps("THINGS")
DRAINS: dict[str, str] = _of_apps("DRAINS")
# What the data of an act are called; one that nobody named keeps its key.
DETAILS: dict[str, str] = {
    "account": "Cuenta bancaria",
    "amount": "Importe",
    "asked_by": "Lo pidió",
    "bank": "Banco",
    "batches": "Lotes",
    "before": "Antes",
    "complement_due": "Fecha límite del complemento",
    "complement_due_on": "Fecha límite del complemento",
    "conflict": "Choque de permisos",
    "count": "Cuántos",
    "currency": "Moneda",
    "decision": "Decisión",
    "declared": "Anunciado",
    "drain": "Tarea",
    "due": "Fecha límite",
    "factor": "Con qué entró",
    "file": "Archivo",
    "folio": "Folio",
    "form": "Formulario",
    "from": "De",
    "hold_until": "Espera hasta",
    "invoices": "Facturas",
    "kind": "Tipo",
    "last4": "Termina en",
    "number": "Número",
    "on": "Día",
    "orders": "Órdenes",
    "outcome": "Resultado",
    "owed": "Se debe",
    "paid": "Pagado",
    "paid_on": "Día del pago",
    "pdf": "PDF",
    "people": "Personas",
    "planned": "Recordatorios de",
    "purpose": "Para qué",
    "reasons": "Motivos",
    "reference": "Referencia",
    "regime": "Régimen",
    "reviews_needed": "Revisiones que pide",
    "role": "Permiso",
    "round": "Vuelta",
    "scheme": "Esquema de retención",
    "scope": "Aseguradora",
    "seconds": "Segundos para deshacer",
    "sha256": "SHA-256",
    "since": "Desde",
    "state": "Estado",
    "times": "Veces",
    "to": "A",
    "total": "Total",
    "type": "Tipo",
    "until": "Hasta",
    "usable_from": "Se puede pagar desde",
    "uuid": "Folio fiscal",
    "value_on": "Fecha valor",
    "verdict": "Reglas",
    "version": "Versión",
    "xml": "XML",
}
# What somebody proved when they came in (`people.sessions.factor_of`), and the kinds of second steps that they hold.
FACTORS: dict[str, str] = {
    "demo": "Demostración",
    "passkey": "Huella o llave",
    "password": "Contraseña",
    "recovery": "Código de rescate",
    "recovery_codes": "Códigos de rescate",
    "totp": "Código del teléfono",
    "webauthn": "Huella o llave",
}
# What a stored file is for; what the portal issues is called by its kind.
PURPOSES: dict[str, str] = {
    "affiliations_csv": "Afiliaciones",
    "bank-file": "Archivo para el banco",
    "bank-result": "Respuesta del banco",
    "certificates_csv": "Certificados de una póliza",
    "claim-file": "Documento de un trámite",
    "complement_xml": "XML de un complemento",
    "hospitals_csv": "Hospitales",
    "invoice_pdf": "PDF de una factura",
    "invoice_xml": "XML de una factura",
    "list-export": "Lista descargada",
    "movements": "Movimientos del banco",
    "openings_csv": "Lo acumulado antes",
    "orders_csv": "Órdenes de atención",
    "rfc-move": "Prueba de la entrega de un RFC",
    "rfc-proof": "Prueba de un RFC",
}
ISSUED = "issued-"
AMOUNTS = frozenset({"amount", "total", "owed", "paid", "payable"})
# What stands beside the acts: who read, who took a list away, who was refused a page.
READINGS: dict[str, str] = {"read": "Lectura", "exported": "Lista descargada", "refused": "Página negada"}

ROLES: dict[str, str] = {str(role): label for role, label in ROLE_LABELS.items()}


def act(code: str) -> str:
    """What an act is called; its code while nobody named it."""
    return ACTS.get(code, code)


def detail(key: str) -> str:
    """What a datum of an act is called."""
    return DETAILS.get(key, key)


def purpose(code: str) -> str:
    """What a stored file is for; its code while nobody named it."""
    if code.startswith(ISSUED):
        return kind_label(code.removeprefix(ISSUED))
    return PURPOSES.get(code, code)


def thing(kind: str) -> str:
    """What a kind of thing is called; its code while nobody named it."""
    return THINGS.get(kind, kind)


def roles(acting_as: str) -> str:
    """The stored role slugs in words."""
    return ", ".join(ROLES.get(one, one) for one in acting_as.split())


def drain(name: str) -> str:
    """What a queue's work is called."""
    return DRAINS.get(name, name)
