"""Pure rules of the rulebook: one shape of values, versions that never overlap, explained figures (N2)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from portal.declared import Declared
from portal.errors import Conflict, RuleBroken
from portal.rulebook import rules
from portal.rulebook.registry import register_rules
from portal.rulebook.replay import ReplayLine, register_replay, replay
from portal.rulebook.rules import Explanation, RuleInForce, RuleRef


def a_rule(**changes):
    values = dict(
        id=uuid4(),
        code="stamp.max_hours",
        version=1,
        value=72,
        unit="horas",
        valid_from=date(2020, 1, 1),
        valid_to=None,
        source="S",
        source_kind="operator",
        title="t",
        note="",
        enforcement="required",
        active=True,
        conflict_note="",
    )
    return RuleInForce(**{**values, **changes})


@pytest.mark.parametrize(
    ("code", "typed", "stored"),
    [
        ("stamp.max_hours", "96", 96),
        ("stamp.max_hours", 1, 1),
        ("amount.tolerance", "0.01", "0.01"),
        ("batch.four_eyes_limit", "500,000", "500000.00"),
        ("reminder.complement_days", "0, 5,2, 5", [5, 2, 0]),
        ("reminder.complement_days", [1], [1]),
    ],
)
def test_a_value_has_one_stored_shape(code, typed, stored):
    assert rules.clean_value(code, typed) == stored
    assert rules.clean_value(code, stored) == stored


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("nada", 1),
        ("stamp.max_hours", "0"),
        ("stamp.max_hours", "721"),
        ("stamp.max_hours", "-1"),
        ("stamp.max_hours", "1.5"),
        ("stamp.max_hours", True),
        ("stamp.max_hours", None),
        ("amount.tolerance", "x"),
        ("amount.tolerance", "NaN"),
        ("amount.tolerance", "0.001"),
        ("amount.tolerance", "2"),
        ("reminder.complement_days", ""),
        ("reminder.complement_days", 3),
        ("reminder.complement_days", []),
    ],
)
def test_a_value_out_of_shape_is_told(code, typed):
    with pytest.raises(RuleBroken):
        rules.clean_value(code, typed)


def test_what_an_app_declares_wrongly_stops_the_start(monkeypatch):
    monkeypatch.setattr(rules, "FAMILIES", Declared("the family of rules"))
    monkeypatch.setattr(rules, "SHIPPED", Declared("the rule"))
    monkeypatch.setattr(rules, "ENDS_WITH_ACTIVATION", Declared("what ends with the rule"))
    family, told = rules.Family("planted.", "Plantas", rules.WHOLE, 1, 9), {"title": "t", "source": "s"}
    row = rules.ship("planted.days", 3, source_kind=rules.SourceKind.OPERATOR, **told)
    for _twice in range(2):
        register_rules([family], [row], ends_with_activation={"planted.days": "planted.weeks"})
    assert rules.family_of("planted.days") == family and rules.SHIPPED["planted.days"].value == 3
    for families, rows, why in (
        ([rules.Family("planted.days", "Otra", rules.WHOLE)], [], "two families of rules hold 'planted.days'"),
        ([rules.Family("pl.", "x", rules.WHOLE), rules.Family("pl.ant.", "x", rules.WHOLE)], [], "two families"),
        ([], [replace(row, value=4)], "two apps declare the rule 'planted.days'"),
        ([], [replace(row, code="other.days")], "Esa regla no existe"),
        ([], [replace(row, value=12)], "entre 1 y 9"),
    ):
        with pytest.raises((ValueError, RuleBroken), match=why):
            register_rules(families, rows)


def test_every_shipped_rule_passes_its_own_check():
    for draft in rules.SHIPPED.values():
        assert rules.check_draft(draft).value == draft.value
        assert rules.value_words(draft)


@pytest.mark.parametrize(
    ("on", "found"), [(date(2019, 12, 31), None), (date(2020, 1, 1), 1), (date(2020, 12, 31), 1), (date(2021, 1, 1), 2)]
)
def test_the_rule_in_force_is_half_open(on, found):
    versions = [
        a_rule(valid_to=date(2021, 1, 1)),
        a_rule(version=2, valid_from=date(2021, 1, 1)),
        a_rule(version=3, active=False),
    ]
    chosen = rules.pick_in_force(versions, on=on)
    assert (chosen.version if chosen else None) == found


@pytest.mark.parametrize(
    ("start", "end", "active", "steps"),
    [
        (date(2025, 1, 1), None, True, [(1, date(2025, 1, 1)), (2, None)]),
        (date(2026, 6, 1), None, True, [(2, date(2026, 6, 1))]),
        (date(2025, 1, 1), date(2025, 6, 1), True, [(1, date(2025, 1, 1))]),
        (date(2010, 1, 1), date(2011, 1, 1), True, []),
        (date(2025, 1, 1), None, False, []),
    ],
)
def test_publishing_makes_room_so_that_two_never_hold(start, end, active, steps):
    existing = [
        a_rule(valid_to=date(2026, 1, 1)),
        a_rule(version=2, valid_from=date(2026, 1, 1)),
        a_rule(version=3, active=False),
    ]
    plan = rules.steps_to_publish(existing, valid_from=start, valid_to=end, active=active)
    assert [(step.version, step.closes_on) for step in plan] == steps


@pytest.mark.parametrize(
    ("rule", "on", "words"),
    [
        (a_rule(active=False), date(2026, 1, 1), "Inactiva"),
        (a_rule(), date(2019, 1, 1), "Por entrar en vigor"),
        (a_rule(valid_to=date(2021, 1, 1)), date(2021, 1, 1), "Terminada"),
        (a_rule(), date(2026, 1, 1), "Vigente"),
        (a_rule(conflict_note="C1"), date(2026, 1, 1), "Vigente, con conflicto"),
    ],
)
def test_a_version_says_where_it_stands(rule, on, words):
    assert rules.state_of(rule, on=on)[0] == words


@pytest.mark.parametrize(
    "change",
    [{"valid_to": date(2020, 1, 1)}, {"source": " "}, {"title": ""}, {"source_kind": "rumour"}, {"enforcement": "x"}],
)
def test_a_draft_that_may_not_be_published_is_told(change):
    from dataclasses import replace

    with pytest.raises(RuleBroken):
        rules.check_draft(replace(rules.draft_of(a_rule()), **change))


def test_closing_and_seeing_have_their_sentences():
    with pytest.raises(RuleBroken, match="Di por qué"):
        rules.check_close(a_rule(), closes_on=date(2030, 1, 1), reason=" ")
    with pytest.raises(RuleBroken, match="no está activa"):
        rules.check_close(None, closes_on=date(2030, 1, 1), reason="x")
    with pytest.raises(RuleBroken, match="posterior"):
        rules.check_close(a_rule(), closes_on=date(2020, 1, 1), reason="x")
    with pytest.raises(RuleBroken, match="ya termina"):
        rules.check_close(a_rule(valid_to=date(2025, 1, 1)), closes_on=date(2026, 1, 1), reason="x")
    with pytest.raises(Conflict, match="versión 3"):
        rules.check_seen(newest=3, seen=2)
    rules.check_seen(newest=3, seen=3), rules.check_seen(newest=3, seen=None)


def test_differences_name_only_what_changes():
    assert rules.differences(a_rule(), a_rule(value=96, version=2)) == [("Valor", "72 horas", "96 horas")]
    assert ("Activa", "", "sí") in rules.differences(None, a_rule())


def test_an_explanation_survives_storage():
    told = Explanation("ISR", "base × tasa", (("Base", "$1,000.00"),), "$100.00", (rules.refer(a_rule()),))
    stored = told.as_json()
    assert Explanation.from_json(stored) == told
    assert (stored["code"], stored["version"], stored["source"]) == ("stamp.max_hours", 1, "S")
    assert Explanation("t", "f", (), "r").as_json()["version"] == 0
    assert a_rule().reference == "S · v1"
    assert told.rules == (RuleRef("stamp.max_hours", 1, "S"),)


def test_a_draft_is_replayed_by_whoever_knows_its_papers(monkeypatch):
    """N2, C1 both ways: only papers whose figure moves are shown, the largest first."""
    monkeypatch.setattr("portal.rulebook.replay._functions", Declared("the replay of"))
    lines = [ReplayLine(f"FA-{n}", "/", Decimal(100), Decimal(100) + n) for n in (0, -3, 2)]
    register_replay("reminder.", lambda draft, last: lines[:last])
    found = replay(rules.draft_of(a_rule(code="reminder.complement_days", value=[1])))
    assert (found.read, [line.label for line in found.changed], found.total) == (3, ["FA--3", "FA-2"], Decimal(-1))
    assert replay(rules.draft_of(a_rule())) is None


@pytest.mark.parametrize(
    ("code", "value", "unit", "said"),
    [
        ("batch.four_eyes_limit", "500000.00", "MXN", "500,000.00 MXN"),
        ("batch.four_eyes_limit_clp", "25000000.00", "CLP", "25.000.000 CLP"),
        ("amount.tolerance", "0.01", "", "0.01"),
    ],
)
def test_mo_08_an_amount_is_written_as_its_currency_is(code, value, unit, said):
    assert rules.describe_value(code, value, unit) == said
