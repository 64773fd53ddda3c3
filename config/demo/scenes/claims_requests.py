"""A claim of Tobías' that waits for his documents: Delia asked for two at once, and wrote to him."""

from __future__ import annotations

from claims import queues, services
from claims.models import Claim
from config.demo.cast import Cast
from portal.work import services as work

_WANTED = [
    ("medical_report", "unsigned", "La segunda hoja, con la firma y la cédula."),
    ("prescription", "lacks", "Del medicamento del segundo renglón."),
]


def play(cast: Cast, *, claim: Claim, days: int) -> None:
    """Delia took it, asked for what lacks, and left a note for the desk."""
    delia, at = cast.users["delia"], cast.days_ago(days)
    work.take(queue=queues.CLAIMS, thing=claim, by=delia, at=at)
    services.ask_documents(claim=claim, things=_WANTED, reason="", by=delia, at=at)
    services.write_from_desk(
        claim=claim, text="Con una foto legible de la receta basta.", internal=False, by=delia, at=at
    )
