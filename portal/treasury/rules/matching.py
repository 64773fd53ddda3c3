"""Which deposit pays what was asked for: by reference, never by the amount alone (S1.21-S1.24, N12, domain 2.10). Pure.

An app tells what it expects (`Expected`: a reference that somebody was given to pay with) and who owes (`Debtor`); the
matcher says of each deposit, in the order of the file, what it pays. Auto posts by itself, review proposes and a person
decides, none waits. What texts leave open is decided so:

- *near* looks at runs whole: what may stand in front of a key may not stand in front of what only resembles one;
- folio, RFC and name are asked in this order, and two debtors at the first place where one is found are nobody;
- *near* is looked for in the first 500 characters, and for keys of up to 30;
- in front of a key a letter O may stand for a zero of the agreement number or of the prefix, as it may in the key.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

from portal.errors import RuleBroken
from portal.money import format_money
from portal.names import word_key
from portal.text import folded

SHORTEST_KEY = 8
JOINED = 9  # so many neighbouring runs may be one reference that somebody wrote in groups
# How far what only resembles a key is looked for, since that costs most: a shop's file has 30 places for a reference
# (domain 2.11; a bank's has 20 digits at most, 2.8 and 2.13), the text of an MT940 has six lines of 65, and some more.
NEAR_KEY, NEAR_TEXT = 30, 500


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


@dataclass(frozen=True, slots=True)
class Deposit:
    """One movement of a bank or shop: its value date, amount in `currency`, reference cell and text."""

    id: str
    on: date
    amount: Decimal
    reference: str
    text: str
    currency: str


class Outcome(StrEnum):
    """What becomes of a deposit: posted at once, proposed to a person, or nothing known."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


class Result(StrEnum):
    """What was found."""

    PAID = "paid"
    LATE = "late"
    DOUBLE = "double"
    SHORT = "short"
    OVER = "over"
    CANCELLED = "cancelled"
    SUM_DIFFERS = "sum_differs"
    NEAR = "near"
    FAMILY = "family"
    NOTHING = "nothing"
    NOT_A_DEPOSIT = "not_a_deposit"


class Place(StrEnum):
    """By what a debtor was found, the surest first."""

    FOLIO = "folio"
    RFC = "rfc"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Match:
    """What one deposit pays: `expected` by id, or the debtor `folio` and the `periods` that it covers whole.

    `score` says how sure it is, 0 to 100 (auto: 100); `code` and `message` say why, for whoever confirms it.
    """

    deposit: str
    outcome: Outcome
    result: Result
    expected: tuple[str, ...] = ()
    folio: str | None = None
    periods: tuple[str, ...] = ()
    score: int = 0
    code: str = ""
    message: str = ""


_SCORES = {
    Result.SHORT: 90,
    Result.OVER: 90,
    Result.DOUBLE: 80,
    Result.SUM_DIFFERS: 70,
    Result.NEAR: 60,
    Result.CANCELLED: 50,
}
_SCORES_OF_PLACES = {Place.FOLIO: 45, Place.RFC: 40, Place.NAME: 25}
_MESSAGES = {
    "paid": "Trae la referencia de {ids}, con su importe y en plazo. No hay nada que hacer.",
    "late": "Trae la referencia de {ids} con su importe, pagada después de su vencimiento. Cuenta su fecha valor.",
    "double_auto": "Trae otra vez la referencia y el importe de {ids}, que ya está pagada. Queda como saldo a favor.",
    "double": "Trae la referencia de {ids}, que ya está pagada, con otro importe. Revisa de quién es.",
    "short": "Trae la referencia de {ids}, pero le faltan {difference}. Revisa si queda como saldo a favor.",
    "over": "Trae la referencia de {ids} y sobran {difference}. Revisa si el resto queda como saldo a favor.",
    "cancelled": "Trae la referencia de {ids}, que se canceló o se devolvió. Revisa de quién es el dinero.",
    "sum_differs": "Trae las referencias de {ids}, pero no suman su importe. Reparte el depósito entre ellas.",
    "sum_not_open": "Trae las referencias de {ids}, y no todas se pueden pagar ya. Reparte el depósito a mano.",
    "near": "Trae una referencia muy parecida a la de {ids}, con su importe. Compárala y confirma si es esa.",
    "folio": "Trae el folio {folio}, sin referencia. Confirma si el depósito es de esa familia.",
    "rfc": "Trae el RFC de quien es titular de {folio}, sin referencia. Confirma si el depósito es de esa familia.",
    "name": "Trae el nombre de quien es titular de {folio}, sin referencia. Confirma si el depósito es de esa familia.",
    "nothing": "No trae ninguna referencia, folio, RFC ni nombre que conozcamos. Búscalo a mano.",
    "ambiguous": "Nombra a más de una familia. Búscalo a mano.",
    "not_a_deposit": "No es dinero que entró. No hay nada que asignar.",
}


