"""Invented content of the long kind for the catalogue: names of sixty letters, 32 by 32. Nobody here exists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from portal.design.agenda import Agenda, Entry, agenda_of

LONG_NAME = "María de los Ángeles Guadalupe Fernández-Quiñones y de Ortega"
STATES = (
    ("Borrador", "neutral"),
    ("La está revisando la mesa", "info"),
    ("Te la devolvimos: corrige el código postal y vuelve a enviarla", "error"),
    ("Una segunda persona confirma la decisión", "info"),
    ("Nos faltan documentos tuyos", "warn"),
    ("Aceptada: preparamos tu pago", "info"),
    ("Tu pago va en camino", "info"),
    ("El banco devolvió el pago", "error"),
    ("Pagada", "ok"),
    ("Te falta el complemento", "warn"),
    ("Cerrada", "ok"),
    ("Rechazada", "neutral"),
)
AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
FIRST = date(2026, 11, 23)
ENTITIES = (
    "Aguascalientes,Baja California,Baja California Sur,Campeche,Chiapas,Chihuahua,Ciudad de México,Coahuila,Colima,"
    "Durango,Guanajuato,Guerrero,Hidalgo,Jalisco,México,Michoacán,Morelos,Nayarit,Nuevo León,Oaxaca,Puebla,Querétaro,"
    "Quintana Roo,San Luis Potosí,Sinaloa,Sonora,Tabasco,Tamaulipas,Tlaxcala,Veracruz,Yucatán,Zacatecas"
).split(",")


def _matrix() -> dict[str, Any]:
    """Who owes whom: each cell an amount, or nothing where a row meets itself."""
    rows = []
    for at, name in enumerate(ENTITIES):
        cells = ["" if at == other else f"${(at * 37 + other * 91) % 900 * 100:,}" for other in range(len(ENTITIES))]
        rows.append((name, cells))
    return {"corner": "Debe a", "heads": ENTITIES, "rows": rows}


def _agenda() -> Agenda:
    """Four weeks, from nothing to more than fits."""
    days = {}
    for number in range(20):
        day = FIRST + timedelta(days=number + number // 5 * 2)
        days[day] = [
            Entry(f"${(one + 1) * 1_412_480:,}.00 MXN", f"Pago {one + 1} de {LONG_NAME}", "#ejemplo")
            for one in range(number % 5)
        ]
    return agenda_of(days, today=FIRST + timedelta(days=1), days=28)


def _board() -> list[dict[str, Any]]:
    """Columns of things by how near their day is; one is empty."""
    columns = []
    for count, label in enumerate(("Vence hoy", "Esta semana", "La que viene", "Después")):
        cards = [
            {
                "title": f"{name} debe a Colima",
                "text": f"Día {110 + one} de 120. {LONG_NAME}",
                "act": "Preparar oficio",
                "href": "#ejemplo",
                "state": ("Por vencer", "warn"),
            }
            for one, name in enumerate(ENTITIES[: (3 - count) * 2])
        ]
        columns.append({"label": label, "cards": cards})
    return columns


def _thread() -> list[dict[str, Any]]:
    """Messages of several people, an internal note among them."""
    question = "¿Por qué no veo el pago de noviembre? " * 12
    return [
        {"by": LONG_NAME, "at": AT, "text": question, "mine": False},
        {"by": "Rebeca Solís", "at": AT, "text": "El banco lo devolvió: la CLABE ya no existe.", "internal": True},
        {
            "by": "Mesa de atención",
            "at": AT,
            "text": "Te pedimos otra cuenta bancaria.\n\nEl pago espera.",
            "mine": True,
        },
    ]


def everything(here: str) -> dict[str, Any]:
    """What the catalogue shows of the long kind."""
    many = "Van 24,800 de 50,000 renglones; los que tienen error se listan al final."
    return {
        "matrix": _matrix(),
        "agenda": _agenda(),
        "board": _board(),
        "thread": _thread(),
        "jobs": [
            {"title": "Leer ordenes-noviembre.csv", "done": 0, "total": 0, "text": "Espera su turno."},
            {"title": "Leer ordenes-noviembre.csv", "done": 24_800, "total": 50_000, "text": many},
            {"title": "Avanzar el reloj 120 días", "done": 120, "total": 120, "text": "Terminó.", "href": here},
            {
                "title": "Lista de facturas en Excel",
                "failed": True,
                "text": "Se detuvo. No se perdió nada: pídela otra vez.",
            },
        ],
    }
