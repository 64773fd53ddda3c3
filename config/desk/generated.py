"""Documents written from the code itself: states, the rules of money, who may enter where, what machines say."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings

from config import matrix
from config.desk import findings, rooms
from portal.queue import Undoable
from portal.rulebook import rules
from portal.states import Machine, Stand
from portal.treasury import registry
from portal.treasury.rules import BANK

NOTICE = "<!-- Made by `bin/manage make_docs`. Change the code, then run it again. -->"


def documents() -> dict[str, str]:
    """Path below the root -> text, for every generated document."""
    return {
        "docs/states.md": states(),
        "docs/money.md": money(),
        "docs/access.md": f"{NOTICE}\n\n{matrix.as_markdown()}",
        "docs/rooms.md": "\n".join([NOTICE, "", *rooms.as_markdown()]),
        "docs/findings.md": "\n".join([NOTICE, "", *findings.as_markdown()]),
    }


def stale() -> list[str]:
    """Documents whose file does not hold what the code says now."""
    return [path for path, text in documents().items() if _on_disk(path) != text]


def write() -> list[str]:
    """Write what is stale; answers the paths written."""
    found = stale()
    for path in found:
        (settings.ROOT / path).write_text(documents()[path], encoding="utf-8")
    return found


def states() -> str:
    """Each machine: its Mermaid diagram, and a table of what it says of every state."""
    parts = [NOTICE, "", "# States", ""]
    for app, machine in machines():
        parts += [f"## {app}: {machine.name}", "", "```mermaid", "stateDiagram-v2", *machine.diagram(), "```", ""]
        parts += ["| State | To its owner | At the desk | Colour | Who moves | What the owner does | Date |"]
        parts += ["|---|---|---|---|---|---|---|", *map(_stand, machine.table.items()), ""]
    kinds = sorted(model.__name__ for model in apps.get_models() if issubclass(model, Undoable))
    parts += [
        "## queue: Undoable",
        "",
        f"{', '.join(f'`{kind}`' for kind in kinds)}: what was decided changes its thing only when it takes effect.",
        "",
        *("```mermaid", "stateDiagram-v2", *_UNDOABLE, "```", ""),
    ]
    return "\n".join(parts)


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


def money() -> str:
    """Every shipped rule with its source, then the ledger entries that apps declare."""
    parts = [NOTICE, "", "# Money", "", "## Rules the product ships with", ""]
    parts += ["| Code | Value | From | To | Source | Effect | Active |", "|---|---|---|---|---|---|---|"]
    for draft in rules.SHIPPED.values():
        until = draft.valid_to.isoformat() if draft.valid_to else ""
        cells = (
            draft.code,
            rules.value_words(draft),
            draft.valid_from.isoformat(),
            until,
            draft.source,
            draft.enforcement,
        )
        parts.append("| " + " | ".join((*cells, "yes" if draft.active else "no")) + " |")
    conflicts = [draft for draft in rules.SHIPPED.values() if draft.conflict_note]
    parts += ["", "## Rules in conflict", "", *(f"- `{draft.code}`: {draft.conflict_note}" for draft in conflicts), ""]
    parts += [
        "## Ledger entries",
        "",
        "An entry sums to zero in each currency; a wrong one is undone by its mirror image (`reverse_entry`).",
    ]
    parts += ["", "| Room | Event | Debit | Credit |", "|---|---|---|---|"]
    parts += [f"| {room} | {event} | {debit} | {credit} |" for room, event, debit, credit in _entries()]
    parts += ["", "## Ledger accounts", "", "| Account | In words | Kept |", "|---|---|---|"]
    for one in registry.ledger_codes():
        parts.append(f"| {one.code} | {one.label} | {'for each party' if one.of_party else 'once'} |")
    return "\n".join([*parts, ""])


def _entries() -> Iterator[tuple[str, str, str, str]]:
    """(room, event, debits, credits) from the rooms' tables; a payment settles whatever liability its payable names."""
    for app, module in _rules():
        for event, lines in getattr(module, "LEDGER", {}).items():
            sides = {sign: [f"{code} ({what})" for code, of, what in lines if of == sign] for sign in (1, -1)}
            yield app, event, "<br>".join(sides[1]), "<br>".join(sides[-1])
    owed = ", ".join(sorted({kind.liability for kind in registry.payable_kinds()}))
    yield "treasury", "payment", f"the payable's own liability: {owed} (amount)", f"{BANK.code} (amount)"


def _rules() -> Iterator[tuple[str, ModuleType]]:
    """The rules module of every app of ours, in the order of the settings."""
    for config in rooms.ours():
        if importlib.util.find_spec(config.name + ".rules"):
            yield config.label, importlib.import_module(config.name + ".rules")


def _on_disk(path: str) -> str:
    file = settings.ROOT / path
    return file.read_text(encoding="utf-8") if file.exists() else ""
