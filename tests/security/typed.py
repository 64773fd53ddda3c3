"""Typing into a form as a person would: a value of its kind in each of its controls, and reading them again."""

from __future__ import annotations

from typing import Any

from lxml import html

TYPED = {"date": "2031-05-07", "number": "7", "email": "otra@ejemplo.mx", "time": "10:30", "month": "2031-05"}
NOT_TYPED = {"hidden", "submit", "button", "reset", "image"}
LOST = {"password", "file"}  # what no form gives back


def forms(page: bytes) -> list[Any]:
    """The forms in a page's content that are sent by POST."""
    found: list[Any] = html.fromstring(page).xpath("//main//form[translate(@method,'POST','post')='post']")
    return found


def controls(form: Any) -> list[Any]:
    """What somebody types or chooses in it."""
    kinds = NOT_TYPED | LOST
    return [
        one
        for one in form.xpath(".//input[@name]|.//textarea[@name]|.//select[@name]")
        if one.get("type") not in kinds and one.get("readonly") is None and one.get("disabled") is None
    ]


def kind_of(one: Any) -> str:
    """`select`, `textarea`, or the type of an input."""
    return str(one.tag) if one.tag != "input" else one.get("type") or "text"


def typed_into(form: Any) -> dict[str, list[str]]:
    """What such a form sends once each control holds something else than it did, its hidden values beside."""
    sent: dict[str, list[str]] = {}
    for one in form.xpath(".//input[@type='hidden'][@name]"):
        sent.setdefault(one.get("name"), []).append(one.get("value") or "")
    for number, one in enumerate(controls(form)):
        name, kind = one.get("name"), kind_of(one)
        if kind == "select":
            choices = one.xpath(".//option")
            if choices:
                sent.setdefault(name, []).append(choices[-1].get("value", choices[-1].text))
        elif kind == "radio":
            sent[name] = [one.get("value") or "on"]  # the last of them
        elif kind == "checkbox":
            sent.setdefault(name, []).append(one.get("value") or "on")
        else:
            sent.setdefault(name, []).append(TYPED.get(kind, f"Escrito «{number}» & <así>"))
    return sent


def held_by(form: Any) -> dict[str, list[str]]:
    """What its controls hold, by name."""
    held: dict[str, list[str]] = {}
    for one in controls(form):
        kind = kind_of(one)
        if kind in {"radio", "checkbox"}:
            values = [one.get("value") or "on"] if one.get("checked") is not None else []
        elif kind == "select":
            values = [choice.get("value", choice.text) for choice in one.xpath(".//option[@selected]")]
        else:
            values = [(one.text or "").removeprefix("\n") if kind == "textarea" else one.get("value") or ""]
        held[one.get("name")] = held.get(one.get("name"), []) + values
    return held
