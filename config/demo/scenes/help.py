"""Who wrote to the help desk of the demo world."""

from __future__ import annotations

from datetime import timedelta

from config.demo.cast import Cast
from config.demo.people import BY_SLUG
from portal.help import services as contacts


def play(cast: Cast) -> None:
    """Iván asks for his account."""
    contacts.leave_message(
        kind="complaint",
        name="Iván Peña Muñoz",
        email=BY_SLUG["ivan"].email,
        subject_folio="",
        body="Mi cuenta bancaria sigue en revisión desde ayer. ¿Cuándo queda lista?",
        by=cast.users["ivan"],
        at=cast.now - timedelta(hours=2),
    )
