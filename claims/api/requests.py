"""The calls of what is asked for and written: a family answers thing by thing, the desk asks, both write (N14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from rest_framework import serializers as s

from claims import forms, selectors, services
from claims.api.desk import DECIDE, DeskStandTold, opened, stand_of
from claims.api.family import READ, WRITE, claim_told
from claims.api.shapes import ClaimFileTold, ClaimTold
from claims.models import Claim, ClaimFile, ClaimMessage, DocumentRequest, RequestItem
from claims.rules.papers import PAPER_LABELS
from claims.rules.requests import WANTABLE, WHY_WANTED
from claims.selectors import reach
from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Instant
from portal.api.calls import Asked, Body, acts, at, shows
from portal.errors import RuleBroken
from portal.history.services import record_access
from portal.people.models import User

MOST_DETAIL = 300
SHAPE = (
    "Manda un objeto con «things», una lista de objetos con «document», «why» y «detail», y «reason»: todos textos, el "
    f"detalle de hasta {MOST_DETAIL} letras, cada documento una vez."
)


# --- what is answered ------------------------------------------------------------------------------------------------


class ClaimWantedTold(Answer):
    """One thing that is asked for, why, and what answers it so far."""

    id = s.UUIDField(source="item.pk")
    document = s.ChoiceField(list(PAPER_LABELS.items()), source="item.document")
    why = s.ChoiceField([(one.value, told.label) for one, told in WHY_WANTED.items()], source="item.why")
    sentence = s.CharField(source="item.sentence")
    detail = s.CharField(source="item.detail")
    example = s.CharField(source="item.example")
    note = s.CharField(source="item.note")
    files = ClaimFileTold(many=True)
    removed = ClaimFileTold(many=True)


class ClaimPendingTold(Answer):
    """Everything that a family is asked for now, and by when; nothing where `due_on` is null."""

    folio = s.CharField()
    due_on = s.DateField(allow_null=True)
    items = ClaimWantedTold(many=True)


class ClaimMessageTold(Answer):
    """Something that was written; `mine`: by one's own side, `internal`: the family does not read it."""

    by = s.CharField()
    text = s.CharField()
    at = Instant()
    mine = s.BooleanField()
    internal = s.BooleanField()


class ClaimThreadTold(Answer):
    """What was written about a claim, the oldest first."""

    messages = ClaimMessageTold(many=True)


# --- what is found ---------------------------------------------------------------------------------------------------


def _pending_of(claim: Claim) -> dict[str, Any]:
    wanted = selectors.open_request(claim)
    due = None if wanted is None else wanted.due.due_on
    rows = [] if wanted is None else selectors.asked_rows(wanted)
    return {"folio": claim.folio, "due_on": due, "items": rows}


def _pending(asked: Asked, folio: str) -> dict[str, Any]:
    return _pending_of(reach.answered_claim(asked.by, folio, on=clock.date_in(asked.at)))


def _after(_asked: Asked, found: RequestItem | ClaimFile) -> dict[str, Any]:
    return _pending_of(found.request.claim if isinstance(found, RequestItem) else found.envelope.claim)


def _item(asked: Asked, folio: str, item: UUID) -> RequestItem:
    return reach.asked_item(asked.by, folio, item, on=clock.date_in(asked.at))[1]


def _file(asked: Asked, folio: str, item: UUID) -> ClaimFile:
    return reach.answer_file(asked.by, folio, item, on=clock.date_in(asked.at))


def _request(asked: Asked, folio: str) -> DocumentRequest:
    return reach.asked_claim(asked.by, folio, on=clock.date_in(asked.at))[1]


def _own(asked: Asked, folio: str) -> Claim:
    return reach.own_claim(asked.by, folio)


def _own_thread(asked: Asked, folio: str) -> dict[str, Any]:
    claim = _own(asked, folio)
    whole = selectors.sees_all_of(asked.by, claim, on=clock.date_in(asked.at))
    return {"messages": selectors.thread_of(claim, desk=False) if whole else []}


