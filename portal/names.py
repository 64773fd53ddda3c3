"""Whether a text carries a person's name: as written, with other blanks, or as machines and clerks leave it. Pure.

Billing systems drop apostrophes, extractors put blanks inside words, banks cut names and lose the Ñ, people write «Ma.»
for María. The first two are the same name; of the others what was read is shown and a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import product

from portal.text import folded

PARTICLES = frozenset("de del la las los el y san santa".split())
# What people and keyboards take for an apostrophe; ´ would fold to a blank.
_APOSTROPHE = re.compile("(?<=[^\\W\\d_])['\u2019\u2018\u201b\u02bc\u02bb\u02b9\u2032\u00b4`\uff07](?=[^\\W\\d_])")
_WORD = re.compile(r"[a-z0-9]+")
# Of a whole name every letter counts, of whatever alphabet; those that no accent is taken from are written plainly.
_ANY_WORD = re.compile(r"[^\W_]+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_LOSABLE = frozenset("aeioun")
# What machines put where an Ñ stood that they do not know; beside a letter it is one.
_LOST_N = re.compile("[#?\u00a5\u00a4\ufffd](?=[^\\W\\d_])|(?<=[^\\W\\d_])[#?\u00a5\u00a4\ufffd]")
_N = re.compile("[\u00f1\u00d1]")
_MOST_PARTS = 6  # of one word, which some text may join: more are read as they are written
# Blanks and signs that an extractor may put between two letters of a name.
_GAP = 3
_LONGEST_SHORT, _INITIALS = 4, 2
_CONTRACTION = re.compile(r"[b-df-hj-np-tv-z][b-df-hj-np-tv-z]+[b-df-hj-np-tv-zaeo]")
# After a name: the end of a line or column, or figures.
_NO_MORE_WORDS = re.compile(r"[ .,]?(?:\Z|[\n|:;]|  |[ ]?[0-9])")
# Before a name: the beginning of a line or column, or a sign.
_BEGINS = re.compile(r"(?:\A|[\n|:;,.]|  )[ ]?\Z")
_BLANKS, _LINES = re.compile(r"[ \t\u00a0]{2,}"), re.compile(r"[ \t\u00a0]*[\r\n]+[ \t\u00a0]*")
# UTF-8 that was read as another encoding: Ã and one sign more.
_TWICE = re.compile("\u00c3.")
# The holder of a paper stands on its first pages.
_MOST = 120_000
# A name that was cut: half of its letters, or so many that another person is unlikely.
_ENOUGH, _WORDS_ENOUGH = 15, 2


class Found(IntEnum):
    """How a name was found, the surest last."""

    NOT = 0
    CUT = 1  # its beginning, up to where the text ends the word
    DOUBTFUL = 2  # a word shortened, a letter lost, a particle left out
    WHOLE = 3  # every letter in order, whatever blanks and signs stand between


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says of a name, and the words as they stand there."""

    found: Found
    read: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """The letters of a word of a name, folded, and which of them bore a sign that machines lose (Ñ, accents)."""

    letters: str
    signed: tuple[bool, ...]


def without_apostrophes(text: str) -> str:
    """O'Farrill as OFarrill; quotes around words stay."""
    return _APOSTROPHE.sub("", text)


def same(one: str, other: str) -> bool:
    """Whether two names have the same letters, whatever case, accents, apostrophes, hyphens and blanks."""
    return "".join(_WORD.findall(folded(one))) == "".join(_WORD.findall(folded(other)))


def word_key(name: str) -> str:
    """A name's folded words in alphabetical order: equal for two that have the same words in any order, none more.

    Apostrophes are dropped, other signs are blanks; «Ma.» is not «María» (domain 6). Empty for a name without letters.
    """
    return " ".join(sorted(_ANY_WORD.findall(_plain(without_apostrophes(name)))))


def steady_words(name: str) -> list[str]:
    """Folded words of a name that no machine writes in another way: without particle, sign or Ñ."""
    return [parts[0] for parts in _parts(name) if len(parts) == 1 and "\u00f1" not in parts[0]]


