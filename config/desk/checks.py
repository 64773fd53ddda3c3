"""What apps say in modules of a fixed name, looked through at start: the menu leads to pages, beat wakes tasks."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from config import navigation
from portal import queue


def check_menu(app_configs: Any = None, **_given: Any) -> list[CheckMessage]:
    """Every entry of the menu leads to a page without an object."""
    lost = [entry for entry in navigation.entries() if not _leads(entry.name)]
    return [Error(f"the menu entry «{one.label}» leads to no page: {one.name}", id="menu.E001") for one in lost]


def check_schedule(app_configs: Any = None, **_given: Any) -> list[CheckMessage]:
    """Everything that beat wakes is a task, and beat wakes every drain."""
    from config.celery import SCHEDULE, app

    faults = [f"{name} is scheduled and is no task" for name in SCHEDULE if name not in app.tasks]
    faults += [f"nothing wakes the drain {name}" for name, _ in queue.drains() if f"drain.{name}" not in SCHEDULE]
    return [Error(fault, id="beat.E001") for fault in faults]


def _leads(name: str) -> bool:
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False
