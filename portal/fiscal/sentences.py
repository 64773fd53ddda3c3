"""What a sentence about a CFDI is made of, cures that many share, sentences about what a family paid. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.errors import Level


class Group(StrEnum):
    """The lines of the checklist a person sees, in order."""

    FILE = "file"
    SEAL = "seal"
    ISSUER = "issuer"
    RECEIVER = "receiver"
    TERMS = "terms"
    CONCEPTS = "concepts"
    TAXES = "taxes"
    TOTAL = "total"
    PAYMENT = "payment"
    BALANCE = "balance"


GROUP_LABELS: dict[Group, str] = {
    Group.FILE: "Archivo y formato",
    Group.SEAL: "Sello, certificado y timbre",
    Group.ISSUER: "Quién emite",
    Group.RECEIVER: "A quién se factura",
    Group.TERMS: "Forma de pago y fechas",
    Group.CONCEPTS: "Conceptos y montos",
    Group.TAXES: "Impuestos y retenciones",
    Group.TOTAL: "Total",
    Group.PAYMENT: "Pago recibido",
    Group.BALANCE: "Parcialidades y saldos",
}
INVOICE_GROUPS = tuple(group for group in Group if group not in {Group.PAYMENT, Group.BALANCE})
COMPLEMENT_GROUPS = (
    Group.FILE,
    Group.SEAL,
    Group.ISSUER,
    Group.RECEIVER,
    Group.TERMS,
    Group.PAYMENT,
    Group.BALANCE,
    Group.TAXES,
)


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with its cure; `{names}` are filled in by the rule that says it."""

    group: Group
    level: Level
    message: str
    cure: str


_E, _R = Level.ERROR, Level.REVIEW
_F, _RE, _T, _O = Group.FILE, Group.RECEIVER, Group.TERMS, Group.TOTAL
AGAIN = "Cancélala y emítela de nuevo con ese dato."
ISSUE_ANEW = "Cancela este complemento y emítelo de nuevo con ese dato."
# What is the issuer's to mend, said to who was billed.
ASK_ISSUER = "Pide a quien te la dio que la revise y te entregue una correcta, y sube ese XML."
DOWNLOAD = "Descarga otra vez el XML de tu sistema de facturación o del SAT y súbelo sin abrirlo ni editarlo."

# A family's invoice of what it paid (domain 6).
OF_EXPENSES: dict[str, Template] = {
    "wrong_kind_expense": Template(
        _F,
        _E,
        "El comprobante es de tipo {found} ({found_name}) y aquí va la factura de lo que pagaste, tipo I.",
        "Sube el XML de esa factura; si no lo tienes, pídelo a quien te atendió.",
    ),
    "credit_note": Template(
        _F,
        _R,
        "El comprobante es una nota de crédito (tipo E), no la factura de lo que pagaste.",
        "Una persona la revisa. Si la subiste por error, quítala y sube la factura.",
    ),
    "receiver_insurer": Template(
        _RE,
        _E,
        "La factura está a nombre de tu aseguradora ({found}): esa la paga ella a quien te atendió.",
        "Si tú la pagaste, pide que la cancelen y la emitan a nombre de alguien de tu familia.",
    ),
    "receiver_of_nobody": Template(
        _RE,
        _E,
        "La factura está a nombre de «{name}», {found}, y no es de nadie de tu familia asegurada.",
        "Pide que la cancelen y la emitan con el RFC de alguien de tu familia.",
    ),
    "receiver_generic": Template(
        _RE,
        _R,
        "La factura trae el RFC genérico {found}, a nombre de «{name}».",
        "Una persona la revisa. La próxima vez da el RFC de alguien de tu familia.",
    ),
    "receiver_rfc_not_known": Template(
        _RE,
        _R,
        "La factura trae el RFC {found} de «{name}», y no tenemos el suyo.",
        "Escribe su RFC junto a la factura y súbela otra vez. Si no, una persona la revisa.",
    ),
    "two_patients": Template(
        _RE,
        _R,
        "La factura nombra a {count} personas de tu familia: {names}. Un trámite es de una sola.",
        "Pide una factura por persona. Si la mandas así, aquí se decide solo lo de quien es el trámite.",
    ),
    "another_currency": Template(
        _T,
        _R,
        "La moneda dice {found} y pagamos en pesos (MXN).",
        "No tienes que hacer nada: una persona revisa cuánto fue en pesos.",
    ),
    "issued_outside_policy": Template(
        _T,
        _R,
        "La fecha de la factura, {found}, no cae en ningún año de tu seguro.",
        "Revisa la fecha. Si es correcta, una persona la revisa.",
    ),
    "issued_long_ago": Template(
        _T,
        _R,
        "La fecha de la factura es {found}, y pasó el plazo para pedirla: se reciben desde el {since}.",
        "No tienes que hacer nada: una persona la revisa.",
    ),
    "lines_apart": Template(
        _O,
        _R,
        "Los renglones con sus impuestos dan {found} y el total dice {expected}.",
        "No tienes que hacer nada: una persona lo revisa.",
    ),
}
