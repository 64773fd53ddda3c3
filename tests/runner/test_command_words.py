"""What somebody reads who wrote a command wrongly: Spanish, with the cure, whoever says it (argparse, Django, we)."""

from __future__ import annotations

import argparse
import inspect
import re
import sys

import pytest

import manage
from config import command_words
from config.command_words import WORDS

# What argparse says of a parser that is wrong in the code: nobody who types a command reads it.
OF_THE_CODE = re.compile(
    r"positionals|not callable|__call__|mode %r|subparser|cannot merge|dest=|conflict|mutually|option string"
)


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are put back: other tests have no part in them."""
    for name in ("_", "ngettext"):
        monkeypatch.setattr(argparse, name, getattr(argparse, name))


def typed(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What `manage.py` says of a line that it refuses, without the usage in front."""
    monkeypatch.setattr(sys, "argv", ["manage.py", *line.split()])
    with pytest.raises(SystemExit) as ended:
        manage.main()
    said = str(ended.value.code) if isinstance(ended.value.code, str) else capsys.readouterr().err
    return said.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("folio-series --prefix XX", "✗ --prefix: no existe 'XX'. Usa uno de: 'DO', 'DV', 'FA'"),
        ("folio-series --prefix", "✗ --prefix: lleva un valor detrás. Escríbelo."),
        ("folio-series --year 2026", "✗ No se entiende --year 2026. Quítalo"),
        ("check-id rfc", "✗ Falta VALOR. Agrégalo"),
        ("settle x", "✗ -: no existe 'x'. Usa uno de: '-'."),
        ("create_admins uno@ejemplo.mx", "✗ Falta CORREO. Agrégalo y vuelve a intentar."),
        ("folio-serie", "✗ No existe la orden «folio-serie». ¿Querías «folio-series»? bin/manage help las enumera."),
        ("withhold - --on 2026-11-20", "✗ Con - las preguntas vienen de la entrada estándar: quita lo demás."),
    ],
)
def test_a_line_that_is_wrong_is_told_in_spanish_with_its_cure(
    line: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(line, monkeypatch, capsys).startswith(said)


def test_every_word_of_argparse_that_somebody_may_read_is_in_spanish() -> None:
    source = inspect.getsource(argparse)
    said = {ast_text for _, ast_text in re.findall(r"""_\((['"])((?:\\.|(?!\1).)*)\1\)""", source)}
    said |= set(re.findall(r"ngettext\('(expected[^']*)',\s*'", source))
    wanted = {one.encode().decode("unicode_escape") for one in said if not OF_THE_CODE.search(one)}
    assert len(wanted) > 15 and wanted - WORDS.keys() == set()


def test_help_tells_a_commands_own_options_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_words.speak_spanish()
    monkeypatch.setattr(sys, "argv", ["manage.py", "check-id", "--help"])
    with pytest.raises(SystemExit):
        manage.main()
    told = capsys.readouterr().out
    assert told.startswith("Uso: ") and "muestra esta ayuda" in told and "--verbosity" not in told
