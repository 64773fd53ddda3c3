"""`load_demo [--fresh]`: build the demo world once; `--fresh` empties the database first (as its owner)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo import reset, world
from portal.errors import RuleBroken


class Command(BaseCommand):
    help = "Carga el mundo de demostración."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="empieza de cero")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["fresh"]:
                world.refuse_people_who_are_no_sample()
                reset.empty()
            made = world.load()
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        if options["verbosity"]:
            self.stdout.write("Mundo de demostración cargado." if made else "El mundo de demostración ya estaba.")
