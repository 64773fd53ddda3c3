"""When a message may be answered, and which guides there are (S3.7)."""

import pytest

from portal.errors import Conflict, RuleBroken
from portal.help import rules


@pytest.mark.parametrize("blank", ["", " ", "\n\t "])
def test_an_answer_says_something(blank):
    with pytest.raises(RuleBroken) as refused:
        rules.check_answer(rules.State.OPEN, blank)
    assert (refused.value.code, refused.value.field, refused.value.status) == ("answer_empty", "answer", 422)
    rules.check_answer(rules.State.OPEN, "Ya salió.")


def test_a_message_is_answered_once_and_whoever_comes_second_is_told_that_first():
    for answer in ("Otra.", ""):
        with pytest.raises(Conflict) as refused:
            rules.check_answer(rules.State.ANSWERED, answer)
        assert refused.value.code == "already_answered"


def test_every_state_and_kind_has_its_word_and_its_ways_on():
    assert set(rules.LABELS) == set(rules.TONES) == set(rules.TRANSITIONS) == set(rules.State)
    assert set(rules.KIND_LABELS) == set(rules.Kind)


def test_a_guide_is_found_by_its_own_address_and_no_other():
    assert [rules.guide_of(guide.slug) for guide in rules.GUIDES] == list(rules.GUIDES)
    assert rules.guide_of(rules.OF_FINDINGS) is not None
    assert rules.guide_of("nada") is None
