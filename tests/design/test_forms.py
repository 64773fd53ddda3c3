"""Typed text passes the one cleaner in every form of the house (UP-04, C7), and a refusal stands at its field."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from itertools import product

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer

from portal.design import widgets
from portal.design.forms import Combobox, DateInput, PersonPicker, TextField, refuse
from portal.errors import RuleBroken
from tests.sources import PACKAGES, mentioning, named, none

# Fields whose text is no free text: secrets, identifiers, amounts and codes, each judged by its own reader.
JUDGED_ELSEWHERE = {
    "clabe",
    "code",
    "codigo",
    "current",
    "fee",
    "identifier",
    "password",
    "payable",
    "rfc",
    "value",
} | {"total"}
JUDGED_ELSEWHERE |= {"path", "query"}  # of a saved view: an address of ours, asked as its page asks it


class Choosing(forms.Form):
    hospital = forms.ChoiceField(choices=[("1", "Ángeles <Centro>"), ("2", "Muguerza")], widget=Combobox(url="/x/"))
    person = forms.ChoiceField(choices=[("7", "Leo <b>\nHijo, menor de edad")], widget=PersonPicker)


def test_a_combobox_is_a_select_until_its_script_and_a_person_stands_on_a_card() -> None:
    drawn = str(Choosing({"hospital": "2", "person": "7"}))
    assert '<select name="hospital" data-combobox="/x/"' in drawn and '<option value="2" selected>' in drawn
    assert "Ángeles &lt;Centro&gt;" in drawn and "<strong>Leo &lt;b&gt;</strong>" in drawn
    assert '<span class="hint">Hijo, menor de edad</span>' in drawn and "checked" in drawn
    assert 'class="choice-list cards"' in drawn and drawn.count('class="choice-card"') == 1


class Note(forms.Form):
    line = TextField(label="Nombre", max_length=20)
    text = TextField(label="Nota", max_length=40, multiline=True, required=False)


def _forms() -> list[type[forms.BaseForm]]:
    found = set()
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"__main__", "management", "migrations", "samples", "settings"} & set(module.name.split(".")):
                members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
                found |= {
                    kind for _, kind in members if issubclass(kind, forms.Form) and kind.__module__ == module.name
                }
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__name__}")


def test_text_is_composed_trimmed_and_single_lines_lose_their_runs_of_blanks() -> None:
    form = Note({"line": "  Mari\u0301a   Ruiz ", "text": "uno\r\ndos"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"line": "María Ruiz", "text": "uno\ndos"}


@pytest.mark.parametrize("typed", ["Ana\u202eiuqA", "\u200b", "a\x07b"])
def test_text_that_hides_or_turns_around_is_refused_beside_its_field(typed: str) -> None:
    form = Note({"line": typed})
    assert not form.is_valid()
    assert list(form.errors) == ["line"]


def test_every_form_takes_words_through_the_cleaner() -> None:
    kinds = _forms()
    assert len(kinds) > 20, kinds
    bare = {name for kind in kinds for name, field in kind.base_fields.items() if type(field) is forms.CharField}
    assert bare == JUDGED_ELSEWHERE


TYPED = (forms.TextInput, forms.NumberInput, forms.EmailInput, forms.PasswordInput, forms.HiddenInput, DateInput)
CHOSEN, MANY = (forms.Select, forms.RadioSelect), (forms.CheckboxSelectMultiple,)
COLOURS = [("", "—"), ("r", "rojo <&>"), ("Otros", [("g", 'verde "mar"'), ("b", "azul")])]
HELD = {"class": "ancho", "maxlength": 40, "data-x": 'a"b', "required": True, "disabled": False}


EACH: list[tuple[forms.Widget, object]] = [
    *((kind(attrs), value) for kind in TYPED for attrs in ({}, HELD) for value in ("", None, 'uno "dos" <tres>', 7)),
    (forms.CheckboxInput(HELD), True),
    (forms.CheckboxInput({}), False),
    *((kind(attrs, choices=COLOURS), value) for kind in CHOSEN for attrs in ({}, HELD) for value in (None, "g")),
    *((kind(attrs, choices=COLOURS), ["r", "b"]) for kind in MANY for attrs in ({}, HELD)),
]


def test_a_widget_is_drawn_as_djangos_own_template_draws_it() -> None:
    for (widget, value), attrs in product(EACH, (None, {"id": "id_x", "aria-invalid": "true"})):
        context = widget.get_context("x", value, attrs)
        theirs = DjangoTemplates().render(widget.template_name, context)
        ours = get_default_renderer().render(widget.template_name, context)
        assert widgets.drawn(widget.template_name, context["widget"]) is not None
        assert _folded(ours) == _folded(theirs), (type(widget), value, attrs)


def _folded(html: str) -> str:
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", html)).strip()


def test_what_only_a_template_draws_is_left_to_it() -> None:
    drawn = get_default_renderer().render(
        "django/forms/widgets/textarea.html", forms.Textarea().get_context("x", "", None)
    )
    assert drawn.startswith("<textarea")


def test_a_broken_rule_stands_at_its_field_or_above_the_form() -> None:
    form = Note({"line": "a"})
    form.is_valid()
    refuse(form, RuleBroken("Así no.", field="line"))
    refuse(form, RuleBroken("Nunca.", field="elsewhere"))
    assert form.errors == {"line": ["Así no."], "__all__": ["Nunca."]}


def test_a_form_offers_its_choices_in_one_way() -> None:
    """`self.offer(name, choices)`: no form reaches into its fields for what only its maker knows."""
    reaches = re.compile(r"""fields\[["'](?:\w+)["']\]\.choices\s*=|\bfield\.choices\s*=""")
    others = [path for path in mentioning(".choices") if named(path) != "portal/design/forms.py"]
    none([f"{named(path)}: {one}" for path in others for one in reaches.findall(path.read_text())])
