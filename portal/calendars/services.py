"""Writing calendars: load what ships, import a year, and what people edit."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

from django.db import transaction

from portal import clock
from portal.calendars import registry, rules, selectors
from portal.calendars.models import Calendar, CalendarFeed, ClosingPeriod, Due, DueQuerySet, Holiday, OpeningInterval
from portal.calendars.shipped import CALENDARS, YEARS, public_holidays
from portal.errors import Conflict, RuleBroken
from portal.history.services import record

User = Any  # people stands above this room: the type is named where it may be

WORKING_WEEK = range(5)
YEARS_AHEAD = 9
"""Of this year: as far as the shipped calendars reach, so that every January brings one year more."""


def insert_shipped(calendar: Any, holiday: Any, interval: Any) -> int:
    """Insert the shipped calendars that have no row yet; migrations call it with their own models."""
    known = set(calendar.objects.values_list("code", flat=True))
    missing = [shipped for shipped in CALENDARS if shipped.code not in known]
    for shipped in missing:
        row = calendar.objects.create(
            code=shipped.code,
            label=shipped.label,
            country=shipped.country,
            kind=shipped.kind.value,
            zone=shipped.zone,
        )
        interval.objects.bulk_create(
            interval(calendar=row, weekday=weekday, opens=opens, closes=closes)
            for weekday in WORKING_WEEK
            for opens, closes in shipped.hours
        )
        holiday.objects.bulk_create(
            holiday(calendar=row, date=day, name=name[:120])
            for day, name in public_holidays(shipped.country, YEARS, shipped.kind)
        )
    return len(missing)


@transaction.atomic
def load_shipped_calendars() -> int:
    """Load the calendars the product ships with; what people edited stays. Answers how many were added."""
    return insert_shipped(Calendar, Holiday, OpeningInterval)


@transaction.atomic
def import_holidays(*, calendar: Calendar, years: Iterable[int], by: User | None, at: datetime) -> int:
    """Bring the public holidays of some years; rows a person decided are left alone. Answers how many rows changed."""
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    span = list(years)
    wanted = {day: name[:120] for day, name in public_holidays(calendar.country, span, calendar.kind)}
    present = {row.date: row for row in calendar.holidays.filter(date__year__in=span)}
    gone = [row.pk for day, row in present.items() if not row.kept and day not in wanted]
    renamed = [row for day, row in present.items() if not row.kept and wanted.get(day, row.name) != row.name]
    for row in renamed:
        row.name = wanted[row.date]
    added = [Holiday(calendar=calendar, date=day, name=name) for day, name in wanted.items() if day not in present]
    Holiday.objects.filter(pk__in=gone).delete()
    Holiday.objects.bulk_update(renamed, ["name"])
    Holiday.objects.bulk_create(added)
    changed = len(gone) + len(renamed) + len(added)
    details = {"calendar": calendar.code, "years": [min(span), max(span)] if span else [], "changed": changed}
    record(action="calendars.holidays_imported", subject=calendar, by=by, at=at, details=details)
    return changed


def extend_calendars(*, on: date, at: datetime) -> int:
    """Bring the years that lack until YEARS_AHEAD after `on`, each calendar by itself. Answers how many rows came."""
    changed = 0
    for calendar in Calendar.objects.exclude(country="").order_by("pk"):
        known = selectors.schedule_of(calendar).years or frozenset()
        if lacking := [year for year in range(on.year, on.year + YEARS_AHEAD + 1) if year not in known]:
            changed += import_holidays(calendar=calendar, years=lacking, by=None, at=at)
    return changed


@transaction.atomic
def add_holiday(*, calendar: Calendar, day: date, name: str, by: User, at: datetime) -> Holiday:
    """Close one day, or again a public holiday that was said to be worked. Raises RuleBroken when already closed."""
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    if calendar.holidays.filter(date=day, observed=True).exists():
        raise RuleBroken("Ese día ya es inhábil en este calendario.", code="holiday_exists", field="date")
    holiday, _ = Holiday.objects.update_or_create(
        calendar=calendar, date=day, defaults={"name": name, "kept": True, "observed": True}
    )
    details = {"calendar": calendar.code, "date": day.isoformat(), "name": name}
    record(action="calendars.holiday_added", subject=calendar, by=by, at=at, details=details)
    return holiday


@transaction.atomic
def remove_holiday(*, calendar: Calendar, day: date, by: User, at: datetime) -> None:
    """Say that a day is worked. The row stays, so that the next import does not bring the holiday back."""
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    if not calendar.holidays.filter(date=day, observed=True).update(kept=True, observed=False):
        raise RuleBroken("Ese día ya es hábil en este calendario.", code="holiday_absent", field="date")
    details = {"calendar": calendar.code, "date": day.isoformat()}
    record(action="calendars.holiday_removed", subject=calendar, by=by, at=at, details=details)


@transaction.atomic
def add_closing(*, calendar: Calendar, first: date, last: date, reason: str, by: User, at: datetime) -> ClosingPeriod:
    """Close a range of dates, both included. Raises RuleBroken when it ends before it starts."""
    if last < first:
        raise RuleBroken("El último día debe ser igual o posterior al primero.", code="closing_dates", field="last")
    closing = ClosingPeriod.objects.create(calendar=calendar, first=first, last=last, reason=reason)
    details = {"calendar": calendar.code, "first": first.isoformat(), "last": last.isoformat()}
    record(action="calendars.closing_added", subject=calendar, by=by, at=at, details=details, reason=reason)
    return closing


@transaction.atomic
def remove_closing(*, closing: ClosingPeriod, by: User, at: datetime) -> None:
    """Take back a closing period. Raises RuleBroken when somebody already did."""
    row = ClosingPeriod.objects.select_for_update().select_related("calendar").filter(pk=closing.pk).first()
    if row is None:
        raise RuleBroken("Ese cierre ya no existe: alguien lo quitó antes.", code="closing_absent")
    details = {"calendar": row.calendar.code, "first": row.first.isoformat(), "last": row.last.isoformat()}
    row.delete()
    record(action="calendars.closing_removed", subject=row.calendar, by=by, at=at, details=details)


@transaction.atomic
def set_hours(*, calendar: Calendar, hours: dict[int, tuple[rules.Interval, ...]], by: User, at: datetime) -> None:
    """Replace the opening hours of the whole week (0 is Monday; a weekday left out closes). Raises RuleBroken."""
    checked = {weekday: rules.check_intervals(intervals) for weekday, intervals in sorted(hours.items())}
    if not any(checked.values()):
        raise RuleBroken("El calendario debe abrir al menos un día.", code="calendar_never_opens", field="hours")
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    calendar.intervals.all().delete()
    OpeningInterval.objects.bulk_create(
        OpeningInterval(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
        for weekday, intervals in checked.items()
        for opens, closes in intervals
    )
    details = {
        "calendar": calendar.code,
        "hours": {str(day): rules.intervals_text(found) for day, found in checked.items()},
    }
    record(action="calendars.hours_set", subject=calendar, by=by, at=at, details=details)


@transaction.atomic
def open_feed(*, by: User, at: datetime) -> str:
    """Give a person the secret of their calendar's address, shown once; the one before opens nothing any more."""
    CalendarFeed.objects.filter(user=by, ended_at=None).update(ended_at=clock.real_now())
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=by, digest=rules.digest(secret), created_at=clock.real_now())
    record(action="calendars.feed_opened", subject=feed, by=by, at=at)
    return secret


