"""A day known by heart or read from a paper: three fields, kept as typed, with the month in figures or by its name."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.http import QueryDict
from lxml import html

from portal.design.forms import DateInput, DayInput, Form


class Born(Form):
    born_on = forms.DateField(label="Nacimiento", widget=DayInput, required=False)


def typed(day: str, month: str, year: str) -> Born:
    return Born({"born_on_0": day, "born_on_1": month, "born_on_2": year})


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        (("7", "3", "1984"), date(1984, 3, 7)),
        ((" 07 ", "03", "1984"), date(1984, 3, 7)),
        (("31", "diciembre", "1999"), date(1999, 12, 31)),
        (("1", "ENE", "2000"), date(2000, 1, 1)),
        (("", "", ""), None),
        (("31", "2", "2000"), "no es una fecha"),
        (("1", "", "2000"), "no es una fecha"),
        (("1", "1", "84"), "no es una fecha"),
        (("x", "foo", "2000"), "no es una fecha"),
        (("1", "1", "1800"), "no es una fecha"),
    ],
)
def test_it_is_read_or_refused_in_a_sentence_and_stays_as_it_was_typed(parts, read) -> None:
    form = typed(*parts)
    if isinstance(read, str):
        assert not form.is_valid() and read in form.errors["born_on"][0]
    else:
        assert form.is_valid() and form.cleaned_data["born_on"] == read
    inputs = html.fromstring(str(form["born_on"])).xpath("//input")
    assert [one.get("value") or "" for one in inputs][0::2] == [parts[0].strip(), parts[2].strip()]
    assert [one.get("id") for one in inputs] == ["id_born_on_0", "id_born_on_1", "id_born_on_2"]


def test_a_call_sends_it_whole_and_a_page_shows_what_is_known() -> None:
    form = Born(QueryDict("born_on=1984-03-07"))
    assert form.is_valid() and form.cleaned_data["born_on"] == date(1984, 3, 7)
    for shown in (form, Born(initial={"born_on": date(1984, 3, 7)})):
        field = html.fromstring(f"<div>{shown['born_on'].as_field_group()}</div>")
        assert [one.get("value") for one in field.xpath("//input")] == ["7", "3", "1984"]
        assert field.xpath("//legend") and len(field.xpath("//label")) == 3
    widget = DayInput()
    assert widget.value_omitted_from_data({}, {}, "born_on")
    assert not widget.value_omitted_from_data({"born_on": "x"}, {}, "born_on")
    assert not widget.value_omitted_from_data({"born_on_0": "", "born_on_1": "", "born_on_2": ""}, {}, "born_on")


def test_each_field_of_a_day_asks_for_it_in_the_way_of_its_kind() -> None:
    """Known by heart or on a paper: three fields; near, in the browser's own picker."""
    from billing.forms import RegimeForm
    from memberships.forms import LookUpForm, PersonForm, PolicyYearForm
    from portal.calendars.forms import ClosingForm, HolidayForm

    three = [(RegimeForm, "valid_from"), (PersonForm, "born_on"), (LookUpForm, "born_on"), (PolicyYearForm, "since")]
    near = [(HolidayForm, "date"), (ClosingForm, "first")]
    assert {type(one.base_fields[name].widget) for one, name in three} == {DayInput}
    assert {type(one.base_fields[name].widget) for one, name in near} == {DateInput}
