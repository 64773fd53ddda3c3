"""Charts: SVG drawn on the server, with the same numbers as a table behind it (ux D6). Nothing runs in the browser.

A chart is told by its shape and its table, never by colour alone: each series is named at its end or in the legend, and
parts of a whole are separated by a line. Colours come from the stylesheet (`c1` … `c6`), in light, dark and print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 12, 12, 28
_STEPS = 4
_LONGEST_LABEL = 14
COLOURS = 6  # series that people tell apart; more of them are a table


class Shape(StrEnum):
    """`line`: a course in time; `bars`: beside one another; `stacked`: parts of each; `composition`: parts of one."""

    LINE = "line"
    BARS = "bars"
    STACKED = "stacked"
    COMPOSITION = "composition"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers, as many as the chart has places; None where there is none (a line has a gap there)."""

    name: str
    values: Sequence[Decimal | int | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What `components/chart.html` draws: the picture, and its table as (headings, rows)."""

    title: str
    svg: SafeString
    legend: list[tuple[str, str]]
    headings: list[str]
    rows: list[list[str]]


def chart(
    shape: Shape,
    *,
    title: str,
    places: Sequence[str],
    series: Sequence[Series],
    text: Callable[[Decimal | int], str] = str,
    place: str = "",
) -> Chart:
    """Draw numbers; `places` are what the x axis counts (days, states), `text` writes a number (money, minutes).

    `place` heads the first column of the table. A composition has one place and a series a part. Raises ValueError for
    more series than colours, for series of another length than `places`, and for a negative part of a stack.
    """
    if len(series) > COLOURS or any(len(one.values) != len(places) for one in series):
        raise ValueError(f"{title}: {len(series)} series over {len(places)} places")
    if shape in {Shape.STACKED, Shape.COMPOSITION} and any((v or 0) < 0 for one in series for v in one.values):
        raise ValueError(f"{title}: a part of a whole is negative")
    drawn = {Shape.LINE: _line, Shape.BARS: _bars, Shape.STACKED: _stacked, Shape.COMPOSITION: _composition}[shape]
    height = HEIGHT if shape != Shape.COMPOSITION else 40
    told = f"{title}. Los números están en la tabla."
    svg = (
        f'<svg class="chart {shape}" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(told)}" '
        f'preserveAspectRatio="xMidYMid meet">{"".join(drawn(places, series, text))}</svg>'
    )
    return Chart(
        title=title,
        svg=mark_safe(svg),  # each text escaped where it is drawn
        legend=[(f"c{at}", one.name) for at, one in enumerate(series, 1)] if len(series) > 1 else [],
        headings=[place, *(one.name for one in series)],
        rows=[
            [named, *("—" if one.values[at] is None else text(one.values[at] or 0) for one in series)]
            for at, named in enumerate(places)
        ],
    )


# --- shapes ----------------------------------------------------------------------------------------------------------


def _line(places: Sequence[str], series: Sequence[Series], text: Callable[[Decimal | int], str]) -> list[str]:
    scale = _Scale([value for one in series for value in one.values if value is not None])
    drawn = [*_axis(scale, text), *_named(places)]
    for at, one in enumerate(series, 1):
        points = [
            None if value is None else f"{_centre(spot, len(places)):.1f},{scale.y(value):.1f}"
            for spot, value in enumerate(one.values)
        ]
        drawn += [f'<polyline class="c{at}" points="{" ".join(run)}"/>' for run in _runs(points) if len(run) > 1]
        dots = [point.split(",") for point in points if point]
        drawn += [f'<circle class="c{at}" cx="{x}" cy="{y}" r="3"/>' for x, y in dots]
    return drawn


def _bars(places: Sequence[str], series: Sequence[Series], text: Callable[[Decimal | int], str]) -> list[str]:
    scale = _Scale([value for one in series for value in one.values if value is not None])
    room = _step(len(places)) * 0.72
    width, drawn = room / len(series), [*_axis(scale, text), *_named(places)]
    for at, one in enumerate(series):
        for spot, value in enumerate(one.values):
            if value is not None:
                x = _centre(spot, len(places)) - room / 2 + at * width
                drawn.append(_box(f"c{at + 1}", x, width, scale.y(0), scale.y(value)))
    return drawn


def _stacked(places: Sequence[str], series: Sequence[Series], text: Callable[[Decimal | int], str]) -> list[str]:
    sums = [sum((one.values[spot] or 0 for one in series), Decimal(0)) for spot in range(len(places))]
    scale, width = _Scale(sums), _step(len(places)) * 0.6
    drawn, below = [*_axis(scale, text), *_named(places)], [Decimal(0)] * len(places)
    for at, one in enumerate(series, 1):
        for spot, value in enumerate(one.values):
            top = below[spot] + (value or 0)
            x = _centre(spot, len(places)) - width / 2
            drawn += [_box(f"c{at}", x, width, scale.y(below[spot]), scale.y(top))] if value else []
            below[spot] = top
    return drawn


def _composition(places: Sequence[str], series: Sequence[Series], text: Callable[[Decimal | int], str]) -> list[str]:
    whole = sum((one.values[0] or 0 for one in series), Decimal(0)) if places else Decimal(0)
    x, drawn = Decimal(0), []
    for at, one in enumerate(series, 1):
        width = (one.values[0] or 0) / whole * WIDTH if whole else Decimal(0)
        drawn += [_box(f"c{at}", x, width, Decimal(40), Decimal(0))] if width else []
        x += width
    return drawn


# --- the frame -------------------------------------------------------------------------------------------------------


class _Scale:
    """Round numbers from nothing (or below it) to above the greatest value, and where each lies."""

    def __init__(self, values: Sequence[Decimal | int]) -> None:
        least, most = Decimal(min([0, *values])), Decimal(max([0, *values]))
        step = _round_step((most - least) / _STEPS)
        low, high = floor(least / step), max(ceil(most / step), floor(least / step) + 1)
        self.marks = [step * number for number in range(low, high + 1)]

    def y(self, value: Decimal | int) -> Decimal:
        """Points from the top."""
        low, high = self.marks[0], self.marks[-1]
        return HEIGHT - _BOTTOM - (value - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)


def _round_step(rough: Decimal) -> Decimal:
    """1, 2 or 5 times a power of ten, at least as large."""
    if rough <= 0:
        return Decimal(1)
    power = Decimal(10) ** floor(rough.log10())
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _axis(scale: _Scale, text: Callable[[Decimal | int], str]) -> list[str]:
    drawn = []
    for mark in scale.marks:
        y = scale.y(mark)
        drawn.append(f'<line class="rule" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        told = escape(text(int(mark) if mark == int(mark) else mark))
        drawn.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{told}</text>')
    return drawn


def _named(places: Sequence[str]) -> list[str]:
    """Names below, only as many as have room: the table has them all."""
    every = max(1, ceil(len(places) * 70 / (WIDTH - _LEFT - _RIGHT)))
    shown = [(_centre(spot, len(places)), name) for spot, name in enumerate(places) if spot % every == 0]
    at = f'y="{HEIGHT - 8}" text-anchor="middle"'
    return [f'<text x="{x:.1f}" {at}>{escape(_short(name))}</text>' for x, name in shown]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"


def _step(count: int) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(count, 1)


def _centre(spot: int, count: int) -> float:
    return _LEFT + (spot + 0.5) * _step(count)


def _box(name: str, x: Decimal | float, width: Decimal | float, one: Decimal, other: Decimal) -> str:
    """A bar between two heights."""
    top, height = min(one, other), abs(one - other)
    return f'<rect class="{name}" x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _runs(points: Sequence[str | None]) -> list[list[str]]:
    """Points parted where one is missing."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return runs
