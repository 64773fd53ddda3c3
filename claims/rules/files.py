"""Which files of an envelope are taken, told in the order in which the gate meets what is wrong (S3.24, C7, C8). Pure.

The gate's own rules of name, size and kind, then those of the envelope: the same bytes once, so many files, so many
bytes together. A refused file counts for nothing, so that a later smaller one still fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.errors import RuleBroken
from portal.papers import kinds
from portal.papers.rules import MAX_BYTES
from portal.text import check_filename

KINDS = frozenset({"xml", "pdf", "jpeg"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as it is kept: its name, bytes, SHA-256 (hex, lower case) and first bytes."""

    name: str
    size: int
    sha256: str
    head: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: its kind, or the code of what is wrong with it."""

    kind: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What became of every file, in order, and how many files and bytes were taken."""

    files: tuple[Taken, ...]
    count: int
    size: int

    @property
    def is_accepted(self) -> bool:
        """At least one file, and none refused."""
        return bool(self.files) and self.count == len(self.files)


def take_files(arrivals: Iterable[Arrival], *, most_files: int, most_bytes: int) -> Envelope:
    """Says which files of one envelope are taken, up to `most_files` and `most_bytes` together."""
    told, seen, size = list[Taken](), set[str](), 0
    for one in arrivals:
        code = _gate(one) or _envelope(one, seen, size, most_files, most_bytes)
        if code:
            told.append(Taken(code=code))
            continue
        told.append(Taken(kind=kinds.SORT[kinds.claimed(one.name)]))
        seen.add(one.sha256)
        size += one.size
    return Envelope(tuple(told), len(seen), size)


def _gate(one: Arrival) -> str:
    """What the gate of every upload says first; "" when nothing."""
    try:
        check_filename(one.name)
    except RuleBroken as broken:
        return broken.code
    if not one.size:
        return "file_empty"
    if one.size > MAX_BYTES:
        return "file_too_large"
    if kinds.mismatch(one.name, one.head, {*KINDS}):
        return "file.kind"
    heavy = kinds.too_large_for_kind(kinds.claimed(one.name), one.size)
    return heavy.code if heavy else ""


def _envelope(one: Arrival, seen: set[str], size: int, most_files: int, most_bytes: int) -> str:
    if one.sha256 in seen:
        return "file.repeated"
    if len(seen) >= most_files:
        return "claim.too_many_files"
    return "claim.too_heavy" if size + one.size > most_bytes else ""
