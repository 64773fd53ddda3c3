"""A page of a statement as rows of letters with their places: what the eye sees, whatever order the PDF keeps. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

Glyph = tuple[str, float, float, float, float]
"""A letter with left, bottom, right, top of its box, in points; up is more."""
WIDE = "   "
"""Between two cells of a row; a blank between two words of one."""
_WORD_GAP, _CELL_GAP = 0.15, 1.2  # parts of the row's height
_LEANING = 0.4  # of the height: how far apart the middles of letters of one row may lie
_COLUMN, _LINE = 6.0, 12.0  # points for a letter and a line where only text is known


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read from left to right. `text` is folded letter by letter, so places and letters have one index."""

    text: str
    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Of the letters, in points."""
        return self.top - self.bottom

    def cells(self) -> list[tuple[int, int]]:
        """Start and end of each cell: what wide gaps part."""
        found, start = [], 0
        for cell in self.text.split(WIDE):
            bare = cell.strip()
            if bare:
                begin = start + cell.index(bare)
                found.append((begin, begin + len(bare)))
            start += len(cell) + len(WIDE)
        return found


def rows_of_glyphs(glyphs: Iterable[Glyph]) -> list[Row]:
    """Rows from top to bottom; letters drawn twice at one place (false bold) count once."""
    rows: list[list[Glyph]] = []
    for glyph in sorted((one for one in glyphs if _is_seen(one)), key=lambda one: (-_middle(one), one[1])):
        first = rows[-1][0] if rows else None
        if first and abs(_middle(first) - _middle(glyph)) <= _LEANING * max(_height(first), _height(glyph)):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [_row(sorted(row, key=lambda one: one[1])) for row in rows]


def rows_of_text(text: str) -> list[Row]:
    """Rows of a text whose places are not known: every letter as wide as the next."""
    rows = []
    for number, line in enumerate(unicodedata.normalize("NFC", text).splitlines()):
        letters = "".join(map(even, line.replace("\t", WIDE)))
        if letters.strip():
            lefts = tuple(index * _COLUMN for index in range(len(letters)))
            top = -number * _LINE
            rows.append(Row(letters, lefts, tuple(left + _COLUMN for left in lefts), top, top - _LINE))
    return rows


def even(letter: str) -> str:
    """One letter without case and accent: always one for one."""
    bare = unicodedata.normalize("NFKD", letter)[0].lower()
    return bare if len(bare) == 1 and not bare.isspace() else " "


def _is_seen(glyph: Glyph) -> bool:
    letter = glyph[0]
    return not letter.isspace() and unicodedata.category(letter) not in {"Cc", "Cf", "Mn"} and _height(glyph) > 0


def _middle(glyph: Glyph) -> float:
    return (glyph[2] + glyph[4]) / 2


def _height(glyph: Glyph) -> float:
    return glyph[4] - glyph[2]


def _row(glyphs: list[Glyph]) -> Row:
    height = max(map(_height, glyphs))
    letters, lefts, rights = [], [], []
    before: Glyph | None = None
    for glyph in glyphs:
        if before and glyph[0] == before[0] and glyph[1] - before[1] < _WORD_GAP * height:
            continue
        gap = glyph[1] - before[3] if before else 0
        blanks = WIDE if gap > _CELL_GAP * height else " " if gap > _WORD_GAP * height else ""
        letters += [*blanks, even(glyph[0])]
        lefts += [*(glyph[1] for _ in blanks), glyph[1]]
        rights += [*(glyph[1] for _ in blanks), glyph[3]]
        before = glyph
    return Row("".join(letters), tuple(lefts), tuple(rights), max(g[4] for g in glyphs), min(g[2] for g in glyphs))
