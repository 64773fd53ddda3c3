"""The rulebook's rows: what the database itself refuses."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from portal.rulebook import selectors
from portal.rulebook.models import Rule
from portal.rulebook.rules import SHIPPED
from portal.rulebook.services import load_shipped_rules

pytestmark = pytest.mark.django_db


def a_rule(**changes):
    values = dict(
        code="stamp.max_hours",
        version=9,
        value=48,
        unit="horas",
        valid_from=date(2030, 1, 1),
        valid_to=date(2031, 1, 1),
        source="operador",
        source_kind="operator",
        title="Plazo",
        enforcement="required",
    )
    return Rule(**{**values, **changes})


def refused(rule, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rule.save(force_insert=True)


def test_two_active_versions_never_hold_on_the_same_day():
    refused(a_rule(), "one_rule_in_force_per_code")


def test_an_inactive_version_may_lie_beside_the_one_in_force():
    a_rule(active=False).save(force_insert=True)
    assert selectors.rule_on("stamp.max_hours", on=date(2030, 6, 1)).value == 72


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"version": 1, "active": False}, "one_row_per_rule_version"),
        ({"valid_to": date(2030, 1, 1), "active": False}, "rule_ends_after_it_starts"),
        ({"version": 0, "active": False}, "rule_version_positive"),
        ({"source_kind": "rumour", "active": False}, "rule_source_kind_known"),
        ({"enforcement": "maybe", "active": False}, "rule_enforcement_known"),
    ],
)
def test_database_refuses(changes, name):
    refused(a_rule(**changes), name)


@pytest.mark.parametrize(
    "change",
    [
        {"value": 1},
        {"valid_from": date(2020, 1, 1)},
        {"title": "otro"},
        {"source": "otro"},
        {"version": 3},
        {"enforcement": "accepted_with_warning"},
        {"note": "x"},
        {"conflict_note": "x"},
        {"unit": "días"},
    ],
)
def test_a_rule_version_is_never_edited(change):
    with pytest.raises(IntegrityError, match="rule_never_edited"), transaction.atomic():
        Rule.objects.filter(code="stamp.max_hours").update(**change)


def test_a_closed_version_never_opens_again_and_a_withdrawn_one_never_rules_again():
    rows = Rule.objects.filter(code="stamp.max_hours")
    rows.update(valid_to=date(2030, 1, 1))
    for later in (date(2031, 1, 1), None):
        with pytest.raises(IntegrityError, match="rule_never_edited"), transaction.atomic():
            rows.update(valid_to=later)
    rows.update(active=False)
    with pytest.raises(IntegrityError, match="rule_never_edited"), transaction.atomic():
        rows.update(active=True)


def test_a_rule_version_is_never_deleted():
    with pytest.raises(IntegrityError, match="rule_never_edited"), transaction.atomic():
        Rule.objects.filter(code="stamp.max_hours")._raw_delete("default")


def test_shipped_rules_are_loaded_by_migration_and_loading_again_adds_nothing():
    assert set(Rule.objects.values_list("code", flat=True)) == set(SHIPPED)
    assert load_shipped_rules() == 0


def test_each_shipped_rule_names_its_source():
    assert not Rule.objects.filter(source="").exists()
