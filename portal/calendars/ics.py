"""A calendar that other programs subscribe to: iCalendar text of all-day events (RFC 5545, RFC 7986). Pure.

A met deadline leaves the feed. Who subscribes replaces their copy by what they fetch (RFC 7986 5.7), so that what left
is gone there too; CANCELLED (RFC 5545 3.8.1.11) would say of something done that it was called off, in red.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LONGEST_LINE = 75  # octets without the line break (RFC 5545 3.1)
_SPECIAL = re.compile(r"[\\;,]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One date: `uid` is its deadline's own, whose day never moves; `title` has no more than a folio.

    `path` is the page of the thing, from the root.
    """

    uid: str
    on: date
    title: str
    path: str


def calendar_text(name: str, entries: Iterable[Entry], *, base: str, at: datetime) -> str:
    """The calendar as text/calendar: CRLF, folded at 75 octets; `base` is our address, `at` (aware) when it is made."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Cauce//Fechas//ES",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_escaped(name)}",
        f"X-WR-CALNAME:{_escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        *(line for entry in entries for line in _event(entry, base, stamp)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry, base: str, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{stamp}"
    yield "SEQUENCE:0"  # RFC 5545 3.8.7.4: what binds anew is another event, so that none is ever revised
    yield f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(entry.title)}"
    yield f"URL:{base}{entry.path}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_escaped(entry.title)}"
    yield "TRIGGER:-PT15H"  # nine in the morning of the day before
    yield "END:VALARM"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text).replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, each after the first behind a blank; no letter is cut in two."""
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    yield piece
