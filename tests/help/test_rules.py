"""When a message may be answered, and which guides there are (S3.7)."""

import pytest

from portal.errors import Conflict, RuleBroken
from portal.help import rules


@pytest.mark.parametrize("blank", ["", " ", "\n\t "])
def test_an_answer_says_something(blank):
    with pytest.raises(RuleBroken) as refused:
        rules.check_answer(blank)
    assert (refused.value.code, refused.value.field, refused.value.status) == ("answer_empty", "answer", 422)
    rules.check_answer("Ya salió.")


def test_whoever_answers_second_is_told_that_it_was_answered():
    with pytest.raises(Conflict) as refused:
        rules.MESSAGE.check("answered", rules.State.ANSWERED)
    assert refused.value.code == "already_answered"


def test_a_message_is_of_a_kind_that_an_app_declares():
    assert {"complaint", "suggestion", "question"} <= set(rules.KINDS) and all(rules.KINDS.values())
    for kind in rules.KINDS:
        rules.check_kind(kind)
    with pytest.raises(RuleBroken) as refused:
        rules.check_kind("rumour")
    assert (refused.value.code, refused.value.field) == ("contact_kind", "kind")


def test_a_guide_is_found_by_its_own_address_and_no_other():
    assert {slug: guide.slug for slug, guide in rules.GUIDES.items()} == {slug: slug for slug in rules.GUIDES}
    assert list(rules.GUIDES)[-1] == rules.OF_FINDINGS, "what every app needs stands below what each says"
