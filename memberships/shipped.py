# ruff: noqa: E501 - a legal text keeps its own lines
"""The rules that ship with memberships: the numbers of dues and standing (domain 2.11); its first privacy notice."""

from __future__ import annotations

from typing import Any

from portal.rulebook.rules import WHOLE, WHOLE_LIST, Draft, Family, SourceKind, ship

_GROUP, _SLIPS, _JOINING, _FAMILY = "Mensualidades", "Fichas de pago", "Afiliaciones", "Familias"
FAMILIES = (
    Family("dues.first_payment_days", _GROUP, WHOLE, 1, 365),
    Family("dues.grace_days", _GROUP, WHOLE, 0, 60),
    Family("dues.unpaid_to_suspend", _GROUP, WHOLE, 1, 12),
    Family("dues.suspended_days", _GROUP, WHOLE, 1, 730),
    Family("dues.month_until_day", _GROUP, WHOLE, 1, 28),
    Family("dues.refund_days", _GROUP, WHOLE, 1, 60),
    Family("slip.store_days", _SLIPS, WHOLE, 1, 60),
    Family("slip.bank_days", _SLIPS, WHOLE, 1, 60),
    Family("slip.months_ahead", _SLIPS, WHOLE, 1, 24),
    Family("membership.draft_days", _JOINING, WHOLE, 2, 365),
    Family("membership.draft_warn_days", _JOINING, WHOLE, 1, 60),
    Family("dues.remind_before", _GROUP, WHOLE_LIST, 0, 25),
    Family("dues.remind_after", _GROUP, WHOLE_LIST, 1, 60),
    Family("dues.price_before", _GROUP, WHOLE, 1, 365),
    Family("family.birthday_before", _FAMILY, WHOLE_LIST, 0, 365),
)


def _number(code: str, value: int | list[int], title: str, note: str, **more: Any) -> Draft:
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
    _number(
        "dues.remind_before",
        [5, 0],
        "Recordatorios antes de que venza una mensualidad",
        "Días antes de su vencimiento; quien tiene saldo a favor para pagarla no los recibe.",
        unit="días antes",
    ),
    _number(
        "dues.remind_after",
        [3, 8],
        "Recordatorios de una mensualidad sin pagar",
        "Días después de su vencimiento.",
        unit="días después",
    ),
    _number(
        "dues.price_before",
        30,
        "Aviso de un precio nuevo",
        "Días antes de que empiece; si se fija con menos, el aviso sale el mismo día.",
        unit="días antes",
    ),
    _number(
        "family.birthday_before",
        [60, 0],
        "Avisos de que alguien de la familia cumple 18 años",
        "Días antes de su cumpleaños; desde ese día lo clínico es solo de esa persona.",
        unit="días antes",
    ),
    _number(
        "membership.draft_days",
        30,
        "Cuánto se guarda una afiliación sin terminar",
        "Contados desde el último paso que se guardó; ese día se borra lo que se escribió.",
    ),
    _number(
        "membership.draft_warn_days",
        5,
        "Aviso antes de borrar una afiliación sin terminar",
        "Días antes; sin aviso no se borra.",
        unit="días antes",
    ),
    _number(
        "dues.refund_days",
        10,
        "Días hábiles para devolver saldo a favor",
        "Días hábiles bancarios, contados desde que se pide.",
        unit="días hábiles",
    ),
    _number(
        "slip.store_days",
        5,
        "Días para pagar una ficha en tienda",
        "Contados desde que se hizo; el último todavía cuenta.",
    ),
    _number(
        "slip.bank_days",
        10,
        "Días para pagar una ficha en banco",
        "Contados desde que se hizo; el último todavía cuenta.",
    ),
    _number(
        "slip.months_ahead",
        12,
        "Meses que se pagan por adelantado con una ficha",
        "Contados desde el mes en que se hace.",
        unit="meses",
    ),
)