def _desk_thread(asked: Asked, folio: str) -> dict[str, Any]:
    claim = opened(asked, folio)
    reason = reach.reason_of(asked.by, claim, at=asked.at)
    record_access(subject=claim, by=asked.by, at=asked.at, reason=reason, party_id=claim.affected.party_id)
    return {"messages": selectors.thread_of(claim, desk=True)}


def _written(_asked: Asked, found: ClaimMessage) -> dict[str, Any]:
    return {"messages": selectors.thread_of(found.claim, desk=found.of_desk)}


# --- acts ------------------------------------------------------------------------------------------------------------


class AnswerForm(forms.NoteForm):
    """A file, an observation, or both; what is not sent stays as it is."""

    file = django_forms.FileField(label="Archivo", required=False)

    def clean_note(self) -> str | None:
        """None where it was not sent."""
        return self.cleaned_data["note"] if "note" in self.data else None


def answer(*, item: RequestItem, note: str | None, file: Any, by: User, at: datetime) -> RequestItem:
    """Answer one thing; a refused file leaves the observation unsaid too."""
    if file is None and note is None:
        raise RuleBroken("Manda el archivo, una observación, o las dos.", code="no_file", field="file")
    uploads = [] if file is None else [file]
    _kept, refused = services.answer_item(item=item, note=note, uploads=uploads, by=by, at=at)
    if refused:
        raise refused[0].problem
    return item


def complete(*, request: DocumentRequest, by: User, at: datetime) -> Claim:
    """«Ya completé lo solicitado»."""
    return services.complete_request(request=request, by=by, at=at).claim  # type: ignore[no-any-return]


_THING = {
    "type": "object",
    "properties": {
        "document": {"type": "string", "enum": [str(one) for one in WANTABLE]},
        "why": {"type": "string", "enum": [one.value for one in WHY_WANTED]},
        "detail": {"type": "string", "maxLength": MOST_DETAIL},
    },
    "required": ["document", "why", "detail"],
    "additionalProperties": False,
}
ASK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "things": {"type": "array", "minItems": 1, "maxItems": len(WANTABLE), "items": _THING},
        "reason": {"type": "string", "maxLength": 500, "description": "Por qué se pide otra vez; vacío la primera"},
    },
    "required": ["things", "reason"],
    "additionalProperties": False,
}


def read_ask(body: Any) -> dict[str, Any]:
    """What a program asks for. Raises RuleBroken for its shape."""
    told = body if isinstance(body, dict) else {}
    things, reason = told.get("things"), told.get("reason")
    fits = (
        set(told) == set(ASK_SCHEMA["properties"])
        and isinstance(reason, str)
        and len(reason) <= ASK_SCHEMA["properties"]["reason"]["maxLength"]
        and isinstance(things, list)
        and all(_is_thing(one) for one in things)
        and len({one["document"] for one in things}) == len(things)
    )
    if not fits or not isinstance(things, list):
        raise RuleBroken(SHAPE, code="bad_shape")
    return {"things": [(one["document"], one["why"], one["detail"]) for one in things], "reason": reason}


def _is_thing(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and set(one) == set(_THING["properties"])  # type: ignore[arg-type]
        and all(isinstance(value, str) for value in one.values())
        and len(one["detail"]) <= MOST_DETAIL
    )


class AllowCallForm(forms.DeclineForm):
    """What another analyst says of asking again."""

    allows = django_forms.TypedChoiceField(
        label="Qué haces",
        choices=[("yes", "Pedirlos"), ("no", "No pedirlos, con nota")],
        coerce=lambda value: value == "yes",
    )


def allow(*, claim: Claim, allows: bool, note: str, by: User, at: datetime) -> DocumentRequest:
    """Say yes to asking again, or no with a word."""
    request = selectors.require_proposed(claim)
    if allows:
        return services.allow_request(request=request, by=by, at=at)
    return services.decline_request(request=request, note=note, by=by, at=at)


