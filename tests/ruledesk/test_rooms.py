"""What the rooms gave the desk: a refusal as a finding, the size of a file, an XML read without being judged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from portal.errors import Finding, Level, RuleBroken, TooLarge
from portal.fiscal import checks
from portal.papers import services
from tests.factories import papers


@pytest.mark.parametrize(
    ("sentence", "message", "cure"),
    [
        ("Falta el monto. Escríbelo, por ejemplo 1,305.00.", "Falta el monto.", "Escríbelo, por ejemplo 1,305.00."),
        ("Ya existe.", "Ya existe.", ""),
        ("Uno. Dos. Tres.", "Uno.", "Dos. Tres."),
        ("El XML pesa más de 2.5 MB. Divídelo.", "El XML pesa más de 2.5 MB.", "Divídelo."),
    ],
)
def test_a_refusal_is_a_finding_with_cause_and_cure_apart(sentence: str, message: str, cure: str) -> None:
    assert RuleBroken(sentence, code="x").finding == Finding("x", Level.ERROR, message, cure)


def test_up_01_a_file_has_between_one_byte_and_50_mb() -> None:
    services.check_size(1)
    services.check_size(52_428_800)
    with pytest.raises(TooLarge):
        services.check_size(52_428_801)
    with pytest.raises(RuleBroken, match="vacío"):
        services.check_size(0)


def test_an_xml_is_read_without_being_held_against_anything() -> None:
    judged = checks.read(papers.invoice(["altered"]), {})
    assert (judged.findings, judged.facts["seal_ok"]) == ((), False)


def test_the_commands_that_start_nothing_are_the_same_for_both_doors() -> None:
    """bin/manage starts no service for them, manage.py loads no settings."""
    import manage

    door = (Path(manage.__file__).parent / "bin" / "_runner" / "manage.py").read_text(encoding="utf-8")
    sets = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(door).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert sets["LIGHT"] == manage.LIGHT_COMMANDS
    commands = Path(manage.__file__).parent / "config" / "ruledesk" / "management" / "commands"
    assert sets["LIGHT"] | sets["RULE_DESK"] == {path.stem for path in commands.glob("*.py")} - {"__init__"}
