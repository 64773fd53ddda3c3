"""`import-movements FILE --account CODE --dry-run`: what would the file of a bank or a shop bring to our account?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from config.ruledesk.lines import FAILED, Answer, LineCommand, Unjudged
from portal.papers.services import check_size
from portal.treasury import selectors
from portal.treasury.rules.movements_reading import judge_movements, read_movements


class Command(LineCommand):
    """Reads the movements of a file as an import does, and keeps none."""

    help = "Dice qué movimientos traería un archivo del banco o de la tienda, sin guardarlos; un objeto JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file and the account that it is of."""
        parser.add_argument("file", metavar="ARCHIVO", help="CSV, MT940 o ancho fijo de tiendas")
        parser.add_argument("--account", metavar="CÓDIGO", required=True, help="mx-collections, mx-stores …")
        parser.add_argument("--dry-run", action="store_true", help="solo lo lee y lo juzga: no guarda nada")

    def handle(self, *args: Any, file: str, account: str, dry_run: bool, **options: Any) -> None:
        """Tell what is in it."""
        if not dry_run:
            raise CommandError("Esta orden no guarda nada. Agrega --dry-run para juzgar el archivo.", returncode=FAILED)
        self.answer(lambda path: judge(path, account), [file])


def judge(path: str, code: str) -> Answer:
    """Counts, sums of what is new as text, the rows in error, and what the deposits would pay."""
    account = selectors.collection_account(code)
    content = _content(path)
    read = read_movements(content, currency=account.currency, formats=account.formats)
    judged = judge_movements(read, known=selectors.known_keys(account, (one.on for one in read.moved)))
    return {
        "format": str(judged.read.format),
        "rows": judged.rows,
        "new": len(judged.new),
        "duplicates": judged.duplicates,
        "errors": len(judged.wrong),
        "skipped": judged.read.skipped,
        "credits": f"{judged.credits:.2f}",
        "debits": f"{judged.debits:.2f}",
        "error_rows": [
            {"row": one.row, "field": one.field, "code": one.code, "message": one.message} for one in judged.wrong
        ],
        "proposals": [
            {
                "row": row,
                "reference": reference,
                "score": match.score,
                "reason": {"code": match.code, "message": match.message},
            }
            for row, reference, match in selectors.proposals(judged, account=account)
        ],
    }


def _content(path: str) -> bytes:
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Unjudged("file_missing", f"No se puede leer el archivo «{path[:120]}». Revisa la ruta.") from error
    if content:
        check_size(len(content))
    return content
