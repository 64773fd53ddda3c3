"""Every write of the room: papers that prove an RFC, and RFCs that go to their owner (AC-11)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock, identifiers
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import notify
from portal.papers import services as papers
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Party
from portal.proofs import rules, selectors
from portal.proofs.models import RfcMove, RfcPaper
from portal.work import services as work

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.people.models import User

State = rules.PaperState
MOVE_WAITS = "Ese RFC ya espera que otra persona lo confirme."


def hand_in_paper(*, party: Party, kind: str, upload: Any, by: User, at: datetime) -> RfcPaper:
    """Judge a Constancia or a statement at once and put it before a reviewer; a refused file keeps nothing.

    Raises RuleBroken with its findings, Conflict while one is in review or when the RFC is proved.
    """
    _refuse_needless(party)
    examined = papers.examine_upload(upload=upload, kinds={"pdf"}, check=rules.CHECK, context={"rfc": party.rfc})
    papers.require_accepted(examined, field="file")
    return _keep_paper(party=party, kind=kind, examined=examined, by=by, at=at)


def keep_paper(*, party: Party, upload: Any, by: User, at: datetime) -> DraftFile:
    """Keep a paper until its owner looked at it once more and sends it. Raises RuleBroken for one that is refused."""
    return papers.keep_draft(
        form=rules.PURPOSE, upload=upload, kinds={"pdf"}, check=rules.CHECK, context={"rfc": party.rfc}, by=by, at=at
    )


def _refuse_needless(party: Party) -> None:
    if party.is_rfc_proved:
        raise Conflict(rules.PROVED, code="rfc_proved")
    if selectors.is_in_review(party):
        raise Conflict(rules.WAITS, code="rfc_paper_waits")


@transaction.atomic
def _keep_paper(*, party: Party, kind: str, examined: papers.Examined, by: User, at: datetime) -> RfcPaper:
    party = Party.objects.select_for_update().get(pk=party.pk)
    _refuse_needless(party)
    file = papers.store_upload(examined=examined, purpose=rules.PURPOSE, party=party, by=by, at=at)
    paper = RfcPaper.objects.create(
        party=party,
        rfc=party.rfc,
        kind=kind,
        file=file,
        handed_in_by=by,
        handed_in_at=at,
        findings=[finding.as_json() for finding in examined.findings],
    )
    record(
        action="proofs.paper_handed_in",
        subject=paper,
        by=by,
        at=at,
        party_id=party.pk,
        details={"kind": str(kind), "verdict": str(examined.verdict)},
    )
    return paper


def _lock_paper(paper: RfcPaper, target: State, by: User, *, at: datetime) -> RfcPaper:
    """The paper, if this reviewer may take it to `target`: nobody judges their own (MO-05)."""
    paper = RfcPaper.objects.select_for_update(of=("self",)).select_related("party").get(pk=paper.pk)
    rules.PAPER.check(paper.state, target)
    if paper.handed_in_by_id == by.pk or people.acts_for(by, paper.party, on=clock.date_in(at)):
        raise RuleBroken("No puedes revisar un documento tuyo. Lo verá otra persona de revisión.", code="own_paper")
    work.settle(thing=paper, by=by)
    return paper


def _decide_paper(paper: RfcPaper, target: State, *, by: User, at: datetime, reason: str = "") -> None:
    rules.PAPER.check(paper.state, target)
    paper.state, paper.decided_by, paper.decided_at, paper.reason = target, by, at, reason
    paper.save(update_fields=["state", "decided_by", "decided_at", "reason"])


@transaction.atomic
def accept_paper(*, paper: RfcPaper, by: User, at: datetime) -> RfcPaper:
    """The paper names the RFC and is its holder's: from here on the RFC is proved (AC-11)."""
    paper = _lock_paper(paper, State.ACCEPTED, by, at=at)
    _decide_paper(paper, State.ACCEPTED, by=by, at=at)
    accounts.prove_rfc(party=paper.party, kind=paper.kind, by=by, at=at)
    record(action="proofs.paper_accepted", subject=paper, by=by, at=at, party_id=paper.party_id)
    return paper


@transaction.atomic
def return_paper(*, paper: RfcPaper, reason: str, by: User, at: datetime) -> RfcPaper:
    """It does not prove the RFC: its owner is told why and hands in another."""
    reason = rules.check_reason(reason)
    paper = _lock_paper(paper, State.RETURNED, by, at=at)
    _decide_paper(paper, State.RETURNED, by=by, at=at, reason=reason)
    notify(
        user_ids=people.users_of_party(paper.party_id, on=clock.date_in(at)),
        kind="rfc_paper_returned",
        key=f"rfc_paper:{paper.pk}",
        context={"reason": reason},
        url=reverse("proofs:own"),
        at=at,
        action_label="Subir otro documento",
    )
    record(action="proofs.paper_returned", subject=paper, by=by, at=at, reason=reason, party_id=paper.party_id)
    return paper


