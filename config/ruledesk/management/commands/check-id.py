"""`check-id KIND VALUE…|-`: is this identifier right? Needs neither database nor settings."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk.lines import Answer, LineCommand, Unjudged, expand, told
from portal import identifiers


class Command(LineCommand):
    """Judges identifiers as the screens do (domain 2)."""

    help = "Dice si un RFC, CURP, CLABE, RUT o NSS es correcto; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Kind and values."""
        parser.add_argument("kind", metavar="TIPO", help=", ".join(identifiers.KINDS))
        parser.add_argument(
            "values", metavar="VALOR", nargs="+", help="valores; - los lee de la entrada, uno por línea"
        )

    def handle(self, *args: Any, kind: str, values: list[str], **options: Any) -> None:
        """Answer every value."""
        self.answer(lambda value: judge(kind, value), expand(values))


def judge(kind: str, value: str) -> Answer:
    """What portal.identifiers says of one value; `value` is what was given."""
    if kind not in identifiers.KINDS:
        raise Unjudged("kind_unknown", f"No existe el tipo «{kind[:40]}». Usa uno de: {', '.join(identifiers.KINDS)}.")
    checked = identifiers.check(kind, value)
    return {
        "kind": checked.kind,
        "value": value,
        "valid": checked.valid,
        "canonical": checked.canonical,
        "warnings": [told(finding) for finding in checked.warnings],
        "error": told(checked.error) if checked.error else None,
    }
