"""The desk's calendars: see a year, add or take back days, closings and hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from portal import clock
from portal.access import Permission as P
from portal.access import public, requires, signed_in
from portal.calendars import ics, registry, rules, selectors, services
from portal.calendars.forms import ClosingForm, HolidayForm, HoursForm
from portal.calendars.models import Calendar, ClosingPeriod
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.history.context import current
from portal.once.decorators import once_only
from portal.once.services import Allowance, give_back, take, throttle

# A real-time hour: what one address on the net may guess, and how often one calendar may be read.
WRONG_ADDRESSES, READINGS, WINDOW = 30, 120, 3600


@requires(P.MANAGE_CALENDARS)
@require_GET
def calendar_list(request: HttpRequest) -> HttpResponse:
    """Every calendar with its hours and its next closed day."""
    return render(request, "calendars/list.html", {"cards": selectors.cards(on=clock.today())})


@requires(P.MANAGE_CALENDARS)
@require_GET
def calendar_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One year of a calendar, with the forms that change it."""
    return _show(request, get_object_or_404(Calendar, code=code))


@requires(P.MANAGE_CALENDARS)
@require_POST
def add_holiday(request: HttpRequest, code: str) -> HttpResponse:
    """Close one day."""

    def act(calendar: Calendar, typed: dict[str, Any]) -> str:
        services.add_holiday(calendar=calendar, day=typed["date"], name=typed["name"], by=request.user, at=clock.now())
        return "El día quedó como inhábil."

    return _change(request, code, "holiday", HolidayForm(request.POST), act)


@requires(P.MANAGE_CALENDARS)
@require_http_methods(["GET", "POST"])
def remove_holiday(request: HttpRequest, code: str, day: str) -> HttpResponse:
    """Ask, then say that a day is worked."""
    calendar = get_object_or_404(Calendar, code=code)
    holiday = get_object_or_404(calendar.holidays, date=_date(day), observed=True)
    if request.method == "POST":
        services.remove_holiday(calendar=calendar, day=holiday.date, by=request.user, at=clock.now())
        messages.success(request, "Ese día ya cuenta como hábil.")
        return redirect(f"{reverse('calendars:calendar', args=[code])}?anio={holiday.date.year}")
    return render(
        request, "calendars/remove.html", {"calendar": calendar, "holiday": holiday, "crumbs": _crumbs(calendar)}
    )


@requires(P.MANAGE_CALENDARS)
@require_POST
@once_only("calendars.add_closing")
def add_closing(request: HttpRequest, code: str) -> HttpResponse:
    """Close a range of days."""

    def act(calendar: Calendar, typed: dict[str, Any]) -> str:
        services.add_closing(calendar=calendar, by=request.user, at=clock.now(), **typed)
        return "El cierre quedó anotado."

    return _change(request, code, "closing", ClosingForm(request.POST), act)


