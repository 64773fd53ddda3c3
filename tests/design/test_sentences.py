"""What a form refuses is said in our words and names its field: every form of the house, empty and wrong (UX)."""

from __future__ import annotations

import gettext
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import allauth
import django
import django_filters
import pytest
import rest_framework
from django import forms
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

import billing
import config
import portal
from billing.rules.orders_file import ORDERS
from billing.sign_up import SIGN_UP
from memberships.models import Membership
from portal.design.forms import EmailField, Form
from portal.errors import RuleBroken
from portal.listing import Filters
from portal.people.models import ConsentText, Party, User
from portal.people.rules import clean_email
from tests.rulebook.test_rules import a_rule
from tests.sources import PACKAGES

BEGINNING = 6  # letters by which the sentences of the libraries are told apart
LETTERS = 9  # fewer say nothing by themselves: «%(a)s de %(b)s»
JUNK = [
    "",
    " ",
    "\x00",
    "x",
    "9" * 40,
    "1.23456789",
    "-5",
    "a@localhost",
    "x" * 6000,
    "2026-13-45",
    "22/11/26",
    "0026-11-22",
]


def _modules() -> None:
    for package in (portal, billing, config):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"__main__", "migrations", "wsgi", "management", "renderer"} & set(module.name.split(".")):
                importlib.import_module(module.name)


def _below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _ours(kind: type) -> list[type]:
    _modules()
    mine = {one for one in _below(kind) if one.__module__.split(".")[0] in PACKAGES}
    return sorted(mine - {Form, Filters}, key=lambda one: f"{one.__module__}.{one.__qualname__}")


@cache
def _theirs() -> dict[str, list[re.Pattern[str]]]:
    """Every sentence of the libraries, in Spanish and in English, with anything where they fill something in.

    By how each begins: there are thousands, and one that begins otherwise needs no look.
    """
    said: set[str] = set()
    for library in (django, django_filters, rest_framework, allauth):
        root = Path(str(library.__file__)).parent
        for place in [*root.glob("**/locale/es*/LC_MESSAGES/django.mo")]:
            with place.open("rb") as held:
                catalogue = gettext.GNUTranslations(held)._catalog  # type: ignore[attr-defined]
            for key, words in catalogue.items():
                said |= {words, key[0] if isinstance(key, tuple) else key}
    blank = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
    found: dict[str, list[re.Pattern[str]]] = {}
    for one in said:
        if " " in one and len(re.sub(r"\W", "", blank.sub("", one))) >= LETTERS:
            parts = blank.split(one)
            pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
            found.setdefault(parts[0][:BEGINNING], []).append(pattern)
    return found


@cache
def _is_theirs(sentence: str) -> bool:
    beginnings = (sentence[:size] for size in range(BEGINNING + 1))
    return any(one.fullmatch(sentence) for begins in dict.fromkeys(beginnings) for one in _theirs().get(begins, ()))


def test_a_sentence_of_a_library_is_known_however_it_begins() -> None:
    for sentence in ("Este campo es obligatorio.", "This field is required.", "7 seleccionados en total"):
        assert _is_theirs(sentence), sentence
    assert not _is_theirs("Falta «Correo». Escríbelo para continuar.")


def _built(kind: Any, data: Any, files: Any) -> forms.BaseForm:
    """The form as a view builds it; what it asks for besides is made up from its own names."""
    if issubclass(kind, Filters):
        return kind(data, queryset=User.objects.none()).form
    extra: dict[str, Any] = {}
    for name, one in inspect.signature(kind.__init__).parameters.items():
        if one.kind is inspect.Parameter.KEYWORD_ONLY and one.default is inspect.Parameter.empty:
            extra[name] = _made_up(name)
    return kind(data, files, **extra)


def _made_up(name: str) -> Any:
    """What a form asks for besides: a rule, a way to sign up, a layout, the headings that a file lacks, insurers."""
    lacking = {"lacking": [ORDERS.fields[0].name], "foreign": ["Otro título"]}
    return {
        "current": a_rule(),
        "layout": ORDERS,
        "headings": lacking,
        "way": SIGN_UP,
        "insurers": Party.objects.none(),
        "text": ConsentText(pk=1),
        "label": "Archivos",
        "membership": Membership(),
    }.get(name, [])


