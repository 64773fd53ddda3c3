"""An analyst asks for all that lacks at once, the family answers each thing, the clock stands (N14, S3.34)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from claims import selectors
from claims.models import Claim, ClaimDue, ClaimFile, ClaimMessage, DocumentRequest, DueKind, RequestItem, Submission
from claims.rules.papers import PAPER_LABELS
from claims.rules.requests import EXAMPLES, WANTABLE, WHY_WANTED
from claims.rules.states import CLAIM, ClaimState
from claims.services.consents import require_consents
from claims.services.holding import hold_claim, hold_open_envelope, refuse_own, require_taken, settle_hold
from claims.services.papers import PAPER, READ, Refused, note_found
from claims.services.running import resume_clock, stop_clock, watch
from claims.services.telling import tell_family
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history import services as history
from portal.papers import services as papers
from portal.papers.rules import WANTED, Wanted, WantedThing
from portal.work import services as work

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

ASKED = "claim_documents"


@transaction.atomic
def ask_documents(
    *, claim: Claim, things: Sequence[tuple[str, str, str]], reason: str, by: User, at: datetime
) -> DocumentRequest:
    """Ask a family for all that lacks at once: (document, why, what exactly) of each, both codes of the catalogue.

    A first request is sent; one more is proposed, and waits for another analyst's yes with `reason`. Raises RuleBroken
    for one that asks for nothing or what nobody knows, Conflict for a claim that is not in review or not taken.
    """
    row = hold_claim(claim)
    if row.state != ClaimState.IN_REVIEW:
        CLAIM.check(row.state, ClaimState.PENDING_DOCUMENTS)
    refuse_own(claim=row, by=by, at=at)
    require_taken(claim=row, by=by)
    if row.requests.filter(state=Wanted.PROPOSED).exists():
        raise Conflict("Ya propusiste pedir más documentos. Espera el sí de otra persona.", code="already_proposed")
    wanted = [_thing(*one) for one in things]
    request = DocumentRequest(claim=row, number=row.requests.count() + 1, reason=reason.strip())
    if request.number == 1:
        request.submission = _open_envelope(row, by=by, at=at)
    papers.want_documents(request=request, things=wanted, by=by, at=at)
    if request.is_open:
        settle_hold(claim=row, by=by)
        _send_request(row, request, by=by, at=at)
    else:
        _record_act(row, "claims.more_documents_proposed", by=by, at=at, request=request, reason=request.reason)
    return request


def _thing(document: str, why: str, detail: str) -> WantedThing:
    if document not in WANTABLE or why not in WHY_WANTED:
        raise RuleBroken("Elige el documento y el motivo de la lista.", code="unknown_wanted")
    return WantedThing(document, why, detail, EXAMPLES[document])


def _open_envelope(claim: Claim, *, by: User, at: datetime) -> Submission:
    files, size = selectors.envelope_limits(clock.date_in(at))
    return Submission.objects.create(
        claim=claim,
        number=claim.submissions.count() + 1,
        party=claim.affected.party,
        opened_by=by,
        opened_at=at,
        file_limit=files,
        byte_limit=size,
    )


def _send_request(claim: Claim, request: DocumentRequest, *, by: User, at: datetime) -> None:
    """What opens a request for its family: state, clock, day, paper and notice, all of one instant."""
    CLAIM.check(claim.state, ClaimState.PENDING_DOCUMENTS)
    claim.state = ClaimState.PENDING_DOCUMENTS
    claim.save(update_fields=["state"])
    stop_clock(claim=claim, at=at)
    on = clock.date_in(at)
    due = selectors.documents_due(on)
    watch(claim=claim, kind=DueKind.DOCUMENTS, anchor=on, due_on=due.on, rule=due.rule, request=request)
    request.document = papers.issue_document(
        kind=ASKED,
        template="pdf/claims/documents.html",
        context=selectors.request_context(request, due=due.on, at=at),
        party=claim.affected.party,
        by=by,
        at=at,
    )
    request.save(update_fields=["document"])
    tell_family(claim=claim, kind="claim_documents_wanted", context={"due": due.on}, at=at)
    _record_act(claim, "claims.documents_wanted", by=by, at=at, request=request)


@transaction.atomic
def allow_request(*, request: DocumentRequest, by: User, at: datetime) -> DocumentRequest:
    """Another analyst agrees to ask a family again. Raises RuleBroken for who proposed it, or for one's own."""
    row = hold_claim(request.claim)
    _settle_request(row, request, by=by, at=at)
    WANTED.check(DocumentRequest.objects.select_for_update().get(pk=request.pk).state, Wanted.OPEN)
    request.submission = _open_envelope(row, by=by, at=at)
    request.save(update_fields=["submission"])
    held = papers.allow_wanted(request=request, by=by, at=at)
    assert isinstance(held, DocumentRequest)
    work.settle(thing=row, by=None)  # whoever proposed it waits for the family now
    _send_request(row, held, by=by, at=at)
    return held


