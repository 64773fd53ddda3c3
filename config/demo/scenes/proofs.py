"""Who proved an RFC in the demo world."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.demo import samples
from config.demo.cast import Cast
from config.demo.uploads import upload_of
from portal import clock
from portal.proofs import services as proofs


def play(cast: Cast) -> None:
    """Everybody proved theirs when they came, but Nora (AC-11)."""
    for slug in ("lucia", "ivan", "hector", "beatriz"):
        _proves(cast, slug, cast.days_ago(60))


def _proves(cast: Cast, slug: str, at: datetime) -> None:
    """A physician shows whose their RFC is, and a reviewer accepts it."""
    party, user = cast.parties[slug], cast.users[slug]
    pdf = upload_of("constancia.pdf", samples.make_constancia_pdf(name=party.name, rfc=party.rfc, on=clock.date_in(at)))
    paper = proofs.hand_in_paper(party=party, kind="constancia", upload=pdf, by=user, at=at)
    proofs.accept_paper(paper=paper, by=cast.users["rebeca"], at=at + timedelta(hours=2))
    party.refresh_from_db()
