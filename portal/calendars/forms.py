"""Shape of what people type about calendars."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.calendars import rules
from portal.design.forms import DateInput, Form, TextField
from portal.errors import RuleBroken


class HolidayForm(Form):
    """One more day on which the calendar closes."""

    date = forms.DateField(label="Día inhábil", widget=DateInput)
    name = TextField(label="Por qué cierra", max_length=120)


class ClosingForm(Form):
    """A range of days, both included."""

    first = forms.DateField(label="Primer día cerrado", widget=DateInput)
    last = forms.DateField(label="Último día cerrado", widget=DateInput)
    reason = TextField(label="Motivo del cierre", max_length=120)


class HoursForm(Form):
    """Opening hours of the week, one line of text a weekday."""

    def __init__(self, *args: Any, schedule: rules.Schedule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(rules.WEEKDAYS):
            intervals = schedule.weekly.get(number, ()) if schedule else ()
            shown = ", ".join(f"{rules.clock_text(a)}-{rules.clock_text(b)}" for a, b in sorted(intervals))
            self.fields[f"day_{number}"] = forms.CharField(
                label=name.capitalize(), required=False, max_length=80, initial=shown
            )

    def clean(self) -> dict[str, Any]:
        """Each day's text as intervals."""
        hours: dict[int, tuple[rules.Interval, ...]] = {}
        for number in range(len(rules.WEEKDAYS)):
            try:
                hours[number] = rules.parse_intervals(self.cleaned_data.get(f"day_{number}", ""))
            except RuleBroken as broken:
                self.add_error(f"day_{number}", broken.message)
        return {"hours": hours}