@transaction.atomic
def end_feed(*, by: User, at: datetime) -> None:
    """A person's calendar address opens nothing from the next request on. Raises Conflict when there is none."""
    feed = CalendarFeed.objects.select_for_update().filter(user=by, ended_at=None).first()
    if feed is None:
        raise Conflict("Esa dirección ya no abría nada.", code="feed_ended")
    feed.ended_at = clock.real_now()
    feed.save(update_fields=["ended_at"])
    record(action="calendars.feed_ended", subject=feed, by=by, at=at)


@transaction.atomic
def remind(*, due: Due, on: date, at: datetime) -> bool:
    """Remind of a deadline whose stored day has come and store the next one; False if it was not to be any more.

    Its room tells and records it (`registry.register_due`); each threshold once, the missed ones in one act (JB-06).
    """
    kind = registry.kind_of(type(due))
    rows = cast("DueQuerySet[Due]", kind.model._default_manager.all())
    row = rows.to_remind(on=on).select_for_update(of=("self",)).filter(pk=due.pk).first()
    if row is None or row.next_reminder_on is None:
        return False
    plan = kind.plan(row)
    reached = rules.reached(row.due_on, plan, since=row.next_reminder_on, on=on)
    row.next_reminder_on = rules.next_reminder(row.due_on, plan, after=on)
    row.save(update_fields=["next_reminder_on"])
    kind.remind(due=row, reached=reached, on=on, at=at)
    return True