_STORES = (
    "Muestra el código de barras o dicta la referencia en caja. Se paga en 7-Eleven, Walmart, Superama, "
    "Bodega Aurrera, Farmacias del Ahorro, Extra, Benavides, Waldo's o Círculo K."
)
_BANK = (
    "Puedes pagar en Banamex, Banorte, BBVA, Santander, Banco Azteca o HSBC. En ventanilla o en tu banca en línea, "
    "como pago de servicios, con esta referencia y este importe."
)
_SEEN = "Lo vemos el día hábil siguiente y lo anotamos en la membresía. No tienes que comprobar nada."
# How networks and banks want their references; prefix and agreement are what each contract says, here none.
SCHEMES: tuple[dict[str, Any], ...] = (
    {
        "code": "paynet",
        "label": "Tienda",
        "means": "store",
        "algorithm": "paynet",
        "days_rule": "slip.store_days",
        "places": _STORES,
        "seen": _SEEN,
    },
    {
        "code": "bank-base10",
        "label": "Banco",
        "means": "bank",
        "algorithm": "base10",
        "days_rule": "slip.bank_days",
        "places": _BANK,
        "seen": _SEEN,
    },
    {
        "code": "bank-base97",
        "label": "Banco (base 97)",
        "means": "bank",
        "algorithm": "base97",
        "days_rule": "slip.bank_days",
        "places": _BANK,
        "seen": _SEEN,
        "in_use": False,
    },
    {
        "code": "bank-base97-date",
        "label": "Banco (base 97 con fecha e importe)",
        "means": "bank",
        "algorithm": "base97-amount-date",
        "base_year": 2014,
        "amount_digit_sum": True,
        "constant": "2",
        "days_rule": "slip.bank_days",
        "places": _BANK,
        "seen": _SEEN,
        "in_use": False,
    },
)


def insert_schemes(model: Any) -> None:
    """Insert each scheme of references that has no row yet; `model` is a migration's or the app's own."""
    for told in SCHEMES:
        model.objects.get_or_create(code=told["code"], defaults=told)


PRIVACY = """Quien opera este portal trata los datos de tu familia para afiliarla y atender su membresía: nombres, nacimientos, sexo, parentesco, RFC, CURP y NSS si los escribes, correo, teléfono y domicilio.

Para qué, y es necesario: saber a quién cubre la membresía, hacer credenciales y recibos, cobrar las mensualidades y acompañar tu alta en el IMSS. No usamos estos datos para publicidad ni los vendemos.

De quién: si afilias a otras personas adultas, diles que lo hiciste. Cada una puede tener su propio perfil y decidir qué ves de ella. Lo de tus hijas e hijos menores de edad lo ves tú.

Con quién: con la red médica cuando la usas, con el banco o la tienda donde pagas y con la autoridad que lo pida por escrito.

Tus derechos: puedes pedir acceso, rectificación, cancelación u oposición desde «Contacto» o en tu perfil. Te contestamos en 20 días hábiles. Lo que la ley obliga a conservar queda bloqueado.

Cómo lo cuidamos: la CURP y el NSS se guardan cifrados, cada lectura de la mesa queda registrada y solo entra quien tiene permiso."""

# The IMSS's pages and telephone (S1.12-S1.16); the desk edits them and says on which day it tried them.
_IMSS = "https://serviciosdigitales.imss.gob.mx"
SOURCES: tuple[tuple[str, str, str, str], ...] = (
    ("procedure", "Trámite del IMSS: registro en tu clínica", "link", "https://www.imss.gob.mx/tramites/imss03011"),
    ("rights", "Consulta tu vigencia de derechos", "link", f"{_IMSS}/gestionAsegurados-web-externo/vigencia"),
    ("register", "Alta en una clínica", "link", "https://www.imss.gob.mx/tramites/registro-umf"),
    ("change", "Cambio de clínica", "link", f"{_IMSS}/portal-web/portal"),
    ("phone", "Teléfono del IMSS", "phone", "800 623 2323, opción 2"),
    # Ours (S1.4, S1.23, S1.25): the source prints the telephone in three spacings, here it stands once (C16).
    ("contact_phone", "Citas en toda la república y dudas", "phone", "800 250 3300"),
    ("contact_mail", "Correo de afiliaciones", "mail", "contacto@prosesol.org"),
)


def insert_sources(model: Any) -> None:
    """The links and the telephone that have no row yet; nobody has tried them."""
    for code, label, kind, value in SOURCES:
        model.objects.get_or_create(code=code, defaults={"label": label, "kind": kind, "value": value})


# The gateway of cards settles what it captured by a lump sum at a bank, as a network of shops does; it sends no file.
COLLECTION_ACCOUNTS: tuple[dict[str, Any], ...] = (
    {
        "code": "mx-gateway",
        "label": "Pasarela de tarjetas",
        "currency": "MXN",
        "formats": [],
        "ledger": "gateway_clearing",
        "cleared": True,
    },
)


def insert_gateway(model: Any) -> None:
    """The account that the gateway settles, unless it stands; `model` is treasury's table of them."""
    for row in COLLECTION_ACCOUNTS:
        model.objects.get_or_create(code=row["code"], defaults=row)
