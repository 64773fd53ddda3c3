"""Code 128 as SVG, for what a shop or a bank reads from paper (ISO/IEC 15417). Pure."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

# Widths of bars and blanks of each symbol, by its value; the last one is the stop.
_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112 "
).split()
_START_B, _START_C, _TO_C, _TO_B, _STOP = 104, 105, 99, 100, 106
_QUIET = 10  # modules of white on either side
# Two digits a symbol pay once there are four together (six in the midst of letters).
_RUNS = re.compile(r"^(?:\d\d){2,}|(?:\d\d){3,}|(?:\d\d){2,}$")


def code128_values(text: str) -> list[int]:
    """The symbols of a text: start, data, check, stop. Raises ValueError for what is not printable ASCII, or empty."""
    if not text or not all(" " <= letter <= "~" for letter in text):
        raise ValueError("Code 128 holds printable ASCII and at least one letter")
    values: list[int] = []
    at = 0
    for run in _RUNS.finditer(text):
        values += _letters(text[at : run.start()], first=not values)
        values.append(_TO_C if values else _START_C)
        values += [int(run[0][place : place + 2]) for place in range(0, len(run[0]), 2)]
        at = run.end()
    values += _letters(text[at:], first=not values)
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))) % 103
    return [*values, check, _STOP]


def code128_svg(text: str, *, label: str, height: int = 60) -> str:
    """A barcode as an SVG of black bars, one unit a module, with quiet zones; `label` is its accessible name."""
    bars, x = [], _QUIET
    for value in code128_values(text):
        for place, width in enumerate(map(int, _WIDTHS[value])):
            if place % 2 == 0:
                bars.append(f"M{x} 0h{width}v{height}h-{width}z")
            x += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x + _QUIET} {height}" role="img" '
        f'aria-label={quoteattr(label)} shape-rendering="crispEdges">'
        f'<path fill="#ffffff" d="M0 0h{x + _QUIET}v{height}h-{x + _QUIET}z"/>'
        f'<path fill="#000000" d="{"".join(bars)}"/></svg>'
    )


def _letters(text: str, *, first: bool) -> list[int]:
    return [_START_B if first else _TO_B, *(ord(letter) - 32 for letter in text)] if text else []
