"""Publishing, activating and closing rules, one audit event each."""

from dataclasses import replace
from datetime import date

import pytest

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.rulebook import rules, selectors, services
from portal.rulebook.models import Rule
from tests.factories.people import administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return {"by": administrator(), "at": clock.now(), "reason": "Lo confirmó la mesa"}


def a_draft(**changes):
    present = rules.draft_of(selectors.rule_on("stamp.max_hours", on=date(2026, 1, 1)))
    return replace(present, **{"valid_to": None, **changes})


def test_a_new_version_rules_from_its_date_and_the_old_one_until_then(who):
    services.publish_rule(draft=a_draft(value=96, valid_from=date(2027, 1, 1)), seen_version=1, **who)
    assert selectors.whole("stamp.max_hours", on=date(2026, 12, 31)) == 72
    assert selectors.whole("stamp.max_hours", on=date(2027, 1, 1)) == 96
    assert selectors.version_of("stamp.max_hours", 1).valid_to == date(2027, 1, 1)
    assert selectors.version_of("stamp.max_hours", 9) is None
    assert AuditEvent.objects.get(action="rulebook.rule_published").details["version"] == 2


def test_a_stored_deadline_is_explained_by_the_rule_stored_with_it_whatever_was_published_since(who):
    began, ends = date(2026, 12, 1), date(2026, 12, 4)
    due = {"title": "Plazo", "formula": "día + horas", "start": ("Llegó el", began), "due_on": ends}
    stored = str(rules.refer(selectors.rule_on("stamp.max_hours", on=began)))
    told = selectors.explain_due(**due, due_rule=stored)
    assert told["inputs"] == [["Llegó el", "1 dic 2026"], ["Horas", "72"]]
    assert (told["result"], [rule["version"] for rule in told["rules"]]) == ("4 dic 2026", [1])
    services.publish_rule(draft=a_draft(value=96, valid_from=began), **who)
    assert selectors.whole("stamp.max_hours", on=began) == 96
    assert selectors.explain_due(**due, due_rule=stored) == told
    untold = selectors.explain_due(**due, due_rule="sin regla guardada")
    assert (untold["inputs"], untold["rules"], untold["result"]) == ([["Llegó el", "1 dic 2026"]], [], "4 dic 2026")


def test_a_version_that_never_ruled_is_withdrawn_by_an_earlier_one(who):
    services.publish_rule(draft=a_draft(value=96, valid_from=date(2028, 1, 1)), **who)
    services.publish_rule(draft=a_draft(value=48, valid_from=date(2027, 1, 1)), **who)
    assert selectors.whole("stamp.max_hours", on=date(2029, 1, 1)) == 48
    assert not selectors.version_of("stamp.max_hours", 2).active


def test_nobody_publishes_over_a_version_they_did_not_see(who):
    services.publish_rule(draft=a_draft(value=96, valid_from=date(2027, 1, 1)), seen_version=1, **who)
    with pytest.raises(Conflict):
        services.publish_rule(draft=a_draft(value=97, valid_from=date(2027, 1, 1)), seen_version=1, **who)


def test_a_rule_without_a_reason_is_refused_and_changes_nothing(who):
    with pytest.raises(RuleBroken, match="Di por qué"):
        services.publish_rule(draft=a_draft(), **{**who, "reason": " "})
    assert Rule.objects.filter(code="stamp.max_hours").count() == 1


def test_activating_the_2026_scheme_ends_the_one_whose_statute_ended(who):
    """domain 1.2: PF_JAL closes on 2026-01-01 when the operator activates PF_JAL_26."""
    services.activate_rule(code="withholding.PF_JAL_26", **who)
    on = {rule.code for rule in selectors.rules_on("withholding.", on=date(2026, 1, 1))}
    assert "withholding.PF_JAL_26" in on and "withholding.PF_JAL" not in on
    before = {rule.code for rule in selectors.rules_on("withholding.", on=date(2025, 12, 31))}
    assert "withholding.PF_JAL" in before and "withholding.PF_JAL_26" not in before
    with pytest.raises(RuleBroken, match="espere"):
        services.activate_rule(code="withholding.PF_JAL_26", **who)


def test_inactive_rules_are_listed_only_when_asked():
    on = date(2026, 6, 1)
    codes = lambda **more: {rule.code for rule in selectors.rules_on("withholding.", on=on, **more)}  # noqa: E731
    assert "withholding.RESICO_JAL_26" not in codes()
    assert "withholding.RESICO_JAL_26" in codes(include_inactive=True)
    assert "withholding.RESICO_JAL_STAT" not in codes(include_inactive=True)


def test_c1_literal_and_statute_rows_stand_side_by_side_in_2025():
    found = {rule.code: rule.enforcement for rule in selectors.rules_on("withholding.RESICO_JAL", on=date(2025, 6, 1))}
    assert found == {"withholding.RESICO_JAL": "required", "withholding.RESICO_JAL_STAT": "accepted_with_warning"}


def test_a_closed_rule_is_missed_with_a_sentence(who):
    services.close_rule(code="stamp.max_hours", closes_on=date(2027, 1, 1), **who)
    with pytest.raises(RuleBroken, match="No hay una regla vigente"):
        selectors.rule_on("stamp.max_hours", on=date(2027, 1, 1))
    with pytest.raises(RuleBroken):
        services.close_rule(code="nada", closes_on=date(2027, 1, 1), **who)


def test_a_rule_named_by_its_code_answers_active_first_and_inactive_otherwise(who):
    code = "withholding.PF_JAL_26"
    assert not selectors.named_on(code, on=date(2026, 6, 1)).active
    with pytest.raises(RuleBroken, match="No hay una regla vigente"):
        selectors.named_on(code, on=date(2025, 12, 31))
    services.activate_rule(code=code, **who)
    named = selectors.named_on(code, on=date(2026, 6, 1))
    assert (named.active, named.version) == (True, selectors.versions(code)[-1].version)
    # Its neighbour whose code begins alike is another rule.
    assert selectors.named_on("withholding.PF", on=date(2026, 6, 1)).code == "withholding.PF"
    assert code in selectors.codes("withholding.")
    assert len(selectors.codes("withholding.")) == 7
