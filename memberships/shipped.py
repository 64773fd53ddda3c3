"""The rules that ship with memberships: the numbers of dues and standing (domain 2.11)."""

from __future__ import annotations

from typing import Any

from portal.rulebook.rules import WHOLE, Draft, Family, SourceKind, ship

_GROUP = "Mensualidades"
FAMILIES = (
    Family("dues.first_payment_days", _GROUP, WHOLE, 1, 365),
    Family("dues.grace_days", _GROUP, WHOLE, 0, 60),
    Family("dues.unpaid_to_suspend", _GROUP, WHOLE, 1, 12),
    Family("dues.suspended_days", _GROUP, WHOLE, 1, 730),
    Family("dues.month_until_day", _GROUP, WHOLE, 1, 28),
)


def _number(code: str, value: int, title: str, note: str, **more: Any) -> Draft:
    return ship(
        code,
        value,
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title=title,
        note=note,
        **{"unit": "días", **more},
    )


RULES: tuple[Draft, ...] = (
    _number(
        "dues.first_payment_days",
        30,
        "Espera del primer pago",
        "Contados desde que la afiliación quedó completa; ese día se cancela si no hubo pago.",
    ),
    _number(
        "dues.grace_days",
        10,
        "Días de gracia de una mensualidad",
        "Contados desde su vencimiento; el último todavía cuenta.",
    ),
    _number(
        "dues.unpaid_to_suspend",
        2,
        "Mensualidades sin pagar para suspender",
        "Cuentan las que pasaron su gracia.",
        unit="mensualidades",
    ),
    _number(
        "dues.suspended_days",
        90,
        "Suspensión antes de cancelar",
        "Contados desde el día de la suspensión; ese día se cancela antes de contar el dinero que llegue.",
    ),
    _number(
        "dues.month_until_day",
        15,
        "Hasta qué día se paga el mes en curso",
        "Quien empieza o regresa después de ese día paga desde el mes siguiente; los días que faltan no se cobran.",
        unit="día del mes",
    ),
)
