"""One value as people and programs write it, by the form of its country; what cannot be read says why (Unreadable)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.imports.rules import readers
from portal.imports.rules.cells import Unreadable
from portal.zones import MEXICO_CITY, SANTIAGO

D = Decimal
WORDS = {"pagada": 1, "Rechazada": 2}


@pytest.mark.parametrize(
    ("reader", "value", "read"),
    [
        (readers.text(5), "  Ana ", "Ana"),
        (readers.text(5), 12, "12"),
        (readers.text(5), "", ""),
        (readers.code, " dv-1 ", "DV-1"),
        (readers.money("MXN"), "1500.5", D("1500.50")),
        (readers.money("MXN"), 1500, D("1500.00")),
        (readers.money("CLP"), "1.500.000", D("1500000")),
        (readers.money("CLP"), "-1500", D("-1500")),
        (readers.day(), "22/11/2026", date(2026, 11, 22)),
        (readers.day(latest=date(2026, 11, 22)), "2026-11-22", date(2026, 11, 22)),
        (readers.instant(MEXICO_CITY), "2026-11-22 10:30", datetime(2026, 11, 22, 16, 30, tzinfo=UTC)),
        (readers.instant(SANTIAGO), "22/11/2026 9:05:30", datetime(2026, 11, 22, 12, 5, 30, tzinfo=UTC)),
        (readers.instant(MEXICO_CITY), "2026-11-22T10:30:00-03:00", datetime(2026, 11, 22, 13, 30, tzinfo=UTC)),
        (readers.instant(MEXICO_CITY), "2026-11-22T10:30Z", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        (readers.flag("Sí o no."), "VERDADERO", True),
        (readers.flag("Sí o no."), "", False),
        (readers.identifier("rut"), "12.345.678-5", "12345678-5"),
        (readers.choice(WORDS), "PAGADA", 1),
        (readers.choice(WORDS), "rechazada", 2),
    ],
)
def test_a_value_is_read_as_its_country_writes_it(reader, value, read) -> None:
    assert reader(value) == read


@pytest.mark.parametrize(
    ("reader", "value", "code", "told"),
    [
        (readers.text(5), ["x"], "bad_text", "como texto"),
        (readers.text(5), True, "bad_text", "como texto"),
        (readers.text(3), "demasiado", "text_too_long", "3"),
        (readers.money("MXN"), 15.5, "bad_amount", "texto con punto decimal"),
        (readers.money("MXN"), "1,500.00", "bad_amount", "sin comas"),
        (readers.money("MXN"), "1.500", "bad_amount", "1500.00"),
        (readers.money("CLP"), "1500.50", "bad_amount", "pesos enteros"),
        (readers.money("CLP"), True, "bad_amount", "pesos enteros"),
        (readers.day(), "22/11/26", "bad_date", "cuatro"),
        (readers.day(latest=date(2026, 11, 22)), "2026-11-23", "bad_date", "aún no llega"),
        (readers.instant(MEXICO_CITY), "2026-11-22", "bad_instant", "10:30"),
        (readers.instant(MEXICO_CITY), "2026-11-22 25:30", "bad_instant", "10:30"),
        (readers.instant(MEXICO_CITY), "2026-13-22 10:30", "bad_date", "no es una fecha"),
        (readers.flag("Di si está firmada."), "quizá", "bad_flag", "Di si está firmada."),
        (readers.identifier("rut"), "12.345.678-9", "rut_check_digit", ""),
        (readers.choice(WORDS), "perdida", "bad_choice", "pagada y Rechazada"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_write(reader, value, code, told) -> None:
    with pytest.raises(Unreadable) as refused:
        reader(value)
    assert refused.value.message.endswith(".") and told in refused.value.message
    assert refused.value.code == code


def test_an_instant_is_aware_in_its_zone() -> None:
    assert readers.instant(MEXICO_CITY)("2026-11-22 10:30").utcoffset() == timedelta(hours=-6)
