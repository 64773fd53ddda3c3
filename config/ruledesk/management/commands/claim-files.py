"""`claim-files -`: which files of one sending are taken, by the limits in force today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from claims.rules.files import Arrival, take_files
from claims.selectors import envelope_limits
from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal import clock


class Command(LineCommand):
    """Takes the files of each question as an upload does (S3.24, C7, C8)."""

    help = "Dice qué archivos de un envío se reciben y por qué otros no; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument("source", metavar="-", choices=["-"], help='- lee objetos {"files"}')

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question."""
        limits = envelope_limits(clock.today())
        self.answer(lambda text: judge(lines.parse_object(text), limits), lines.questions(source, {}))


def judge(question: Mapping[str, Any], limits: tuple[int, int]) -> Answer:
    """Every file in its order, then what was taken together."""
    arrivals = [_arrival(row) for row in lines.objects(question, "files")]
    most_files, most_bytes = limits
    found = take_files(arrivals, most_files=most_files, most_bytes=most_bytes)
    told = [
        {"name": arrival.name, "accepted": not one.code, "kind": one.kind or None, "code": one.code or None}
        for arrival, one in zip(arrivals, found.files, strict=True)
    ]
    return {"files": told, "count": found.count, "bytes": found.size, "accepted": found.is_accepted}


def _arrival(row: Mapping[str, Any]) -> Arrival:
    lines.need(row, "size", "sha256")
    lines.need_keys(row, "name", "head")
    if (size := lines.as_whole(row["size"], "size")) < 0:
        raise Unjudged("size_negative", "size es negativo. Escribe cuántos bytes tiene el archivo.")
    head = lines.as_text(row["head"], "head")
    try:
        start = bytes.fromhex(head)
    except ValueError as error:
        raise Unjudged("head_unreadable", "head no son bytes en hexadecimal. Escribe dos letras por byte.") from error
    name, sha256 = lines.as_text(row["name"], "name"), lines.as_text(row["sha256"], "sha256")
    return Arrival(name, size, sha256.strip().lower(), start)
