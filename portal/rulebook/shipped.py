"""The rules the product is born with, each with its source ID. Operators publish later versions of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.rulebook.rules import Draft

_DOCUMENT, _STATUTE, _OPERATOR = "source_document", "statute", "operator"
_REQUIRED, _WARN = "required", "accepted_with_warning"
_OPEN = date(2014, 1, 1)  # "open" in domain 1.2: the law of 2014 is the oldest that CFDI practice still meets
_RESICO_STARTS = date(2022, 1, 1)
_LOCAL_5_STARTS = date(2026, 1, 1)

_JALISCO_ENDED = (
    "La ley local cambió el 1 de enero de 2026 (de 3 % a 5 %). Esta versión sigue porque así lo dice el documento "
    "fuente; se cierra en esa fecha cuando el operador active las reglas 2026."
)


def _scheme(regime: str, state: str, isr: str, local: str = "") -> dict[str, Any]:
    components = [{"component": "ISR", "rate": isr}] + ([{"component": "LOCAL", "rate": local}] if local else [])
    return {"regime": regime, "state": state, "components": components}


def _row(code: str, value: Any, unit: str, source: str, kind: str, title: str, note: str = "", **more: Any) -> Draft:  # noqa: PLR0917 - a table row
    values: dict[str, Any] = {"valid_from": _OPEN, "valid_to": None, "enforcement": _REQUIRED, **more}
    return Draft(code=code, value=value, unit=unit, source=source, source_kind=kind, title=title, note=note, **values)


SHIPPED: tuple[Draft, ...] = (
    _row(
        "withholding.PF",
        _scheme("612", "", "0.100000"),
        "",
        "S0.20",
        _DOCUMENT,
        "Retención a persona física",
        "Coincide con el artículo 106 de la LISR: 10 % sobre el honorario, sin IVA.",
    ),
    _row(
        "withholding.RESICO",
        _scheme("626", "", "0.012500"),
        "",
        "S0.21",
        _DOCUMENT,
        "Retención a RESICO",
        "Coincide con el artículo 113-J de la LISR: 1.25 % sobre el honorario, sin IVA.",
        valid_from=_RESICO_STARTS,
    ),
    _row(
        "withholding.PF_JAL",
        _scheme("612", "JAL", "0.100000", "0.030000"),
        "",
        "S0.22",
        _DOCUMENT,
        "Retención a persona física con impuesto cedular de Jalisco",
        "Dos retenciones separadas: el ISR en los impuestos del CFDI y la local en su complemento (C2).",
        conflict_note=_JALISCO_ENDED,
    ),
    _row(
        "withholding.RESICO_JAL",
        _scheme("626", "JAL", "0.025000", "0.030000"),
        "",
        "S0.23",
        _DOCUMENT,
        "Retención a RESICO con impuesto cedular de Jalisco",
        "Se aplica tal como lo dice el documento fuente (C1).",
        valid_from=_RESICO_STARTS,
        conflict_note="Regla en conflicto (C1): la ley federal retiene 1.25 % a RESICO en todo el país y el documento "
        "dice 2.5 % para Jalisco. La factura con 1.25 % + 3 % también se acepta, con revisión. " + _JALISCO_ENDED,
    ),
    _row(
        "withholding.RESICO_JAL_STAT",
        _scheme("626", "JAL", "0.012500", "0.030000"),
        "",
        "C1",
        _STATUTE,
        "Retención a RESICO en Jalisco según la ley (hasta 2025)",
        "Artículo 113-J de la LISR para el ISR; ley de ingresos de Jalisco para el impuesto local.",
        valid_from=_RESICO_STARTS,
        valid_to=_LOCAL_5_STARTS,
        enforcement=_WARN,
    ),
    _row(
        "withholding.PF_JAL_26",
        _scheme("612", "JAL", "0.100000", "0.050000"),
        "",
        "Ley de ingresos de Jalisco 2026",
        _STATUTE,
        "Retención a persona física en Jalisco desde 2026",
        "El operador la activa cuando confirme la tasa local de 5 %.",
        valid_from=_LOCAL_5_STARTS,
        enforcement=_WARN,
        active=False,
    ),
    _row(
        "withholding.RESICO_JAL_26",
        _scheme("626", "JAL", "0.012500", "0.050000"),
        "",
        "Ley de ingresos de Jalisco 2026",
        _STATUTE,
        "Retención a RESICO en Jalisco desde 2026",
        "El operador la activa cuando confirme la tasa local de 5 %.",
        valid_from=_LOCAL_5_STARTS,
        enforcement=_WARN,
        active=False,
    ),
    _row(
        "rep_due_day",
        5,
        "día del mes siguiente al pago",
        "RMF 2.7.1.32",
        _STATUTE,
        "Fecha límite del complemento de pago",
        "Días naturales: si cae en inhábil la fecha no se mueve; la página muestra también el día hábil siguiente.",
    ),
    _row(
        "stamp.max_hours",
        72,
        "horas",
        "Código Fiscal, timbrado",
        _STATUTE,
        "Plazo para timbrar una factura",
        "Tiempo máximo entre la fecha de la factura y su timbre.",
    ),
    _row(
        "invoice.max_age_days",
        90,
        "días naturales",
        "operador",
        _OPERATOR,
        "Antigüedad máxima de la factura",
        "Contada desde la fecha de la factura hasta el día en que se envía.",
    ),
    _row(
        "invoice.payment_days",
        10,
        "días hábiles",
        "operador",
        _OPERATOR,
        "Plazo para pagar una factura aceptada",
        "Contados en el calendario de oficina de México; el día en que se acepta es el día 0.",
    ),
    _row(
        "amount.tolerance",
        "0.01",
        "MXN",
        "operador",
        _OPERATOR,
        "Tolerancia por retención",
        "Diferencia que se acepta en cada retención, por redondeo; se guarda junto a la factura.",
    ),
    _row(
        "reminder.complement_days",
        [5, 2, 0],
        "días antes",
        "operador",
        _OPERATOR,
        "Recordatorios del complemento",
        "Días antes de la fecha límite en que se avisa a quien falta de entregar su complemento.",
    ),
    _row(
        "look_alike.days",
        3,
        "días naturales",
        "operador",
        _OPERATOR,
        "Cercanía de dos comprobantes que se parecen",
        "Mismo emisor, mismo total y mismo paciente con hasta estos días entre sus fechas: una persona los compara.",
    ),
    _row(
        "account_change_hold_hours",
        72,
        "horas",
        "operador",
        _OPERATOR,
        "Espera tras cambiar de cuenta bancaria",
        "Una cuenta nueva que sustituye a otra recibe pagos pasado este tiempo, para poder detener un fraude.",
    ),
    _row(
        "batch.four_eyes_limit",
        "500000.00",
        "MXN",
        "operador",
        _OPERATOR,
        "Límite para autorizar con una sola persona",
        "Un lote de pago mayor necesita dos autorizaciones distintas de quien lo preparó.",
    ),
    _row(
        "statement.max_age_months",
        3,
        "meses",
        "S0.6",
        _DOCUMENT,
        "Vigencia del estado de cuenta del banco",
        "Contados desde la fecha de corte hasta el día en que se envía.",
    ),
    _row(
        "contact.answer_days",
        10,
        "días hábiles",
        "operador",
        _OPERATOR,
        "Plazo para responder un mensaje de contacto",
        "El día en que llega es el día 0.",
    ),
    _row(
        "report.keep_days",
        30,
        "días naturales",
        "operador",
        _OPERATOR,
        "Cuánto se guarda el archivo de una lista larga",
        "Después se borra; se puede pedir otra vez.",
    ),
)

# Activating the first closes the second where the first begins (domain 1.2: the 3 % statute ended).
ENDS_WITH_ACTIVATION: dict[str, str] = {
    "withholding.PF_JAL_26": "withholding.PF_JAL",
    "withholding.RESICO_JAL_26": "withholding.RESICO_JAL",
}
