"""The audit page speaks Spanish: every act and every thing that the code records has its words."""

from __future__ import annotations

import ast
import re

from django.apps import apps

from config.desk import words
from portal import queue
from tests.sources import mentioning, nodes

ACT = re.compile(r"[a-z_]+\.[a-z_]+")


def recorded() -> set[str]:
    """Every act named in a service of the product: given as `action=`, or chosen in a variable called `action`."""
    found: set[str] = set()
    for node in (node for path in mentioning("action") for node in nodes(path)):
        named = isinstance(node, ast.keyword) and node.arg == "action"
        chosen = isinstance(node, ast.Assign) and any(getattr(to, "id", "") == "action" for to in node.targets)
        if named or chosen:
            texts = (one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant))
            found |= {text for text in texts if isinstance(text, str) and ACT.fullmatch(text)}
    return found


def test_every_recorded_act_has_its_words():
    acts = recorded()
    assert {"papers.file_made", "people.signed_in"} <= acts, "the search must find both ways of naming an act"
    # `action=f"treasury.account_{decision}"` names the beginning of several acts; the whole ones stand in the words.
    begun = {act for act in acts if act.endswith("_")}
    assert {act for act in begun if not any(one.startswith(act) for one in words.ACTS)} == set()
    assert acts - begun - set(words.ACTS) == set()


def test_every_queue_of_the_portal_has_its_words():
    begun = {name for name, model in queue.drains() if not model.__module__.startswith("tests.")}
    assert begun == set(words.DRAINS)


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
