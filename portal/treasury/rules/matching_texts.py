"""A text of a bank as the matcher reads it: its runs of letters and digits, folded (domain 2.9). Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import TypeVar

T = TypeVar("T")

JOINED = 9  # so many neighbouring runs may be one reference that somebody wrote in groups
# How far what only resembles a key, and a name, is looked for: the text of an MT940 has six lines of 65, and some more.
NEAR_TEXT = 500

_AS_READ = str.maketrans("OIL", "011")
_RUN = re.compile(r"[^\W_]+")
_KEPT = re.compile(r"[^A-Z0-9]+")


def fold(text: str) -> str:
    """What is compared of a reference: NFKC, capitals, only A-Z and 0-9, then O as 0, I and L as 1."""
    if text.isascii():
        plain = text.upper()
        return (plain if plain.isalnum() else _KEPT.sub("", plain)).translate(_AS_READ)
    return _KEPT.sub("", capitals(text)).translate(_AS_READ)


def capitals(text: str) -> str:
    """A text in capitals, letters of other widths as ours."""
    return unicodedata.normalize("NFKC", text).upper()


@dataclass(frozen=True, slots=True)
class Text:
    """A text as its runs of letters and digits: each (begin, end) in what is kept of it, as written and folded."""

    written: str
    folded: str
    runs: tuple[tuple[int, int], ...]

    def fits_in_front(self, start: int, marks: Sequence[str]) -> bool:
        """Whether what stands before `start` in its run is only letters, zeros and these marks, in any order."""
        begin, _ = self.runs[bisect_right(self.runs, (start, len(self.written))) - 1]
        if begin == start:
            return True
        reached = {begin}
        for at in range(begin, start):
            if at in reached:
                if self.written[at].isalpha() or self.written[at] == "0":
                    reached.add(at + 1)
                reached |= {at + len(mark) for mark in marks if self.folded.startswith(mark, at)}
        return start in reached

    def endings(self, lengths: Collection[int]) -> Iterator[tuple[int, str]]:
        """Whatever may be a key: its place and itself, ending with a run and beginning in one of those joined to it."""
        folded, runs = self.folded, self.runs
        for last, (_, end) in enumerate(runs):
            earliest = runs[max(0, last - JOINED + 1)][0]
            for length in lengths:
                start = end - length
                if start >= earliest and folded[start] != "0":
                    yield start, folded[start:end]

    def joined(self, lengths: Collection[int]) -> Iterator[str]:
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


@lru_cache(maxsize=2048)
def read(text: str) -> Text:
    """A text taken apart; the texts of a file repeat, and nearly every reference is one run."""
    if text.isascii() and text.isalnum():
        plain = text.upper()
        return Text(plain, plain.translate(_AS_READ), ((0, len(plain)),))
    kept = [part for run in _RUN.findall(capitals(text)) if (part := _KEPT.sub("", run))]
    runs, at = [], 0
    for part in kept:
        runs.append((at, at + len(part)))
        at += len(part)
    written = "".join(kept)
    return Text(written, written.translate(_AS_READ), tuple(runs))


def in_batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Things in their order, so many at a time; the last ones may be fewer."""
    left = iter(things)
    while some := list(islice(left, size)):
        yield some
