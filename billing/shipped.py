"""The rules that ship with billing, each with its source ID (domain 1.2). Operators publish later versions of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing.rules.schemes import WITHHOLDING
from portal.rulebook.rules import AMOUNT, WHOLE, WHOLE_LIST, Draft, Enforcement, Family, SourceKind, ship

_GROUP = "Facturas y complementos"
FAMILIES = (
    Family("withholding.", "Retenciones", WITHHOLDING),
    Family("invoice.max_age_days", _GROUP, WHOLE, 1, 400),
    Family("stamp.max_hours", _GROUP, WHOLE, 1, 720),
    Family("invoice.review_days", _GROUP, WHOLE, 0, 60),
    Family("review.drawn_percent", _GROUP, WHOLE, 0, 100),
    Family("invoice.payment_days", "Cuentas bancarias y pagos", WHOLE, 0, 180),
    Family("rep_due_day", _GROUP, WHOLE, 1, 28),
    Family("reminder.complement_days", _GROUP, WHOLE_LIST, 0, 60),
    Family("amount.tolerance", _GROUP, AMOUNT, 0, 1),
)

_RESICO_STARTS = date(2022, 1, 1)
_LOCAL_5_STARTS = date(2026, 1, 1)
_WARN = Enforcement.ACCEPTED_WITH_WARNING.value

_JALISCO_ENDED = (
    "La ley local cambió el 1 de enero de 2026 (de 3 % a 5 %). Esta versión sigue porque así lo dice el documento "
    "fuente; se cierra en esa fecha cuando el operador active las reglas 2026."
)


def _scheme(regime: str, state: str, isr: str, local: str = "") -> dict[str, Any]:
    components = [{"component": "ISR", "rate": isr}] + ([{"component": "LOCAL", "rate": local}] if local else [])
    return {"regime": regime, "state": state, "components": components}


RULES: tuple[Draft, ...] = (
    ship(
        "withholding.PF",
        _scheme("612", "", "0.100000"),
        source="S0.20",
        source_kind=SourceKind.SOURCE_DOCUMENT,
        title="Retención a persona física",
        note="Coincide con el artículo 106 de la LISR: 10 % sobre el honorario, sin IVA.",
    ),
    ship(
        "withholding.RESICO",
        _scheme("626", "", "0.012500"),
        source="S0.21",
        source_kind=SourceKind.SOURCE_DOCUMENT,
        title="Retención a RESICO",
        note="Coincide con el artículo 113-J de la LISR: 1.25 % sobre el honorario, sin IVA.",
        valid_from=_RESICO_STARTS,
    ),
    ship(
        "withholding.PF_JAL",
        _scheme("612", "JAL", "0.100000", "0.030000"),
        source="S0.22",
        source_kind=SourceKind.SOURCE_DOCUMENT,
        title="Retención a persona física con impuesto cedular de Jalisco",
        note="Dos retenciones separadas: el ISR en los impuestos del CFDI y la local en su complemento (C2).",
        conflict_note=_JALISCO_ENDED,
    ),
    ship(
        "withholding.RESICO_JAL",
        _scheme("626", "JAL", "0.025000", "0.030000"),
        source="S0.23",
        source_kind=SourceKind.SOURCE_DOCUMENT,
        title="Retención a RESICO con impuesto cedular de Jalisco",
        note="Se aplica tal como lo dice el documento fuente (C1).",
        valid_from=_RESICO_STARTS,
        conflict_note="Regla en conflicto (C1): la ley federal retiene 1.25 % a RESICO en todo el país y el documento "
        "dice 2.5 % para Jalisco. La factura con 1.25 % + 3 % también se acepta, con revisión. " + _JALISCO_ENDED,
    ),
    ship(
        "withholding.RESICO_JAL_STAT",
        _scheme("626", "JAL", "0.012500", "0.030000"),
        source="C1",
        source_kind=SourceKind.STATUTE,
        title="Retención a RESICO en Jalisco según la ley (hasta 2025)",
        note="Artículo 113-J de la LISR para el ISR; ley de ingresos de Jalisco para el impuesto local.",
        valid_from=_RESICO_STARTS,
        valid_to=_LOCAL_5_STARTS,
        enforcement=_WARN,
    ),
    ship(
        "withholding.PF_JAL_26",
        _scheme("612", "JAL", "0.100000", "0.050000"),
        source="Ley de ingresos de Jalisco 2026",
        source_kind=SourceKind.STATUTE,
        title="Retención a persona física en Jalisco desde 2026",
        note="El operador la activa cuando confirme la tasa local de 5 %.",
        valid_from=_LOCAL_5_STARTS,
        enforcement=_WARN,
        active=False,
    ),
    ship(
        "withholding.RESICO_JAL_26",
        _scheme("626", "JAL", "0.012500", "0.050000"),
        source="Ley de ingresos de Jalisco 2026",
        source_kind=SourceKind.STATUTE,
        title="Retención a RESICO en Jalisco desde 2026",
        note="El operador la activa cuando confirme la tasa local de 5 %.",
        valid_from=_LOCAL_5_STARTS,
        enforcement=_WARN,
        active=False,
    ),
    ship(
        "rep_due_day",
        5,
        unit="día del mes siguiente al pago",
        source="RMF 2.7.1.32",
        source_kind=SourceKind.STATUTE,
        title="Fecha límite del complemento de pago",
        note="Días naturales: si cae en inhábil la fecha no se mueve; la página muestra también el día hábil "
        "siguiente.",
    ),
    ship(
        "stamp.max_hours",
        72,
        unit="horas",
        source="Código Fiscal, timbrado",
        source_kind=SourceKind.STATUTE,
        title="Plazo para timbrar una factura",
        note="Tiempo máximo entre la fecha de la factura y su timbre.",
    ),
    ship(
        "invoice.max_age_days",
        90,
        unit="días naturales",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Antigüedad máxima de la factura",
        note="Contada desde la fecha de la factura hasta el día en que se envía.",
    ),
    ship(
        "invoice.payment_days",
        10,
        unit="días hábiles",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Plazo para pagar una factura aceptada",
        note="Contados en el calendario de oficina de México; el día en que se acepta es el día 0.",
    ),
    ship(
        "invoice.review_days",
        2,
        unit="días hábiles",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Plazo para responder una factura enviada",
        note="Contados en el calendario de oficina de México; el día en que se envía es el día 0. Una factura "
        "corregida empieza otro plazo el día en que se envía otra vez.",
    ),
    ship(
        "review.drawn_percent",
        10,
        unit="por ciento",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Facturas sin hallazgos que se sortean para abrirlas",
        note="De las facturas que la máquina encuentra bien, cuántas de cada cien no se aceptan sin abrirlas. El "
        "sorteo se hace al enviarla y queda guardado.",
    ),
    ship(
        "amount.tolerance",
        "0.01",
        unit="MXN",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Tolerancia por retención",
        note="Diferencia que se acepta en cada retención, por redondeo; se guarda junto a la factura.",
    ),
    ship(
        "reminder.complement_days",
        [5, 2, 0],
        unit="días antes",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Recordatorios del complemento",
        note="Días antes de la fecha límite en que se avisa a quien falta de entregar su complemento.",
    ),
)

# Activating the first closes the second where the first begins (domain 1.2: the 3 % statute ended).
ENDS_WITH_ACTIVATION: dict[str, str] = {
    "withholding.PF_JAL_26": "withholding.PF_JAL",
    "withholding.RESICO_JAL_26": "withholding.RESICO_JAL",
}
