"""The OpenAPI schema, written from what `calls` declare: forms, listings and answers, and nothing typed twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.urls import URLResolver, get_resolver
from drf_spectacular.openapi import AutoSchema

from portal.access import ROLE_LABELS, ROLES
from portal.api.answers import MONEY_SCHEMA, Answer
from portal.api.bodies import JSON, MULTIPART, kind_of
from portal.api.calls import Body, Call
from portal.design import answers
from portal.listing.columns import Column, Kind, Listing
from portal.listing.paging import AFTER, BEFORE
from portal.listing.selection import SORT
from portal.once import rules as once_rules

Schema = dict[str, Any]
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "reference": {"type": "string"},
        "field": {"type": "string"},
        "findings": {"type": "array", "items": {"type": "object"}},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["type", "title", "status", "code", "reference"],
}
UUID_TEXT: Schema = {"type": "string", "format": "uuid", "examples": ["0198c0de-0000-7000-8000-000000000000"]}
_COLUMN: dict[str, Schema] = {
    Kind.MONEY: MONEY_SCHEMA,
    Kind.DATE: {"type": "string", "format": "date", "examples": ["2026-11-20"]},
    Kind.INSTANT: {"type": "string", "format": "date-time", "examples": ["2026-11-20T12:30:00-06:00"]},
    Kind.NUMBER: {"type": "integer", "examples": [3]},
    Kind.FOLIOS: {"type": "string", "examples": ["FA-2026-000001"]},
    Kind.LINK: {"type": "string", "examples": ["FA-2026-000001"]},
}
LATER = "Todavía se prepara: pregunta otra vez después de «Retry-After» segundos."
PLACE = "Un lugar que vino en la respuesta anterior, para la página {}."


class CallSchema(AutoSchema):
    """What one call says of itself. Overrides what drf-spectacular would guess of a view."""

    @property
    def call(self) -> Call:
        """The declared call."""
        found: Call = self.view.resource.calls[self.method]
        return found

    def get_operation_id(self) -> str:
        """Unique: the app, the URL's name and the method."""
        name = self.view.resource.name.removeprefix("api_")
        return f"{_namespaces()[self.view.resource.path]}_{name}_{self.method.lower()}"

    def get_summary(self) -> str:
        """What it is for, in Spanish."""
        return self.call.title

    def get_description(self) -> str:
        """Who may, with what."""
        return " ".join(conditions(self.call))

    def get_response_serializers(self) -> Any:
        """None to guess: `_get_response_bodies` says them."""
        return {}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False

    def get_extensions(self) -> dict[str, Any]:
        """What is sent in the example."""
        return {"x-example": dict(self.call.example)} if self.call.example else {}

    def get_tags(self) -> list[str]:
        """The part of the address that it shares with its neighbours."""
        parts = self.view.resource.path.split("/")
        return ["/".join(parts[:2] if parts[0] == "mesa" else parts[:1])]

    def get_auth(self) -> list[Any]:
        """A token, or for people a session."""
        return [{"token": []}, *([{"session": []}] if self.call.people else [])]

    def _get_parameters(self) -> list[Any]:
        call, given = self.call, super()._get_parameters()
        for one in given:
            one["schema"] = UUID_TEXT if one["schema"].get("format") == "uuid" else one["schema"]
        named = [_parameter(*told) for told in query_of(call)]
        if call.method != "GET" and not call.repeats:
            key = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{8,128}$", "examples": ["envio-2026-11-20-0001"]}
            named.append({"in": "header", "name": once_rules.HEADER, "required": True, "schema": key})
        return [*given, *named]

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.call.method == "GET":
            return None
        return body_schema(self.call)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        call, told = self.call, self.call.answers
        refused = {answers.PROBLEM: {"schema": PROBLEM}}
        found = {code: {"description": word, "content": refused} for code, word in refusals(call).items()}
        answer: Schema = {"description": "Hecho."}
        if isinstance(told, str):
            answer["content"] = {told: {"schema": {"type": "string", "format": "binary"}}}
        elif told is not None:
            answer["content"] = {JSON: {"schema": self._answer(told)}}
        later = (
            {"202": {"description": LATER, "content": {JSON: {"schema": self._answer(call.later)}}}}
            if call.later
            else {}
        )
        return {str(call.status if told is not None else 204): answer, **later, **found}

    def _answer(self, told: type[Answer] | Listing) -> Schema:
        if isinstance(told, Listing):
            return listing_schema(told)
        reference: Schema = self.resolve_serializer(told, "response").ref
        return reference


@lru_cache(maxsize=1)
def _namespaces() -> dict[str, str]:
    """The app of each resource, by its path: two apps may call their addresses the same."""
    return dict(_resources(get_resolver().url_patterns, ""))


