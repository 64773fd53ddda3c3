"""The form renderer, the inputs and the text field of the house: every field is drawn by `components/field.html`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import django.forms
from django import forms
from django.conf import settings
from django.core.validators import EmailValidator
from django.forms.renderers import DjangoTemplates
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from portal.design import widgets
from portal.design.dates import MONTHS
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.text import clean_text, folded

_GROUPED = re.compile(r"\s*[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?\s*")


class CauceRenderer(DjangoTemplates):
    """Our templates first, Django's widget templates after them."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    @cached_property
    def engine(self) -> Any:
        """A template engine that knows our folder, our builtin tags and Django's widgets."""
        return self.backend(
            {
                "APP_DIRS": False,
                "DIRS": [settings.ROOT / "templates", Path(django.forms.__file__).parent / "templates"],
                "NAME": "cauceforms",
                "OPTIONS": {name: settings.TEMPLATES[0]["OPTIONS"][name] for name in ("builtins", "loaders")},
            }
        )

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """A widget by a plain function where there is one, anything else by its template."""
        widget = widgets.drawn(template_name, context["widget"]) if "widget" in context else None
        return widget if widget is not None else super().render(template_name, context, request)


# What Django would say of a field, in our words and with the field's name: code -> cause and cure.
_SAID = {
    "required": "Falta «{label}». Escríbelo para continuar.",
    "invalid": "«{label}» no se entiende. Revísalo y escríbelo otra vez.",
    "invalid_choice": "«{label}» no está en la lista. Elige una opción de las que se ofrecen.",
    "invalid_list": "«{label}» no llegó como una lista. Vuelve a cargar la página y elige otra vez.",
    "invalid_pk_value": "«{label}» no está en la lista. Elige una opción de las que se ofrecen.",
    "incomplete": "«{label}» está incompleto. Escribe lo que falta.",
    "min_value": "«{label}» debe ser {limit_value} o más. Escribe otro número.",
    "max_value": "«{label}» debe ser {limit_value} o menos. Escribe otro número.",
    "step_size": "«{label}» va de {limit_value} en {limit_value}. Escribe otro número.",
    "min_length": "«{label}» tiene {show_value} caracteres y lleva {limit_value} o más. Escríbelo completo.",
    "max_length": "«{label}» tiene {show_value} caracteres y caben {limit_value}. Acórtalo un poco.",
    "max_digits": "«{label}» lleva a lo más {max} cifras. Escribe un número más corto.",
    "max_decimal_places": "«{label}» lleva a lo más {max} decimales. Quita los que sobran.",
    "max_whole_digits": "«{label}» lleva a lo más {max} cifras antes del punto. Escribe un número más corto.",
    "null_characters_not_allowed": "«{label}» trae caracteres que no se ven. Bórralo y escríbelo de nuevo.",
    "overflow": "«{label}» es demasiado grande. Revísalo y escríbelo otra vez.",
}
_NO_KEY = ("invalid", "null_characters_not_allowed")  # what a row's own key says of what is none
_NUMBER = "«{label}» no es un número. Escríbelo con cifras, por ejemplo 12."
_OF_KIND: tuple[tuple[type[forms.Field], dict[str, str]], ...] = (
    (
        forms.FileField,
        {
            "required": "Falta «{label}». Elige el archivo para continuar.",
            "invalid": "«{label}» no llegó. Elige el archivo otra vez.",
            "missing": "«{label}» no llegó. Elige el archivo otra vez.",
            "empty": "«{label}» llegó vacío: pesa 0 bytes. Descárgalo de nuevo de donde lo sacaste y sube esa copia.",
            "max_length": "El nombre de «{label}» tiene {length} caracteres y caben {max}. Acórtalo y súbelo otra vez.",
            "contradiction": "En «{label}» elegiste un archivo y también quitarlo. Haz solo una de las dos cosas.",
        },
    ),
    (forms.BooleanField, {"required": "Falta marcar «{label}». Márcalo para continuar."}),
    (forms.MultipleChoiceField, {"required": "Falta «{label}». Elige al menos una opción."}),
    (forms.ChoiceField, {"required": "Falta «{label}». Elige una opción."}),
    (forms.EmailField, {"invalid": "«{label}» no es un correo. Escríbelo completo, como nombre@ejemplo.mx."}),
    (forms.DateField, {"invalid": "«{label}» no es una fecha. Escríbela con año de cuatro cifras, como 22/11/2026."}),
    (forms.IntegerField, {"invalid": _NUMBER}),  # decimals and floats are kinds of it
)
FIRST_YEAR, LAST_YEAR = 1900, 2199
_BLANK = re.compile(r"\{(\w+)\}")
_NOT_OURS = ("django.", "django_filters.", "allauth.", "rest_framework.")