@transaction.atomic
def decline_request(*, request: DocumentRequest, note: str, by: User, at: datetime) -> DocumentRequest:
    """Another analyst does not agree, and says why: the claim goes on with what there is."""
    row = hold_claim(request.claim)
    if not note.strip():
        raise RuleBroken("Escribe por qué no hace falta: lo lee quien lo propuso.", code="note_missing", field="note")
    _settle_request(row, request, by=by, at=at)
    held = papers.decline_wanted(request=request, by=by, at=at)
    ClaimMessage.objects.create(claim=row, by=by, of_desk=True, internal=True, text=note.strip(), at=at)
    assert isinstance(held, DocumentRequest)
    _record_act(row, "claims.more_documents_declined", by=by, at=at, request=held)
    return held


def _settle_request(claim: Claim, request: DocumentRequest, *, by: User, at: datetime) -> None:
    refuse_own(claim=claim, by=by, at=at)
    if request.by_id == by.pk:
        raise RuleBroken("Lo autoriza otra persona: tú propusiste pedir más documentos.", code="asks_twice")
    work.settle(thing=request, by=by)


@transaction.atomic
def note_answer(*, item: RequestItem, note: str, by: User, at: datetime) -> RequestItem:
    """What a family says of one thing that it is asked for. Raises Conflict once it was sent."""
    _require_open(item.request)
    _require_answering(item.request.claim, by=by, at=at)
    papers.note_wanted(item=item, note=note, by=by, at=at)
    return item


def answer_item(
    *, item: RequestItem, note: str | None, uploads: Sequence[EncryptedUpload], by: User, at: datetime
) -> tuple[list[ClaimFile], list[Refused]]:
    """Answer one thing by an observation (None: as it stands), files, or both; what was kept and what was refused.

    Files are examined before the observation is written, kept after it. A bad file costs no good one. Raises Conflict
    once the answer was sent, RuleBroken for who may not answer or has not agreed to the texts.
    """
    envelope, judged, refused = _examined_answers(item, uploads, by=by, at=at)
    if note is not None:
        note_answer(item=item, note=note, by=by, at=at)
    return _keep_answers(item, envelope, judged, refused, by=by, at=at)


def _examined_answers(
    item: RequestItem, uploads: Sequence[EncryptedUpload], *, by: User, at: datetime
) -> tuple[Submission, list[papers.Examined], list[Refused]]:
    """Files as the examiner found them, and those that are none."""
    envelope = _require_open(item.request)
    _require_answering(item.request.claim, by=by, at=at)
    if uploads:
        require_consents(claim=item.request.claim, on=clock.date_in(at))
    judged, refused = list[papers.Examined](), list[Refused]()
    for upload in uploads:
        try:
            check = READ if papers.kind_of(upload) == "xml" else PAPER
            judged.append(papers.examine_for_envelope(envelope=envelope, upload=upload, check=check, context={}))
        except RuleBroken as problem:
            refused.append(Refused(upload.name or "", problem))
    return envelope, judged, refused


def _keep_answers(
    item: RequestItem,
    envelope: Submission,
    judged: list[papers.Examined],
    refused: list[Refused],
    *,
    by: User,
    at: datetime,
) -> tuple[list[ClaimFile], list[Refused]]:
    kept = list[ClaimFile]()
    for examined in judged:
        try:
            kept.append(_keep_answer(item, envelope, examined, by=by, at=at))
        except RuleBroken as problem:
            refused.append(Refused(examined.name, problem))
    return kept, refused


def _keep_answer(
    item: RequestItem, envelope: Submission, examined: papers.Examined, *, by: User, at: datetime
) -> ClaimFile:
    def place(kept: ClaimFile) -> None:
        before = ClaimFile.objects.filter(envelope__claim=envelope.claim_id, file=kept.file_id, removed_at=None)
        if before.exclude(envelope=envelope).exists():
            raise RuleBroken(
                f"«{kept.file.display_name}» ya venía en tu trámite. Sube el corregido.",
                code="file.repeated",
                field="file",
            )
        kept.asked, kept.document = item, item.document
        note_found(item=kept, examined=examined)

    one = papers.keep_in_envelope(envelope=envelope, examined=examined, by=by, at=at, placed=place)
    kept = ClaimFile.objects.select_related("file", "asked").get(pk=one.pk)
    if kept.asked_id != item.pk:
        raise RuleBroken(
            f"«{kept.file.display_name}» ya contesta «{kept.label}». Si es otra cosa, quítalo de ahí y súbelo aquí.",
            code="file.repeated",
            field="file",
        )
    return kept


