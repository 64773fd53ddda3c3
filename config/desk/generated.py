"""Documents written from the code itself: states, the rules of money, who may enter where, what machines say."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from django.apps import AppConfig
from django.conf import settings

from config import matrix
from config.desk import findings, rooms
from portal.queue import Undoable
from portal.rulebook import rules
from portal.states import Machine, Stand
from portal.treasury import registry
from portal.treasury.rules import BANK, LedgerCode

NOTICE = "<!-- Made by `bin/manage make_docs`. Change the code, then run it again. -->"
FOLDER = "docs/apps"


def documents() -> dict[str, str]:
    """Path below the root -> text: one document an app, so that two apps never meet in one file."""
    entries = matrix.by_app()
    told = {one.label: [*_sections(one, entries.get(one.label, []))] for one in rooms.ours()}
    told["config"] = matrix.as_markdown(entries["config"])
    return {
        f"{FOLDER}/{label}.md": "\n".join([NOTICE, "", f"# {label}", "", *lines])
        for label, lines in told.items()
        if lines
    }


def _sections(app: AppConfig, entries: list[str]) -> Iterator[str]:
    """What stands in the room, who may enter where, its machines, its money and its sentences."""
    told = (
        states(app),
        money(app),
        matrix.as_markdown(entries),
        rooms.as_markdown(app),
        findings.as_markdown(app.label),
    )
    for lines in told:
        yield from [*lines, ""] if lines else ()


def stale() -> list[str]:
    """Documents whose file does not hold what the code says now, those of an app that is gone too."""
    return _stale(documents())


def _stale(made: dict[str, str]) -> list[str]:
    gone = (f"{FOLDER}/{path.name}" for path in (settings.ROOT / FOLDER).glob("*.md"))
    return [path for path, text in made.items() if _on_disk(path) != text] + [path for path in gone if path not in made]


def write() -> list[str]:
    """Write what is stale; answers the paths written."""
    made = documents()
    found = _stale(made)
    (settings.ROOT / FOLDER).mkdir(exist_ok=True)
    for path in found:
        if path in made:
            (settings.ROOT / path).write_text(made[path], encoding="utf-8")
        else:
            (settings.ROOT / path).unlink()
    return found


def states(app: AppConfig) -> list[str]:
    """Each machine of an app: its Mermaid diagram, and a table of what it says of every state."""
    parts: list[str] = []
    for label, machine in machines():
        if label != app.label:
            continue
        parts += [f"### {label}: {machine.name}", "", "```mermaid", "stateDiagram-v2", *machine.diagram(), "```", ""]
        parts += ["| State | To its owner | At the desk | Colour | Who moves | What the owner does | Date |"]
        parts += ["|---|---|---|---|---|---|---|", *map(_stand, machine.table.items()), ""]
    if kinds := sorted(model.__name__ for model in app.get_models() if issubclass(model, Undoable)):
        named = ", ".join(f"`{kind}`" for kind in kinds)
        parts += [f"What is decided by {named} changes its thing only when it takes effect:", ""]
        parts += ["```mermaid", "stateDiagram-v2", *_UNDOABLE, "```", ""]
    return ["## States", "", *parts[:-1]] if parts else []


def machines() -> Iterator[tuple[str, Machine[Any]]]:
    """Each machine of each app, from its rules, by name."""
    for app, module in _rules():
        found = [one for one in vars(module).values() if isinstance(one, Machine)]
        yield from ((app, one) for one in sorted(found, key=lambda machine: machine.name))


def _stand(row: tuple[str, Stand]) -> str:
    state, stand = row
    due = f"`{stand.due}`" if stand.due else ""
    cells = (f"`{state}`", stand.label, stand.desk or stand.label, stand.tone, str(stand.ball), stand.next, due)
    return f"| {' | '.join(cells)} |"


_UNDOABLE = (
    "    open: Decidida, por surtir efecto",
    "    done: Surtió efecto",
    "    undone: Deshecha",
    "    refused: No surtió efecto",
    "    [*] --> open",
    "    open --> undone: its author, in time",
    "    open --> done: the drain, afterwards",
    "    open --> refused: a rule forbids it by then",
    "    undone --> [*]",
    "    done --> [*]",
    "    refused --> [*]",
)


def money(app: AppConfig) -> list[str]:
    """The rules that an app ships with, each with its source, then its entries and accounts of the ledger."""
    parts: list[str] = []
    if drafts := [draft for code, draft in rules.SHIPPED.items() if _owner(code) == app.label]:
        parts += ["| Code | Value | From | To | Source | Effect | Active |", "|---|---|---|---|---|---|---|"]
        parts += [*map(_rule, drafts), ""]
    if conflicts := [draft for draft in drafts if draft.conflict_note]:
        parts += ["In conflict:", "", *(f"- `{draft.code}`: {draft.conflict_note}" for draft in conflicts), ""]
    if entries := [one for one in _entries() if one[0] == app.label]:
        parts += [
            "An entry sums to zero in each currency; a wrong one is undone by its mirror image (`reverse_entry`)."
        ]
        parts += ["", "| Room | Event | Debit | Credit |", "|---|---|---|---|"]
        parts += [*(f"| {' | '.join(one)} |" for one in entries), ""]
    if codes := [one for label, one in _codes() if label == app.label]:
        parts += ["| Account | In words | Kept |", "|---|---|---|"]
        parts += [
            *(f"| {one.code} | {one.label} | {'for each party' if one.of_party else 'once'} |" for one in codes),
            "",
        ]
    return ["## Rules and money", "", *parts[:-1]] if parts else []


def _rule(draft: rules.Draft) -> str:
    until = draft.valid_to.isoformat() if draft.valid_to else ""
    cells = (draft.code, rules.value_words(draft), draft.valid_from.isoformat(), until, draft.source, draft.enforcement)
    return "| " + " | ".join((*cells, "yes" if draft.active else "no")) + " |"


@cache
def _owners() -> dict[str, str]:
    return {
        draft.code: one.label
        for one in rooms.ours()
        if importlib.util.find_spec(one.name + ".shipped")
        for draft in getattr(importlib.import_module(one.name + ".shipped"), "RULES", ())
    }


def _owner(code: str) -> str:
    """The app that ships a rule; what no app ships is the rulebook's own."""
    return _owners().get(code, "rulebook")


