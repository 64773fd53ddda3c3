"""The rules that ship with claims, each with its source (domain 6). Operators publish later versions of them."""

from __future__ import annotations

from typing import Any

from portal.rulebook.rules import AMOUNT, WHOLE, Draft, Family, SourceKind, ship

_FILES, _TERMS, _DECIDING, _ESTIMATES = (
    "Archivos de un trámite",
    "Plazos de un trámite",
    "Dictamen de un trámite",
    "Estimaciones de un trámite",
)
_MEGABYTE = 1024 * 1024
FAMILIES = (
    Family("claim.max_files", _FILES, WHOLE, 1, 500),
    Family("claim.max_bytes", _FILES, WHOLE, _MEGABYTE, 500 * _MEGABYTE),
    Family("claim.legal_days", _TERMS, WHOLE, 1, 365),
    Family("claim.max_age_days", _TERMS, WHOLE, 1, 3650),
    Family("claim.promise_hours", _TERMS, WHOLE, 1, 1000),
    Family("claim.documents_days", _TERMS, WHOLE, 1, 120),
    Family("claim.medical_report_months", _TERMS, WHOLE, 1, 60),
    Family("claim.appeal_days", _TERMS, WHOLE, 1, 730),
    Family("claim.payment_days", _TERMS, WHOLE, 0, 120),
    Family("claim.letter_days", _TERMS, WHOLE, 1, 365),
    Family("claim.draft_days", _TERMS, WHOLE, 1, 730),
    Family("claim.most_drafts", _TERMS, WHOLE, 1, 500),
    Family("claim.draft_warn_days", _TERMS, WHOLE, 1, 60),
    Family("claim.documents_remind_days", _TERMS, WHOLE, 0, 60),
    Family("claim.auto_amount", _DECIDING, AMOUNT, 0, 1_000_000),
    Family("claim.auto_per_year", _DECIDING, WHOLE, 0, 100),
    Family("claim.qa_percent", _DECIDING, WHOLE, 0, 100),
    Family("claim.second_look_amount", _DECIDING, AMOUNT, 0, 100_000_000),
    Family("claim.estimate_min", _ESTIMATES, WHOLE, 1, 1000),
    Family("claim.estimate_window", _ESTIMATES, WHOLE, 1, 10_000),
)


def _rule(code: str, value: object, unit: str, title: str, note: str, **more: Any) -> Draft:
    told = dict(source="operador", source_kind=SourceKind.OPERATOR)
    return ship(f"claim.{code}", value, unit=unit, title=title, note=note, **{**told, **more})


RULES: tuple[Draft, ...] = (
    _rule(
        "max_files",
        50,
        "archivos",
        "Archivos de un envío",
        "Cada envío tiene los suyos: el primero, un complemento o una respuesta.",
        source="S3.24",
        source_kind=SourceKind.SOURCE_DOCUMENT,
    ),
    _rule(
        "max_bytes",
        50 * _MEGABYTE,
        "bytes",
        "Peso de los archivos de un envío",
        "Todos juntos, como quedan guardados: 50 MB.",
        source="S3.25",
        source_kind=SourceKind.SOURCE_DOCUMENT,
    ),
    _rule(
        "legal_days",
        30,
        "días naturales",
        "Plazo legal para responder",
        "Contado desde que el expediente está completo; la mesa recibe aviso ese día.",
        source="LCS 71",
        source_kind=SourceKind.STATUTE,
    ),
    _rule(
        "max_age_days",
        730,
        "días naturales",
        "Antigüedad de un gasto",
        "De la fecha de la factura al día en que se sube. Pasado ese tiempo una persona la revisa.",
        source="LCS 81",
        source_kind=SourceKind.STATUTE,
    ),
    _rule(
        "promise_hours",
        90,
        "horas hábiles",
        "Respuesta prometida",
        "Diez días de oficina. En horas, para que una pausa por documentos se descuente exacta.",
    ),
    _rule(
        "documents_days",
        10,
        "días hábiles",
        "Plazo para completar documentos",
        "Contado desde que se piden. Después se decide con lo que hay.",
    ),
    _rule(
        "medical_report_months",
        6,
        "meses",
        "Vigencia de un informe médico",
        "Un complemento no pide otro mientras el último del folio no sea más antiguo.",
    ),
    _rule(
        "appeal_days",
        60,
        "días naturales",
        "Plazo para apelar",
        "Contado desde que la decisión es definitiva.",
    ),
    _rule(
        "payment_days",
        5,
        "días hábiles",
        "Plazo de pago de un reembolso",
        "Contado desde que la decisión es definitiva.",
    ),
    _rule(
        "letter_days",
        30,
        "días naturales",
        "Vigencia de una carta de autorización",
        "La carta y su verificación pública muestran la fecha.",
    ),
    _rule(
        "draft_days",
        90,
        "días naturales",
        "Tiempo que se guarda un borrador",
        "Contado desde el último cambio.",
    ),
    _rule(
        "most_drafts",
        20,
        "borradores",
        "Borradores de una persona a la vez",
        "Sin enviar. Complementos y apelaciones no cuentan: tienen uno por folio.",
    ),
    _rule(
        "draft_warn_days",
        7,
        "días antes",
        "Aviso antes de borrar un borrador",
        "Una semana antes; sin aviso no se borra.",
    ),
    _rule(
        "documents_remind_days",
        3,
        "días antes",
        "Recordatorio de documentos pendientes",
        "Días antes de la fecha; al día siguiente de la fecha se avisa que se pasó.",
    ),
    _rule(
        "auto_amount",
        "1500.00",
        "MXN",
        "Monto que se aprueba solo",
        "Hasta este monto reclamado, si todo lo demás está bien. Nunca rechaza.",
    ),
    _rule(
        "auto_per_year",
        6,
        "trámites",
        "Aprobaciones automáticas de un certificado en doce meses",
        "Al llegar a este número decide una persona.",
    ),
    _rule(
        "qa_percent",
        10,
        "de cada 100 decisiones",
        "Decisiones que se revisan por sorteo",
        "El folio y su año dicen cuáles: cualquiera puede comprobar el sorteo.",
    ),
    _rule(
        "second_look_amount",
        "100000.00",
        "MXN",
        "Monto que mira una segunda persona",
        "Una decisión por más que esto espera a otra persona antes del pago o de la carta.",
    ),
    _rule(
        "estimate_min",
        20,
        "trámites",
        "Casos para mostrar una estimación",
        "Con menos trámites decididos de esa clase no se muestra.",
    ),
    _rule(
        "estimate_window",
        200,
        "trámites",
        "Casos de una estimación",
        "Los últimos decididos de esa clase.",
    ),
)
