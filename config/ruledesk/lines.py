"""One question, one JSON object a line (docs/rule-desk.md). Light to import: no models here.

A question that cannot be judged answers `{"error": {"code", "message"}}` on its line; the others go on and the command
ends with 2. Whatever could be judged ends with 0, however bad the judgement.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db.utils import OperationalError

from portal.errors import Finding, RuleBroken
from portal.money import parse_money

C = TypeVar("C", bound=StrEnum)
FROM_STDIN = "-"
FAILED = 2
Answer = Mapping[str, Any]
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}):([0-9]{2})", re.ASCII)
_DIGITS = re.compile(r"-?[0-9]{1,12}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1950, 2200


class Unjudged(Exception):
    """This question cannot be judged: an English code and a Spanish sentence with the cure."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class LineCommand(BaseCommand):
    """A command that answers questions, one line each, as they come."""

    requires_system_checks: list[str] = []

    def answer(self, judge: Callable[[str], Answer], questions: Iterable[str]) -> None:
        """Say what `judge` thinks of every question; ends the process with 2 when one could not be judged."""
        _speak_utf8()
        failed = False
        try:
            for question in questions:
                answer = _answer(judge, question)
                failed = failed or set(answer) == {"error"}
                self.stdout.write(_one_line(answer))
                self.stdout.flush()
        except BrokenPipeError:  # who reads us left (`| head`): nobody is there to be told
            sys.stderr.close()
        except OperationalError as error:
            raise CommandError("La base de datos no contesta. Revisa que esté en marcha (bin/doctor).") from error
        if failed:
            sys.exit(FAILED)


def _answer(judge: Callable[[str], Answer], question: str) -> Answer:
    try:
        if any("\ud800" <= letter <= "\udfff" for letter in question):
            raise Unjudged("not_utf8", "Esa línea no está en UTF-8. Guárdala así y vuelve a intentar.")
        return judge(question)
    except (Unjudged, RuleBroken) as error:
        return {"error": {"code": error.code, "message": error.message}}


def _one_line(answer: Answer) -> str:
    """Plain UTF-8, or escaped where a letter could end the line (U+2028) or cannot be written (half a pair)."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(answer)


def _speak_utf8() -> None:
    """JSON is UTF-8 whatever the shell's locale says."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure and (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(encoding="utf-8")


# --- questions -----------------------------------------------------------------------------------------------------


def expand(words: Iterable[str]) -> Iterator[str]:
    """The words of the command line; `-` stands for every line of standard input."""
    for word in words:
        if word == FROM_STDIN:
            yield from stdin_lines()
        else:
            yield word


def stdin_lines() -> Iterator[str]:
    """Lines of standard input as they come, without their end; what is not UTF-8 keeps its bytes as surrogates."""
    source = getattr(sys.stdin, "buffer", None)
    for number, line in enumerate(source if source is not None else sys.stdin):
        text = line.decode("utf-8", "surrogateescape") if isinstance(line, bytes) else line
        yield (text.removeprefix("\ufeff") if number == 0 else text).rstrip("\r\n")


def questions(first: str | None, asked: Mapping[str, str | None]) -> Iterator[str]:
    """What the command line asks, as one JSON object; every line of standard input when its first word is `-`."""
    given = {name: value for name, value in asked.items() if value is not None and value != FROM_STDIN}
    if first != FROM_STDIN:
        yield json.dumps(given)
    elif given:
        raise CommandError("Con - las preguntas vienen de la entrada estándar: quita lo demás.", returncode=FAILED)
    else:
        yield from stdin_lines()


def parse_object(text: str) -> dict[str, Any]:
    """One JSON object; numbers keep the digits they were written with. Raises Unjudged."""
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unjudged(
            "bad_json", "Esa línea no es un objeto JSON. Escribe uno por línea, con comillas dobles."
        ) from error
    if not isinstance(found, dict):
        raise Unjudged("bad_json", "Esa línea es JSON, pero no un objeto. Escribe uno por línea: {…}.")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


# --- values of a question ------------------------------------------------------------------------------------------


