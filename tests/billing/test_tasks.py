"""Billing's tasks are registered under their published names and scheduled (JB-01, JB-06)."""

from __future__ import annotations

import pytest

from billing import tasks
from config.celery import app


def test_the_reminder_runs_by_its_name_and_beat_knows_it() -> None:
    app.loader.import_default_modules()
    assert tasks.remind.name == "billing.remind"
    assert "billing.remind" in {entry["task"] for entry in app.conf.beat_schedule.values()}


@pytest.mark.django_db
def test_jb_02_a_run_with_nothing_due_does_nothing() -> None:
    assert (tasks.remind(), tasks.remind()) == (0, 0)
