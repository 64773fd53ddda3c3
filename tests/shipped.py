"""What migrations load into an empty installation, for tests that emptied it."""

from __future__ import annotations


def load_shipped() -> None:
    """Rules, calendars and the privacy notice, as after `migrate`."""
    from portal import clock
    from portal.calendars.services import load_shipped_calendars
    from portal.people.services.consents import load_shipped_texts
    from portal.rulebook.services import load_shipped_rules

    load_shipped_rules()
    load_shipped_calendars()
    load_shipped_texts(at=clock.real_now())
