"""A renderer or examiner that is killed leaves nothing behind: the next one clears its folder (XP-06)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.factories.threads import LONG

ROOT = Path(__file__).resolve().parents[2]
HOLD = "import sys; from portal.papers.limited import scratch; print(scratch.folder(), flush=True); sys.stdin.read()"
RENDERER = """
import sys
from portal.papers.renderer.fonts import only_our_font
only_our_font()
from portal.papers.renderer.layout import warm_up
warm_up()
print("ready", flush=True)
sys.stdin.read()
"""


def _started(code: str, place: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def _ended(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=LONG)
    assert process.returncode == 0


def test_a_killed_server_s_folder_goes_with_the_next_and_a_living_one_s_stays(tmp_path: Path) -> None:
    killed, left = _started(HOLD, tmp_path)
    killed.kill()
    killed.communicate(timeout=LONG)
    assert Path(left).is_dir()

    living, kept = _started(HOLD, tmp_path)
    assert not Path(left).exists()
    other, _ = _started(HOLD, tmp_path)
    assert Path(kept).is_dir()
    _ended(other)
    _ended(living)
    assert list(tmp_path.rglob("*")) == [tmp_path / f"cauce-{os.getuid()}"]


def test_a_killed_renderer_leaves_no_font_outside_that_folder(tmp_path: Path) -> None:
    renderer, said = _started(RENDERER, tmp_path)
    assert said == "ready"
    renderer.kill()
    renderer.communicate(timeout=LONG)
    assert [path.name for path in tmp_path.iterdir()] == [f"cauce-{os.getuid()}"]
    _ended(_started(HOLD, tmp_path)[0])
    assert list(tmp_path.rglob("*")) == [tmp_path / f"cauce-{os.getuid()}"]


def test_a_shelf_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    (tmp_path / f"cauce-{os.getuid()}").symlink_to("/")
    holder, folder = _started(HOLD, tmp_path)
    assert Path(folder).parent.parent == tmp_path
    _ended(holder)