def match_deposits(expected: Iterable[Expected], debtors: Iterable[Debtor], deposits: Iterable[Deposit]) -> list[Match]:
    """Judges deposits in the order of their file; what one pays by itself is paid for the next.

    Raises RuleBroken for expectations that could not have been issued: a key under 8 characters, one key or id twice.
    """
    matcher = Matcher(expected, debtors)
    matches = []
    for deposit in deposits:
        matches.append(match := matcher.match(deposit))
        matcher.note_paid(match)
    return matches


class Matcher:
    """What is expected, by its keys, and who owes; knows what it has let pay so far. Raises RuleBroken as above."""

    def __init__(self, expected: Iterable[Expected], debtors: Iterable[Debtor]) -> None:
        self._keys: dict[str, Expected] = {}
        self._marks: dict[str, tuple[str, ...]] = {}
        self._paid: set[str] = set()
        for one in expected:
            self._take(one)
        self._amounts = {one.amount for one in self._keys.values()}
        self._lengths = {len(key) for key in self._keys}
        self._near_lengths = {length for length in self._lengths if length <= NEAR_KEY}
        self._alphabet = sorted({sign for key in self._keys for sign in key})
        self._debtors = _Debtors(debtors)

    def _take(self, one: Expected) -> None:
        if one.id in self._marks:
            raise RuleBroken(f"{one.id} está dos veces. Deja una sola.", code="expected_twice")
        for key in keys_of(one):
            if (other := self._keys.get(key)) is not None:
                raise RuleBroken(
                    f"{other.id} y {one.id} tienen la misma referencia. Corrige una de las dos.", code="reference_twice"
                )
            self._keys[key] = one
        self._marks[one.id] = _marks_of(one.agreement, one.prefix)

    def match(self, deposit: Deposit) -> Match:
        """Says what one deposit pays, by the table of domain 2.10, beside what `note_paid` was told before."""
        if deposit.amount <= 0:
            return _nothing(deposit, Result.NOT_A_DEPOSIT, "not_a_deposit")
        texts = [_read(text) for text in (deposit.reference, deposit.text)]
        found = {one.id: one for text in texts for one in self._found(text)}
        if len(found) == 1:
            match = self._judge_one(deposit, *found.values())
        elif found:
            match = self._judge_several(deposit, list(found.values()))
        elif near := self._near(deposit, texts):
            return _of(deposit, Outcome.REVIEW, Result.NEAR, [near])
        else:
            return self._debtors.match(deposit)
        return match

    def note_paid(self, match: Match) -> None:
        """Remember what a deposit paid by itself, once it did; a review changes nothing."""
        if match.outcome is Outcome.AUTO:
            self._paid.update(match.expected)

    def _state(self, one: Expected) -> ExpectedState:
        return ExpectedState.PAID if one.id in self._paid else one.state

    def _judge_one(self, deposit: Deposit, one: Expected) -> Match:
        state, equal = self._state(one), deposit.amount == one.amount
        if state is ExpectedState.PAID:
            outcome, code = (Outcome.AUTO, "double_auto") if equal else (Outcome.REVIEW, "double")
            return _of(deposit, outcome, Result.DOUBLE, [one], code)
        if state not in OPEN:
            return _of(deposit, Outcome.REVIEW, Result.CANCELLED, [one])
        if equal:
            return _of(deposit, Outcome.AUTO, _in_time(deposit, [one]), [one])
        result = Result.SHORT if deposit.amount < one.amount else Result.OVER
        return _of(deposit, Outcome.REVIEW, result, [one])

    def _judge_several(self, deposit: Deposit, several: Sequence[Expected]) -> Match:
        if any(self._state(one) not in OPEN for one in several):
            return _of(deposit, Outcome.REVIEW, Result.SUM_DIFFERS, several, "sum_not_open")
        if deposit.amount != sum((one.amount for one in several), Decimal(0)):
            return _of(deposit, Outcome.REVIEW, Result.SUM_DIFFERS, several)
        return _of(deposit, Outcome.AUTO, _in_time(deposit, several), several)

    def _found(self, text: _Text) -> Iterator[Expected]:
        """What is expected under each key that ends with a run and begins in one of the runs joined to it."""
        for last, (_, end) in enumerate(text.runs):
            earliest = text.runs[max(0, last - JOINED + 1)][0]
            for length in self._lengths:
                start = end - length
                if start >= earliest and (one := self._keys.get(text.folded[start:end])):
                    if text.fits_in_front(start, self._marks[one.id]):
                        yield one

    def _near(self, deposit: Deposit, texts: Sequence[_Text]) -> Expected | None:
        """The one open expectation of this very amount that a run, or runs joined, resembles."""
        if deposit.amount not in self._amounts:
            return None
        found = {
            one.id: one
            for candidate in {joined for text in texts for joined in text.joined(self._near_lengths)}
            for key in self._resembled(candidate)
            if (one := self._keys.get(key)) and one.amount == deposit.amount and self._state(one) in OPEN
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def _resembled(self, text: str) -> Iterator[str]:
        """Every key that this may have been: a character wrong, two neighbours swapped, the last one or two missing."""
        if len(text) in self._near_lengths:
            for at in range(len(text)):
                yield from (f"{text[:at]}{sign}{text[at + 1 :]}" for sign in self._alphabet)
                yield f"{text[:at]}{text[at + 1 : at + 2]}{text[at]}{text[at + 2 :]}"
        if len(text) + 1 in self._near_lengths:
            yield from (text + sign for sign in self._alphabet)
        if len(text) + 2 in self._near_lengths:
            yield from (text + one + two for one in self._alphabet for two in self._alphabet)


# --- keys and texts --------------------------------------------------------------------------------------------------

_AS_READ = str.maketrans("OIL", "011")
_RUN = re.compile(r"[^\W_]+")
_KEPT = re.compile(r"[^A-Z0-9]+")


def fold(text: str) -> str:
    """What is compared of a reference: NFKC, capitals, only A-Z and 0-9, then O as 0, I and L as 1."""
    if text.isascii():
        capitals = text.upper()
        return (capitals if capitals.isalnum() else _KEPT.sub("", capitals)).translate(_AS_READ)
    return _KEPT.sub("", _capitals(text)).translate(_AS_READ)


@lru_cache(maxsize=1024)
def _marks_of(agreement: str, prefix: str) -> tuple[str, ...]:
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


def _capitals(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as its runs of letters and digits: each (begin, end) in what is kept of it, as written and folded."""

    written: str
    folded: str
    runs: tuple[tuple[int, int], ...]

    def fits_in_front(self, start: int, marks: Sequence[str]) -> bool:
        """Whether what stands before `start` in its run is only letters, zeros and these marks, in any order."""
        begin, _ = self.runs[bisect_right(self.runs, (start, len(self.written))) - 1]
        reached = {begin}
        for at in range(begin, start):
            if at in reached:
                if self.written[at].isalpha() or self.written[at] == "0":
                    reached.add(at + 1)
                reached |= {at + len(mark) for mark in marks if self.folded.startswith(mark, at)}
        return start in reached

    def joined(self, lengths: set[int]) -> Iterator[str]:
        """Runs, alone or joined, without leading zeros, as long as a key or up to two characters shorter.

        Only whole runs of the first `NEAR_TEXT` characters: a run that was cut would be another reference.
        """
        wanted = {length - less for length in lengths for less in (0, 1, 2)}
        runs = self.runs[: bisect_right(self.runs, NEAR_TEXT, key=itemgetter(1))]
        for first in range(len(runs)):
            ends = [end for _, end in runs[first : first + JOINED]]
            zeros = range(runs[first][0], ends[-1])
            begin = next((at for at in zeros if self.folded[at] != "0"), ends[-1])
            yield from (self.folded[begin:end] for end in ends if end - begin in wanted)


@lru_cache(maxsize=256)
def _read(text: str) -> _Text:
    """A text taken apart; the texts of a file repeat."""
    kept = [part for run in _RUN.findall(_capitals(text)) if (part := _KEPT.sub("", run))]
    runs, at = [], 0
    for part in kept:
        runs.append((at, at + len(part)))
        at += len(part)
    written = "".join(kept)
    return _Text(written, written.translate(_AS_READ), tuple(runs))


# --- who owes --------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[a-z0-9]+")
_FOLIO = re.compile(r"([A-Z]{1,6})-([0-9]{4})-([0-9]{1,18})")
_BETWEEN = "[\\s\u2010-\u2015\u2212-]*"  # blanks and dashes, which may lack
_WRITTEN_FOLIO = re.compile(rf"(?<![^\W_])([A-Z]{{1,6}}){_BETWEEN}([0-9]{{4}}){_BETWEEN}([0-9]{{1,18}})(?![0-9])")


class _Debtors:
    """Debtors by folio, by RFC and by the longest word of their name."""

    def __init__(self, debtors: Iterable[Debtor]) -> None:
        self._by_folio: dict[tuple[str, str, int], list[Debtor]] = defaultdict(list)
        self._by_rfc: dict[str, list[Debtor]] = defaultdict(list)
        self._by_word: dict[str, list[tuple[frozenset[str], Debtor]]] = defaultdict(list)
        known = set()
        for one in debtors:
            if one.folio in known:
                raise RuleBroken(f"{one.folio} está dos veces. Deja una sola.", code="debtor_twice")
            known.add(one.folio)
            if folio := _FOLIO.fullmatch(_capitals(one.folio)):
                self._by_folio[folio[1], folio[2], int(folio[3])].append(one)
            if rfc := "".join(_WORD.findall(folded(one.rfc))):
                self._by_rfc[rfc].append(one)
            if words := word_key(one.name).split():
                self._by_word[max(words, key=len)].append((frozenset(words), one))
        self._rfc_lengths = {len(rfc) for rfc in self._by_rfc}

    def match(self, deposit: Deposit) -> Match:
        """Who is named, and what of theirs the deposit covers: the oldest whole, as far as it goes."""
        text = f"{deposit.reference}\n{deposit.text}"
        for place, named in ((Place.FOLIO, self._folios), (Place.RFC, self._rfcs), (Place.NAME, self._names)):
            found = {one.folio: one for one in named(text)}
            if len(found) == 1:
                return _of_debtor(deposit, place, *found.values())
            if found:
                return _nothing(deposit, Result.NOTHING, "ambiguous")
        return _nothing(deposit, Result.NOTHING, "nothing")

    def _folios(self, text: str) -> Iterator[Debtor]:
        for prefix, year, number in _WRITTEN_FOLIO.findall(_capitals(text)):
            yield from self._by_folio.get((prefix, year, int(number)), ())

    def _rfcs(self, text: str) -> Iterator[Debtor]:
        words = _WORD.findall(folded(text))
        for first in range(len(words)):
            joined = ""
            for word in words[first : first + JOINED]:
                joined += word
                if len(joined) in self._rfc_lengths:
                    yield from self._by_rfc.get(joined, ())

    def _names(self, text: str) -> Iterator[Debtor]:
        words = set(word_key(text).split())
        for word in words:
            yield from (one for name, one in self._by_word.get(word, ()) if name <= words)


def refused_match(match: Match, why: str) -> Match:
    """What seemed sure and was refused by who waits for it, for a person: with that reason."""
    message = f"Trae la referencia y el importe, pero no se pudo asignar sola. {why}"
    return replace(match, outcome=Outcome.REVIEW, score=_SCORES[Result.DOUBLE], code="refused", message=message)


# --- answers ---------------------------------------------------------------------------------------------------------


def _in_time(deposit: Deposit, several: Iterable[Expected]) -> Result:
    return Result.LATE if any(deposit.on > one.expires_on for one in several) else Result.PAID


def _of(deposit: Deposit, outcome: Outcome, result: Result, several: Sequence[Expected], code: str = "") -> Match:
    code, ids = code or str(result), tuple(one.id for one in several)
    difference = ""
    if result in {Result.SHORT, Result.OVER}:
        difference = format_money(abs(deposit.amount - several[0].amount), deposit.currency)
    message = _MESSAGES[code].format(ids=" y ".join(ids), difference=difference)
    score = 100 if outcome is Outcome.AUTO else _SCORES[result]
    return Match(deposit.id, outcome, result, ids, score=score, code=code, message=message)


def _of_debtor(deposit: Deposit, place: Place, one: Debtor) -> Match:
    periods, left = [], deposit.amount
    for period, amount in one.owed:
        if amount > left:
            break
        periods.append(period)
        left -= amount
    return Match(
        deposit.id,
        Outcome.REVIEW,
        Result.FAMILY,
        folio=one.folio,
        periods=tuple(periods),
        score=_SCORES_OF_PLACES[place],
        code=f"by_{place}",
        message=_MESSAGES[place].format(folio=one.folio),
    )


def _nothing(deposit: Deposit, result: Result, code: str) -> Match:
    return Match(deposit.id, Outcome.NONE, result, code=code, message=_MESSAGES[code])
