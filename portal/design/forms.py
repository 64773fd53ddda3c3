"""The form renderer, the inputs and the text field of the house: every field is drawn by `components/field.html`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django.forms
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.utils.functional import cached_property

from portal.errors import RuleBroken
from portal.text import clean_text


class CauceRenderer(DjangoTemplates):
    """Our templates first, Django's widget templates after them."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    @cached_property
    def engine(self) -> Any:
        """A template engine that knows our folder, our builtin tags and Django's widgets."""
        return self.backend(
            {
                "APP_DIRS": True,
                "DIRS": [settings.ROOT / "templates", Path(django.forms.__file__).parent / "templates"],
                "NAME": "cauceforms",
                "OPTIONS": {"builtins": ["portal.design.templatetags.cauce"]},
            }
        )


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
        try:
            return clean_text(typed, max_length=self.length, multiline=self.multiline)
        except RuleBroken as broken:
            raise forms.ValidationError(broken.message, code=broken.code) from broken


def refuse(form: forms.BaseForm, broken: RuleBroken) -> None:
    """Put a broken rule where it belongs: at its field, or above the form."""
    form.add_error(broken.field if broken.field in form.fields else None, broken.message)


class _Text(forms.TextInput):
    """A text input whose fixed attributes yield to those given."""

    fixed: dict[str, str] = {}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**self.fixed, **(attrs or {})})


class MoneyInput(_Text):
    """An amount: decimal keyboard, right-aligned, "$" before it."""

    template_name = "components/inputs/money.html"
    fixed = {"inputmode": "decimal", "autocomplete": "off", "data-format": "money"}


class ClabeInput(_Text):
    """A CLABE: numeric keyboard, grouped as it is typed (3 3 11 1)."""

    fixed = {
        "inputmode": "numeric",
        "autocomplete": "off",
        "data-format": "clabe",
        "maxlength": "24",
        "spellcheck": "false",
    }


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
    """Several files in one control; without JavaScript, a plain multi-file form."""

    allow_multiple_selected = True

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, accept: str = "", label: str = "Elegir archivos"
    ) -> None:
        super().__init__({**(attrs or {}), "multiple": True}, accept=accept, label=label)
