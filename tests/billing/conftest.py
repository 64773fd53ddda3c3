"""What every database test of billing stands on."""

from __future__ import annotations

import pytest


@pytest.fixture
def trusted(db: None) -> None:
    """The paper mill's certificates are known."""
    from tests.factories import billing

    billing.trust()
