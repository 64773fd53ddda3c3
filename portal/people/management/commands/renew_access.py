"""`manage.py renew_access ana@x.mx`: a way back for whoever lost every key; only who holds the server can give it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import clock
from portal.errors import RuleBroken
from portal.people import rules, selectors, services


class Command(BaseCommand):
    """Prints a one-time secret; the person chooses a password with it and enrols a second factor again."""

    help = (
        "Quita llaves, códigos, contraseña, sesiones y credenciales de sistemas de una persona; "
        "muestra una clave de un solo uso (60 minutos)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One address."""
        parser.add_argument("email", metavar="CORREO")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the secret, once."""
        try:
            user = selectors.person_by_email(rules.clean_email(options["email"]))
            if user is None:
                raise CommandError("Nadie tiene ese correo. Revísalo en Personas.")
            secret = services.renew_access(user=user, at=clock.now())
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        self.stdout.write(f"{user.email}\t{secret}")
        self.stdout.write("Que la escriba en «Contraseña» antes de 60 minutos; después agrega otra vez su llave.")
        self.stdout.write("Si respondía por el sistema de una aseguradora, haz otra credencial en /mesa/credenciales/.")
