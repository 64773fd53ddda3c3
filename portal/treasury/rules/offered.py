"""What deposits may pay, as apps offer it to the matcher: asked by key, folio, RFC or name. Pure.

An app that has a table answers from its indexes; a question from a shell, and tests, hand all of it over (`Given`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Protocol

from portal.errors import RuleBroken
from portal.names import stands_in, steady_words, word_key, words_of
from portal.text import folded
from portal.treasury.rules.matching_texts import JOINED, NEAR_TEXT, capitals, fold

SHORTEST_KEY = 8
RFC_LENGTHS = range(10, 14)  # the & of a company's is not compared


class ExpectedState(StrEnum):
    """Where something to be paid stands; `paid` also when it was paid late."""

    ISSUED = "issued"
    EXPIRED = "expired"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


OPEN = frozenset({ExpectedState.ISSUED, ExpectedState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Expected:
    """A payment that somebody was given a reference for: until `expires_on` (included) it is in time."""

    id: str
    reference: str
    prefix: str
    agreement: str
    amount: Decimal
    expires_on: date
    state: ExpectedState


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who may pay without a reference: known by folio (ME-2026-000123), RFC or name; `owed` oldest first."""

    folio: str
    rfc: str
    name: str
    owed: tuple[tuple[str, Decimal], ...]  # period, amount


class Place(StrEnum):
    """By what a debtor was found, the surest first."""

    FOLIO = "folio"
    RFC = "rfc"
    NAME = "name"


class Offers(Protocol):
    """What an app, or all of them, says to the matcher that asks for what a few deposits may pay."""

    def shape(self) -> tuple[Collection[int], Collection[str]]:
        """How long the keys are, and which signs stand in them."""

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        """What is found under these keys, of whatever state."""

    def asked_amounts(self, amounts: Collection[Decimal]) -> Collection[Decimal]:
        """Which of these amounts something open asks for."""

    def debtors(self, place: Place, marks: Collection[str]) -> Iterable[Debtor]:
        """Who is known by one of these folios, RFCs or names (`marks_of`); more may be told."""


# --- by what one is known --------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def marks_in_front(agreement: str, prefix: str) -> tuple[str, ...]:
    """What may stand in front of a key; many slips share it."""
    marks = (fold(mark).lstrip("0") for mark in (agreement, prefix))
    return tuple(mark for mark in marks if mark)


def keys_of(one: Expected) -> tuple[str, ...]:
    """Under what a payment is found: its folded reference without leading zeros, and the same without its prefix.

    Raises RuleBroken when one has fewer than 8 characters: so short, it would be found in whatever people write.
    """
    whole, prefix = fold(one.reference), one.prefix and fold(one.prefix)
    key = short = whole.lstrip("0")
    if prefix and whole.startswith(prefix):
        short = whole.removeprefix(prefix).lstrip("0")
    if len(short) < SHORTEST_KEY or len(key) < SHORTEST_KEY:
        raise RuleBroken(
            f"La referencia de {one.id} es muy corta: necesita {SHORTEST_KEY} letras o números, sin ceros al inicio ni "
            "prefijo. Usa una más larga.",
            code="reference_short",
        )
    return (key,) if short == key else (key, short)


_WORD = re.compile(r"[a-z0-9]+")
_FOLIO = re.compile(r"([A-Z]{1,6})-([0-9]{4})-([0-9]{1,18})")
_BETWEEN = "[\\s\u2010-\u2015\u2212-]*"  # blanks and dashes, which may lack
_WRITTEN_FOLIO = re.compile(rf"(?<![^\W_])([A-Z]{{1,6}}){_BETWEEN}([0-9]{{4}}){_BETWEEN}([0-9]{{1,18}})(?![0-9])")


def mark_of(place: Place, one: Debtor) -> str:
    """By what a debtor is looked for: a folio in our form, an RFC's letters and figures, a name's longest words.

    Empty for who is not known in that way.
    """
    if place is Place.FOLIO:
        return _folio(*found.groups()) if (found := _FOLIO.fullmatch(capitals(one.folio))) else ""
    return rfc_mark(one.rfc) if place is Place.RFC else name_mark(one.name)


def rfc_mark(rfc: str) -> str:
    """The letters and figures of an RFC, as `marks_in` finds them in a text."""
    return "".join(_WORD.findall(folded(rfc)))


def name_mark(name: str) -> str:
    """The two longest words of a name: rare enough to be asked for, whatever order and case it is written in.

    Of those that every bank writes alike, even where that is one; of all where none is such.
    """
    return " ".join(_by_length(set(steady_words(name)) or word_key(name).split())[:2])


def marks_in(place: Place, text: str) -> set[str]:
    """Every mark of that kind that a text may name; of names only those in its first 500 characters."""
    if place is Place.FOLIO:
        return {_folio(*parts) for parts in _WRITTEN_FOLIO.findall(capitals(text))}
    if place is Place.RFC:
        return set(_rfcs(text))
    words = _by_length(words_of(text[:NEAR_TEXT]))
    return {*words, *(f"{one} {other}" for one, other in combinations(words, 2))}


def names(one: Debtor, text: str) -> bool:
    """Whether every word of a debtor's name stands in a text."""
    return stands_in(text, one.name)


def _by_length(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))


def _folio(prefix: str, year: str, number: str) -> str:
    return f"{prefix}-{year}-{int(number):06d}"


def _rfcs(text: str) -> Iterator[str]:
    words = _WORD.findall(folded(text))
    for first in range(len(words)):
        joined = ""
        for word in words[first : first + JOINED]:
            joined += word
            if len(joined) in RFC_LENGTHS:
                yield joined


# --- all of it, handed over ------------------------------------------------------------------------------------------


class Given:
    """Offers that are handed over whole.

    Raises RuleBroken for expectations that could not have been issued: a key under 8 characters, one key or id twice.
    """

    def __init__(self, expected: Iterable[Expected], debtors: Iterable[Debtor]) -> None:
        self._keys: dict[str, Expected] = {}
        self._debtors: dict[Place, dict[str, list[Debtor]]] = {place: defaultdict(list) for place in Place}
        known: set[str] = set()
        for one in expected:
            _refuse_twice(one.id, known, "expected_twice")
            self._take(one)
        known = set()
        for debtor in debtors:
            _refuse_twice(debtor.folio, known, "debtor_twice")
            for place in Place:
                if mark := mark_of(place, debtor):
                    self._debtors[place][mark].append(debtor)

    def _take(self, one: Expected) -> None:
        for key in keys_of(one):
            if (other := self._keys.get(key)) is not None:
                raise RuleBroken(
                    f"{other.id} y {one.id} tienen la misma referencia. Corrige una de las dos.", code="reference_twice"
                )
            self._keys[key] = one

    def shape(self) -> tuple[Collection[int], Collection[str]]:
        """Of the keys that it has."""
        return {len(key) for key in self._keys}, {sign for key in self._keys for sign in key}

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected]:
        """What it has under these keys."""
        return {key: self._keys[key] for key in keys if key in self._keys}

    def asked_amounts(self, amounts: Collection[Decimal]) -> Collection[Decimal]:
        """Those that it has, paid ones too: whether one is open is asked anew of each."""
        return {one.amount for one in self._keys.values()}.intersection(amounts)

    def debtors(self, place: Place, marks: Collection[str]) -> Iterable[Debtor]:
        """Who is known by one of these."""
        return [one for mark in marks for one in self._debtors[place].get(mark, ())]


def _refuse_twice(told: str, known: set[str], code: str) -> None:
    if told in known:
        raise RuleBroken(f"{told} está dos veces. Deja una sola.", code=code)
    known.add(told)
