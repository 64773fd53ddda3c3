"""Global search: each app registers what is found, by which of its names, and who may see it; one selector asks them.

What people have in hand is a folio, an account, an RFC, a folio fiscal, a tracking key, a CLABE or a name. A typed text
is only compared with the names it could be, each by an index, so that one search costs about what its slowest query
costs, however many apps there are. A sealed column is found whole, by its blind index: its name's `shape` gives it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import F, Func, QuerySet
from django.db.models.functions import Least, Upper
from django.urls import reverse

from portal import identifiers
from portal.declared import Declared
from portal.prepared import Asked, prepared
from portal.text import folded

AT_MOST = 5  # rows of one kind on the page: who wants all of them has the kind's own list
SHORTEST = 3  # fewer letters would find half of the house
LONGEST = 80
ACCENTED = "ÁÀÂÄáàâäÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÖóòôöÚÙÛÜúùûüÑñ"
PLAIN = "aaaaaaaaeeeeeeeeiiiiiiiioooooooouuuuuuuunn"


def beginnings(column: str) -> OpClass:
    """For an index on a code's capitals: what `How.START` asks, however the portal's language orders letters."""
    return OpClass(Upper(column), name="text_pattern_ops")


class Words(Func):
    """The words of a name for PostgreSQL's full text search, without case and accents, ñ as n; an index holds them."""

    template = f"to_tsvector('simple'::regconfig, translate(%(expressions)s, '{ACCENTED}', '{PLAIN}'))"
    output_field = SearchVectorField()
    arity = 1


# An expression on purpose: PostgreSQL can't know how rare a name is, and in the key's own order it would rather read
# the whole table backwards, comparing each row, than ask the index of words and sort what is found.
_NEWEST = Least("pk", "pk").desc()


def capitals(column: str) -> OpClass:
    """For an index that begins with a code kept in capitals: what `How.CAPITALS` asks, and the whole code as well."""
    return OpClass(column, name="text_pattern_ops")


class How(Enum):
    """How a name is compared with what was typed."""

    WHOLE = "exact"
    START = "istartswith"
    CAPITALS = "startswith"
    WORDS = "words"


def as_code(typed: str) -> str | None:
    """Something with a digit and no blank: a folio, an account, a tracking key. None for anything else."""
    return typed if re.search(r"\d", typed) and not re.search(r"\s", typed) else None


def as_key(typed: str) -> str | None:
    """A whole key of a transfer that we sent, in capitals as the bank tells it. None for anything else."""
    return as_code(typed.upper())


def as_folio(prefixes: Container[str]) -> Callable[[str], str | None]:
    """The beginning of a folio with one of these prefixes. None for anything else."""
    return lambda typed: as_code(typed) if typed[:2].upper() in prefixes else None


def as_rfc(typed: str) -> str | None:
    """The beginning of an RFC, in capitals, from its date on. None for anything else."""
    bare = re.sub(r"[\s-]", "", typed).upper()
    return bare if re.fullmatch(r"[A-Z&Ñ]{3,4}\d{2,6}[A-Z0-9]{0,3}", bare) else None


def as_rut(typed: str) -> str | None:
    """A whole RUT as it is kept, with dots or without. None for anything else."""
    found = identifiers.check("rut", typed)
    return found.canonical if found.valid else None


def as_uuid(typed: str) -> str | None:
    """A folio fiscal or an identifier, in small letters with hyphens. None for anything else."""
    try:
        return str(UUID(typed))
    except ValueError:
        return None


def as_email(typed: str) -> str | None:
    """The beginning of an address, in small letters. None for anything else."""
    return typed.lower() if re.fullmatch(r"[^\s@]+@[^\s@]*", typed) else None


def as_words(typed: str) -> str | None:
    """Beginnings of words of a name in any order, as PostgreSQL asks for them. None where there is a digit."""
    words = re.findall(r"[^\W\d_]+", folded(typed))
    return " & ".join(f"{word}:*" for word in words) if words and not re.search(r"[\d@]", typed) else None