def _refusals(kind: Any) -> Iterator[tuple[forms.Field, str]]:
    names = list(_built(kind, {}, None).fields)
    for junk in JUNK:
        sent = SimpleUploadedFile("a.txt", b"") if junk == "x" else None
        data = MultiValueDict({name: [junk, junk] for name in names if junk})
        files = MultiValueDict({name: [sent] for name in names}) if sent else None
        form = _built(kind, data, files)
        for name, wrong in form.errors.items():
            for sentence in wrong:
                yield form.fields.get(name) or forms.Field(label=""), str(sentence)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", [*_ours(forms.BaseForm), *_ours(django_filters.FilterSet)], ids=lambda kind: kind.__qualname__
)
def test_no_form_says_a_sentence_of_its_libraries(kind: Any) -> None:
    assert issubclass(kind, Form | Filters), "a form of the house is a portal.design.forms.Form"
    for _field, sentence in _refusals(kind):
        assert not _is_theirs(sentence), sentence
        assert sentence.rstrip().endswith((".", "»")), sentence
    for name, field in _built(kind, {}, None).fields.items():
        assert field.label, f"«{name}» has no name that a person could read"
        assert type(field) is not forms.EmailField, "portal.design.forms.EmailField refuses a@localhost"


class Everything(Form):
    """One field of each kind, all as Django makes them: what a later form may use without a thought."""

    text = forms.CharField(label="Texto 100 %", max_length=3, min_length=2)
    mail = EmailField(label="Correo")
    number = forms.IntegerField(label="Número", min_value=2, max_value=5, step_size=2)
    amount = forms.DecimalField(label="Importe", max_digits=4, decimal_places=2)
    real = forms.FloatField(label="Medida")
    day = forms.DateField(label="Día")
    hour = forms.TimeField(label="Hora")
    moment = forms.DateTimeField(label="Momento")
    length = forms.DurationField(label="Duración")
    one = forms.ChoiceField(label="Uno", choices=[("a", "A")])
    many = forms.MultipleChoiceField(label="Varios", choices=[("a", "A")])
    typed = forms.TypedChoiceField(label="Con tipo", choices=[("1", "1")], coerce=int)
    yes = forms.BooleanField(label="Acepto")
    identity = forms.UUIDField(label="Identidad")
    shape = forms.RegexField("^z+$", label="Forma")
    slug = forms.SlugField(label="Apodo")
    site = forms.URLField(label="Sitio", assume_scheme="https")
    place = forms.GenericIPAddressField(label="Dirección")
    body = forms.JSONField(label="Cuerpo")
    paper = forms.FileField(label="Papel", max_length=3)
    picture = forms.ImageField(label="Foto")
    own = forms.CharField(label="Propio", error_messages={"required": "Escribe lo tuyo."})


def test_every_kind_of_field_names_itself_in_our_words() -> None:
    said = list(_refusals(Everything))
    assert len(said) > 100
    for field, sentence in said:
        assert not _is_theirs(sentence), sentence
        assert f"«{field.label}»" in sentence or sentence == "Escribe lo tuyo.", sentence
    assert {field.label for field, _sentence in said} == {f.label for f in Everything.base_fields.values()}
    assert "Falta «Correo». Escríbelo para continuar." in {sentence for _field, sentence in said}
    assert "«Número» debe ser 5 o menos. Escribe otro número." in Everything({"number": "9"}).errors["number"]
    assert (
        "«Texto 100 %» tiene 4 caracteres y caben 3. Acórtalo un poco." in Everything({"text": "abcd"}).errors["text"]
    )


@pytest.mark.parametrize(
    "typed", ["22/11/26", "22-11-26", "22.11.26", "0026-11-22", "26-11-22", "1826-11-22", "22/11/0026"]
)
def test_a_year_of_two_digits_is_no_date(typed: str) -> None:
    assert Everything({"day": typed}).errors["day"] == [
        "«Día» no es una fecha. Escríbela con año de cuatro cifras, como 22/11/2026."
    ]


@pytest.mark.parametrize("typed", ["22/11/2026", "2026-11-22", "22-11-2026"])
def test_a_year_of_four_digits_is(typed: str) -> None:
    form = Everything({"day": typed})
    assert "day" not in form.errors and form.cleaned_data["day"] == date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["a@localhost", "a@portal", "a@b.c", "@ejemplo.mx", "a@ejemplo.", "a@ejemplo..mx"])
def test_an_address_that_no_mail_reaches_is_refused_by_form_and_rule(typed: str) -> None:
    assert Everything({"mail": typed}).errors["mail"] == [
        "«Correo» no es un correo. Escríbelo completo, como nombre@ejemplo.mx."
    ]
    with pytest.raises(RuleBroken):
        clean_email(typed)


@pytest.mark.django_db
def test_the_password_rules_speak_our_words() -> None:
    for rule in get_default_password_validators():
        assert not _is_theirs(str(rule.get_help_text()))  # type: ignore[attr-defined]
        for typed in ("", "password", "12345678", "a" * 200, "contraseña portal"):
            try:
                rule.validate(typed, None)
            except ValidationError as wrong:
                assert not [said for said in wrong.messages if _is_theirs(said)]