def speak(field: forms.Field, label: str) -> None:
    """Put our words, with the field's name, where the field would still say one of Django's sentences."""
    theirs: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        stock = vars(kind).get("default_error_messages", {})
        theirs |= stock if kind.__module__.startswith(_NOT_OURS) else dict.fromkeys(stock)
    ours = _SAID | next((said for kind, said in _OF_KIND if isinstance(field, kind)), {})
    for code in {*theirs, *ours}:
        said = field.error_messages.get(code)
        if said is None or said is theirs.get(code):
            said = ours.get(code, _SAID["invalid"])
            field.error_messages[code] = _Sentence(said.replace("{label}", label))


class _Sentence(str):
    """Django fills a sentence in with `%`. Ours has its blanks in braces: a label may hold a percent sign."""

    __slots__ = ()

    def __mod__(self, given: Any) -> str:
        return _BLANK.sub(lambda blank: str(given.get(blank[1], blank[0])), self)


class Form(forms.Form):
    """Every form of the house: what it refuses is said in our words and names its field, never in Django's.

    `chosen_from` are fields whose choices only whoever makes it knows: the word by which they are told → the field.
    """

    chosen_from: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *given: Any, **named: Any) -> None:
        told = {field: named.pop(name, None) or () for name, field in self.chosen_from.items()}
        super().__init__(*given, **named)
        self.offer(**told)

    def full_clean(self) -> None:
        """Judge what was sent, once each field has our words."""
        for name, field in self.fields.items():
            speak(field, str(field.label or name))
            if isinstance(field, forms.DateField) and check_year not in field.validators:
                field.validators.append(check_year)
        super().full_clean()

    def offer(self, **choices: Iterable[tuple[Any, Any]]) -> None:
        """Say what may be chosen in each of these fields."""
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(offered)

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django, but a choice of rows refuses what is no identifier at all in the words of one not offered."""
        chosen = self.fields.get(field or "")
        if isinstance(chosen, forms.ModelChoiceField) and getattr(error, "code", "") in _NO_KEY:
            error = forms.ValidationError(chosen.error_messages["invalid_choice"], code="invalid_choice")
        super().add_error(field, error)

    @cached_property
    def drawn(self) -> SafeString:
        """Its visible fields as `components/field.html` shows them; drawn once, however often the form is shown."""
        return format_html_join("", "{}", ((field.as_field_group(),) for field in self.visible_fields()))


def check_year(day: date) -> None:
    """A browser's date picker makes year 26 of two typed digits. Raises ValidationError."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(_SAID["invalid"], code="invalid")  # the field says its own sentence instead


class EmailField(forms.EmailField):
    """An address that mail from anywhere reaches: Django's own takes `a@localhost`."""

    default_validators = [EmailValidator(allowlist=[])]


class TextField(forms.CharField):
    """Words a person types, through the one cleaner (UP-04): `multiline` keeps line breaks and draws a text area."""

    def __init__(self, *, max_length: int, multiline: bool = False, rows: int = 3, **kwargs: Any) -> None:
        if multiline:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)
        self.length, self.multiline = max_length, multiline

    def clean(self, value: Any) -> str:
        """The cleaned text. Raises ValidationError with the cleaner's sentence."""
        typed: str = super().clean(value)
        what = f"«{self.label}»" if self.label else "El texto"
        try:
            return clean_text(typed, max_length=self.length, multiline=self.multiline, what=what)
        except RuleBroken as broken:
            raise forms.ValidationError(broken.message, code=broken.code) from broken


class DecisionField(forms.ChoiceField):
    """What somebody decides with the buttons of a page, one a choice."""

    default_error_messages = {
        "required": "Elige qué decides con los botones.",
        "invalid_choice": "Elige qué decides con los botones.",
    }

    def __init__(self, *, label: str = "Decisión", **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)


