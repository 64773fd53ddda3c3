"""A withholding rule's value: one stored shape, written in words, and the schemes that ship (S0.20-S0.23, C1)."""

from datetime import date

import pytest

from billing.shipped import ENDS_WITH_ACTIVATION, RULES
from portal.errors import RuleBroken
from portal.rulebook import rules

SCHEME = {
    "regime": "612",
    "state": "JAL",
    "components": [{"component": "ISR", "rate": "0.1"}, {"component": "LOCAL", "rate": "0.03"}],
}


def test_a_scheme_keeps_six_decimals_and_its_order():
    stored = rules.clean_value("withholding.X", SCHEME)
    assert [part["rate"] for part in stored["components"]] == ["0.100000", "0.030000"]
    said = "Persona física (612), Jalisco: ISR 10\u00a0% + Impuesto local 3\u00a0%"
    assert rules.describe_value("withholding.X", stored) == said


@pytest.mark.parametrize(
    "typed",
    [
        None,
        {**SCHEME, "regime": "601"},
        {**SCHEME, "state": "XXX"},
        {**SCHEME, "components": []},
        {**SCHEME, "components": None},
        {**SCHEME, "components": [{"component": "LOCAL", "rate": "0.1"}]},
        {**SCHEME, "components": [{"component": "ISR", "rate": "0"}]},
        {**SCHEME, "components": [{"component": "ISR", "rate": "1"}]},
        {**SCHEME, "components": [{"component": "ISR", "rate": "0.1234567"}]},
        {**SCHEME, "components": [{"component": "ISR", "rate": "diez"}]},
        {**SCHEME, "components": [{"component": "ISR", "rate": "NaN"}]},
    ],
)
def test_a_scheme_out_of_shape_is_told(typed):
    with pytest.raises(RuleBroken):
        rules.clean_value("withholding.X", typed)


def test_shipped_schemes_are_the_table_of_the_domain():
    """S0.20-S0.23, C1: (ISR, local, from, to, enforcement, active)."""
    found = {
        row.code.removeprefix("withholding."): (
            [part["rate"] for part in row.value["components"]],
            row.valid_from.year,
            row.valid_to,
            row.enforcement,
            row.active,
        )
        for row in RULES
        if row.code.startswith("withholding.")
    }
    warn = "accepted_with_warning"
    assert found == {
        "PF": (["0.100000"], 2014, None, "required", True),
        "RESICO": (["0.012500"], 2022, None, "required", True),
        "PF_JAL": (["0.100000", "0.030000"], 2014, None, "required", True),
        "RESICO_JAL": (["0.025000", "0.030000"], 2022, None, "required", True),
        "RESICO_JAL_STAT": (["0.012500", "0.030000"], 2022, date(2026, 1, 1), warn, True),
        "PF_JAL_26": (["0.100000", "0.050000"], 2026, None, warn, False),
        "RESICO_JAL_26": (["0.012500", "0.050000"], 2026, None, warn, False),
    }
    assert {row.code for row in RULES if row.conflict_note} == {"withholding.PF_JAL", "withholding.RESICO_JAL"}
    assert set(ENDS_WITH_ACTIVATION) | set(ENDS_WITH_ACTIVATION.values()) <= {row.code for row in RULES}
