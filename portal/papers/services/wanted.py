"""A complete request of documents from its first word to its answer; the app that asks adds clock, paper and notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.papers.models import FileVerdict
from portal.papers.rules import WANTED, Wanted, WantedThing, check_answered, check_wanted

if TYPE_CHECKING:
    from portal.papers.wanted import DocumentsWanted, WantedItem
    from portal.people.models import User


@transaction.atomic
def want_documents(
    *, request: DocumentsWanted, things: Sequence[WantedThing], by: User, at: datetime
) -> DocumentsWanted:
    """Write a request, not stored yet, with all it asks for. A first one is open at once; another waits for a yes.

    Raises RuleBroken for one that asks for nothing, or asks again without saying why.
    """
    check_wanted(things, number=request.number, reason=request.reason)
    request.by, request.at = by, at
    request.save(force_insert=True)
    for place, one in enumerate(things, 1):
        told = {"document": one.document, "why": one.why, "detail": one.detail.strip(), "example": one.example}
        request.items.create(place=place, **told)
    _record_act(request, "papers.documents_wanted", by=by, at=at)
    if request.number == 1:
        _move_request(request, Wanted.OPEN, by=by, at=at)
    return request


@transaction.atomic
def allow_wanted(*, request: DocumentsWanted, by: User, at: datetime) -> DocumentsWanted:
    """Another person agrees to ask again. Raises RuleBroken for who proposed it, Conflict where it moved on."""
    held = _hold(request)
    _refuse_own(held, by=by)
    held.allowed_by = by
    return _move_request(held, Wanted.OPEN, by=by, at=at)


@transaction.atomic
def decline_wanted(*, request: DocumentsWanted, by: User, at: datetime) -> DocumentsWanted:
    """Another person does not agree: nobody is asked. Raises as `allow_wanted`."""
    held = _hold(request)
    _refuse_own(held, by=by)
    return _move_request(held, Wanted.DECLINED, by=by, at=at)


@transaction.atomic
def end_wanted(*, request: DocumentsWanted, as_: Wanted, by: User | None, at: datetime) -> DocumentsWanted:
    """It is over without its answer: its date went by, or nothing is wanted any more."""
    return _move_request(_hold(request), as_, by=by, at=at)


@transaction.atomic
def note_wanted(*, item: WantedItem, note: str, by: User, at: datetime) -> WantedItem:
    """Say something of one thing that is asked for. Raises Conflict once the request is no longer open."""
    request = _hold(item.request)
    if request.state != Wanted.OPEN:
        raise Conflict(WANTED.moved, code=WANTED.code)
    item.note = note.strip()
    item.save(update_fields=["note"])
    _record_act(request, "papers.wanted_noted", by=by, at=at)
    return item


@transaction.atomic
def answer_wanted(*, request: DocumentsWanted, labels: dict[str, str], by: User, at: datetime) -> DocumentsWanted:
    """Whoever was asked says that this is all: each thing has a file or an observation. `labels`: of documents.

    Raises RuleBroken naming what has neither, and for files that still wait or did not pass.
    """
    held = _hold(request)
    told = dict[str, bool]()
    for item in held.items.order_by("place"):
        files = list(item.files.filter(removed_at=None).select_related("file"))
        _refuse_unexamined([one.file.verdict for one in files])
        what = labels[item.document]
        told[f"{what} ({item.place})" if what in told else what] = bool(files or item.note)
    check_answered(told)
    held.items.update(answered_at=at)
    return _move_request(held, Wanted.ANSWERED, by=by, at=at)


def _refuse_unexamined(verdicts: Sequence[str]) -> None:
    if FileVerdict.PENDING in verdicts:
        raise RuleBroken("Hay archivos que todavía se revisan. Espera un momento.", code="files_pending")
    if FileVerdict.REJECTED in verdicts:
        raise RuleBroken("Quita los archivos que no pasaron la revisión.", code="files_rejected")


def _hold(request: Any) -> Any:
    return type(request)._default_manager.select_for_update(of=("self",)).get(pk=request.pk)


def _refuse_own(request: DocumentsWanted, *, by: User) -> None:
    if request.by_id == by.pk:  # type: ignore[attr-defined]  # of the abstract row
        raise RuleBroken("Lo autoriza otra persona: tú propusiste pedir más documentos.", code="asks_twice")


def _move_request(request: Any, target: Wanted, *, by: User | None, at: datetime) -> Any:
    WANTED.check(request.state, target)
    request.state = target
    if target is Wanted.OPEN:
        request.opened_at = at
    else:
        request.ended_at, request.ended_by = at, by
    request.save(update_fields=["state", "allowed_by", "opened_at", "ended_at", "ended_by"])
    _record_act(request, f"papers.wanted_{target.value}", by=by, at=at)
    return request


def _record_act(request: Any, action: str, *, by: User | None, at: datetime) -> None:
    record(action=action, subject=request, by=by, at=at, details={"number": request.number, "state": request.state})
