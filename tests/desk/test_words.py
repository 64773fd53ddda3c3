"""The audit page speaks Spanish: every act and every thing that the code records has its words."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps

from config.desk import words

ROOT = Path(__file__).resolve().parents[2]
RECORDED = re.compile(r'action="([a-z_]+\.[a-z_]+)"')


def recorded() -> set[str]:
    """Every act named in a service of the product."""
    found: set[str] = set()
    for folder in ("portal", "billing", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(RECORDED.findall(path.read_text()))
    return found


def test_every_recorded_act_has_its_words():
    assert recorded(), "the search must find something"
    assert recorded() - set(words.ACTS) == set()


def test_words_name_only_things_that_exist():
    assert {label for label in words.THINGS if not _exists(label)} == set()


def _exists(label: str) -> bool:
    try:
        return bool(apps.get_model(label))
    except LookupError:
        return False


def test_roles_are_written_in_words_and_an_unknown_one_as_it_stands():
    assert words.roles("payment-preparer reviewer") == "Preparación de pagos, Revisión"
    assert words.roles("ghost") == "ghost"
    assert words.act("people.signed_in") == "Entrada"
    assert words.act("new.act") == "new.act"
