"""A sixth app is found everywhere, and nobody had to know it (issue 9, section 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from tests import copies
from tests.sources import PACKAGES, ROOT

HERE = Path(__file__).parent
# Where it is looked for (`walk.FINDS`).
PLACES = {
    *(
        "menu",
        "queue",
        "list",
        "page",
        "import",
        "machine",
        "payable",
        "notice",
        "preferences",
        "matrix",
        "search",
        "docs",
    ),
    *(
        "sign-up",
        "replay",
        "due",
        "standing",
        "api",
        "audit",
        "rules",
        "guides",
        "contact",
        "scopes",
        "beat",
        "day of the demo",
    ),
}
START = "import pytest, django; django.setup(); from tests.planted import walk; walk.main()"


def test_a_sixth_app_is_found_everywhere_without_a_line_in_portal_or_config(
    run: copies.Run, tmp_path: Path, db
) -> None:
    name = f"{connection.settings_dict['NAME']}_planted"
    copies.copy(run.migrated, name)
    try:
        told = subprocess.run(
            [sys.executable, "-c", START],
            env=_environment(name, tmp_path),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        copies.drop(name)
    assert told.returncode == 0, told.stderr[-3000:]
    found = json.loads(told.stdout.strip().splitlines()[-1])
    assert {place for place, there in found.items() if there} == set(found) == PLACES


def _environment(name: str, folder: Path) -> dict[str, str]:
    """Ours, with that app, that database and a folder of its own."""
    changed = {"DJANGO_SETTINGS_MODULE": "tests.planted.settings", "DATA_DIR": str(folder)}
    for one in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        changed[one] = urlsplit(os.environ[one])._replace(path=f"/{name}").geturl()
    return {**os.environ, **changed}


def test_what_a_new_app_touches_outside_itself_is_its_registration() -> None:
    """Its name among the apps and its addresses, here in `settings.py` and `all_urls.py`; no file of the product."""
    own = {path.name for path in HERE.rglob("*.py")} - {"test_planted.py", "walk.py", "__init__.py", "0001_initial.py"}
    registration = {"settings.py", "all_urls.py"}
    assert registration < own and len(own - registration) == 15, sorted(own - registration)
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert [str(path) for path in sources if "planted" in path.read_text()] == []
