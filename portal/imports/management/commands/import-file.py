"""`bin/manage import-file`: a file of an import taken in from the server, or only judged (`--dry-run`)."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import clock
from portal.errors import RuleBroken
from portal.imports import registry, services
from portal.imports.models import ImportRun
from portal.imports.registry import ImportSpec
from portal.imports.rules.layouts import ROWS
from portal.papers.upload import upload_of
from portal.people.models import Party, User


class Command(BaseCommand):
    """Reads and applies in one when the control totals agree; rows count from 1 below the heading."""

    help = "Importa un archivo (o solo lo juzga con --dry-run) y contesta con un objeto JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """Kind, file, whose it is, who imports it, and what the sender announces."""
        parser.add_argument("kind", help="qué se importa, por ejemplo app.cosas")
        parser.add_argument("file", type=Path, help="el CSV, TSV o XLSX")
        parser.add_argument("--sender", default="", help="RFC de quien manda el archivo")
        parser.add_argument("--subject", default="", help="de qué trata, por ejemplo el folio del lote que se contesta")
        parser.add_argument("--by", required=True, help="correo de la persona que lo importa")
        parser.add_argument("--total", action="append", default=[], help="total anunciado, por ejemplo rows=3")
        parser.add_argument("--dry-run", action="store_true", help="solo lo lee y lo juzga: no guarda nada")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import or judge, and tell; fails with the cause when nothing entered."""
        at, by = clock.now(), _person(options["by"])
        spec = _spec(options["kind"], by)
        file = options["file"]
        try:
            sender, subject_id = _whose(spec, options["sender"], options["subject"], by)
            content = file.read_bytes()
            declared = _totals(spec, options["total"])
            asked: dict[str, Any] = {"kind": spec.kind, "sender": sender, "subject_id": subject_id}
            asked |= {"declared": declared, "by": by, "at": at}
            if options["dry_run"]:
                run = services.judge_file(content=content, name=file.name, **asked)
            else:
                with closing(upload_of(file.name, content)) as upload:
                    run = services.read_file(upload=upload, **asked)
                run = services.read_now(run=run, at=at)
                if run.is_open:
                    run = services.apply_run(run=run, by=by, at=at)
        except OSError as error:
            raise CommandError(f"No se puede leer {file}: {error.strerror}. Revisa la ruta.") from error
        except RuleBroken as error:
            raise CommandError("\n".join([error.message, *(one.message for one in error.findings)])) from error
        self.stdout.write(json.dumps(_told(run), ensure_ascii=False))


def _person(email: str) -> User:
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None or not found.is_active:
        raise CommandError(f"Nadie entra con {email}. Revisa el correo en Personas.")
    return found


def _spec(kind: str, by: User) -> ImportSpec:
    known = registry.kinds_for(by.permissions)
    if kind not in known:
        raise CommandError(f"{by.email} no puede importar «{kind}». Puede: {', '.join(sorted(known)) or 'nada'}.")
    return registry.spec_of(kind)


def _whose(spec: ImportSpec, rfc: str, subject: str, by: User) -> tuple[Party, str]:
    """Who sends the file, and the id of what it is about where its kind is about one thing."""
    if spec.find:
        if not subject:
            raise CommandError("Falta --subject: di de qué trata el archivo.")
        return spec.find(subject, by)
    return _sender(rfc), ""


def _sender(rfc: str) -> Party:
    found = Party.objects.filter(rfc=rfc.strip().upper()).exclude(rfc="").first()
    if found is None:
        raise CommandError(f"Nadie tiene el RFC {rfc}. Revisa que esté completo.")
    return found


def _totals(spec: ImportSpec, given: list[str]) -> dict[str, Any]:
    """`name=value` of each control total of the layout. Raises CommandError that names those that are missing."""
    said = dict(one.split("=", 1) for one in given if "=" in one)
    counts = [ROWS, *(one.name for one in spec.layout.counts)]
    missing = [name for name in [*counts, *(one.name for one in spec.layout.totals)] if name not in said]
    if missing or not all(said[name].isdecimal() for name in counts):
        raise CommandError("Faltan totales: " + " ".join(f"--total {name}=…" for name in missing or [ROWS]))
    return spec.layout.typed(int(said[ROWS]), said)


def _told(run: ImportRun) -> dict[str, Any]:
    names = ("state", "rows", "new", "unchanged", "skipped", "wrong", "declared", "counted")
    return {name: getattr(run, name) for name in names} | {"agrees": run.agrees, "errors": run.told}
