"""The floor under rules and services: a full run of bin/test fails below it, a run of some tests asks nothing."""

from __future__ import annotations

import fnmatch
import importlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.sources import ROOT, named, product

COVERAGE = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]
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
WHOLE = "from house.rules import rule\n\n\ndef test_it():\n    assert rule(1) == 'yes'\n    assert rule(0) == 'no'\n"
HALF = WHOLE.replace("    assert rule(0) == 'no'\n", "")
PLUGINS = "pytest_cov.plugin,xdist.plugin,pytest_socket"


def bin_test(folder: Path, tests: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    for name, text in {"house/__init__.py": "", "house/rules.py": RULE, "tests/test_rules.py": tests}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    shutil.copy2(ROOT / "pyproject.toml", folder)
    ours = ("COV", "PYTEST", "DJANGO")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": PLUGINS}  # the others take seconds
    command = [sys.executable, "-c", RUN, str(ROOT / "bin"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "arguments", "code", "said"),
    [
        (WHOLE, (), 0, "Required test coverage of 100.0% reached"),
        (HALF, (), 1, "Required test coverage of 100.0% not reached"),
        (HALF, ("tests/test_rules.py",), 0, "1 passed"),
    ],
    ids=["whole", "half", "half of a chosen test"],
)
def test_a_full_run_fails_below_the_floor_and_a_partial_one_does_not_ask(
    tmp_path: Path, tests: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = bin_test(tmp_path, tests, *arguments)
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout + done.stderr
    assert ("coverage" in done.stdout) is (not arguments)


def test_the_floor_is_every_line_and_branch_and_nothing_excuses_itself() -> None:
    report = COVERAGE["report"]
    assert (report["fail_under"], COVERAGE["run"]["branch"]) == (100, True)
    assert report["exclude_lines"] == ["if TYPE_CHECKING:"]
    assert not {"exclude_also", "partial_branches", "partial_also", "omit", "include"} & set(report)
    assert [named(path) for path in product() if "pragma: no" in path.read_text()] == []


def test_every_rule_and_service_of_the_house_is_measured() -> None:
    """A module that nobody imports would be left out of the count: here somebody imports it."""
    wanted = [path for path in product() if {path.stem, *path.relative_to(ROOT).parts[:-1]} & {"rules", "services"}]
    patterns, left_out = COVERAGE["run"]["include"], COVERAGE["run"]["omit"]
    measured = [path for path in product() if any(fnmatch.fnmatch(str(path), pattern) for pattern in patterns)]
    assert measured == wanted != []
    for path in wanted:
        assert not any(fnmatch.fnmatch(named(path), pattern) for pattern in left_out)
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
