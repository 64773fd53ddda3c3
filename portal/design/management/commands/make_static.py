"""Command: make the stylesheet, the script and the font out of their sources."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.design import static_files


class Command(BaseCommand):
    """`make_static`: fast when nothing changed."""

    help = "Arma los archivos estáticos propios (hoja de estilo, programa, tipografía) en static_build/made."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files, or say that they are current."""
        made = static_files.make(settings.ROOT / "static_build" / "made")
        self.stdout.write("Archivos estáticos armados." if made else "Los archivos estáticos ya estaban al día.")
