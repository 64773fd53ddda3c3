"""Which date closes a statement: the one that belongs to «fecha de corte» or to the period, by its place. Pure.

Letterheads are tables: a value stands right of its label, below it, or after a column of labels as a column of values
(domain 2.6). What belongs to a next cut, an earlier one or a year's sums never counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from portal.treasury.statement_dates import Span, find_spans
from portal.treasury.statement_rows import WIDE, Row, rows_of_text

LONGEST_PERIOD = 190
"""Days: accounts that hardly move get one statement in six months; anything longer sums up a year."""
_MONTHLY = 45
_CUT_AFTER = timedelta(days=7)
_NEAR_ROWS = 2.5  # heights of a row between a label and the row below that may still be its value
_MAX_CHAIN = 8
_MAX_WORDS = 6

_OTHER, _CUT, _PERIOD, _BALANCE = "other", "cut", "period", "balance"
_NEXT = r"(?:proxim[oa]s?|siguientes?|nuev[oa]|futur[oa]|anterior(?:es)?|previ[oa])"
_CLOSING = r"(?:cortes?|periodos?|cierre|estado de cuenta|facturacion)"
# Read in this order: where two meet, the first one counts. Rows are folded: no case, no accents.
_LABELS: tuple[tuple[str, str], ...] = (
    (_OTHER, rf"{_NEXT}(?: [a-z]+){{0,3}}? {_CLOSING}|(?:fecha de )?{_CLOSING}(?: [a-z]+){{0,4}}? {_NEXT}"),
    (_OTHER, r"periodo (?:promocional|de (?:gracia|pago|inversion|vigencia|prueba))|dias (?:del|en el) periodo"),
    (
        _OTHER,
        r"(?:periodo )?(?:acumulad[oa]s?|anual(?:es|mente)?)|ejercicio(?: fiscal)?"
        r"|(?:del|en el|por el|de este|en lo que va del|resumen) ano\b(?! \d)(?: en curso| fiscal| a la fecha)?"
        r"|\bano (?:en curso|fiscal|a la fecha|actual)",
    ),
    (_OTHER, r"inicio del periodo|fecha (?:inicial|de inicio)|hora de corte|corte de caja"),
    (_CUT, r"fecha (?:final|de (?:fin|termino))|(?:fin|final|termino) del periodo"),
    (_CUT, r"(?:(?:fecha|dia|mes)s? (?:de |del )?)?(?:\bal )?\bcorte\b(?: del periodo| de cuenta)?(?: al?\b)?"),
    (_CUT, r"fecha de cierre|cierre (?:del periodo|al)\b|(?:fecha (?:de |del )?)?estado de cuenta(?= al\b)"),
    (_CUT, r"fecha (?:de |del )?estado(?: de cuenta)?"),
    (_BALANCE, r"saldo (?:final |actual |total )?al\b"),
    (_PERIOD, r"periodo|rango de fechas|estado de cuenta(?= de(?:l mes de)? [a-z]+ (?:de )?\d{4})|correspondiente a"),
    (_OTHER, r"fecha (?:limite |de |del |la )*[a-z]{4,}|(?:limite|ultimo dia) (?:de|para) pag(?:o|ar)|pagar antes de"),
    (_OTHER, r"vencimiento|vigencia|nacimiento|emision|impresion|expedicion|apertura|\bfecha\b"),
)
_PATTERNS = tuple((kind, re.compile(pattern.replace(" ", "[ ]{1,2}"))) for kind, pattern in _LABELS)
_FILLER = re.compile(r"^[^a-z0-9]*$")
_AFTER_SAYS_NEXT = re.compile(rf"^[ (]{{0,3}}(?:es )?(?:el |la |tu |su )?{_NEXT}\b")
_TAIL = re.compile(r"^(?:[ ]{0,2}\([^)]*\)?)?[ :.]*$")


@dataclass(frozen=True, slots=True)
class _Token:
    """A label or a date of one row, with its place on the page."""

    row: int
    start: int
    end: int
    left: float
    right: float
    kind: str = ""
    span: Span | None = None
    alone: bool = False


@dataclass(slots=True)
class _Read:
    """What a paper's dates belong to; a date that belongs to nothing is `loose` when it is a range."""

    cuts: list[date] = field(default_factory=list)
    periods: list[Span] = field(default_factory=list)
    balances: list[date] = field(default_factory=list)
    loose: list[Span] = field(default_factory=list)


def closing_date(pages: Iterable[list[Row]], text: str, *, on: date | None = None) -> date | None:
    """The closing date of a statement read on `on`, or None when its paper does not say it.

    `pages` are the rows by place; `text` is asked where they say nothing (a rotated page, one without places).
    """
    return _chosen(_read(pages), on) or _chosen(_read([rows_of_text(text)]), on)