_ANSWERS: dict[str, Any] = {"scope": WRITE, "permission": P.FILE_CLAIMS, "answers": ClaimPendingTold, "after": _after}
_OPENED: dict[str, Any] = {"scope": DECIDE, "permission": P.DECIDE_CLAIMS, "find": opened, "thing": "claim"}
_STANDS: dict[str, Any] = {**_OPENED, "answers": DeskStandTold, "after": stand_of}
_PENDING, _DESK = "tramites/<str:folio>/pendientes/", "mesa/tramites/<str:folio>/"

RESOURCES = (
    at(
        _PENDING,
        "api_pending",
        shows(
            _pending, "Lo que te pedimos de un trámite", scope=READ, permission=P.FILE_CLAIMS, answers=ClaimPendingTold
        ),
    ),
    at(
        f"{_PENDING}<uuid:item>/",
        "api_answer",
        acts(
            answer,
            "Contestar una de las cosas que te pedimos",
            takes=AnswerForm,
            find=_item,
            thing="item",
            example={"note": "No la tengo.", "file": "@receta.pdf"},
            **_ANSWERS,
        ),
    ),
    at(
        f"{_PENDING}archivos/<uuid:item>/quitar/",
        "api_remove_answer",
        acts(services.remove_answer, "Quitar un archivo de tu respuesta", find=_file, thing="item", **_ANSWERS),
    ),
    at(
        f"{_PENDING}archivos/<uuid:item>/devolver/",
        "api_put_answer_back",
        acts(services.put_answer_back, "Devolver un archivo a tu respuesta", find=_file, thing="item", **_ANSWERS),
    ),
    at(
        f"{_PENDING}listo/",
        "api_complete",
        acts(
            complete,
            "Ya completé lo solicitado",
            find=_request,
            thing="request",
            **_ANSWERS | {"answers": ClaimTold, "after": claim_told},
        ),
    ),
    at(
        "tramites/<str:folio>/mensajes/",
        "api_write",
        shows(
            _own_thread, "Los mensajes de un trámite", scope=READ, permission=P.SEE_OWN_CLAIMS, answers=ClaimThreadTold
        ),
        acts(
            services.write_message,
            "Escribir a la mesa sobre un trámite",
            scope=WRITE,
            permission=P.SEE_OWN_CLAIMS,
            takes=forms.MessageForm,
            find=_own,
            thing="claim",
            answers=ClaimThreadTold,
            after=_written,
            example={"text": "Mandé la receta por separado."},
        ),
    ),
    at(
        f"{_DESK}pedir-documentos/",
        "api_ask",
        acts(
            services.ask_documents,
            "Pedir a la familia todo lo que falta, una vez",
            takes=Body(read_ask, ASK_SCHEMA),
            example={"things": [{"document": "prescription", "why": "lacks", "detail": ""}], "reason": ""},
            **_STANDS,
        ),
    ),
    at(
        f"{_DESK}pedir-documentos/otra-vez/",
        "api_allow",
        acts(
            allow,
            "Autorizar que se pidan más documentos, o no",
            takes=AllowCallForm,
            example={"allows": "yes", "note": ""},
            **_STANDS,
        ),
    ),
    at(
        f"{_DESK}pedir-documentos/seguir/",
        "api_resume",
        acts(services.resume_review, "Seguir con lo que hay: se acabó el plazo de la familia", **_STANDS),
    ),
    at(
        f"{_DESK}mensajes/",
        "api_write_from_desk",
        shows(
            _desk_thread,
            "Los mensajes y notas de un trámite",
            scope=READ,
            permission=P.DECIDE_CLAIMS,
            answers=ClaimThreadTold,
        ),
        acts(
            services.write_from_desk,
            "Escribir a la familia, o anotar algo para la mesa",
            takes=forms.DeskMessageForm,
            answers=ClaimThreadTold,
            after=_written,
            example={"text": "Seguimos con tu trámite.", "internal": False},
            **_OPENED,
        ),
    ),
)