@requires(P.MANAGE_CALENDARS)
@require_POST
def remove_closing(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Take back a range of days."""
    calendar = get_object_or_404(Calendar, code=code)
    closing = ClosingPeriod.objects.filter(calendar=calendar, pk=number).first()
    if closing is None:
        raise RuleBroken("Ese cierre ya no existe: alguien lo quitó antes.", code="closing_absent")
    services.remove_closing(closing=closing, by=request.user, at=clock.now())
    messages.success(request, "El cierre se quitó.")
    return redirect("calendars:calendar", code=code)


@requires(P.MANAGE_CALENDARS)
@require_POST
def set_hours(request: HttpRequest, code: str) -> HttpResponse:
    """Replace the week's hours."""

    def act(calendar: Calendar, typed: dict[str, Any]) -> str:
        services.set_hours(calendar=calendar, hours=typed["hours"], by=request.user, at=clock.now())
        return "El horario quedó guardado. Las fechas ya calculadas no cambian."

    return _change(request, code, "hours", HoursForm(request.POST), act)


@requires(P.MANAGE_CALENDARS)
@require_POST
def import_year(request: HttpRequest, code: str) -> HttpResponse:
    """Bring a year's public holidays again."""
    calendar = get_object_or_404(Calendar, code=code)
    year = _year(request.POST.get("anio", ""))
    changed = services.import_holidays(calendar=calendar, years=[year], by=request.user, at=clock.now())
    messages.success(
        request, f"Días oficiales de {year}: {changed} cambios." if changed else f"{year} ya estaba al día."
    )
    return redirect(f"{reverse('calendars:calendar', args=[code])}?anio={year}")


@signed_in
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """One's own calendar address: make one, another one, or end it."""
    return render(request, "calendars/feed.html", {"feed": selectors.live_feed(request.user)})


@signed_in
@require_POST
def open_feed(request: HttpRequest) -> HttpResponse:
    """Make an address; it stands in this answer and nowhere else."""
    secret = services.open_feed(by=request.user, at=clock.now())
    address = settings.BASE_URL + reverse("calendars:feed_file", args=[secret])
    return render(request, "calendars/feed_made.html", {"address": address})


@signed_in
@require_POST
def end_feed(request: HttpRequest) -> HttpResponse:
    """The address opens nothing any more."""
    services.end_feed(by=request.user, at=clock.now())
    messages.success(request, "Esa dirección ya no abre nada. Quita el calendario también de tu aplicación.")
    return redirect("calendars:feed")


@public("la lee el calendario de cada persona con su dirección secreta; no muestra datos personales")
@require_safe
def feed_file(request: HttpRequest, secret: str) -> HttpResponse:
    """The dates of whoever made the address, as iCalendar; 404 for one that is unknown or ended."""
    at = clock.now()
    taken = take(Allowance("calendars.feed", current().ip or "unknown", WRONG_ADDRESSES, WINDOW))
    found = selectors.feed_by(secret)
    if found is None:
        raise Http404
    give_back(taken=taken)
    throttle(scope="calendars.read", key=found.digest, limit=READINGS, window=WINDOW)
    entries = registry.entries_of(found.user, on=clock.date_in(at))
    text = ics.calendar_text("Cauce: mis fechas", entries, base=settings.BASE_URL, at=at)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="cauce.ics"'
    answer["Cache-Control"] = "no-store"
    return answer


Act = Callable[[Calendar, dict[str, Any]], str]


def _change(request: HttpRequest, code: str, name: str, form: Form, act: Act) -> HttpResponse:
    """The shape of the three editing forms: one service, or the page again with what was typed and why not."""
    calendar = get_object_or_404(Calendar, code=code)
    if form.is_valid():
        try:
            messages.success(request, act(calendar, form.cleaned_data))
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return redirect("calendars:calendar", code=code)
    return _show(request, calendar, status=422, **{name: form})


def _show(request: HttpRequest, calendar: Calendar, status: int = 200, **bound: Form) -> HttpResponse:
    year = _year(request.GET.get("anio", ""))
    schedule = selectors.schedule_of(calendar)
    forms = {"holiday": HolidayForm(), "closing": ClosingForm(), "hours": HoursForm(schedule=schedule), **bound}
    context = {
        "calendar": calendar,
        "year": year,
        "known": rules.years_text(schedule.years) if schedule.years is not None and year not in schedule.years else "",
        "zone": rules.zone_text(calendar.zone),
        "week": [
            (name.capitalize(), rules.intervals_text(schedule.weekly.get(n, ())).capitalize())
            for n, name in enumerate(rules.WEEKDAYS)
        ],
        "holidays": selectors.holidays_of(calendar, year=year),
        "closings": list(calendar.closings.order_by("first", "pk")),
        "crumbs": _crumbs(calendar)[:1] + [(calendar.label, "")],
        "forms": forms,
    }
    return render(request, "calendars/detail.html", context, status=status)


def _year(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) == 4 and int(text) > 1900 else clock.today().year


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _crumbs(calendar: Calendar) -> list[tuple[str, str]]:
    return [
        ("Calendarios", reverse("calendars:calendars")),
        (calendar.label, reverse("calendars:calendar", args=[calendar.code])),
        ("Quitar día", ""),
    ]
