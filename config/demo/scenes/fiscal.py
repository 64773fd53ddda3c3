"""Whose seals the demo world trusts."""

from __future__ import annotations

from config.demo import samples
from config.demo.cast import Cast
from portal.fiscal import services as fiscal


def play(cast: Cast) -> None:
    """The demo's own authority and PAC; without them every sample invoice would need a person."""
    for der in samples.trust_der():
        fiscal.add_certificates(content=der, by=cast.users["adriana"], at=cast.days_ago(60))