def of_rows(choices: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function of choices that asks the database: the schema of the API is written without them."""
    choices.of_rows = True  # type: ignore[attr-defined]
    return choices


def refuse(form: forms.BaseForm, broken: RuleBroken) -> None:
    """Put a broken rule where it belongs: at its field, or above the form."""
    form.add_error(broken.field if broken.field in form.fields else None, broken.message)


def tried(form: forms.BaseForm, act: Callable[[], Any]) -> int:
    """0 where the act was done; the status of its refusal, whose sentence the form shows, otherwise."""
    if not form.is_valid():
        return UNPROCESSABLE
    try:
        act()
    except RuleBroken as broken:
        refuse(form, broken)
        return broken.status
    return 0


class _Text(forms.TextInput):
    """A text input whose fixed attributes yield to those given."""

    fixed: dict[str, str] = {}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**self.fixed, **(attrs or {})})


class MoneyInput(_Text):
    """An amount: decimal keyboard, right-aligned, "$" before it; read as its script groups it, 90,000.00."""

    template_name = "components/inputs/money.html"
    fixed = {"inputmode": "decimal", "autocomplete": "off", "data-format": "money"}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was typed, without the commas between thousands: a number's field knows none."""
        typed = super().value_from_datadict(data, files, name)
        return typed.replace(",", "") if isinstance(typed, str) and _GROUPED.fullmatch(typed) else typed


class ClabeInput(_Text):
    """A CLABE: numeric keyboard, grouped as it is typed (3 3 11 1).

    With `bank`, the name of the address that tells a bank by its code, the bank is told while it is typed.
    """

    fixed = {
        "inputmode": "numeric",
        "autocomplete": "off",
        "data-format": "clabe",
        "maxlength": "24",
        "spellcheck": "false",
    }

    def __init__(self, attrs: dict[str, Any] | None = None, *, bank: str = "") -> None:
        super().__init__(attrs)
        self.bank = bank

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """With the address of a bank, its code to be put in for 000."""
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {"data-bank": reverse(self.bank, args=["000"])} if self.bank else attrs


class RfcInput(_Text):
    """An RFC: capital letters as it is typed."""

    fixed = {
        "autocapitalize": "characters",
        "autocomplete": "off",
        "data-format": "rfc",
        "maxlength": "16",
        "spellcheck": "false",
    }


class CodeInput(_Text):
    """A one-time code of six digits, filled by the telephone where it can."""

    fixed = {
        "inputmode": "numeric",
        "autocomplete": "one-time-code",
        "maxlength": "11",
        "spellcheck": "false",
        "class": "code",
    }


class DateInput(forms.DateInput):
    """The browser's own date picker; the value travels as 2026-11-22."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayInput(forms.MultiWidget):
    """A day known by heart or read from a paper, in three fields: day, month (a number or its name), year.

    What was typed stays as it was typed. A value under the field's own name, as a call sends it, is taken too.
    """

    template_name = "components/inputs/day.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        part = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "2"}
        month, year = part | {"inputmode": "text", "maxlength": "10"}, part | {"maxlength": "4"}
        super().__init__([forms.TextInput(one) for one in (part, month, year)], attrs)

    def decompress(self, value: Any) -> list[str]:
        """Day, month and year of a date, or of what was typed."""
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        text = str(value or "")
        parts = text.split("/") if "/" in text else [one.lstrip("0") for one in reversed(text.split("-"))]
        return [*parts, "", "", ""][:3]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """What was typed as `22/11/2026`, "" for nothing; the month's name becomes its number."""
        if data.get(name):
            return str(data[name])
        day, month, year = (str(one or "").strip() for one in super().value_from_datadict(data, files, name))
        named = next(
            (at for at, one in enumerate(MONTHS, 1) if len(month) > 2 and one.startswith(folded(month))), month
        )
        return f"{day}/{named}/{year}" if day or month or year else ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether neither the parts nor the whole was sent."""
        return name not in data and bool(super().value_omitted_from_data(data, files, name))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Django's context, each part with its word."""
        context = super().get_context(name, value, attrs)
        context["widget"]["parts"] = [*zip(("Día", "Mes", "Año"), context["widget"]["subwidgets"], strict=True)]
        return context


class Combobox(forms.Select):
    """One of many: a field one types in, with its list; without a script, or with few choices, a plain select.

    `url` answers what was typed as `?buscar=` (JSON `{rows: [{value, text, detail}]}`); without it its own choices are
    searched.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = (), *, url: str = "") -> None:
        super().__init__({"data-combobox": url, **(attrs or {})}, choices)


class PersonPicker(forms.RadioSelect):
    """One of a few people, each on a card: the choice's label is the name, and below it a word about them."""

    template_name = "components/inputs/person.html"

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"class": "choice-list cards", **(attrs or {})}, choices)


class FileInput(forms.FileInput):
    """One file, chosen or dropped; the native control is hidden: it speaks the browser's language."""

    template_name = "components/inputs/file.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, accept: str = "", label: str = "Elegir archivo") -> None:
        super().__init__({"accept": accept, **(attrs or {})} if accept else attrs)
        self.label = label

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Django's context plus our words."""
        context = super().get_context(name, value, attrs)
        context["widget"]["button"] = self.label
        return context


class FilesInput(FileInput):
    """Several files in one control; without JavaScript, a plain multi-file form.

    `camera`: a second control beside it, on what is touched, that opens the camera at once; both send the same name.
    """

    allow_multiple_selected = True

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        accept: str = "",
        label: str = "Elegir archivos",
        camera: bool = False,
    ) -> None:
        super().__init__({**(attrs or {}), "multiple": True}, accept=accept, label=label)
        self.camera = camera

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The same, with the words of the camera where one is offered."""
        context = super().get_context(name, value, attrs)
        context["widget"]["camera"] = "Tomar foto" if self.camera else ""
        return context
