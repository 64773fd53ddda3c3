"""Which lines and branches of rules and services ran (`-p tests.measuring`): one that no test runs fails the whole run.

SlipCover writes its probes into the code as it is imported and takes each out again once it was hit. A tracer is called
for every line of Django as well, which is most of what a test does. And which files cost the most: whoever adds to one
sees it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from slipcover import FileMatcher, ImportManager, Slipcover, merge_coverage
from slipcover.slipcover import format_missing

from tests.sources import ROOT, named, product

EXCUSED = ["if TYPE_CHECKING:"]  # and nothing else: no remark in the code excuses a line
FILES = [path for path in product() if {path.stem, *path.relative_to(ROOT).parts[:-1]} & {"rules", "services"}]
# A pass that takes probes out walks all that is imported: seldom, since one that stays costs next to nothing.
_probes = Slipcover(branch=True, exclude_lines=EXCUSED, d_miss_threshold=5_000)


class _Ours(FileMatcher):
    """Of all that is imported, the files that are judged: looked up, not compared with each of them."""

    def matches(self, filename: Path | str | None) -> bool:
        return filename is not None and Path(os.path.realpath(filename)) in _OURS


_OURS = {path.resolve() for path in FILES}
# Named on the command line, this module is loaded before pytest-django, which loads the product.
ImportManager(_probes, _Ours()).__enter__()
_seen: dict[str, Any] = {}
DEAREST = 10
_seconds: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A process was busy for so long, the making and the undoing of what the test stood on with it."""
    _seconds[report.nodeid.partition("::")[0]] += report.duration


def pytest_testnodedown(node: Any) -> None:
    """A process of the run ended: what it saw counts."""
    _add(json.loads(getattr(node, "workeroutput", {}).get("measured", "null")))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes hands over what it saw; the one that was asked for the run judges all of it."""
    if (handed := getattr(session.config, "workeroutput", None)) is not None:
        handed["measured"] = json.dumps(_probes.get_coverage())
        return
    if not _seen:
        _add(_probes.get_coverage())
    if missing() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the run cost, and what nothing ran."""
    if hasattr(config, "workeroutput"):
        return
    _tell_the_dearest(terminalreporter)
    lacking = missing()
    terminalreporter.section("rules and services")
    for name, gaps in lacking.items():
        terminalreporter.line(f"{name}: {gaps}")
    told = _seen.get("summary", {})
    lines, branches = (
        told.get(f"covered_{what}", 0) + told.get(f"missing_{what}", 0) for what in ("lines", "branches")
    )
    verdict = "some never ran, see above" if lacking else "all of them ran"
    terminalreporter.line(f"{len(FILES)} files, {lines} lines, {branches} branches: {verdict}")


def _tell_the_dearest(terminalreporter: pytest.TerminalReporter) -> None:
    whole = _seconds.total()
    terminalreporter.section(f"the {DEAREST} dearest files, in seconds of a process")
    for name, seconds in _seconds.most_common(DEAREST):
        terminalreporter.line(f"{seconds:7.1f}  {seconds / whole:4.0%}  {name}")
    terminalreporter.line(f"{whole:7.1f}  all {len(_seconds)} files")


def missing() -> dict[str, str]:
    """File -> its lines and branches that nothing ran; one that nothing imported lacks them all."""
    seen = {str(ROOT / name): said for name, said in _seen.get("files", {}).items()}
    gaps = {named(path): _gaps(seen[str(path)]) if str(path) in seen else "nothing imports it" for path in FILES}
    return {name: told for name, told in gaps.items() if told}


def _gaps(said: dict[str, Any]) -> str:
    branches = [tuple(branch) for branch in said["missing_branches"]]
    return format_missing(said["missing_lines"], said["executed_lines"], branches)


def _add(told: dict[str, Any] | None) -> None:
    if told is not None:
        _seen.update(merge_coverage(_seen, told) if _seen else told)
