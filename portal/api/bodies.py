"""What was sent: JSON or a form with files, read strictly and handed to the screen's own form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from rest_framework import exceptions

from portal.api.calls import Asked, Body, Call
from portal.api.problems import FormRefused
from portal.errors import RuleBroken
from portal.once import rules as once_rules

JSON, MULTIPART = "application/json", "multipart/form-data"
NO_KEY = f"Falta el encabezado {once_rules.HEADER}: manda de 8 a 128 letras o dígitos, distintos para cada envío."
SHAPE = "Manda un objeto de JSON con los campos de la documentación."


def strict_json(raw: bytes) -> Any:
    """JSON that can be read in one way only: UTF-8, no name twice in an object, no NaN (ASVS 1.5.3).

    Raises ParseError, also for what is nested too deep to be read.
    """
    try:
        return json.loads(raw, parse_constant=_no_such_number, object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError) as wrong:
        raise exceptions.ParseError() from wrong


def _no_such_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def key_of(request: HttpRequest) -> str:
    """The key that names this act: the header, or the field of a form. Raises RuleBroken without one."""
    key = request.headers.get(once_rules.HEADER, "")
    if not key and request.content_type == MULTIPART:
        key = request.POST.get(once_rules.FIELD, "")
    if not once_rules.is_key(key):
        raise RuleBroken(NO_KEY, code="idempotency_key_missing")
    return key


def body_sha256(request: HttpRequest) -> str:
    """The hash of the address with its query and of what was sent, the same for the same act sent again."""
    address = request.get_full_path()
    if request.content_type != MULTIPART:
        return once_rules.hash_bytes(address.encode() + b"\n" + request.body)
    files = [
        (name, upload.name or "", upload.size, str(getattr(upload, "sha256", "")))
        for name, uploads in request.FILES.lists()
        for upload in uploads
    ]
    return once_rules.hash_form(address, request.POST.lists(), files)


def typed(call: Call, asked: Asked, thing: Any, request: HttpRequest) -> Mapping[str, Any]:
    """What the act is called with beside the thing: read by its form, or by its body's own reader.

    Raises FormRefused with what is wrong at each field, UnsupportedMediaType, ParseError.
    """
    kind = request.content_type or (JSON if not request.body else "")
    if isinstance(call.takes, Body):
        if kind != JSON:
            raise exceptions.UnsupportedMediaType(kind)
        return call.takes.read(strict_json(request.body))
    given = call.given(asked, thing) if call.given else {}
    made = call.takes or forms.Form
    if kind == MULTIPART:
        form = made(request.POST, request.FILES, **given)
        _refuse_stray(form, {*request.POST, *request.FILES} - {once_rules.FIELD, "csrfmiddlewaretoken"})
    elif kind == JSON:
        blank = made(**given)
        form = made(_as_form(blank, strict_json(request.body) if request.body else {}), **given)
    else:
        raise exceptions.UnsupportedMediaType(kind)
    if not form.is_valid():
        raise FormRefused(form.errors)
    return form.cleaned_data


def _refuse_stray(form: forms.BaseForm, names: set[str]) -> None:
    if stray := sorted(names - set(form.fields)):
        raise FormRefused({name: ["Ese campo no existe aquí."] for name in stray})


def _as_form(form: forms.BaseForm, body: Any) -> QueryDict:
    """A JSON object as what a browser would send. Raises FormRefused for a value of another type than the field's."""
    if not isinstance(body, dict):
        raise RuleBroken(SHAPE, code="bad_shape")
    _refuse_stray(form, set(body))
    sent, wrong = QueryDict(mutable=True), {}
    for name, value in body.items():
        if value is None:
            continue
        values = _values(form.fields[name], value)
        if values is None:
            wrong[name] = [f"Manda {_WORDS.get(kind_of(form.fields[name]), 'un texto')}."]
        else:
            sent.setlist(name, values)
    if wrong:
        raise FormRefused(wrong)
    return sent


_WORDS = {
    "array": "una lista de textos",
    "boolean": "true o false",
    "integer": "un número entero",
    "file": "un archivo",
}


def kind_of(field: forms.Field) -> str:
    """The type a field has in JSON; `file` comes only in a form with files."""
    if isinstance(field, forms.FileField):
        return "file"
    if isinstance(field, forms.MultipleChoiceField):
        return "array"
    if isinstance(field, forms.BooleanField):
        return "boolean"
    if isinstance(field, forms.IntegerField) and type(field) is forms.IntegerField:
        return "integer"
    return "string"


def _values(field: forms.Field, value: Any) -> list[str] | None:
    kind = kind_of(field)
    if kind == "array" and isinstance(value, list) and all(_is_text(one) for one in value):
        return value
    if kind == "boolean" and isinstance(value, bool):
        return ["on"] if value else []
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    return [value] if kind == "string" and _is_text(value) else None


def _is_text(value: Any) -> bool:
    """Half of a letter (a lone surrogate) is no text: nothing could store it."""
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False
