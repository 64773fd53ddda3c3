"""`demo_people [--json]`: the sample people, for `bin/up` and for whoever reads a terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.demo.people import PEOPLE


class Command(BaseCommand):
    help = "Personas de la demostración."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [{"slug": p.slug, "name": p.name, "role": p.roles_told, "what": p.what} for p in PEOPLE]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(f"{row['slug']:10} {row['name']:24} {row['role']}: {row['what']}")
