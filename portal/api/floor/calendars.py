"""Calls on calendars: their year, their closed days, their hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer, With
from portal.api.calls import Asked, acts, at, shows
from portal.api.problems import FormRefused
from portal.calendars import forms as calendar_forms
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.calendars import services as calendar_services
from portal.calendars.models import Calendar, ClosingPeriod
from portal.clock import date_in

READ, WRITE = "portal:read", "portal:write"


class HolidayTold(Answer):
    """A day that the calendar closes, or with `observed` false one that somebody said is worked."""

    date = s.DateField()
    name = s.CharField()
    observed = s.BooleanField()


class ClosingTold(Answer):
    """A range of closed days, both included."""

    id = s.IntegerField()
    first = s.DateField()
    last = s.DateField()
    reason = s.CharField()


class Opening(Answer):
    """The hours of one day of the week, like 09:00-18:00."""

    weekday = s.CharField()
    hours = s.CharField()


class CalendarTold(Answer):
    """A calendar: its hours, its closings, and one year of its days."""

    code = s.CharField()
    label = s.CharField()
    zone = s.CharField()
    week = Opening(many=True)
    year = s.IntegerField()
    holidays = HolidayTold(many=True)
    closings = ClosingTold(many=True)

    def view(self, found: With) -> Any:
        """The year that was asked for, or today's."""
        calendar: Any = found
        schedule = calendars.schedule_of(calendar)
        week = [
            {"weekday": name, "hours": calendar_rules.intervals_text(schedule.weekly.get(number, ()))}
            for number, name in enumerate(calendar_rules.WEEKDAYS)
        ]
        holidays = calendars.holidays_of(calendar, year=found.year)
        closings = sorted(calendar.closings.all(), key=lambda closing: closing.pk)
        return With(found, week=week, holidays=holidays, closings=closings)


class CalendarsTold(Answer):
    """Every calendar."""

    calendars = CalendarTold(many=True)


class YearForm(calendar_forms.Form):
    """A year whose public holidays are brought again."""

    year = calendar_forms.forms.IntegerField(label="Año", min_value=1901, max_value=2199)


def _year(asked: Asked) -> int:
    typed = asked.query.get("anio", str(date_in(asked.at).year))
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 4 and 1900 < int(typed) < 2200):
        raise FormRefused({"anio": ["Escribe un año de cuatro cifras, como 2026."]})
    return int(typed)


def _calendars(asked: Asked) -> dict[str, Any]:
    year = _year(asked)
    return {"calendars": [With(row, year=year) for row in calendars.with_days()]}


def _calendar(asked: Asked, code: str) -> Calendar:
    return get_object_or_404(Calendar, code=code)


def _of_year(asked: Asked, code: str) -> With:
    return With(get_object_or_404(calendars.with_days(), code=code), year=_year(asked))


def _holiday(asked: Asked, code: str, day: str) -> tuple[Calendar, date]:
    calendar = _calendar(asked, code)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    return calendar, get_object_or_404(calendar.holidays, date=on, observed=True).date


def _closing(asked: Asked, code: str, number: int) -> ClosingPeriod:
    return get_object_or_404(ClosingPeriod.objects.select_related("calendar"), calendar__code=code, pk=number)


def close_day(*, calendar: Calendar, date: date, name: str, by: Any, at: datetime) -> Any:
    """Close one more day."""
    return calendar_services.add_holiday(calendar=calendar, day=date, name=name, by=by, at=at)


def work_day(*, holiday: tuple[Calendar, date], by: Any, at: datetime) -> None:
    """Say that a day is worked."""
    calendar_services.remove_holiday(calendar=holiday[0], day=holiday[1], by=by, at=at)


def bring_year(*, calendar: Calendar, year: int, by: Any, at: datetime) -> Calendar:
    """Bring a year's public holidays again."""
    calendar_services.import_holidays(calendar=calendar, years=[year], by=by, at=at)
    return calendar


def set_hours(*, calendar: Calendar, hours: Any, by: Any, at: datetime) -> Calendar:
    """Replace the week's hours."""
    calendar_services.set_hours(calendar=calendar, hours=hours, by=by, at=at)
    return calendar


def _this_year(asked: Asked, calendar: Calendar) -> With:
    return With(calendars.with_days().get(pk=calendar.pk), year=date_in(asked.at).year)


_CALENDAR: dict[str, Any] = {
    "scope": WRITE,
    "permission": P.MANAGE_CALENDARS,
    "find": _calendar,
    "thing": "calendar",
}
_YEAR = {"anio": "El año, como 2026; si falta, el de hoy."}

RESOURCES = (
    at(
        "calendarios/",
        "calendars",
        shows(
            _calendars,
            "Todos los calendarios",
            scope=READ,
            permission=P.MANAGE_CALENDARS,
            answers=CalendarsTold,
            query=_YEAR,
        ),
    ),
    at(
        "calendarios/<slug:code>/",
        "calendar",
        shows(
            _of_year,
            "Un calendario, un año",
            scope=READ,
            permission=P.MANAGE_CALENDARS,
            answers=CalendarTold,
            query=_YEAR,
        ),
    ),
    at(
        "calendarios/<slug:code>/inhabiles/",
        "add_holiday",
        acts(
            close_day,
            "Agregar un día inhábil",
            takes=calendar_forms.HolidayForm,
            answers=HolidayTold,
            status=201,
            example={"date": "2027-01-04", "name": "Inventario"},
            **_CALENDAR,
        ),
    ),
    at(
        "calendarios/<slug:code>/inhabiles/<str:day>/quitar/",
        "remove_holiday",
        acts(
            work_day,
            "Decir que un día se trabaja",
            scope=WRITE,
            permission=P.MANAGE_CALENDARS,
            find=_holiday,
            thing="holiday",
        ),
    ),
    at(
        "calendarios/<slug:code>/cierres/",
        "add_closing",
        acts(
            calendar_services.add_closing,
            "Agregar un cierre de varios días",
            takes=calendar_forms.ClosingForm,
            answers=ClosingTold,
            status=201,
            example={"first": "2027-01-04", "last": "2027-01-08", "reason": "Mudanza"},
            **_CALENDAR,
        ),
    ),
    at(
        "calendarios/<slug:code>/cierres/<int:number>/quitar/",
        "remove_closing",
        acts(
            calendar_services.remove_closing,
            "Quitar un cierre",
            scope=WRITE,
            permission=P.MANAGE_CALENDARS,
            find=_closing,
            thing="closing",
        ),
    ),
    at(
        "calendarios/<slug:code>/horario/",
        "set_hours",
        acts(
            set_hours,
            "Cambiar el horario de la semana",
            takes=calendar_forms.HoursForm,
            answers=CalendarTold,
            after=_this_year,
            example={"day_0": "09:00-18:00", "day_1": "09:00-18:00"},
            **_CALENDAR,
        ),
    ),
    at(
        "calendarios/<slug:code>/importar/",
        "import_year",
        acts(
            bring_year,
            "Traer otra vez los días oficiales de un año",
            takes=YearForm,
            answers=CalendarTold,
            after=_this_year,
            example={"year": 2027},
            **_CALENDAR,
        ),
    ),
)
