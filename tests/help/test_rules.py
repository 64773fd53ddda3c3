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


def test_every_kind_has_its_word():
    assert set(rules.KIND_LABELS) == set(rules.Kind)


def test_a_guide_is_found_by_its_own_address_and_no_other():
    assert [rules.guide_of(guide.slug) for guide in rules.GUIDES] == list(rules.GUIDES)
    assert rules.guide_of(rules.OF_FINDINGS) is not None
    assert rules.guide_of("nada") is None