def need(question: Mapping[str, Any], *names: str) -> None:
    """Raises Unjudged naming what a question lacks."""
    missing = [name for name in names if question.get(name) in (None, "")]
    if missing:
        raise Unjudged("datum_missing", f"Falta {', '.join(missing)}. Agrégalo y vuelve a preguntar.")


def need_keys(question: Mapping[str, Any], *names: str) -> None:
    """Raises Unjudged naming the keys that a question has not at all; their values may be empty."""
    need({name: name in question or None for name in names}, *names)


def objects(question: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects, empty or not. Raises Unjudged when it is missing or another thing."""
    rows = question.get(name)
    if rows is None:
        need(question, name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unjudged("datum_unreadable", f"{name} no es una lista de objetos. Escríbela así: [{{…}}, {{…}}].")
    return rows


def as_flag(value: object, name: str) -> bool:
    """True or false as JSON writes them. Raises Unjudged for anything else: «no» is no answer of a machine."""
    if not isinstance(value, bool):
        raise Unjudged("datum_unreadable", f"{name} no es verdadero ni falso. Escribe true o false, sin comillas.")
    return value


def as_choice(value: object, name: str, known: type[C]) -> C:
    """One of a closed list of words. Raises Unjudged naming them all."""
    text = as_text(value, name)
    if text not in set(known):
        raise Unjudged("choice_unknown", f"{name}: no existe «{text[:40]}». Usa uno de: {', '.join(known)}.")
    return known(text)


def as_amount(value: object, name: str, *, signed: bool = False) -> Decimal:
    """An amount in MXN with two decimals at most, below zero only where `signed`. Raises Unjudged naming the datum."""
    text = as_text(value, name).strip()
    minus = signed and text.startswith("-")
    try:
        amount = parse_money(text[1:] if minus else text, "MXN")
    except RuleBroken as broken:
        raise Unjudged(broken.code, f"{name}: {broken.message}") from broken
    return -amount if minus else amount


def as_text(value: object, name: str) -> str:
    """A text, or a number as it was written. Raises Unjudged for a list, an object or a truth value."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value}"
    raise Unjudged("datum_unreadable", f"{name} no es un texto ni un número. Escríbelo entre comillas.")


def as_date(value: object, name: str, *, first_year: int = _FIRST_YEAR) -> date:
    """An ISO date, from 1950 on unless said otherwise (people are older). Raises Unjudged."""
    text = as_text(value, name).strip()
    if _DATE.fullmatch(text):
        try:
            return _within(date.fromisoformat(text), name, first_year)
        except ValueError:
            pass
    raise Unjudged("date_unreadable", f"{name}: «{text[:40]}» no es una fecha. Escríbela como 2026-11-22.")


def as_moment(value: object, name: str) -> datetime:
    """A wall-clock moment without zone, to the minute. Raises Unjudged."""
    text = as_text(value, name).strip()
    if found := _MOMENT.fullmatch(text):
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}")
        except ValueError:
            pass
        else:
            _within(moment.date(), name)
            return moment
    raise Unjudged(
        "moment_unreadable", f"{name}: «{text[:40]}» no es una fecha con hora. Escríbela como 2026-11-22 09:00."
    )


def as_whole(value: object, name: str) -> int:
    """A whole number. Raises Unjudged."""
    text = as_text(value, name).strip()
    if not _DIGITS.fullmatch(text):
        raise Unjudged("number_unreadable", f"{name}: «{text[:40]}» no es un número entero. Escribe solo dígitos.")
    return int(text)


def _within(day: date, name: str, first_year: int = _FIRST_YEAR) -> date:
    if not first_year <= day.year <= _LAST_YEAR:
        raise Unjudged(
            "date_out_of_range", f"{name}: el año {day.year} queda fuera de {first_year} a {_LAST_YEAR}. Revísalo."
        )
    return day


# --- answers -------------------------------------------------------------------------------------------------------


def told(finding: Finding) -> dict[str, str]:
    """A finding as code and one message: cause and cure together, as screens show them."""
    return {"code": finding.code, "message": " ".join(part for part in (finding.message, finding.cure) if part)}
