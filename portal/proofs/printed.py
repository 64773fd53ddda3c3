"""Whose paper a printed text is: who it names outside of its movements. Pure; runs inside the examiner child (AC-11).

Anybody who was ever paid stands in a movement of somebody else's statement, name, RFC and all: that proves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from portal.text import folded

# Rows of movements: who is named there sent or got money, the paper is not theirs.
_MOVEMENT = re.compile(
    r"\b(?:traspasos?|spei|enviad[oa]s?|recibid[oa]s?|transferencias? (?:a|de|desde|hacia|spei|interbancaria)"
    r"|transferid[oa]|depositos?|abonos?|cargos?|retiros?|beneficiari[oa]|destino|destinatari[oa]|ordenante"
    r"|pagos? (?:a|de|recibido|enviado)|banco (?:emisor|receptor))\b"
)
_TOTALS = {
    "depositos",
    "abonos",
    "cargos",
    "retiros",
    "traspasos",
}  # headings of a summary, nobody is named beside them
_MONTH = "(?:ene|jan|feb|mar|abr|apr|may|jun|jul|ago|aug|sep|set|oct|nov|dic|dec)[a-z]{0,7}"
_DAY_FIRST = re.compile(
    rf"\s*(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:[/.-]\d{{1,2}}\b|[\s/.-]*{_MONTH}\b)|{_MONTH}[\s/.-]*\d{{1,2}}\b)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?<![\d,.])\d{1,3}(?:,?\d{3})*\.\d{2}(?!\d)")
# Lines before and after that still tell of a movement; a dated row is printed with all its details below it.
_BESIDE, _BELOW_A_ROW = (1, 2), (0, 6)
_EDGE, _END = r"(?:(?<![A-Z0-9&Ñ])|(?<![A-Z0-9&Ñ]RFC)(?<=RFC))", r"(?![A-Z0-9&Ñ])"
_PERSON = re.compile(
    _EDGE + r"([A-ZÑ&]{4})[ -]?(\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))[ -]?([A-Z0-9]{2}[0-9A])" + _END
)
_GENERIC = {"XAXX010101000", "XEXX010101000"}


class Named(StrEnum):
    """How a paper names an RFC."""

    ALONE = "alone"
    BESIDE = "beside"  # and another person's too
    WITHOUT_ENIE = "without_enie"
    IN_MOVEMENT = "in_movement"
    NOT = "not"


def plain(text: str) -> str:
    """Folded, runs of anything but letters, digits and the `&` of companies' RFCs as one blank."""
    return re.sub(r"[^a-z0-9&]+", " ", folded(text)).strip()


def is_movement(line: str) -> bool:
    """Whether a plain line tells of money that came or went."""
    return _MOVEMENT.search(line) is not None


def own_text(text: str) -> str:
    """The text without its movements and the lines beside them."""
    lines = [line for line in text.splitlines() if plain(line)]
    told: set[int] = set()
    for number, line in enumerate(lines):
        words = set(_MOVEMENT.findall(plain(line)))
        dated = _DAY_FIRST.match(line) is not None and (bool(words) or _AMOUNT.search(line) is not None)
        if dated or words - _TOTALS:
            before, after = _BELOW_A_ROW if dated else _BESIDE
            told.update(range(number - before, number + after + 1))
        elif words:
            told.add(number)
    return "\n".join(line for number, line in enumerate(lines) if number not in told)


def how_named(text: str, rfc: str) -> Named:
    """How a paper names this RFC (canonical), grouped or not; NOT for an empty one."""
    if not rfc:
        return Named.NOT
    own = own_text(text)
    if _stands(own, rfc):
        return Named.BESIDE if people_named(own, but=rfc) else Named.ALONE
    if _stands(own, rfc, lossy=True):
        return Named.WITHOUT_ENIE
    return Named.IN_MOVEMENT if _stands(text, rfc, lossy=True) else Named.NOT


def people_named(text: str, *, but: str) -> list[str]:
    """RFCs of persons (thirteen characters) in a text, other than this one; a bank's own has twelve."""
    found = dict.fromkeys("".join(parts) for parts in _PERSON.findall(_capitals(text)))
    mine = re.compile(_pattern(but, lossy=True))
    return [one for one in found if one not in _GENERIC and not mine.fullmatch(one)]


def _stands(text: str, rfc: str, *, lossy: bool = False) -> bool:
    return re.search(_EDGE + _pattern(rfc, lossy=lossy) + _END, _capitals(text)) is not None


def _pattern(rfc: str, *, lossy: bool) -> str:
    """Its characters, blanks and signs between them; `lossy`: its Ñ printed as N, as a sign, or not at all."""
    letters = (r"(?:[ÑN]|[^A-Z0-9]{0,2})" if lossy and letter == "Ñ" else re.escape(letter) for letter in rfc.upper())
    return r"[^A-Z0-9&Ñ]{0,3}".join(letters)


def _capitals(text: str) -> str:
    return unicodedata.normalize("NFC", text).upper()