def _chosen(read: _Read, on: date | None) -> date | None:
    """The labelled cut and period first, where both stand they must agree; then a range, then «saldo al»."""
    periods = [one for one in read.periods if one.days <= LONGEST_PERIOD]
    ends = [one.last for one in periods]
    labelled = _reached([*read.cuts, *ends], on)
    agreeing = [cut for cut in read.cuts if any(one.last <= cut <= one.last + _CUT_AFTER for one in periods)]
    for found in (agreeing, ends, read.cuts):
        if kept := [one for one in found if one in labelled]:
            return max(kept) if not on or min(kept) <= on else min(kept)
    ranges = [one for one in read.loose if one.days <= LONGEST_PERIOD]
    reached = _reached([one.last for one in ranges], on)
    shortest = sorted((one for one in ranges if one.last in reached), key=lambda one: one.days > _MONTHLY)
    return shortest[0].last if shortest else max(_reached(read.balances, on), default=None)


def _reached(days: list[date], on: date | None) -> list[date]:
    """Without those after `on` as long as one lies before it: those are of the next cut."""
    return [day for day in days if on is None or day <= on] or days


# --- what belongs to what ----------------------------------------------------------------------------------------


def _read(pages: Iterable[list[Row]]) -> _Read:
    read = _Read()
    for rows in pages:
        for token, kind in _Page(rows).owned():
            span = token.span
            if span is None or kind == _OTHER:
                continue
            if kind == _CUT and not span.by_name:
                read.cuts.append(span.last)
            elif kind == _PERIOD and span.first:
                read.periods.append(span)
            elif kind == _BALANCE and not span.by_name:
                read.balances.append(span.last)
            elif not kind and span.first and not span.by_name:
                read.loose.append(span)
    return read


