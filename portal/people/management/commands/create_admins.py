"""`manage.py create_admins a@x.mx b@x.mx`: the first two administrators, each with a one-time secret (AU-14)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import clock
from portal.errors import RuleBroken
from portal.people import services


class Command(BaseCommand):
    """Refuses as soon as an administrator exists: from then on two administrators make the others."""

    help = "Crea a las dos primeras personas de Administración y muestra sus claves de un solo uso (60 minutos)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two addresses."""
        parser.add_argument("emails", nargs=2, metavar="CORREO")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print address and secret, once."""
        try:
            made = services.bootstrap_administrators(
                people=[(email, "") for email in options["emails"]], at=clock.now()
            )
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        for user, secret in made:
            self.stdout.write(f"{user.email}\t{secret}")
        self.stdout.write("Escríbela en «Contraseña» antes de 60 minutos. Después hará falta una llave de acceso.")
