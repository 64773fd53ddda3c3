"""Calls on the work that waits: the oldest things, take one, give it back, take it over with a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model
from django.http import Http404
from rest_framework import serializers as s

from portal.api.answers import Answer, Instant, With
from portal.api.calls import Asked, acts, at, shows
from portal.design.forms import Form, TextField
from portal.work import selectors, services
from portal.work.asked import narrowed_by
from portal.work.models import Hold
from portal.work.registry import Queue, queues

READ, WRITE = "portal:read", "portal:write"


class Waiting(Answer):
    """A thing that waits for you: of which queue, since when, due when, and who has it. `id` where it can be taken."""

    queue = s.CharField(source="kind")
    id = s.CharField(allow_null=True)
    title = s.CharField()
    subject = s.CharField()
    since = Instant()
    due = s.CharField(allow_null=True)
    holder = s.CharField()
    mine = s.BooleanField()
    href = s.CharField()

    def view(self, found: selectors.WorkItem) -> With:
        """With its id, and the day or instant as ISO."""
        due = found.due
        iso = due.isoformat() if isinstance(due, date | datetime) else None
        return With(found, id=str(found.thing.pk) if found.thing else None, due=iso)


class QueueTold(Answer):
    """One of your queues, and how many things wait in it."""

    queue = s.CharField()
    label = s.CharField()
    count = s.IntegerField()


class Work(Answer):
    """Your queues, and the oldest things of all of them."""

    queues = QueueTold(many=True)
    items = Waiting(many=True)


class Taken(Answer):
    """What you have now; null where nobody left anything to take."""

    queue = s.CharField(allow_null=True)
    id = s.CharField(allow_null=True)
    since = Instant(allow_null=True)


class NextForm(Form):
    """Of which queue, of which insurer, only what is late; of all where it lacks. As the queue's page is narrowed."""

    queue = forms.ChoiceField(
        label="De qué fila; si falta, de todas",
        choices=lambda: [(one.name, one.label) for one in queues()],
        required=False,
    )
    insurer = forms.UUIDField(label="De qué aseguradora; si falta, de todas", required=False)
    overdue = forms.BooleanField(label="Solo lo que ya venció", required=False)


class ReasonForm(Form):
    """Why somebody's work is taken over."""

    reason = TextField(label="Motivo", max_length=300)


def _work(asked: Asked) -> dict[str, Any]:
    own = selectors.loads(asked.by, at=asked.at)
    counts = [{"queue": one.queue.name, "label": one.queue.label, "count": one.count} for one in own]
    return {"queues": counts, "items": selectors.items(asked.by, at=asked.at, narrowed=narrowed_by(asked.query))}


def _found(asked: Asked, queue: str, pk: UUID) -> tuple[Queue, Model]:
    found = selectors.thing_of(queue, pk, user=asked.by)
    if found is None:
        raise Http404
    return found


def _taken(asked: Asked, hold: Hold | None) -> dict[str, Any]:
    if hold is None:
        return {"queue": None, "id": None, "since": None}
    return {"queue": hold.queue, "id": hold.thing_id, "since": hold.since}


def take_next(*, queue: str, insurer: UUID | None, overdue: bool, by: Any, at: datetime) -> Hold | None:
    """Take the most urgent thing that nobody else has, within what is asked for."""
    narrowed = selectors.Narrowed(kind=queue, insurer=insurer, overdue=overdue)
    things = selectors.takeable(by, at=at, narrowed=narrowed)
    taken = services.take_first(things=things, by=by, at=at)
    return Hold.objects.about(taken[1]).get() if taken else None


def take(*, found: tuple[Queue, Model], by: Any, at: datetime) -> Hold:
    """Take it out of its queue."""
    return services.take(queue=found[0], thing=found[1], by=by, at=at)


def give_back(*, found: tuple[Queue, Model], by: Any, at: datetime) -> None:
    """Put it back into its queue."""
    services.give_back(thing=found[1], by=by, at=at)


def take_over(*, found: tuple[Queue, Model], reason: str, by: Any, at: datetime) -> Hold:
    """Take it from whoever has it, with a reason."""
    return services.take_over(queue=found[0], thing=found[1], reason=reason, by=by, at=at)


_THING: dict[str, Any] = {"scope": WRITE, "find": _found, "thing": "found"}

_NARROWS = {
    "cola": "De qué fila.",
    "quien": "En manos de quién: libre, mio, colega o tomable (libre o mío).",
    "plazo": "`vencido`: solo lo que ya venció.",
    "aseguradora": "De qué aseguradora, por su id.",
}

RESOURCES = (
    at("trabajo/", "work", shows(_work, "Lo que espera por ti", scope=READ, answers=Work, query=_NARROWS)),
    at(
        "trabajo/tomar/",
        "take_next",
        acts(
            take_next,
            "Tomar lo más urgente que nadie atiende",
            scope=WRITE,
            takes=NextForm,
            answers=Taken,
            after=_taken,
            example={"queue": "", "insurer": "", "overdue": False},
        ),
    ),
    at(
        "trabajo/<str:queue>/<uuid:pk>/tomar/",
        "take",
        acts(take, "Tomar algo de su fila", answers=Taken, after=_taken, **_THING),
    ),
    at(
        "trabajo/<str:queue>/<uuid:pk>/devolver/",
        "give_back",
        acts(give_back, "Devolver algo a su fila", **_THING),
    ),
    at(
        "trabajo/<str:queue>/<uuid:pk>/relevar/",
        "take_over",
        acts(
            take_over,
            "Relevar a quien lo atiende, con un motivo",
            takes=ReasonForm,
            answers=Taken,
            after=_taken,
            example={"reason": "Está de vacaciones."},
            **_THING,
        ),
    ),
)
