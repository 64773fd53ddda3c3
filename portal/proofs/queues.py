"""What of the room waits for people at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.access import Permission, Workspace
from portal.listing import Link
from portal.people.scopes import of_party
from portal.proofs.listings import PAPERS
from portal.proofs.models import RfcMove, RfcPaper
from portal.proofs.selectors import moves_to_decide, papers_to_review
from portal.work.registry import Queue


def _papers(user: Any, at: datetime) -> QuerySet[RfcPaper]:
    return papers_to_review(user).select_related("party").only("handed_in_at", "rfc", "party__name")


def _moves(user: Any, at: datetime) -> QuerySet[RfcMove]:
    return moves_to_decide(user)


def _every_move(user: Any) -> QuerySet[RfcMove]:
    return RfcMove.objects.all()


PAPERS_TO_REVIEW = Queue(
    name="proofs.papers",
    label="RFC por acreditar",
    permission=Permission.REVIEW_ACCOUNTS,
    rows=_papers,
    seen=RfcPaper.objects.visible_to,
    page="proofs:papers",
    query="estado=in_review",
    listing=PAPERS,
    since="handed_in_at",
    title=lambda row: "RFC por acreditar",
    who=lambda row: row.party.name or row.rfc,
    of_insurer=lambda insurer: of_party("party", [insurer]),
    href=Link("proofs:paper"),
)
MOVES = Queue(
    name="proofs.moves",
    workspace=Workspace.ADMINISTRATION,
    label="RFC por entregar a su dueño",
    permission=Permission.MANAGE_PEOPLE,
    rows=_moves,
    told=False,
    seen=_every_move,
    page="proofs:moves",
    query="estado=waiting",
    since="asked_at",
    title=lambda row: "RFC por entregar",
    who=lambda row: row.party.rfc,
    href=Link("proofs:move"),
)
QUEUES = (PAPERS_TO_REVIEW, MOVES)
