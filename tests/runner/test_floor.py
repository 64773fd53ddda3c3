"""The floor under rules and services: a full run of bin/test fails below it, a run of some tests asks nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources import ROOT, named, product

# bin/test as it is, on a ground that needs no database and in a house of two lines.
RUN = (
    "import contextlib, os, sys; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path; from _runner import ground, install, test\n"
    "nothing = lambda *a, **k: ''\n"
    "[setattr(install, name, nothing) for name, one in vars(install).items() if callable(one)]\n"
    "test.django = nothing\n"
    "ground.throw_away = lambda: contextlib.nullcontext({**os.environ, 'DJANGO_SETTINGS_MODULE': ''})\n"
    "test.ROOT = Path.cwd()\n"
    "sys.exit(test.run(sys.argv[2:]))\n"
)
RULE = "def rule(number):\n    if number:\n        return 'yes'\n    return 'no'\n"
USED = "import house.services\n"
WHOLE = (
    f"{USED}from house.rules import rule\n\n\ndef test_it():\n    assert rule(1) == 'yes'\n    assert rule(0) == 'no'\n"
)
TYPES = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import os\n\nDONE = True\n"
HALF = WHOLE.replace("    assert rule(0) == 'no'\n", "")
PLUGINS = "xdist.plugin,pytest_socket"


def bin_test(folder: Path, tests: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    house = {"house/__init__.py": "", "house/rules.py": RULE, "house/services.py": TYPES}
    house |= {"tests/__init__.py": "", "tests/test_rules.py": tests}
    ours = {f"tests/{name}": (ROOT / "tests" / name).read_text() for name in ("measuring.py", "sources.py")}
    for name, text in (house | ours).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    shutil.copy2(ROOT / "pyproject.toml", folder)
    theirs = ("SLIPCOVER", "PYTEST", "DJANGO")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": PLUGINS}  # the others take seconds
    command = [sys.executable, "-c", RUN, str(ROOT / "bin"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "arguments", "code", "said"),
    [
        (WHOLE, (), 0, "2 files, 6 lines, 2 branches: all of them ran"),
        (WHOLE.replace(USED, ""), (), 1, "house/services.py: nothing imports it"),
        (HALF, (), 1, "house/rules.py: 4"),
        (HALF, ("tests/test_rules.py",), 0, "1 passed"),
    ],
    ids=["whole", "a file that nobody imports", "half", "half of a chosen test"],
)
def test_a_full_run_fails_below_the_floor_and_a_partial_one_does_not_ask(
    tmp_path: Path, tests: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = bin_test(tmp_path, tests, *arguments)
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout + done.stderr
    assert ("rules and services" in done.stdout) is (not arguments)
    assert ("100%  tests/test_rules.py" in done.stdout) is (not arguments), "what each file cost is told at the end"


def test_nothing_excuses_itself_from_the_floor() -> None:
    assert [named(path) for path in product() if "pragma: no" in path.read_text()] == []
    measuring = (ROOT / "tests" / "measuring.py").read_text()
    assert 'EXCUSED = ["if TYPE_CHECKING:"]' in measuring
