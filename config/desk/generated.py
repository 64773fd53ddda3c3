"""Documents written from the code itself: states, the rules of money, who may enter where, what machines say."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings

from config import matrix
from config.desk import findings, rooms
from portal.queue import Undoable
from portal.rulebook import rules
from portal.rulebook.shipped import SHIPPED
from portal.treasury.services.bank import BANK

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
    """One Mermaid diagram for each transition table of each app."""
    parts = [NOTICE, "", "# States", ""]
    for app, name, table, labels in _machines():
        parts += [f"## {app}: {name}", "", "```mermaid", "stateDiagram-v2", *_diagram(table, labels), "```", ""]
    kinds = sorted(model.__name__ for model in apps.get_models() if issubclass(model, Undoable))
    parts += [
        "## queue: Undoable",
        "",
        f"{', '.join(f'`{kind}`' for kind in kinds)}: what was decided changes its thing only when it takes effect.",
        "",
        *("```mermaid", "stateDiagram-v2", *_UNDOABLE, "```", ""),
    ]
    return "\n".join(parts)


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
    for draft in SHIPPED:
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
    conflicts = [draft for draft in SHIPPED if draft.conflict_note]
    parts += ["", "## Rules in conflict", "", *(f"- `{draft.code}`: {draft.conflict_note}" for draft in conflicts), ""]
    parts += [
        "## Ledger entries",
        "",
        "An entry sums to zero in each currency; a wrong one is undone by its mirror image (`reverse_entry`).",
    ]
    parts += ["", "| Room | Event | Debit | Credit |", "|---|---|---|---|"]
    parts += [f"| {room} | {event} | {debit} | {credit} |" for room, event, debit, credit in _entries()]
    return "\n".join([*parts, ""])


def _entries() -> Iterator[tuple[str, str, str, str]]:
    """(room, event, debits, credits) from the rooms' tables; a payment settles whatever liability its payable names."""
    for app, module in _rules():
        for event, lines in getattr(module, "LEDGER", {}).items():
            sides = {sign: [f"{code} ({what})" for code, of, what in lines if of == sign] for sign in (1, -1)}
            yield app, event, "<br>".join(sides[1]), "<br>".join(sides[-1])
    yield (
        "treasury",
        "payment",
        "the payable's own liability, for example physician_payable (amount)",
        f"{BANK} (amount)",
    )


def _rules() -> Iterator[tuple[str, ModuleType]]:
    """The rules module of every app of ours, in the order of the settings."""
    for config in rooms.ours():
        if importlib.util.find_spec(config.name + ".rules"):
            yield config.label, importlib.import_module(config.name + ".rules")


def _machines() -> Iterator[tuple[str, str, Mapping[Any, Any], Mapping[Any, str]]]:
    for app, module in _rules():
        for name in sorted(vars(module)):
            table = getattr(module, name)
            if not name.endswith("TRANSITIONS") or name.startswith("_") or not isinstance(table, Mapping):
                continue
            labels = getattr(module, name.replace("TRANSITIONS", "LABELS"), {})
            yield app, next(type(state).__name__ for state in table), table, labels


def _diagram(table: Mapping[Any, Any], labels: Mapping[Any, str]) -> list[str]:
    lines = []
    for state in table:
        label = labels.get(state, state)
        words = label if isinstance(label, str) else str(state)
        lines.append(f"    {state}: {words}")
    first = next(iter(table))
    lines.append(f"    [*] --> {first}")
    for state, following in table.items():
        lines += [f"    {state} --> {one}" for one in table if one in following]
        if not following:
            lines.append(f"    {state} --> [*]")
    return lines


def _on_disk(path: str) -> str:
    file = settings.ROOT / path
    return file.read_text(encoding="utf-8") if file.exists() else ""