def stands_in(text: str, name: str) -> bool:
    """Whether a text has every word of a name, in any order, as banks write them: whatever case and accents.

    What an apostrophe, a hyphen or a dot holds together, and particles with the word after them, may stand apart or
    joined (D'Ángelo as D ANGELO, de la Cruz as DELACRUZ), an Ñ as N or as the sign that took its place.
    """
    words = words_of(text)
    return all(any(_has(words, way) for way in _joined(parts)) for parts in _parts(name))


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of a name, each as the parts between its signs; particles are parts of the word after them."""
    found, held = list[tuple[str, ...]](), tuple[str, ...]()
    for token in unicodedata.normalize("NFC", name).split():
        parts = tuple(_ANY_WORD.findall("\u00f1".join(_plain(part) for part in _N.split(token))))
        held += parts
        if not all(part in PARTICLES for part in parts):
            found.append(held)
            held = ()
    return (*found, held) if held else tuple(found)


def _joined(parts: tuple[str, ...]) -> Iterator[list[str]]:
    """Every way to write some parts, neighbours joined or apart; the way they stand first."""
    yield list(parts)
    if len(parts) > _MOST_PARTS:
        return
    for glued in product((False, True), repeat=len(parts) - 1):
        words = [parts[0]]
        for part, at_once in zip(parts[1:], glued, strict=True):
            words[-1:] = [words[-1] + part] if at_once else [words[-1], part]
        yield words


def _has(words: frozenset[str], wanted: list[str]) -> bool:
    return all(word in words or word.replace("\u00f1", "n") in words for word in wanted)


def words_of(text: str) -> frozenset[str]:
    """The folded words of a text, those around an apostrophe also as one; where an Ñ may have been lost, with it."""
    apart, at_once = _plain(text), _plain(without_apostrophes(text))
    return frozenset(word for one in (apart, at_once, _LOST_N.sub("\u00f1", apart)) for word in _ANY_WORD.findall(one))


def _plain(text: str) -> str:
    return folded(text).translate(_PLAIN)


def abbreviates(short: str, word: str, *, dotted: bool = False) -> bool:
    """Whether a short word stands for a longer one: one or two first letters, more with a dot, or a contraction.

    Ma and M for María, Ant. for Antonio, Gpe and Hdz; but Ana is not Andrea, nor Noé Noelia.
    """
    if not 0 < len(short) <= _LONGEST_SHORT or len(short) >= len(word):
        return False
    if word.startswith(short):
        return dotted or len(short) <= _INITIALS
    rest = iter(word)
    return bool(_CONTRACTION.fullmatch(short)) and short[0] == word[0] and all(letter in rest for letter in short)


def find(text: str, name: str) -> Reading:
    """The surest place where a text carries a name, beginning with any of its words (surnames first or last)."""
    reading = _find(text, name)
    if reading.found is Found.NOT and _TWICE.search(text):
        mended = _find(_TWICE.sub(_decoded_again, text), name)
        return Reading(min(mended.found, Found.DOUBTFUL), mended.read)
    return reading


def _find(text: str, name: str) -> Reading:
    words = [word for part in re.split(r"[\s,.-]+", without_apostrophes(name)) if (word := _word(part)).letters]
    spread = _BLANKS.sub("  ", _LINES.sub("\n", without_apostrophes(text[:_MOST])))
    plain, best = folded(spread), _Walk("", 0)
    turns = [words[turn:] + words[:turn] for turn in range(len(words))]
    for start in (found.start() for found in _WORD.finditer(plain)):
        for place, turn in enumerate(turns):
            if plain[start] == turn[0].letters[0] or turn[0].signed[0]:
                walk = _Walk(plain, start).through(turn)
                # Two surnames after another's first name are a relative's name, not ours cut short.
                if walk.found is not Found.CUT or not place or _BEGINS.search(plain, max(0, start - _GAP), start):
                    best = max(best, walk, key=lambda one: (one.found, one.letters))
    return Reading(best.found, _as_written(spread, best.start, best.at) if best.found else "")


def _decoded_again(found: re.Match[str]) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return found[0].encode(encoding).decode()
        except UnicodeError:
            continue
    return found[0]


def _word(part: str) -> Word:
    pairs = [(bare, not letter.isascii()) for letter in part for bare in folded(letter) if _WORD.fullmatch(bare)]
    return Word("".join(bare for bare, _ in pairs), tuple(sign for _, sign in pairs))


def _as_written(text: str, start: int, end: int) -> str:
    """The piece of a text that its folding holds between two places, on one line."""
    at, kept = 0, []
    for letter in text:
        if start <= at < end:
            kept.append(letter)
        at += len(folded(letter))
    return " ".join("".join(kept).split())


class _Walk:
    """Reads the words of a name one after the other from one place of a folded text."""

    def __init__(self, plain: str, start: int) -> None:
        self.plain, self.start, self.at = plain, start, start
        self.letters, self.whole, self.doubt = 0, 0, False
        self.found = Found.NOT
        self._part = (start, 0)  # where a word stopped being read, and how many of its letters were

    def through(self, words: list[Word]) -> _Walk:
        """Itself, after reading as far as the text goes along."""
        total = sum(len(word.letters) for word in words)
        for word in words:
            if not self._full(word) and not self._shortened(word) and not self._left_out(word):
                self._cut(total)
                return self
        proper = [word for word in words if word.letters not in PARTICLES]
        if self._ends(self.at) and self.whole and self.whole * 2 >= len(proper) - 1:
            self.found = Found.DOUBTFUL if self.doubt else Found.WHOLE
        return self

    def _full(self, word: Word) -> bool:
        """Every letter of a word, with gaps; one that bore a sign may be lost, others may have become a sign."""
        at, lost = self._after_gap(self.at) if self.letters else self.at, False
        self._part = (at, 0)
        for place, letter in enumerate(word.letters):
            spot = self._after_gap(at) if place else at
            if self.plain[spot : spot + 1] == letter:
                at = spot + 1
            elif (after := self._lost(at, spot, letter, signed=word.signed[place])) >= 0:
                at, lost = after, True
            else:
                self._part = (at, place)
                return False
        token = _WORD.match(self.plain, at - len(word.letters))
        if at == self.at or (token and not self._ends(at) and abbreviates(word.letters, token[0])):
            return False
        self.at, self.letters, self.doubt = at, self.letters + len(word.letters), self.doubt or lost
        self.whole += word.letters not in PARTICLES
        return True

    def _lost(self, at: int, spot: int, letter: str, *, signed: bool) -> int:
        """Where the text goes on after a letter that is not there; -1 when this letter cannot be lost here."""
        signs = self.plain[at:spot].strip()
        return spot if signed or (signs and letter in _LOSABLE) else -1

    def _shortened(self, word: Word) -> bool:
        """«Ma.» for María in the text, or the other way round."""
        at = self._after_gap(self.at) if self.letters else self.at
        token = _WORD.match(self.plain, at)
        if token is None:
            return False
        dotted = self.plain[token.end() : token.end() + 1] == "."
        if not abbreviates(token[0], word.letters, dotted=dotted) and not abbreviates(word.letters, token[0]):
            return False
        self.at, self.letters, self.doubt = token.end(), self.letters + len(token[0]), True
        return True

    def _left_out(self, word: Word) -> bool:
        self.doubt = self.doubt or word.letters in PARTICLES
        return word.letters in PARTICLES and self.letters > 0

    def _cut(self, total: int) -> None:
        """The text ends the name in a word or after one, far enough to know it."""
        at, read = self._part
        letters = self.letters + read
        enough = letters * 2 >= total or (letters >= _ENOUGH and self.whole >= _WORDS_ENOUGH)
        ended = self._ends(at) if read else _NO_MORE_WORDS.match(self.plain, self.at) is not None
        if enough and ended and self.whole and (self.whole >= _WORDS_ENOUGH or read >= _WORDS_ENOUGH):
            self.at, self.letters, self.found = at if read else self.at, letters, Found.CUT

    def _after_gap(self, at: int) -> int:
        end = min(at + _GAP, len(self.plain))
        return next((spot for spot in range(at, end) if self.plain[spot].isalnum()), end)

    def _ends(self, at: int) -> bool:
        return not self.plain[at : at + 1].isalnum()
