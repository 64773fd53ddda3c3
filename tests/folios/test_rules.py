"""How a folio is written and which series exist (docs/shape.md)."""

import pytest

from portal.folios import rules
from portal.folios.registry import register_prefix


def test_every_series_is_declared_by_its_app_with_its_meaning():
    assert {code: row.code for code, row in rules.PREFIXES.items()} == {code: code for code in rules.PREFIXES}
    assert set(rules.PREFIXES) >= {"FA", "OC", "LP", "DO", "QS"} and all(row.label for row in rules.PREFIXES.values())


@pytest.mark.parametrize(("code", "label"), [("fa", "factura"), ("FAC", "factura"), ("ZZ", "")])
def test_a_prefix_out_of_form_or_of_two_apps_stops_the_start(code, label):
    with pytest.raises(ValueError):
        register_prefix(code, label)
    before = dict(rules.PREFIXES)
    register_prefix("FA", rules.PREFIXES["FA"].label)  # its own app, again
    with pytest.raises(ValueError, match="two apps declare the folio prefix 'FA'"):
        register_prefix("FA", "otra cosa")
    assert rules.PREFIXES == before


def test_a_folio_is_prefix_year_and_six_digits():
    assert rules.format_folio(prefix="FA", year=2026, number=1) == "FA-2026-000001"
    assert rules.format_folio(prefix="OF", year=2026, number=12, office="DAM") == "OF-DAM-2026-000012"
    assert rules.format_folio(prefix="LP", year=2026, number=1_234_567) == "LP-2026-1234567"


@pytest.mark.parametrize(
    ("prefix", "office"), [("XX", ""), ("FA", "DAM"), ("OF", ""), ("OF", "dam"), ("OF", "D-A"), ("MM", "X" * 13)]
)
def test_a_series_that_does_not_exist_is_a_bug(prefix, office):
    with pytest.raises(ValueError):
        rules.check_series(prefix=prefix, office=office)


def test_offices_number_their_own_and_nobody_elses():
    for prefix, row in rules.PREFIXES.items():
        office, wrong = ("DAM", "") if row.per_office else ("", "DAM")
        rules.check_series(prefix=prefix, office=office)
        with pytest.raises(ValueError):
            rules.check_series(prefix=prefix, office=wrong)