@transaction.atomic
def remove_answer(*, item: ClaimFile, by: User, at: datetime) -> ClaimFile:
    """Take a file out of an answer that was not sent; `put_answer_back` undoes it."""
    return _moved(papers.remove_from_envelope, item, by=by, at=at)


@transaction.atomic
def put_answer_back(*, item: ClaimFile, by: User, at: datetime) -> ClaimFile:
    """Undo a removal. Raises RuleBroken when the envelope is full by now, Conflict once it was sent."""
    return _moved(papers.put_back, item, by=by, at=at)


def _moved(act: Callable[..., Any], item: ClaimFile, *, by: User, at: datetime) -> ClaimFile:
    _require_answering(item.envelope.claim, by=by, at=at)
    moved: ClaimFile = act(item=item, by=by, at=at)
    return moved


@transaction.atomic
def complete_request(*, request: DocumentRequest, by: User, at: datetime) -> DocumentRequest:
    """«Ya completé lo solicitado»: the claim is in review again and its clock goes on. Twice is one.

    Raises RuleBroken naming each thing that has neither file nor observation, Conflict once it was sent.
    """
    row = _hold_pending(request.claim)
    _require_answering(row, by=by, at=at)
    held = papers.answer_wanted(request=request, labels=PAPER_LABELS, by=by, at=at)
    assert isinstance(held, DocumentRequest)
    _go_on(row, held, "met_at", at=at)
    _record_act(row, "claims.documents_answered", by=by, at=at, request=held)
    return held


@transaction.atomic
def resume_review(*, claim: Claim, by: User, at: datetime) -> Claim:
    """The term is over: an analyst goes on with what there is. Raises RuleBroken while the family has time."""
    row = _hold_pending(claim)
    refuse_own(claim=row, by=by, at=at)
    require_taken(claim=row, by=by)
    request = row.requests.get(state=Wanted.OPEN)
    if not request.due.is_over(on=clock.date_in(at)):
        raise RuleBroken(
            "La familia todavía tiene tiempo para contestar. Sigue cuando se pase la fecha.", code="not_overdue"
        )
    held = papers.end_wanted(request=request, as_=Wanted.OVERDUE, by=by, at=at)
    assert isinstance(held, DocumentRequest)
    _go_on(row, held, "ended_at", at=at)
    _record_act(row, "claims.documents_overdue", by=by, at=at, request=held)
    return row


def drop_requests(*, claim: Claim, by: User | None, at: datetime) -> None:
    """What was asked or proposed of a claim is wanted no more: it was withdrawn, or decided."""
    for request in claim.requests.filter(state__in=[Wanted.PROPOSED, Wanted.OPEN]).order_by("number"):
        work.settle(thing=request, by=None)
        held = papers.end_wanted(request=request, as_=Wanted.DROPPED, by=by, at=at)
        assert isinstance(held, DocumentRequest)
        _close_request(held, "ended_at", at=at)


def _hold_pending(claim: Claim) -> Claim:
    """A claim that waits for its family, its envelope held before it. Raises Conflict for another."""
    hold_open_envelope(claim)
    row = hold_claim(claim)
    if row.state != ClaimState.PENDING_DOCUMENTS:
        raise Conflict(CLAIM.moved, code=CLAIM.code)
    return row


def _go_on(claim: Claim, request: DocumentRequest, ends: str, *, at: datetime) -> None:
    CLAIM.check(claim.state, ClaimState.IN_REVIEW)
    claim.state = ClaimState.IN_REVIEW
    claim.save(update_fields=["state"])
    _close_request(request, ends, at=at)
    resume_clock(claim=claim, at=at)


def _close_request(request: DocumentRequest, ends: str, *, at: datetime) -> None:
    Submission.objects.filter(request=request, closed_at=None).update(closed_at=at)
    ClaimDue.objects.open().filter(request=request).update(**{ends: at}, next_reminder_on=None)


def _require_open(request: DocumentRequest) -> Submission:
    if not request.is_open or request.submission is None:
        raise Conflict(WANTED.moved, code=WANTED.code)
    return request.submission


def _require_answering(claim: Claim, *, by: User, at: datetime) -> None:
    """Raises RuleBroken for who does not see the claim whole any more: its papers are the affected person's."""
    if not selectors.may_answer(by, claim, on=clock.date_in(at)):
        raise RuleBroken(
            "Este trámite ya es de la persona atendida: lo contesta desde su propio perfil.", code="not_yours_to_answer"
        )


def _record_act(
    claim: Claim, action: str, *, by: User, at: datetime, request: DocumentRequest, reason: str = ""
) -> None:
    history.record(
        action=action,
        subject=claim,
        by=by,
        at=at,
        reason=reason[:500],
        party_id=claim.affected.party_id,
        details={"folio": claim.folio, "request": request.number, "items": request.items.count()},
    )
