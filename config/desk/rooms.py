"""What stands in each room, read from the code for docs/apps: tables with their promises, and the front doors."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.db.models import Field, Model

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")}
DOORS = ("services", "selectors", "registry", "replay", "decorators")
PLAIN = (str, int, bool, type(None))


def as_markdown(room: AppConfig) -> list[str]:
    """What stands in one room. Tables as `field` or `field→table`, with the promises that the database keeps by name;
    then what other rooms may call (docs/shape.md says what each room is for).
    """
    parts = ["## Tables", "", *tables] if (tables := [*_tables(room)]) else []
    for door in DOORS:
        if lines := [_line(name, function) for name, function in _functions(room, door)]:
            parts += [*([""] if parts else []), f"## {door}", "", *lines]
    return parts


def ours() -> list[AppConfig]:
    """The product's own apps, in the order of the settings."""
    return [one for one in apps.get_app_configs() if one.name.partition(".")[0] in PACKAGES]


def _tables(room: AppConfig) -> Iterator[str]:
    for model in room.get_models():
        fields = ", ".join(_field(one) for one in model._meta.local_fields)
        promises = ", ".join(f"`{one.name}`" for one in model._meta.constraints)
        yield f"- **{model.__name__}** ({fields}). {_said(model)}" + (f" Promises: {promises}." if promises else "")


def _field(field: Field[Any, Any]) -> str:
    target = field.related_model
    return (
        f"{field.name}→{target._meta.label}" if isinstance(target, type) and issubclass(target, Model) else field.name
    )


def _functions(room: AppConfig, door: str) -> list[tuple[str, Callable[..., Any]]]:
    """Public functions that the room itself defines behind a door, by name."""
    if not importlib.util.find_spec(f"{room.name}.{door}"):
        return []
    module = importlib.import_module(f"{room.name}.{door}")
    found = ((name, one) for name, one in sorted(vars(module).items()) if not name.startswith("_"))
    return [
        (n, one) for n, one in found if inspect.isfunction(one) and one.__module__.startswith(f"{room.name}.{door}")
    ]


def _line(name: str, function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    shown: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        shown.append(parameter.name + _default(parameter.default))
    answer = signature.return_annotation
    words = answer if isinstance(answer, str) else getattr(answer, "__name__", str(answer))
    return f"- `{name}({', '.join(shown)}) -> {words}`: {_said(function)}"


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return ""
    if isinstance(value, Enum):
        return f"={value.value!r}"
    return f"={value!r}" if isinstance(value, PLAIN) or value == () else "=…"


def _said(thing: Any) -> str:
    """The first sentence or paragraph line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")
