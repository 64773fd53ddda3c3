"""`check-file PATH… --as KIND [--facts JSON|@FILE] [--trust PATH…]`: what would the portal say of this file?"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import files, lines
from config.ruledesk.lines import Answer, LineCommand, Unjudged
from portal import clock


class Command(LineCommand):
    """Judges files as an upload does, and stores nothing."""

    help = "Dice qué opina el portal de un archivo y por qué, sin guardarlo; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Paths, what they are, and what they are held against."""
        parser.add_argument("paths", metavar="RUTA", nargs="+", help="archivos; - lee las rutas de la entrada")
        parser.add_argument("--as", dest="kind", metavar="CLASE", required=True, help=", ".join(files.KINDS))
        parser.add_argument("--facts", metavar="JSON|@ARCHIVO", default="{}", help="datos contra los que se compara")
        parser.add_argument(
            "--trust",
            metavar="RUTA",
            nargs="+",
            action="extend",
            default=[],
            help="certificados en que se confía esta vez: DER, PEM o ZIP",
        )

    def handle(self, *args: Any, paths: list[str], kind: str, facts: str, trust: list[str], **options: Any) -> None:
        """Answer every path."""
        asked = _Asked(kind, facts, trust)
        self.answer(asked.judge, lines.expand(paths))


class _Asked:
    """One call: its desk is made with the first path, so that what is wrong with it is said on each line."""

    def __init__(self, kind: str, facts: str, trust: list[str]) -> None:
        self._kind, self._facts, self._trust = kind, facts, trust

    def judge(self, path: str) -> Answer:
        return self._desk.judge(path)

    @cached_property
    def _desk(self) -> files.FileDesk:
        return files.desk(self._kind, _facts(self._facts), self._trust, on=clock.today())


def _facts(text: str) -> dict[str, Any]:
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise Unjudged("facts_missing", f"No se puede leer «{text[1:]}», el archivo de los datos.") from error
    try:
        return lines.parse_object(text)
    except Unjudged as error:
        raise Unjudged(
            "facts_unreadable", "Los datos (--facts) no son un objeto JSON. Revisa comillas y llaves."
        ) from error
