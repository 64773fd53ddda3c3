"""The demo world: people, orders, invoices, payments and complements, all made through the portal's own services.

Every act happens at an instant of the recent past, so that each person finds believable work waiting. Each app plays
its own part (`scenes/<app>.py`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

from django.apps import apps

from config.demo import scenes as scenes_of_apps
from config.demo.cast import Cast
from config.demo.people import BY_SLUG
from memberships import services as memberships
from portal import clock
from portal.calendars import services as calendars
from portal.errors import RuleBroken
from portal.once.services import whole_transaction
from portal.papers import store
from portal.people import services as accounts
from portal.people.models import User
from portal.rulebook import services as rulebook
from portal.treasury import services as treasury


def is_loaded() -> bool:
    """Whether the last scene of the world was played."""
    return User.objects.filter(email=BY_SLUG["tomas"].email).exists()


def refuse_people_who_are_no_sample() -> None:
    """A database where people came in before the demo did belongs to them: it is neither filled nor emptied."""
    if User.objects.exists() and not is_loaded():
        raise RuleBroken(
            "Esta base ya tiene personas que no son de la demostración. Usa una base vacía, o quita DEMO.",
            code="not_a_demo",
        )


def scenes() -> list[Callable[[Cast], None]]:
    """The scene of every app that has one, in the order of the installed apps."""
    there = {found.name for found in pkgutil.iter_modules(scenes_of_apps.__path__)}
    labels = [app.label for app in apps.get_app_configs() if app.label in there]
    return [import_module(f"{scenes_of_apps.__name__}.{label}").play for label in labels]


def load() -> bool:
    """Build the world unless it stands. All or nothing; a few seconds."""
    with whole_transaction():
        if is_loaded():
            return False
        refuse_people_who_are_no_sample()
        rulebook.load_shipped_rules()
        calendars.load_shipped_calendars()
        treasury.load_shipped_accounts()
        memberships.load_shipped_rows(at=clock.now() - timedelta(days=60))
        accounts.load_shipped_texts(at=clock.now() - timedelta(days=60))
        cast = Cast(now=clock.now())
        for scene in scenes():
            scene(cast)
    store.beginning().unlink(missing_ok=True)
    return True
