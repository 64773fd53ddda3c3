"""Inputs and choices of a form as HTML by plain functions: Django's templates, one in the other, take 800 calls a box.

The HTML is theirs, letter by letter but for blanks. What came from a person is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe

_FOLDER = "django/forms/widgets/"
_INPUTS = ("checkbox", "date", "datetime", "email", "hidden", "input", "number", "password", "text", "time", "url")
Context = Mapping[str, Any]


def drawn(template: str, widget: Context) -> SafeString | None:
    """A widget as its template would draw it; None for one that only a template draws."""
    draw = _DRAWN.get(template)
    return None if draw is None else mark_safe(draw(widget))  # every part is escaped below


def _input(widget: Context) -> str:
    value = widget["value"]
    held = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{held}{_attributes(widget)}>'


def _choices(widget: Context) -> str:
    """Boxes or buttons, each with its label, in groups where there are some."""
    held = "".join(f' {name}="{escape(found)}"' for name in ("id", "class") if (found := widget["attrs"].get(name)))
    return f"<div{held}>{_grouped(widget, _group_of_choices, _choice)}\n</div>"


def _choice(option: Context) -> str:
    box = _input(option)
    if not option["wrap_label"]:
        return f"<div>\n{box}</div>"
    of = option["attrs"].get("id")
    begins = f'<label for="{escape(of)}">' if of else "<label>"
    return f"<div>\n{begins}{box} {escape(option['label'])}</label></div>"


def _group_of_choices(label: str, options: str) -> str:
    return f"\n<div><label>{label}</label>{options}\n</div>"


def _select(widget: Context) -> str:
    options = _grouped(widget, _group_of_options, _option)
    return f'<select name="{escape(widget["name"])}"{_attributes(widget)}>{options}\n</select>'


def _option(option: Context) -> str:
    held = f'value="{_text(option["value"])}"{_attributes(option)}'
    return f"\n<option {held}>{escape(option['label'])}</option>"


def _group_of_options(label: str, options: str) -> str:
    return f'\n<optgroup label="{label}">{options}\n</optgroup>'


def _grouped(widget: Context, frame: Callable[[str, str], str], draw: Callable[[Context], str]) -> str:
    written = []
    for group, options, _index in widget["optgroups"]:
        inside = "".join([draw(option) for option in options])
        written.append(frame(escape(group), inside) if group else inside)
    return "".join(written)


def _attributes(widget: Context) -> str:
    """` id="id_rfc" required`: what is False is left out, what is True has no value."""
    given = widget["attrs"].items()
    return "".join([_attribute(name, value) for name, value in given if value is not False])


def _attribute(name: str, value: Any) -> str:
    return f" {escape(name)}" if value is True else f' {escape(name)}="{_text(value)}"'


def _text(value: Any) -> str:
    return escape(value if isinstance(value, str) else str(value))


def _people(widget: Context) -> str:
    """A card each: the name, and a word about the person below it."""
    held = escape(widget["attrs"].get("class", ""))
    return f'<div class="{held}">{_grouped(widget, _group_of_choices, _person)}\n</div>'


def _person(option: Context) -> str:
    name, _, about = str(option["label"]).partition("\n")
    of, hint = escape(option["attrs"].get("id", "")), f'<span class="hint">{escape(about)}</span>' if about else ""
    told = f"<span><strong>{escape(name)}</strong>{hint}</span>"
    return f'\n<label class="choice-card" for="{of}">{_input(option)}{told}</label>'


_DRAWN: Mapping[str, Callable[[Context], str]] = {
    **{f"{_FOLDER}{name}.html": _input for name in _INPUTS},
    f"{_FOLDER}checkbox_select.html": _choices,
    f"{_FOLDER}radio.html": _choices,
    f"{_FOLDER}select.html": _select,
    "components/inputs/person.html": _people,
}
