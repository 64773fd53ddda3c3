"""The rules that ship with accounts and payments."""

from __future__ import annotations

from portal.rulebook.rules import AMOUNT, WHOLE, Family, SourceKind, ship
from portal.treasury.rules import FOUR_EYES_LIMITS

_GROUP = "Cuentas y pagos"
FAMILIES = (
    Family("account_change_hold_hours", _GROUP, WHOLE, 0, 720),
    Family("statement.max_age_months", _GROUP, WHOLE, 1, 24),
    Family(FOUR_EYES_LIMITS["MXN"], _GROUP, AMOUNT, 0, 1_000_000_000),
    Family(FOUR_EYES_LIMITS["CLP"], _GROUP, AMOUNT, 0, 50_000_000_000),
)
RULES = (
    ship(
        "account_change_hold_hours",
        72,
        unit="horas",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Espera tras cambiar de cuenta bancaria",
        note="Una cuenta nueva que sustituye a otra recibe pagos pasado este tiempo, para poder detener un fraude.",
    ),
    ship(
        FOUR_EYES_LIMITS["MXN"],
        "500000.00",
        unit="MXN",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Límite para autorizar con una sola persona",
        note="Un lote de pago mayor necesita dos autorizaciones distintas de quien lo preparó.",
    ),
    ship(
        FOUR_EYES_LIMITS["CLP"],
        "25000000.00",
        unit="CLP",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Límite para autorizar con una sola persona, en pesos de Chile",
        note="Un lote de pago mayor necesita dos autorizaciones distintas de quien lo preparó.",
    ),
    ship(
        "statement.max_age_months",
        3,
        unit="meses",
        source="S0.6",
        source_kind=SourceKind.SOURCE_DOCUMENT,
        title="Vigencia del estado de cuenta del banco",
        note="Contados desde la fecha de corte hasta el día en que se envía.",
    ),
)

# The accounts of ours that money comes in to: (code, label, currency, the formats that it takes).
COLLECTION_ACCOUNTS = (
    ("mx-collections", "Cobranza en México", "MXN", ["csv", "mt940", "store-fixed"]),
    ("mx-stores", "Red de tiendas en México", "MXN", ["store-fixed"]),
)
