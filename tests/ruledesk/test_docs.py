"""docs/rule-desk.md shows real answers: every example is run and compared.

CAUCE_TEST_WRITE_DOCS=1 writes the answers into the page; review the difference.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from config.desk import findings
from portal.fiscal.findings import FINDINGS
from portal.treasury.statement import FINDINGS as STATEMENT

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rule-desk.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
COMMANDS = ("check-id", "check-file", "withhold", "elapsed", "due", "calendars", "folio-series", "look-alikes")
COMMANDS += ("reference", "match-deposits", "dues", "imss-path", "family-view", "import-movements", "settle")
COMMANDS += ("claim-clock", "claim-files", "claim-missing", "claim-auto", "match-certificate")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answered(line: str) -> str:
    """What a line of an example prints; `bin/manage` runs here, anything before its pipe in a shell."""
    before, _, asked = line.rpartition("| bin/manage ") if "| bin/manage " in line else ("", "", line)
    if not before and not asked.startswith("bin/manage "):
        return subprocess.run(["sh", "-c", line], check=True, capture_output=True, text=True).stdout
    stdin = subprocess.run(["sh", "-c", before], check=True, capture_output=True).stdout if before else b""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with suppress(SystemExit):  # the code of a command that could not judge
            call_command(*shlex.split(asked.removeprefix("bin/manage ")), stdout=out)
    return out.getvalue()


def written(block: str) -> str:
    """The block again, with the answers of today."""
    asked = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {line}\n{answered(line)}" for line in asked)


def test_every_example_of_the_page_answers_what_it_shows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = BLOCK.sub(lambda block: written(block[0]), page)
    if os.environ.get("CAUCE_TEST_WRITE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")
    assert made == page
    blocks = "".join(BLOCK.findall(page))
    assert all(f"bin/manage {command}" in blocks for command in COMMANDS)


def test_the_table_of_findings_and_the_help_page_hold_what_the_checks_say(client: Client) -> None:
    table = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "apps").glob("*.md"))
    page = client.get(reverse("help:guide", args=["revisiones"])).content.decode()
    told = {finding.code for group in findings.for_people() for finding in group.findings}
    for code, template in FINDINGS.items():
        assert f"| `{code}` | {template.level} |" in table
        assert code in told
    for code, (level, _, _) in STATEMENT.items():
        assert f"| `{code}` | {level} |" in table
        assert (code in told) == (level != "ok")
    assert FINDINGS["payment_method"].cure in page
    assert "El método de pago dice …, debe decir PPD" in page
    said = [text for group in findings.for_people() for one in group.findings for text in (one.message, one.cure)]
    assert [text for text in said if "{" in text or "}" in text] == []