class _Page:
    """Labels and dates of one page, and which date belongs to which label."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.tokens = [sorted(_tokens(number, row), key=lambda one: one.start) for number, row in enumerate(rows)]
        self.owner: dict[_Token, str] = {}
        self.served: set[_Token] = set()

    def owned(self) -> list[tuple[_Token, str]]:
        """Every date with the kind of its label, "" for one that belongs to none, from top to bottom."""
        self._beside()
        waiting = [one for row in self.tokens for one in row if one.kind and one.alone and one not in self.served]
        for serve in (self._below, self._far_right):
            for label in waiting:
                if label not in self.served:
                    serve(label)
        for label in waiting:
            if label not in self.served:
                self._columns(label)
        return [(one, self.owner.get(one, "")) for row in self.tokens for one in row if one.span]

    def _give(self, label: _Token, value: _Token) -> None:
        self.owner[value] = label.kind
        self.served.add(label)

    def _beside(self) -> None:
        """A date right of its label in the same cell: «Fecha de corte: 31/10/2026», «Periodo que se informa: …»."""
        for row, tokens in zip(self.rows, self.tokens, strict=True):
            for label, value in zip(tokens, tokens[1:], strict=False):
                if not label.kind or not value.span:
                    continue
                between = row.text[label.end : value.start]
                if WIDE not in between and len(re.findall(r"[a-z0-9]+", between)) <= _MAX_WORDS:
                    self._give(label, self._joined(value) if label.kind == _PERIOD else value)
            for value in tokens:
                if value.span and _AFTER_SAYS_NEXT.match(row.text[value.end :]):
                    self.owner[value] = _OTHER

    def _joined(self, value: _Token) -> _Token:
        """The range of two days with nothing between them, as a period is given in two cells; else the value itself."""
        place = self.tokens[value.row]
        after = next((one for one in place if one.start >= value.end), None)
        if not (after and after.span and value.span and not value.span.first and not after.span.first):
            return value
        apart = self.rows[value.row].text[value.end : after.start].strip()
        return value if apart else self._range(value, after)

    def _range(self, first: _Token, last: _Token) -> _Token:
        """One date made of two, in the place of the second; the first belongs to nobody any more."""
        if not (first.span and last.span) or first.span.last > last.span.last:
            return first
        made = replace(last, span=replace(last.span, first=first.span.last))
        self.owner[first] = _OTHER
        place = self.tokens[last.row]
        place[place.index(last)] = made
        return made

    def _fits(self, label: _Token, value: _Token | None) -> bool:
        if value is None or value.span is None or value in self.owner or not self._is_whole(value):
            return False
        return (value.span.first is not None) == (label.kind == _PERIOD) or label.kind == _OTHER

    def _is_whole(self, value: _Token) -> bool:
        """Nothing but the date stands in its cell (and words like «del»): the row of a movement tells more."""
        text = self.rows[value.row].text
        start, end = next(one for one in self.rows[value.row].cells() if one[0] <= value.start < one[1])
        rest = text[start : value.start] + " " + text[value.end : end]
        return not re.sub(r"\b(?:del?|desde|al?|hasta|el|dia)\b|[^a-z0-9]", "", rest)

    def _below(self, label: _Token) -> None:
        """The cell right under the label is a date of its kind."""
        under = self._under(label.row, label.left, label.right)
        if under and under[1] and not self._is_chained(label) and self._fits(label, under[1]):
            self._give(label, under[1])

    def _is_chained(self, label: _Token) -> bool:
        """Another label without a value stands right above: then a column of labels precedes one of values."""
        above = [one for one in self.tokens[label.row - 1] if one.kind and one.alone] if label.row else []
        near = label.row and self._gap(label.row - 1, label.row) <= _NEAR_ROWS
        return bool(near) and any(one not in self.served and _overlap(one, label.left, label.right) for one in above)

    def _far_right(self, label: _Token) -> None:
        """The next thing in the row, however far, is a date: two columns of labels and values."""
        tokens = self.tokens[label.row]
        after = tokens[tokens.index(label) + 1 :]
        if after and self._fits(label, after[0]):
            if _FILLER.match(self.rows[label.row].text[label.end : after[0].start]):
                self._give(label, after[0])

    def _columns(self, label: _Token) -> None:
        """A column of labels, then one of values: each kind in its order."""
        chain, row = [label], label.row
        while (under := self._under(row, label.left, label.right)) and len(chain) <= _MAX_CHAIN:
            row, token, text = under
            if token and token.span:
                break
            if re.search(r"\d", text):
                if re.search(r"[a-z]", text):
                    return
                break
            if token and token.kind and token.alone and token not in self.served:
                chain.append(token)
        values = list(self._values(row, label)) if under else []
        for is_period in (True, False):
            labels = [one for one in chain if (one.kind == _PERIOD) == is_period]
            fitting = [one for one in values if one.span and (one.span.first is not None) == is_period]
            for one, value in zip(labels, fitting, strict=False):
                self._give(one, value)
        if [one.kind for one in chain] == [_PERIOD]:
            self._broken_range(label, values)

    def _broken_range(self, label: _Token, values: list[_Token]) -> None:
        """A range that a narrow cell broke in two rows: «01/10/2026 al», «31/10/2026»."""
        days = [one for one in values if one.span and one.span.first is None]
        if label not in self.served and len(days) > 1:
            self._give(label, self._range(days[0], days[1]))

    def _values(self, row: int, label: _Token) -> Iterator[_Token]:
        """Dates of the column from this row on, while its cells hold values only."""
        while True:
            inside = [one for one in self.tokens[row] if _overlap(one, label.left, label.right)]
            if inside and inside[0].span:
                if inside[0] in self.owner or not self._is_whole(inside[0]):
                    return
                yield inside[0]
            under = self._under(row, label.left, label.right)
            if not under or under[0] == row or re.search(r"[a-z]", under[2]) and not (under[1] and under[1].span):
                return
            row = under[0]

    def _under(self, row: int, left: float, right: float) -> tuple[int, _Token | None, str] | None:
        """The next row with anything in this column: its number, its label or date there, its cell's text."""
        for number in range(row + 1, len(self.rows)):
            below = self.rows[number]
            for start, end in below.cells():
                if below.lefts[start] < right and below.rights[end - 1] > left:
                    if self._gap(row, number) > _NEAR_ROWS:
                        return None
                    tokens = [one for one in self.tokens[number] if start <= one.start < end]
                    return number, tokens[0] if tokens else None, below.text[start:end]
        return None

    def _gap(self, upper: int, lower: int) -> float:
        above, below = self.rows[upper], self.rows[lower]
        return (above.bottom - below.top) / max(above.height, below.height, 1)


def _overlap(token: _Token, left: float, right: float) -> bool:
    return token.left < right and token.right > left


def _tokens(number: int, row: Row) -> Iterator[_Token]:
    spans = find_spans(row.text)
    for span in spans:
        yield _Token(number, span.start, span.end, row.lefts[span.start], row.rights[span.end - 1], span=span)
    taken = [(span.start, span.end) for span in spans]
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(row.text):
            start, end = match.span()
            if all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                alone = any(first == start and _TAIL.match(row.text[end:last]) for first, last in row.cells())
                yield _Token(number, start, end, row.lefts[start], row.rights[end - 1], kind, alone=alone)
