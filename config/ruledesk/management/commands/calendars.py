"""`calendars`: every calendar with its hours, one a line."""

from __future__ import annotations

from typing import Any

from config.ruledesk.calendars import Calendars, described
from config.ruledesk.lines import LineCommand
from portal.calendars import selectors


class Command(LineCommand):
    """Lists calendars as they are stored now."""

    help = "Enumera los calendarios con su horario; un objeto JSON por línea."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell each one."""
        calendars = Calendars()
        self.answer(lambda code: described(calendars[code]), selectors.codes())