def _resources(patterns: Iterable[Any], namespace: str) -> Iterator[tuple[str, str]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _resources(one.url_patterns, one.namespace or namespace)
        elif hasattr(one.callback, "calls"):
            yield one.callback.cls.resource.path, namespace


def _parameter(name: str, schema: Schema, description: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": False, "schema": schema, "description": description}


def query_of(call: Call) -> list[tuple[str, Schema, str]]:
    """(name, schema, what it is) of each parameter that a reading takes beside its address."""
    told: list[tuple[str, Schema, str]] = [(name, {"type": "string"}, said) for name, said in call.query.items()]
    if not isinstance(call.answers, Listing):
        return told
    listing = call.answers
    told += [(name, {"type": "string", "enum": list(choices)}, "") for name, choices, _ in call.parts.values()]
    filters = listing.filters.base_filters if listing.filters else {}
    told += [(name, field_schema(one.field), str(one.label or name)) for name, one in filters.items()]
    if sortable := [sign + column.name for column in listing.columns if column.sort for sign in ("", "-")]:
        told.append((SORT, {"type": "string", "enum": sortable}, "Por qué columna se ordena; «-» al revés."))
    told.append((AFTER, {"type": "string"}, PLACE.format("que sigue")))
    told.append((BEFORE, {"type": "string"}, PLACE.format("de antes")))
    return told


def conditions(call: Call) -> Iterable[str]:
    """Sentences on who may ask a call, and with what."""
    roles = [label for role, label in ROLE_LABELS.items() if call.permissions & ROLES[role]]
    yield f"{', '.join(roles)}." if roles else "Cualquier persona." if call.people else "Sistema de una aseguradora."
    yield f"Credencial con el alcance «{call.scope}»" + (", o tu sesión." if call.people else ".")
    if call.fresh:
        yield "Pide una prueba reciente de quién eres."
    if isinstance(call.answers, Listing) and not call.answers.own:
        yield "Con tu sesión pide una prueba reciente de quién eres."
    if call.status == 202:
        yield "Se termina después: pregunta en la dirección de «Location»."
    elif call.waits:
        yield "Lo que tarda se contesta con 202 y se termina después: pregunta en la dirección de «Location»."


def refusals(call: Call) -> dict[str, str]:
    """Status -> when, of every refusal that a call may answer with; each is problem JSON with its cure."""
    found = {
        "401": "Falta la credencial, o ya no vale.",
        "403": "No alcanza lo que puedes.",
        "404": "No existe, o no es tuyo.",
    }
    if call.method != "GET":
        found |= {
            "400": "El cuerpo no se entiende.",
            "413": "Es demasiado grande.",
            "415": "No es JSON ni multipart.",
        }
    return dict(
        sorted(
            (
                found
                | {
                    "409": "Ya cambió, o la llave se usó con otro cuerpo.",
                    "422": "Una regla no se cumple: «title» dice cuál.",
                    "429": "Demasiadas llamadas.",
                    "503": "La base de datos no contesta: repite con la misma llave.",
                }
            ).items()
        )
    )


# --- what is sent --------------------------------------------------------------------------------------------------


def body_schema(call: Call) -> dict[str, Any]:
    """The request body of an act: JSON where no file is asked for, else a form with files; either where both do."""
    if isinstance(call.takes, Body):
        return {"required": True, "content": {JSON: {"schema": dict(call.takes.schema), "example": dict(call.example)}}}
    fields, more = fields_of(call), getattr(call.takes, "takes_more", False)
    needs_file = any(kind_of(field) == "file" and field.required for field in fields.values())
    content: dict[str, Any] = {}
    if any(kind_of(field) == "file" for field in fields.values()):
        content[MULTIPART] = {"schema": form_schema(fields, files=True, more=more)}
    if not needs_file:
        content[JSON] = {"schema": form_schema(fields, files=False, more=more)}
        if call.example and not needs_file and MULTIPART not in content:
            content[JSON]["example"] = dict(call.example)
    return {"required": any(field.required for field in fields.values()), "content": content}


def fields_of(call: Call) -> Mapping[str, forms.Field]:
    """The fields of what an act takes; a form that makes its fields itself is asked for them."""
    if call.takes is None or isinstance(call.takes, Body):
        return {}
    declared: Mapping[str, forms.Field] = call.takes.base_fields  # type: ignore[attr-defined]
    return declared or call.takes().fields


def form_schema(fields: Mapping[str, forms.Field], *, files: bool, more: bool = False) -> Schema:
    """A form as an object; nothing beside its fields is taken, unless the thing says which there are (`more`)."""
    shown = {name: field for name, field in fields.items() if files or kind_of(field) != "file"}
    schema: Schema = {
        "type": "object",
        "properties": {name: _described(field) for name, field in shown.items()},
        "additionalProperties": more,
    }
    if required := [name for name, field in shown.items() if field.required]:
        schema["required"] = required
    return schema


def _described(field: forms.Field) -> Schema:
    label = re.sub(r"\s+", " ", str(field.label or "")).strip()
    return field_schema(field) | ({"description": label} if label else {})


def field_schema(field: forms.Field) -> Schema:
    """One field of a form in JSON."""
    kind = kind_of(field)
    if kind == "file":
        return {"type": "string", "format": "binary"}
    if kind == "boolean":
        return {"type": "boolean"}
    if kind == "array":
        return {
            "type": "array",
            "items": {"type": "string", **_choices(field)},
            **({"minItems": 1} if field.required else {}),
        }
    if kind == "integer":
        return {"type": "integer", **({"minimum": field.min_value} if field.min_value is not None else {})}
    if isinstance(field, forms.DateField):
        return {"type": "string", "format": "date", "examples": ["2026-11-20"]}
    if isinstance(field, forms.DecimalField):
        return {"type": "string", "pattern": r"^\d+(\.\d{1,2})?$", "examples": ["1300.00"]}
    text: Schema = {"type": "string", **_choices(field)}
    if isinstance(field, forms.EmailField):
        text["format"] = "email"
    if isinstance(field, forms.RegexField):
        text["pattern"] = field.regex.pattern.replace(r"\A", "^").replace(r"\Z", "$")
    if isinstance(field, forms.CharField) and field.max_length:
        text["maxLength"] = field.max_length
    if field.required and "enum" not in text:
        text["minLength"] = 1
    return text


def _choices(field: forms.Field) -> Schema:
    if _of_rows(field):
        return {}
    choices = [str(value) for value, _ in getattr(field, "choices", ()) if str(value) != ""]
    if not choices:
        return {}
    return {"enum": choices if field.required or isinstance(field, forms.MultipleChoiceField) else [*choices, ""]}


def _of_rows(field: forms.Field) -> bool:
    """Whether its choices are rows of the database, which are no part of what the schema promises."""
    if isinstance(field, forms.ModelChoiceField):
        return True
    offered: Any = getattr(field, "choices", ())
    inner = getattr(offered, "choices", offered)  # a filter's own iterator holds what it was given
    return getattr(getattr(inner, "func", inner), "of_rows", False) is True


# --- what is answered ----------------------------------------------------------------------------------------------


def listing_schema(listing: Listing) -> Schema:
    """A page of a list: its rows, how many there are, their sums, and the places around."""
    columns = [column for column in listing.columns if column.export]
    row: Schema = {"id": {"type": "string"}}  # a UUID, the number of an act, a code, what a group is of: text
    row |= {column.name: _or_null(_column_schema(column)) for column in columns}
    totals = {column.name: _or_null(_column_schema(column)) for column in columns if column.total}
    return {
        "type": "object",
        "title": listing.title,
        "properties": {
            "rows": {"type": "array", "items": {"type": "object", "properties": row, "required": list(row)}},
            "count": {"type": ["integer", "null"], "examples": [1]},
            "sums": {"type": ["object", "null"], "properties": totals},
            AFTER: {"type": ["string", "null"], "examples": [None]},
            BEFORE: {"type": ["string", "null"], "examples": [None]},
        },
        "required": ["rows", "count", "sums", AFTER, BEFORE],
    }


def _column_schema(column: Column) -> Schema:
    if column.many:
        return {"type": "array", "items": {"type": "string"}, "examples": [[str(one) for one in column.labels][:1]]}
    if column.kind == Kind.STATE:
        return {"type": "string", "examples": [str(next(filter(None, column.labels), ""))]}
    known = _COLUMN.get(str(column.kind))
    return dict(known or {"type": ["string", "integer", "boolean"], "examples": [column.label]})


def _or_null(schema: Schema) -> Schema:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def example_of(schema: Schema, components: Mapping[str, Any]) -> Any:
    """A value of a schema, from the examples that its parts carry."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components)
    for parts in ("allOf", "oneOf", "anyOf"):
        if schema.get(parts):
            return example_of(schema[parts][0], components)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example_of(one, components) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema["items"], components)]
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "texto")
    return {"integer": 1, "boolean": True, "number": 1}[kind]


_TEXTS = {
    "uuid": UUID_TEXT["examples"][0],
    "date": "2026-11-20",
    "date-time": "2026-11-20T12:30:00-06:00",
    "email": "nombre@ejemplo.mx",
    "binary": "(bytes)",
}
