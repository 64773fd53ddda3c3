"""docs/security.md tells the truth where a machine can check it (XP-07)."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.ROOT)
TEXT = (ROOT / "docs" / "security.md").read_text()
RISKY = {"lxml", "pypdf", "pypdfium2", "pillow", "weasyprint"}


def locked() -> dict[str, str]:
    found = re.findall(
        r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^ \\]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE
    )
    return dict(found)


def test_each_risky_component_is_named_with_its_locked_version_and_its_wall_XP_07() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| ([0-9.]+) \| ([^|]+) \| ([^|]+) \|$", TEXT, flags=re.MULTILINE)
    told = {name: version for name, version, _reads, _wall in rows}
    assert set(told) >= RISKY
    assert told == {name: locked()[name] for name in told}
    assert all(len(wall) > 20 for name, _version, _reads, wall in rows if name in RISKY)


def test_the_limits_that_are_told_are_those_of_the_code_XP_03() -> None:
    from portal.people import rules

    assert rules.ALERT_LIMIT == 100 and "hundredth" in TEXT
    assert f"{rules.SLOWDOWN[0][1]} wrong tries in {rules.SLOWDOWN[0][0] // 60} minutes" in TEXT
    assert f"{rules.IP_LIMIT} a minute" in TEXT
    assert f"lives {int(rules.SECRET_LIFE.total_seconds() // 60)} minutes" in TEXT


def test_there_is_a_list_of_what_is_not_done_and_a_way_to_report() -> None:
    assert "## Not done yet" in TEXT and "## Telling us" in TEXT
