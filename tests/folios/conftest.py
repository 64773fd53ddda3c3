"""Series of stories that are still to come, so that offices and other letters are tried too."""

import pytest

from portal.folios.rules import PREFIXES, Prefix


@pytest.fixture(autouse=True)
def _more_series(monkeypatch: pytest.MonkeyPatch) -> None:
    more = [Prefix("OF", "oficio", per_office=True), Prefix("MM", "memorándum", per_office=True)]
    for one in (*more, Prefix("RB", "reembolso"), Prefix("LQ", "liquidación")):
        monkeypatch.setitem(PREFIXES, one.code, one)
