"""What a day of the demo brings: the dated work that apps declare, in the order in which a real day has it."""

from __future__ import annotations

from celery import current_app

from portal import modules


def dated() -> list[str]:
    """Names of the tasks that are a day's work, as each app's `tasks.DAYS` says, by their place in the day.

    The others read real time, or check what is stored.
    """
    found = [
        (place, name) for _, module in modules.named("tasks") for name, place in getattr(module, "DAYS", {}).items()
    ]
    return [name for _place, name in sorted(found)]


def play() -> None:
    """Do a day's dated work; again it does nothing new (JB-06)."""
    for name in dated():
        current_app.tasks[name]()
