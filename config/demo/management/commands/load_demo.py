"""`load_demo [--fresh]`: build the demo world once; `--fresh` empties the database first (as its owner)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo import reset, world


class Command(BaseCommand):
    help = "Carga el mundo de demostración."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="empieza de cero")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fresh"]:
            reset.empty()
        made = world.load()
        if options["verbosity"]:
            self.stdout.write("Mundo de demostración cargado." if made else "El mundo de demostración ya estaba.")
        if not world.is_loaded():
            raise CommandError("El mundo de demostración quedó a medias. Corre load_demo --fresh.")