def _entries() -> Iterator[tuple[str, str, str, str]]:
    """(room, event, debits, credits) from the rooms' tables; a payment settles whatever liability its payable names."""
    for app, module in _rules():
        for event, lines in getattr(module, "LEDGER", {}).items():
            sides = {sign: [f"{code} ({what})" for code, of, what in lines if of == sign] for sign in (1, -1)}
            yield app, event, "<br>".join(sides[1]), "<br>".join(sides[-1])
    yield "treasury", "payment", "the payable's own liability (amount)", f"{BANK.code} (amount)"


def _codes() -> Iterator[tuple[str, LedgerCode]]:
    """(room, account) of every account of the books that an app declares, by code."""
    declared = {one.code: one for one in registry.ledger_codes()}
    for app, module in _rules():
        own = [two for one in vars(module).values() for two in (one if isinstance(one, tuple) else (one,))]
        codes = {one.code for one in own if isinstance(one, LedgerCode)}
        yield from ((app, declared[code]) for code in sorted(codes & {*declared}))


def _rules() -> Iterator[tuple[str, ModuleType]]:
    """The rules module of every app of ours, in the order of the settings."""
    for config in rooms.ours():
        if importlib.util.find_spec(config.name + ".rules"):
            yield config.label, importlib.import_module(config.name + ".rules")


def _on_disk(path: str) -> str:
    file = settings.ROOT / path
    return file.read_text(encoding="utf-8") if file.exists() else ""
