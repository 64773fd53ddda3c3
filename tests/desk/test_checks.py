"""What apps declare is looked through at start: a menu, a schedule and a guide that lead nowhere stop it."""

import pytest

from config import celery, navigation
from config.desk import checks
from portal import queue
from portal.access import Permission
from portal.help import registry
from portal.help.rules import GUIDES, Guide
from portal.notices.models import Notice


def test_a_menu_entry_leads_to_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_menu() == [] and len(navigation.entries()) > 20
    lost = navigation.Entry("Nada", "nowhere:page", Permission.SEE_DESK)
    monkeypatch.setattr(navigation, "entries", lambda: (lost,))
    assert [one.msg for one in checks.check_menu()] == ["the menu entry «Nada» leads to no page: nowhere:page"]


def test_beat_wakes_tasks_that_are_there_and_every_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {name: row for name, row in queue.drains() if not row.__module__.startswith("tests.")}
    monkeypatch.setattr(queue, "_drains", here)
    assert checks.check_schedule() == []
    monkeypatch.setitem(celery.SCHEDULE, "planted.nothing", 60.0)
    monkeypatch.setitem(here, "planted", Notice)
    told = {one.msg for one in checks.check_schedule()}
    assert told == {"planted.nothing is scheduled and is no task", "nothing wakes the drain planted"}


def test_a_guide_has_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.check_guides() == []
    monkeypatch.setitem(GUIDES, "nada", Guide("nada", "Nada", "Nada.", "x"))
    assert [one.msg for one in registry.check_guides()] == ["help/guides/nada.html is missing"]
