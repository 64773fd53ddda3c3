"""Calendars as rows: loaded once, imported without forgetting what people decided, edited with an audit event each."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock
from portal.calendars import rules, selectors, services
from portal.calendars.models import Calendar, ClosingPeriod, Holiday, OpeningInterval
from portal.calendars.tasks import extend
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from tests.factories.people import administrator, reviewer, signed_in
from tests.pages import once

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Calendar.objects.get(code="mx-office")


@pytest.fixture
def who():
    return {"by": administrator(), "at": clock.now()}


def test_five_calendars_ship_with_twenty_one_years_of_holidays():
    shipped = {"mx-office", "imss-counter", "cl-office", "mx-bank", "cl-bank"}
    assert set(Calendar.objects.values_list("code", flat=True)) == shipped
    office = selectors.calendar("mx-office")
    assert date(2026, 11, 16) in office.holidays and date(2035, 12, 25) in office.holidays
    assert date(2022, 9, 16) in selectors.calendar("cl-office").holidays
    assert services.load_shipped_calendars() == 0


def test_an_unknown_calendar_is_told():
    with pytest.raises(RuleBroken, match="nada"):
        selectors.calendar("nada")


def test_a_calendar_is_read_once_and_again_only_after_it_changed(office, who, django_assert_num_queries):
    """Issue 9, what a page costs: one query instead of four, whoever changes it and however (trigger of the stamp)."""
    day = date(2026, 11, 4)
    first = selectors.calendar("mx-office")
    with django_assert_num_queries(1):
        assert selectors.calendar("mx-office") is first

    def taken_back():
        with transaction.atomic():
            Holiday.objects.create(calendar=office, date=date(2026, 3, 3), name="No fue")
            assert date(2026, 3, 3) in selectors.calendar("mx-office").holidays
            transaction.set_rollback(True)

    rows = Holiday.objects.filter(calendar=office, date=day)
    hours = {1: ((60, 120),)}
    shut = {"first": day, "last": day, "reason": "Mudanza"}
    changes = [
        (lambda: services.add_holiday(calendar=office, day=day, name="Puente", **who), lambda now: day in now.holidays),
        (lambda: rows.update(name="Otro"), lambda now: now.names[day] == "Otro"),
        (rows.delete, lambda now: day not in now.holidays),
        (lambda: services.set_hours(calendar=office, hours=hours, **who), lambda now: now.weekly == hours),
        (lambda: ClosingPeriod.objects.create(calendar=office, **shut), lambda now: now.closings == ((day, day),)),
        (lambda: Calendar.objects.filter(pk=office.pk).update(label="Casa"), lambda now: now.label == "Casa"),
        (taken_back, lambda now: date(2026, 3, 3) not in now.holidays),
    ]
    for change, shows in changes:
        change()
        assert shows(selectors.calendar("mx-office"))
    elsewhere = selectors.calendar("cl-office")
    services.add_holiday(calendar=office, day=date(2026, 11, 5), name="Puente", **who)
    assert selectors.calendar("cl-office") is elsewhere


def test_an_import_leaves_alone_what_people_decided(office, who):
    services.remove_holiday(calendar=office, day=date(2026, 11, 16), **who)
    services.add_holiday(calendar=office, day=date(2026, 11, 2), name="Día de muertos", **who)
    Holiday.objects.filter(calendar=office, date=date(2026, 5, 1)).delete()
    Holiday.objects.create(calendar=office, date=date(2026, 7, 7), name="ya no existe")
    assert services.import_holidays(calendar=office, years=[2026], **who) == 2
    closed = selectors.calendar("mx-office").holidays
    assert date(2026, 11, 16) not in closed and date(2026, 7, 7) not in closed
    assert {date(2026, 11, 2), date(2026, 5, 1)} <= closed
    assert services.import_holidays(calendar=office, years=[2026], **who) == 0


def test_an_import_mends_a_name_but_not_one_that_a_person_gave(office, who):
    services.add_holiday(calendar=office, day=date(2026, 11, 2), name="Día de muertos", **who)
    first, kept, removed = date(2026, 1, 1), date(2026, 9, 16), date(2026, 5, 1)
    official = office.holidays.get(date=first).name
    office.holidays.filter(date=first).update(name="Ano nuebo")
    office.holidays.filter(date=kept).update(name="Fiesta de la mesa", kept=True)
    services.remove_holiday(calendar=office, day=removed, **who)
    assert services.import_holidays(calendar=office, years=[2026], **who) == 1
    names = dict(office.holidays.filter(date__year=2026).values_list("date", "name"))
    assert (names[first], names[kept], names[date(2026, 11, 2)]) == (official, "Fiesta de la mesa", "Día de muertos")
    assert not office.holidays.get(date=removed).observed
    told = AuditEvent.objects.get(action="calendars.holidays_imported").details
    assert told == {"calendar": "mx-office", "years": [2026, 2026], "changed": 1}


def test_a_day_is_added_and_taken_back_once(office, who):
    day = date(2026, 11, 2)
    services.add_holiday(calendar=office, day=day, name="Día de muertos", **who)
    with pytest.raises(RuleBroken, match="ya es inhábil"):
        services.add_holiday(calendar=office, day=day, name="otra vez", **who)
    services.remove_holiday(calendar=office, day=day, **who)
    with pytest.raises(RuleBroken, match="ya es hábil"):
        services.remove_holiday(calendar=office, day=day, **who)
    services.add_holiday(calendar=office, day=day, name="Día de muertos", **who)
    assert AuditEvent.objects.filter(action__startswith="calendars.").count() == 3


def test_closings_are_added_and_taken_back_once(office, who):
    closing = services.add_closing(
        calendar=office, first=date(2026, 12, 21), last=date(2026, 12, 31), reason="vacaciones", **who
    )
    assert not selectors.calendar("mx-office").intervals_on(date(2026, 12, 28))
    services.remove_closing(closing=closing, **who)
    with pytest.raises(RuleBroken, match="ya no existe"):
        services.remove_closing(closing=closing, **who)
    with pytest.raises(RuleBroken, match="posterior"):
        services.add_closing(calendar=office, first=date(2026, 12, 21), last=date(2026, 12, 1), reason="x", **who)


def test_the_week_is_replaced_whole(office, who):
    services.set_hours(calendar=office, hours={0: ((540, 600),), 5: ((480, 500), (510, 520))}, **who)
    assert selectors.calendar("mx-office").weekly == {0: ((540, 600),), 5: ((480, 500), (510, 520))}
    with pytest.raises(RuleBroken, match="al menos un día"):
        services.set_hours(calendar=office, hours={}, **who)
    with pytest.raises(RuleBroken, match="enciman"):
        services.set_hours(calendar=office, hours={0: ((1, 10), (5, 20))}, **who)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (lambda c: Holiday(calendar=c, date=date(2026, 12, 25), name="x"), "one_holiday_per_calendar_and_date"),
        (
            lambda c: Holiday(calendar=c, date=date(2026, 12, 26), name="x", observed=False),
            "only_people_unobserve_a_holiday",
        ),
        (lambda c: OpeningInterval(calendar=c, weekday=7, opens=1, closes=2), "opening_weekday_known"),
        (lambda c: Calendar(code="x", kind="moon", zone=c.zone), "calendar_kind_known"),
        (lambda c: OpeningInterval(calendar=c, weekday=6, opens=2, closes=2), "opening_within_the_day"),
        (lambda c: OpeningInterval(calendar=c, weekday=6, opens=2, closes=1441), "opening_within_the_day"),
        (
            lambda c: OpeningInterval(calendar=c, weekday=0, opens=600, closes=700),
            "openings_of_a_weekday_never_overlap",
        ),
        (
            lambda c: ClosingPeriod(calendar=c, first=date(2026, 2, 2), last=date(2026, 2, 1)),
            "closing_ends_after_it_starts",
        ),
    ],
)
def test_the_database_refuses(office, row, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row(office).save(force_insert=True)


def test_pages_by_actor(client):
    admin = signed_in(administrator())
    for url in (reverse("calendars:calendars"), reverse("calendars:calendar", args=["cl-office"]) + "?anio=2022"):
        assert client.get(url).status_code == 302
        assert signed_in(reviewer()).get(url).status_code == 403
        assert admin.get(url).status_code == 200
    assert admin.get(reverse("calendars:calendar", args=["nada"])).status_code == 404


def test_the_desk_edits_a_calendar_on_its_page(office):
    admin = signed_in(administrator())
    url = lambda name, *args: reverse(f"calendars:{name}", args=["mx-office", *args])  # noqa: E731
    assert admin.post(url("add_holiday"), {"date": "2026-11-02", "name": "Día de muertos"}).status_code == 302
    again = admin.post(url("add_holiday"), {"date": "2026-11-02", "name": "Día de muertos"})
    assert (again.status_code, "ya es inhábil" in again.content.decode()) == (422, True)
    assert admin.get(url("remove_holiday", "2026-11-02")).status_code == 200
    assert admin.post(url("remove_holiday", "2026-11-02")).status_code == 302
    assert admin.post(url("remove_holiday", "2026-11-02")).status_code == 404
    assert admin.get(url("remove_holiday", "ayer")).status_code == 404
    sent = {"first": "2026-12-21", "last": "2026-12-31", "reason": "Vacaciones", **once()}
    assert admin.post(url("add_closing"), sent).status_code == 302
    number = ClosingPeriod.objects.get().pk
    page = admin.get(url("calendar")).content.decode()
    assert "¿Quitar este cierre?" in page and f'action="{url("remove_closing", number)}"' in page
    assert "hora del centro de México" in page and "America/" not in page
    assert admin.post(url("remove_closing", number)).status_code == 302
    assert admin.post(url("remove_closing", number)).status_code == 422
    assert admin.post(f"/mesa/calendarios/no-hay/cierres/{number}/quitar/").status_code == 404
    assert admin.post(url("set_hours"), {"day_0": "08:00-14:00, 14:30-20:00"}).status_code == 302
    wrong = admin.post(url("set_hours"), {"day_0": "ocho"})
    assert (wrong.status_code, "08:00-14:00" in wrong.content.decode()) == (422, True)
    assert admin.post(url("import_year"), {"anio": "2026"}).status_code == 302


def test_f21_a_term_beyond_the_known_years_is_an_error_that_names_them_and_ends_when_they_come(office, who):
    schedule = selectors.calendar("mx-office")
    with pytest.raises(RuleBroken, match=r"de 2015 a 2035 y este cómputo llega a 2036\.") as told:
        rules.due_after_business_days(schedule, date(2035, 12, 28), 5)
    assert told.value.code == "holidays_unknown"
    for ask in (
        lambda: rules.deadline(schedule, date(2035, 12, 30), 5, rules.DayKind.NATURAL),
        lambda: rules.elapsed_minutes(
            schedule, datetime(2014, 12, 31, 18, tzinfo=UTC), datetime(2015, 1, 2, 18, tzinfo=UTC)
        ),
        lambda: rules.due_after_minutes(schedule, datetime(2035, 12, 31, 20, tzinfo=UTC), 600),
        lambda: rules.roll(schedule, date(2040, 1, 1)),
    ):
        with pytest.raises(RuleBroken) as told:
            ask()
        assert told.value.code == "holidays_unknown"
    services.import_holidays(calendar=office, years=[2036], **who)
    schedule = selectors.calendar("mx-office")
    assert rules.due_after_business_days(schedule, date(2035, 12, 28), 5) == date(2036, 1, 7)


def test_f21_a_day_that_a_person_noted_does_not_make_its_year_known(office, who):
    services.add_holiday(calendar=office, day=date(2036, 2, 4), name="Puente", **who)
    with pytest.raises(RuleBroken):
        rules.is_business_day(selectors.calendar("mx-office"), date(2036, 2, 5))
    Calendar.objects.filter(pk=office.pk).update(country="")
    assert rules.is_business_day(selectors.calendar("mx-office"), date(2036, 2, 5))


def test_f21_every_night_the_years_ahead_are_brought_and_nothing_when_they_are_there(monkeypatch):
    assert extend() == 0 and not AuditEvent.objects.filter(action="calendars.holidays_imported").exists()
    monkeypatch.setattr(clock, "now", lambda: datetime(2028, 1, 1, 12, tzinfo=UTC))
    assert extend() > 0
    for code in ("mx-office", "imss-counter", "cl-office", "mx-bank", "cl-bank"):
        assert max(selectors.calendar(code).years) == 2028 + services.YEARS_AHEAD
    assert date(2037, 4, 2) in selectors.calendar("mx-bank").holidays  # Maundy Thursday
    assert AuditEvent.objects.filter(action="calendars.holidays_imported", by=None).count() == 5
    assert extend() == 0


@pytest.mark.parametrize(
    ("years", "told"),
    [((), "de ningún año"), ((2030,), "de 2030"), ((2015, 2016, 2017, 2020), "de 2015 a 2017 y de 2020")],
)
def test_known_years_are_told_as_runs(years, told):
    assert rules.years_text(years) == told


def test_f21_the_page_of_a_year_that_is_not_known_says_so(office):
    client = signed_in(administrator())
    page = client.get(reverse("calendars:calendar", args=["mx-office"]), {"anio": "2036"}).content.decode()
    assert "no se conocen" in page and "de 2015 a 2035" in page
    assert "no se conocen" not in client.get(reverse("calendars:calendar", args=["mx-office"])).content.decode()
