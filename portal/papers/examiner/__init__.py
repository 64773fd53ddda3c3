"""The examiner: opens people's files in a limited process of its own and says what they are (XP-03).

A higher room names a check by its dotted path: `check(content: bytes, context: dict) -> Judgement`. It is imported
inside the child. The base gate's facts are in `context["base"]` (for a PDF: `text`, one string a page).
Facts whose name begins with "_", and `text`, are handed to the caller and never stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from portal.errors import Finding, Level
from portal.papers import kinds as kinds_of_names
from portal.papers.judgement import Judgement
from portal.papers.limited import cage
from portal.papers.limited.client import Client, ServerGone
from portal.text import storable

LIMITS = cage.Limits(cpu_seconds=8, wall_seconds=10, memory_bytes=512 * 1024 * 1024)
_client = Client("portal.papers.examiner", lanes=2, answer_seconds=LIMITS.wall_seconds + 15)
LONGEST = timedelta(seconds=_client.longest_seconds)

ENDED = {
    "time": ("file.too_slow", "El archivo tardó demasiado en abrirse y lo detuvimos."),
    "memory": ("file.too_heavy", "El archivo ocupa demasiada memoria al abrirse y lo detuvimos."),
    "crash": ("file.breaks_reader", "El archivo está dañado de un modo que impide abrirlo."),
}
LIGHTER = {
    "xml": "No lo subas otra vez tal cual: descarga del SAT el XML de tu factura y sube ese.",
    "pdf": "Ábrelo, elige Imprimir y «Guardar como PDF» con menos calidad, y sube esa copia.",
    "jpeg": "Tómala otra vez con la calidad normal de la cámara y sube esa.",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as a JPEG."""

    number: int
    width: int
    height: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What the examiner answers: kind found, judgement, pages, previews, and the bytes to keep instead, if any."""

    kind: str
    judgement: Judgement
    pages: int = 0
    pictures: tuple[Picture, ...] = ()
    replacement: bytes | None = field(default=None, repr=False)


def examine(
    *, content: bytes, name: str, kinds: set[str], check: str = "", context: dict[str, Any], largest: int = 0
) -> Report:
    """Open one file in a limited child. A child that crashes, hangs or swells is a rejected finding, not an error.

    `largest`: bytes that a table may have (0: what any table may).

    Raises ServerGone when no examiner can be had; the caller keeps the file waiting or asks to try again.
    """
    head: dict[str, Any] = {"op": "examine", "name": name, "kinds": sorted(kinds), "check": check, "context": context}
    head["largest"] = largest
    answer, body = _client.ask(head, content)
    if why := answer.get("ended"):
        code, message = ENDED[why]
        cure = LIGHTER.get(kinds_of_names.SORT.get(kinds_of_names.claimed(name), ""), kinds_of_names.ANOTHER)
        return Report("", Judgement((Finding(code, Level.ERROR, message, cure),)))
    return _report(answer, body)


def register_warm_up(path: str) -> None:
    """Dotted path of a function without arguments that the server runs once before its first file (compile XSLT …)."""
    _client.register_warm_up(path)


def warm_up() -> None:
    """Start the server of this process and wait until it can take a file. Raises ServerGone."""
    _client.ask({"op": "report"})


def isolation_report() -> list[tuple[str, bool, str]]:
    """For `doctor`: (what, holds, sentence) of each wall around the child, asked from a running server."""
    try:
        answer, _body = _client.ask({"op": "report"})
    except ServerGone:
        return [("examinador", False, "El examinador de archivos no arranca.")]
    network, memory = bool(answer["network"]), bool(answer["memory"])
    return [
        ("examinador", True, "El examinador de archivos contesta."),
        ("red", network, "Los archivos se abren sin red." if network else "Este sistema no deja quitarle la red."),
        ("memoria", memory, "Memoria limitada a 512 MB." if memory else "Este sistema no limita la memoria."),
    ]


def stop() -> None:
    """End the server of this process (tests, shutdown); the next file starts another."""
    _client.stop()


def _report(answer: dict[str, Any], body: bytes) -> Report:
    pictures, place = [], 0
    for picture in answer["pictures"]:
        content = body[place : place + picture["size"]]
        pictures.append(Picture(picture["number"], picture["width"], picture["height"], content))
        place += picture["size"]
    end = place + answer["replacement"]
    replacement = body[place:end] if answer["replacement"] else None
    # What a file says of itself is stored and shown: its names and texts may hold what no column takes.
    judgement = replace(Judgement.from_json(storable(answer)), attached=body[end : end + answer["attached"]])
    return Report(answer["kind"], judgement, answer["pages"], tuple(pictures), replacement)
