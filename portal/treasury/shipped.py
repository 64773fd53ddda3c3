"""The rules that ship with accounts and payments."""

from __future__ import annotations

from typing import Any

from portal.rulebook.rules import AMOUNT, WHOLE, Family, SourceKind, ship
from portal.treasury.rules import FOUR_EYES_LIMITS
from portal.treasury.rules.attention import UNUSUAL_FACTOR

_GROUP = "Cuentas bancarias y pagos"
FAMILIES = (
    Family("account_change_hold_hours", _GROUP, WHOLE, 0, 720),
    Family("statement.max_age_months", _GROUP, WHOLE, 1, 24),
    Family(FOUR_EYES_LIMITS["MXN"], _GROUP, AMOUNT, 0, 1_000_000_000),
    Family(FOUR_EYES_LIMITS["CLP"], _GROUP, AMOUNT, 0, 50_000_000_000),
    Family(UNUSUAL_FACTOR, _GROUP, WHOLE, 1, 100),
)
RULES = (
    ship(
        "account_change_hold_hours",
        72,
        unit="horas",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Espera tras cambiar de cuenta bancaria",
        note="Una cuenta bancaria que sustituye a otra recibe pagos pasado este tiempo, para poder detener un fraude.",
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
        UNUSUAL_FACTOR,
        2,
        unit="veces",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Cuándo una transferencia es mayor de lo usual",
        note="Mayor que tantas veces el depósito más grande a quien cobra en doce meses: quien autoriza la ve primero.",
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

# The accounts of ours that money comes in to: (code, label, currency, the formats that it takes, its account of the
# books, whether a network settles it by a lump sum).
COLLECTION_ACCOUNTS = (
    ("mx-collections", "Cobranza en México", "MXN", ["csv", "mt940", "store-fixed"], "collections_bank", False),
    ("mx-stores", "Red de tiendas en México", "MXN", ["store-fixed"], "store_clearing", True),
)


def insert_accounts(model: Any) -> None:
    """Insert each account that has no row yet; `model` is a migration's or the room's own."""
    for code, label, currency, formats, ledger, cleared in COLLECTION_ACCOUNTS:
        said = {"label": label, "currency": currency, "formats": formats, "ledger": ledger, "cleared": cleared}
        model.objects.get_or_create(code=code, defaults=said)
