"""What migrations load into an empty installation, for tests that emptied it."""

from __future__ import annotations

import importlib


def load_shipped() -> None:
    """Rules, calendars and the privacy notice, as after `migrate`: without an event in the record."""
    from django.apps import apps

    from portal.calendars.services import load_shipped_calendars
    from portal.rulebook.services import load_shipped_rules

    load_shipped_rules()
    load_shipped_calendars()
    importlib.import_module("portal.people.migrations.0002_privacy_notice").publish(apps, None)