@dataclass(frozen=True, slots=True)
class Name:
    """One way in which people call a row: the path to the column, how it is compared, and what could be such a name.

    `shape` gives what is compared with the column, or None where what was typed cannot be this name: then nothing is
    asked. A START of a column wants an index on its capitals, WORDS one on `Words(column)`; CAPITALS is the start of a
    column that holds capitals alone, of a shape that gives capitals: an index that begins with the column is enough.
    """

    path: str
    how: How = How.START
    shape: Callable[[str], str | None] = as_code

    def among(self, rows: QuerySet[Any], typed: str) -> QuerySet[Any] | None:
        """The rows that are called so, the newest first; a code's in its own order. None: it cannot be this name."""
        wanted = self.shape(typed)
        return None if wanted is None else self.called(rows, wanted)

    def called(self, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        """The same of what `shape` made of it."""
        if self.how is How.WORDS:
            asked = SearchQuery(wanted, search_type="raw", config="simple")
            return rows.alias(words=Words(F(self.path))).filter(words=asked).order_by(_NEWEST)
        return rows.filter(**{f"{self.path}__{self.how.value}": wanted}).order_by(self.path, "pk")


@dataclass(frozen=True, slots=True)
class Found:
    """One row of the answer: what it is called, what tells it from the others, and its page."""

    title: str
    detail: str
    href: str


def nothing_more(_keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """Of a thing to which nothing else belongs."""
    return ()


@dataclass(frozen=True, slots=True)
class Findable:
    """A kind of thing that is found. `rows` gives what a person may open, or None when none: it is the page's own rule
    (`Asked` where much is searched: its names are prepared statements).

    `folio` is the name that `/f/<folio>/` leads by, the first that is registered wins: register what is a person's own
    before what the desk sees; what is `beside` leads only where nothing else does. `model` is Django's label, `bound`
    more paths whose names the audit page takes for it.
    `belongs` gives what belongs to the things with these keys: what a folio's whole file tells besides them.
    """

    model: str
    label: str
    names: tuple[Name, ...]
    rows: Callable[[Any], QuerySet[Any] | None]
    show: Callable[[Any], Found]
    folio: str = ""
    beside: bool = False
    bound: tuple[str, ...] = ()
    belongs: Callable[[Sequence[Any]], Iterable[QuerySet[Any]]] = nothing_more

    @property
    def key(self) -> str:
        """What it is registered as."""
        return f"{self.model} · {self.label}"


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind, and whether there is more of it."""

    label: str
    rows: list[Found]
    more: bool


_findables: Declared[Findable] = Declared("what is found as")


def register_findable(*found: Findable) -> None:
    """Let an app's things be found, from its `apps.py`; a kind of thing under one label once."""
    for one in found:
        _findables.declare(one.key, one)


def findables() -> tuple[Findable, ...]:
    """Everything that is found, in the order of registration."""
    return tuple(_findables.values())


def as_typed(text: str) -> str:
    """What is asked of a typed text: what can be seen of it, blanks made one, no more than 80 characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:LONGEST]


def search(user: Any, typed: str) -> list[Group]:
    """What this person may open and calls so, by kind, at most five of each, what bears folios first.

    Nothing for fewer than three characters.
    """
    text = as_typed(typed)
    if len(text) < SHORTEST:
        return []
    groups = []
    for kind in sorted(_findables.values(), key=lambda one: not one.folio):
        wanted = [(place, told) for place, name in enumerate(kind.names) if (told := name.shape(text)) is not None]
        rows = list(islice(_called(kind, wanted, user), AT_MOST + 1)) if wanted else []
        if rows:
            groups.append(Group(kind.label, [kind.show(row) for row in rows[:AT_MOST]], len(rows) > AT_MOST))
    return groups


def _called(kind: Findable, wanted: list[tuple[int, str]], user: Any) -> Iterator[Any]:
    """Rows of a kind that a person may open and that one of its names (its place, what is compared) calls so."""
    seen = set()
    rows = kind.rows
    visible: Any = rows.values(user) if isinstance(rows, Asked) else rows(user)
    if visible is None:
        return
    is_prepared = isinstance(rows, Asked)
    for place, told in wanted:
        found = _named(visible, told, kind=kind.key, place=place) if is_prepared else _first(kind, visible, told, place)
        for row in found:
            if row.pk not in seen:
                seen.add(row.pk)
                yield row


def _first(kind: Findable, visible: QuerySet[Any], told: str, place: int) -> QuerySet[Any]:
    return kind.names[place].called(visible, told)[: AT_MOST + 1]


@prepared
def _named(values: tuple[Any, ...], told: str, *, kind: str, place: int) -> QuerySet[Any]:
    found = _findables[kind]
    assert isinstance(found.rows, Asked)  # only such a kind is asked so
    return _first(found, found.rows.make(*values), told, place)


def folio_address(folio: str) -> str:
    """The one address of a folio, for mails: it leads each person to the page they may see."""
    return reverse("listing:folio", args=[folio])


def folio_of(model: str, pk: str) -> str:
    """The folio that a thing bears, by Django's label of its model and its key; empty for a thing without one."""
    for kind in _findables.values():
        if kind.folio and kind.model == model:
            return str(apps.get_model(model).objects.filter(pk=pk).values_list(kind.folio, flat=True).first() or "")
    return ""


def page_of(user: Any, folio: str) -> str | None:
    """The address of the page that shows a folio to this person; None when nothing they may open bears it."""
    for kind in sorted(_findables.values(), key=lambda one: one.beside):
        visible = kind.rows(user) if kind.folio else None
        if visible is not None and (row := visible.filter(**{kind.folio: as_typed(folio).upper()}).first()):
            return kind.show(row).href
    return None


def codes(kind: Findable) -> Iterator[tuple[str, Callable[[str], str | None]]]:
    """(path, shape) of every code of a thing, those of what it is bound to included; words and addresses left out."""
    yield from ((name.path, name.shape) for name in kind.names if name.how is not How.WORDS)
    yield from ((path, as_code) for path in kind.bound)


def nobody(_user: Any) -> None:
    """Of a thing that has no page of its own: only the audit page asks for it."""
