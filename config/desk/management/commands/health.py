"""`health [--json]`: how the portal is, asked from a terminal; `bin/doctor` and operators read it."""

from __future__ import annotations

import json
import logging
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.health import Level, look, worst
from portal import clock


class Command(BaseCommand):
    """What `/salud/listo` asks, with its details, and what only an installation needs: tables and rights."""

    help = "Dice cómo está el portal, parte por parte. Código 1 si algo está caído."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For programs."""
        parser.add_argument("--json", action="store_true", help="una lista JSON en vez de renglones")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a part."""
        logging.disable(logging.CRITICAL)  # the answer says which part broke
        checks = look(at=clock.real_now(), thorough=True)
        logging.disable(logging.NOTSET)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
        for check in () if options["json"] else checks:
            self.stdout.write(f"{check.level_label:<20} {check.label}: {check.text}")
        if worst(checks) is Level.DOWN:
            raise CommandError("El portal no puede atender. Arriba dice qué falta; bin/doctor revisa la máquina.")