@transaction.atomic
def end_papers(*, party: Party, by: User, at: datetime) -> None:
    """The RFC goes to its owner: what the other handed in is judged no more. Called by `people`."""
    for paper in RfcPaper.objects.in_review().filter(party=party).select_for_update().order_by("pk"):
        work.settle(thing=paper, by=None)
        _decide_paper(paper, State.ENDED, by=by, at=at)
        record(action="proofs.paper_ended", subject=paper, by=by, at=at, party_id=party.pk)


# --- an RFC goes to its owner ------------------------------------------------------------------------------------


def ask_move(*, rfc: str, email: str, name: str, evidence: str, upload: Any, by: User, at: datetime) -> RfcMove:
    """An administrator asks to give a wrongly taken RFC to its owner, with the owner's paper. Another one decides.

    Raises RuleBroken for an RFC that is malformed or nobody's, an owner who cannot be one, or a file that is refused.
    """
    party = Party.objects.filter(rfc=accounts.check_rfc(rfc)).first()
    if party is None:
        raise RuleBroken(
            "Nadie se ha registrado con ese RFC: si es de una persona, su dueño puede registrarse solo.",
            code="rfc_unknown",
            field="rfc",
        )
    accounts.check_owner(party=party, email=email, at=at)
    _refuse_stakeholder(party, by)
    if RfcMove.objects.open().filter(party=party).exists():
        raise Conflict(MOVE_WAITS, code="move_waits", field="rfc")
    examined = papers.examine_upload(upload=upload, kinds={"pdf"}, check=rules.CHECK, context={"rfc": party.rfc})
    papers.require_accepted(examined, field="file")
    return _keep_move(party=party, email=email, name=name, evidence=evidence, examined=examined, by=by, at=at)


def _refuse_stakeholder(party: Party, by: User) -> None:
    if people.acts_for(by, party, on=None):
        raise RuleBroken(
            "Tuviste permisos con ese RFC: lo pide y lo confirma otra persona.", code="own_rfc", field="rfc"
        )


def keep_evidence(*, rfc: str, upload: Any, by: User, at: datetime) -> DraftFile:
    """Keep the paper of a move whose form is wrong elsewhere; held against the RFC as typed, if that is somebody's.

    Raises RuleBroken for a file that is refused.
    """
    typed = identifiers.check("rfc", rfc).canonical
    known = Party.objects.filter(rfc=typed).exists()
    against: dict[str, Any] = {"check": rules.CHECK, "context": {"rfc": typed}} if known else {}
    return papers.keep_draft(form=rules.EVIDENCE, upload=upload, kinds={"pdf"}, by=by, at=at, **against)


@transaction.atomic
def _keep_move(  # the whole request, named
    *, party: Party, email: str, name: str, evidence: str, examined: papers.Examined, by: User, at: datetime
) -> RfcMove:
    # The evidence is the house's, not the party's: whoever holds the RFC now never sees who asked for it.
    file = papers.store_upload(examined=examined, purpose=rules.EVIDENCE, party=people.operator(), by=by, at=at)
    try:
        with transaction.atomic():
            move = RfcMove.objects.create(
                party=party,
                email=email.strip().lower(),
                name=name,
                evidence=evidence,
                file=file,
                asked_by=by,
                asked_at=at,
            )
    except IntegrityError as error:
        raise Conflict(MOVE_WAITS, code="move_waits", field="rfc") from error
    others = people.administrators(on=clock.date_in(at)).exclude(pk=by.pk)
    others = others.exclude(pk__in=people.acting(party, on=None).values("user"))
    notify(
        user_ids=list(others.values_list("pk", flat=True)),
        kind="rfc_move_asked",
        key=f"rfc_move:{move.pk}",
        context={},
        url=reverse("proofs:move", args=[move.pk]),
        at=at,
        action_label="Revisar en el portal",
    )
    record(action="proofs.move_asked", subject=move, by=by, at=at, reason=evidence[:500], party_id=party.pk)
    return move


@transaction.atomic
def decide_move(*, move: RfcMove, accept: bool, by: User, at: datetime, reason: str = "") -> RfcMove:
    """The second administrator's word: accepted, the RFC is its owner's at once and what the other had there ends.

    Raises RuleBroken for who asked or has a stake, Conflict when it was decided.
    """
    move = RfcMove.objects.select_for_update(of=("self",)).select_related("party", "asked_by").get(pk=move.pk)
    decided = rules.MoveState.HANDED_OVER if accept else rules.MoveState.REFUSED
    rules.MOVE.check(move.state, decided)
    if move.asked_by_id == by.pk:
        raise RuleBroken("Quien lo pidió no lo confirma. Toca a otra persona de Administración.", code="own_move")
    _refuse_stakeholder(move.party, by)
    work.settle(thing=move, by=by)
    move.state, move.decided_by, move.decided_at = decided, by, at
    move.reason = reason if accept else rules.check_reason(reason)
    move.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    if accept:
        accounts.hand_over(
            party=move.party, email=move.email, name=move.name, asked_by=move.asked_by, confirmed_by=by, at=at
        )
    action = "proofs.move_confirmed" if accept else "proofs.move_refused"
    record(action=action, subject=move, by=by, at=at, reason=move.reason, party_id=move.party_id)
    return move
