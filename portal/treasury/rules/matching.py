"""Which deposit pays what was asked for: by reference, never by the amount alone (S1.21-S1.24, N12, domain 2.10). Pure.

An app tells what it expects (`Expected`: a reference that somebody was given to pay with) and who owes (`Debtor`),
asked for what some deposits may pay (`Offers`); the matcher says of each, in the order of the file, what it pays.
Auto posts by itself, review proposes and a person decides, none waits. What texts leave open is decided so:

- *near* looks at runs whole: what may stand in front of a key may not stand in front of what only resembles one;
- folio, RFC and name are asked in this order, and two debtors at the first place where one is found are nobody;
- *near* and names are looked for in the first 500 characters, *near* for keys of up to 30;
- in front of a key a letter O may stand for a zero of the agreement number or of the prefix, as it may in the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.money import format_money
from portal.treasury.rules.matching_texts import Text, in_batches, read
from portal.treasury.rules.offered import (
    OPEN,
    Debtor,
    Expected,
    ExpectedState,
    Given,
    Offers,
    Place,
    mark_of,
    marks_in,
    marks_in_front,
    names,
)

# How long what only resembles a key may be, since that costs most: a shop's file has 30 places for a reference (domain
# 2.11; a bank's has 20 digits at most, 2.8 and 2.13).
NEAR_KEY = 30
AHEAD = 2_000  # deposits that are asked for at a time
_ASKED = 5_000  # keys in one question


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
    return list(Matcher(Given(expected, debtors)).match_all(deposits))


@dataclass(slots=True)
class _Sight:
    """What there is that one deposit may pay: under its keys, by what it resembles, by who is named."""

    deposit: Deposit
    texts: tuple[Text, ...]
    found: dict[str, Expected] = field(default_factory=dict)
    near: dict[str, Expected] = field(default_factory=dict)
    named: dict[Place, dict[str, Debtor]] = field(default_factory=dict)


class Matcher:
    """Judges deposits against what is offered, asking only for what they may pay; knows what it let pay so far."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        lengths, signs = offers.shape()
        self._lengths, self._signs = sorted(lengths), frozenset(signs)
        self._near_lengths = frozenset(length for length in lengths if length <= NEAR_KEY)
        self._paid: set[str] = set()
        self._ahead: dict[str, _Sight] = {}

    def match_all(self, deposits: Iterable[Deposit]) -> Iterator[Match]:
        """Says of each what it pays, and takes what is sure as paid for the next."""
        for some in in_batches(deposits, AHEAD):
            self.look_ahead(some)
            for one in some:
                yield (match := self.match(one))
                self.note_paid(match)

    def look_ahead(self, deposits: Sequence[Deposit]) -> None:
        """Ask at once for whatever these deposits may pay; forgets what was asked for others."""
        self._ahead = {
            one.id: _Sight(one, (read(one.reference), read(one.text)) if one.amount > 0 else ()) for one in deposits
        }
        self._look_for_keys()
        rest = [sight for sight in self._ahead.values() if sight.texts and not sight.found]
        self._look_for_near(rest)
        self._look_for_debtors(rest)

    def match(self, deposit: Deposit) -> Match:
        """Says what one deposit pays, by the table of domain 2.9, beside what `note_paid` was told before."""
        if deposit.amount <= 0:
            return _nothing(deposit, Result.NOT_A_DEPOSIT, "not_a_deposit")
        sight = self._ahead.get(deposit.id)
        if sight is None or (sight.deposit is not deposit and sight.deposit != deposit):
            self.look_ahead([deposit])
            sight = self._ahead[deposit.id]
        if len(sight.found) == 1:
            return self._judge_one(deposit, *sight.found.values())
        if sight.found:
            return self._judge_several(deposit, list(sight.found.values()))
        near = [one for one in sight.near.values() if self._state(one) in OPEN]
        if len(near) == 1:
            return _of(deposit, Outcome.REVIEW, Result.NEAR, near)
        return _match_debtor(deposit, sight.named)

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

    # --- what is asked for -------------------------------------------------------------------------------------------

    def _look_for_keys(self) -> None:
        """What is expected under each key that a text holds, the reference cell first."""
        texts = {id(text): text for sight in self._ahead.values() for text in sight.texts}  # those of a file repeat
        keys = {
            one: [found for found in text.endings(self._lengths) if self._signs.issuperset(found[1])]
            for one, text in texts.items()
        }
        asked = [
            (sight, text, start, key)
            for sight in self._ahead.values()
            for text in sight.texts
            for start, key in keys[id(text)]
        ]
        known = self._asked({key for _sight, _text, _start, key in asked})
        for sight, text, start, key in asked:
            one = known.get(key)
            if one and text.fits_in_front(start, marks_in_front(one.agreement, one.prefix)):
                sight.found[one.id] = one

    def _look_for_near(self, sights: Sequence[_Sight]) -> None:
        """What of a deposit's very amount a run, or runs joined, resembles."""
        amounts = self._offers.asked_amounts({one.deposit.amount for one in sights}) if sights else ()
        asked = [(one, self._keys_near(one)) for one in sights if one.deposit.amount in amounts]
        known = self._asked({key for _sight, keys in asked for key in keys})
        for sight, keys in asked:
            found = (known[key] for key in keys if key in known)
            sight.near = {one.id: one for one in found if one.amount == sight.deposit.amount}

    def _keys_near(self, sight: _Sight) -> set[str]:
        """Every key that a text may have meant; with two signs that stand in no key it meant none."""
        joined = {one for text in sight.texts for one in text.joined(self._near_lengths)}
        close = (one for one in joined if sum(sign not in self._signs for sign in one) < 2)
        return {key for one in close for key in self._resembled(one)}

    def _look_for_debtors(self, sights: Sequence[_Sight]) -> None:
        """Who is named, by each way in which somebody may be."""
        texts = [(one, f"{one.deposit.reference}\n{one.deposit.text}") for one in sights]
        for place in Place:
            asked = [(sight, text, marks_in(place, text)) for sight, text in texts]
            wanted = {mark for _sight, _text, marks in asked for mark in marks}
            known: dict[str, list[Debtor]] = {}
            for one in self._offers.debtors(place, wanted) if wanted else ():
                known.setdefault(mark_of(place, one), []).append(one)
            for sight, text, marks in asked:
                named = (one for mark in marks for one in known.get(mark, ()))
                sight.named[place] = {one.folio: one for one in named if place is not Place.NAME or names(one, text)}

    def _asked(self, keys: Collection[str]) -> Mapping[str, Expected]:
        """What is offered under these keys, asked in questions of some thousand."""
        known: dict[str, Expected] = {}
        for some in in_batches(keys, _ASKED):
            known.update(self._offers.expected(some))
        return known

    def _resembled(self, text: str) -> Iterator[str]:
        """Every key that this may have been: a character wrong, two neighbours swapped, the last one or two missing."""
        if len(text) in self._near_lengths:
            for at in range(len(text)):
                yield from (f"{text[:at]}{sign}{text[at + 1 :]}" for sign in self._signs)
                yield f"{text[:at]}{text[at + 1 : at + 2]}{text[at]}{text[at + 2 :]}"
        if len(text) + 1 in self._near_lengths:
            yield from (text + sign for sign in self._signs)
        if len(text) + 2 in self._near_lengths:
            yield from (text + one + two for one in self._signs for two in self._signs)


def _match_debtor(deposit: Deposit, named: Mapping[Place, Mapping[str, Debtor]]) -> Match:
    """Who is named, and what of theirs the deposit covers: the oldest whole, as far as it goes."""
    for place in Place:
        if len(found := named.get(place, {})) == 1:
            return _of_debtor(deposit, place, *found.values())
        if found:
            return _nothing(deposit, Result.NOTHING, "ambiguous")
    return _nothing(deposit, Result.NOTHING, "nothing")


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
