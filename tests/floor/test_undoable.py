"""What every kind of decision that can be undone has, whatever room it belongs to (issue 8, A4; ADR 0011)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models

from config.celery import SCHEDULE, app
from config.desk import words
from portal import queue
from portal.queue import Claimable, Undoable

KINDS = [model for model in apps.get_models() if issubclass(model, Undoable)]


def test_an_undoable_is_an_abstract_claimable_that_leaves_the_thing_to_the_room() -> None:
    assert Undoable._meta.abstract and issubclass(Undoable, Claimable)
    for name in ("subject", "said", "href"):
        with pytest.raises(NotImplementedError):
            getattr(Undoable, name).fget(object())
    assert len(KINDS) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_drain_that_beat_wakes_its_undo_its_words_and_one_open_decision_a_thing(kind) -> None:
    app.loader.import_default_modules()
    (name,) = [name for name, model in queue.drains() if model is kind]
    assert f"drain.{name}" in SCHEDULE and f"drain.{name}" in app.tasks
    assert queue.undo_of(name)[0] is kind
    assert words.drain(name) != name, "the health page calls it by its words"
    unique = [one for one in kind._meta.constraints if isinstance(one, models.UniqueConstraint)]
    assert [one.condition for one in unique] == [models.Q(done_at=None)]
    for told in ("subject", "said", "href"):
        assert told in vars(kind), f"{kind.__name__} says its {told}"


def test_only_decisions_can_be_undone() -> None:
    assert queue.undo_of("notices") is None
    assert queue.undo_of("nothing") is None


def test_the_time_is_the_settings(settings) -> None:
    assert queue.undo_time() == timedelta(), "who does not ask acts at once"
    settings.UNDO_SECONDS = 30
    assert queue.undo_time() == timedelta(seconds=30)
