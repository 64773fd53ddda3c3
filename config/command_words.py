"""What a command says of itself when it was written wrongly: argparse's and Django's own words, in Spanish.

Light to import: no settings, no models. `manage.py` calls it before any command is looked for.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from typing import Any

from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand, OutputWrapper

# argparse asks gettext for these, word by word.
WORDS = {
    "usage: ": "Uso: ",
    "options": "opciones",
    "positional arguments": "argumentos",
    "show this help message and exit": "muestra esta ayuda",
    "%(prog)s: error: %(message)s\n": "✗ %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "the following arguments are required: %s": "Falta %s. Agrégalo y vuelve a intentar.",
    "one of the arguments %s is required": "Falta uno de estos: %s. Agrega el que quieras.",
    "unrecognized arguments: %s": "No se entiende %s. Quítalo, o mira con --help lo que hay.",
    "invalid choice: %(value)r (choose from %(choices)s)": "no existe %(value)r. Usa uno de: %(choices)s.",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "no existe %(parser_name)r. Usa uno de: %(choices)s.",
    "invalid %(type)s value: %(value)r": "%(value)r no se puede leer. Revísalo.",
    "can't open '%(filename)s': %(error)s": "no se puede abrir «%(filename)s»: %(error)s. Revisa la ruta.",
    "expected one argument": "lleva un valor detrás. Escríbelo.",
    "expected at most one argument": "lleva un valor detrás, no más. Quita los otros.",
    "expected at least one argument": "lleva al menos un valor detrás. Escríbelo.",
    "expected %s argument": "lleva %s valor detrás. Escríbelo.",
    "expected %s arguments": "lleva %s valores detrás. Escríbelos.",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s puede ser %(matches)s. Escríbela completa.",
    "ignored explicit argument %r": "no lleva ningún valor. Quita %r.",
    "not allowed with argument %s": "no va junto con %s. Quita uno de los dos.",
}
BASE = {
    "--version",
    "--verbosity",
    "--settings",
    "--pythonpath",
    "--traceback",
    "--no-color",
    "--force-color",
    "--skip-checks",
}
UNKNOWN = "✗ No existe la orden «{asked}».{near} bin/manage help las enumera."


class Spoken(OutputWrapper):
    """Standard error of a command, without the name of the exception in front of what went wrong."""

    def write(self, msg: str = "", style_func: Any = None, ending: str | None = None) -> None:
        """One line or more, as Django's."""
        said = msg.removeprefix("CommandError: ")
        super().write(msg if said == msg else f"✗ {said}", style_func, ending)


class Commands(ManagementUtility):
    """Django's own way to a command; one that there is not is told in Spanish."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command of that name; ends the process with 1 where there is none."""
        known = get_commands()
        if subcommand not in known and self.settings_exception is None:
            near = difflib.get_close_matches(subcommand, known, n=1)
            sys.exit(UNKNOWN.format(asked=subcommand, near=f" ¿Querías «{near[0]}»?" if near else ""))
        return spoken(super().fetch_command(subcommand))


def spoken(command: BaseCommand) -> BaseCommand:
    """The command, whose errors begin as all of ours and whose help tells its own options, not Django's."""
    command.stderr = Spoken(sys.stderr)
    command.suppressed_base_arguments = BASE
    return command


def speak_spanish() -> None:
    """Let argparse say its words in Spanish in this process."""
    words: Any = argparse
    words._ = lambda word: WORDS.get(word, word)
    words.ngettext = lambda one, many, count: words._(one if count == 1 else many)
