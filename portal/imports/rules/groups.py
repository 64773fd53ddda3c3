"""Rows that enter together or not at all: the lines of one family, one policy, one delivery. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal.imports.rules.layouts import Item, Judged, Read, RowError

Key = Hashable | None


@dataclass(frozen=True, slots=True)
class Groups:
    """How the rows of a kind of import belong together; one wrong row keeps its group out, the other groups enter.

    `of(value)` is the group of a typed row, `of_cells(cells)` that of one that could not be read (None where not even
    that much can be). A right row of a group that stays out is told `sentence`, under `code`.
    """

    of: Callable[[Any], Hashable]
    of_cells: Callable[[Mapping[str, Any]], Key]
    code: str
    sentence: str

    def judge(self, read: Read, ask: Callable[[Read], Judged]) -> Judged:
        """What `ask` says of the rows of whole groups; every row of the others is an error, its own or its group's.

        A kind is asked of all rows whose group could be read, then once more of those whose groups have no fault: what
        it counts is what enters.
        """
        out = {key for error in read.errors if (key := self._unread(read, error)) is not None}
        judged = ask(self._of_whole(read, out))
        if judged.refusal is not None:
            return judged
        places = {item.number: self.of(item.value) for item in read.items}
        wrong = {places[error.row] for error in judged.errors if error.row in places}
        if not (out or wrong):
            return judged
        clean = ask(self._of_whole(read, out | wrong)) if wrong else judged
        own = {error.row for error in judged.errors}
        others = [self._told(item) for item in read.items if places[item.number] in out | wrong]
        errors = [*judged.errors, *(one for one in others if one.row not in own)]
        return replace(clean, errors=tuple(sorted(errors, key=lambda one: one.row)))

    def _unread(self, read: Read, error: RowError) -> Key:
        cells = read.rest.get(error.row)
        return self.of_cells(cells) if cells is not None else None

    def _of_whole(self, read: Read, out: set[Any]) -> Read:
        return replace(read, items=tuple(item for item in read.items if self.of(item.value) not in out))

    def _told(self, item: Item) -> RowError:
        return RowError(item.number, "", self.code, self.sentence, item.sheet_row)
