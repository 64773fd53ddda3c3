"""How decisions that can be undone are shown: the bar of who decided, the note that the rest of the desk reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from portal import clock, queue
from portal.design import dates

DECIDING = ("Decidida, por surtir efecto", "warn")  # word and colour of a thing whose decision waits


def bar(user: Any) -> list[dict[str, Any]]:
    """What this person may still take back, the newest first, for `components/undo.html`; no query without time."""
    if not settings.UNDO_SECONDS:
        return []
    now = clock.real_now()
    return [
        {
            "said": row.said,
            "action": reverse("desk:undo", args=[name, row.pk]),
            "until": _moment(row.not_before),
            "seconds": math.ceil((row.not_before - now).total_seconds()),
        }
        for name, row in queue.undoable_by(user)
        if row.not_before is not None
    ]


def _moment(at: datetime | None) -> str:
    return dates.as_local(at).strftime("%H:%M:%S") if at else ""


def standing(rows: QuerySet[Any], *, in_review: bool, did: Callable[[Any], str]) -> dict[str, Any]:
    """The last decision about a thing as its page at the desk tells it; {} when it says nothing more than the state.

    `rows` are the decisions about it, `did` what one did («la aceptó»), `in_review` whether the thing waits for one.
    """
    last = rows.select_related("by").order_by("-pk").first() if in_review else None
    if last is None or last.undone_at is not None:
        return {}
    if last.done_at is None:
        text = f"{last.by} {did(last)} el {dates.instant(last.at)}. Surte efecto a las {_moment(last.not_before)}"
        if last.not_before is None or last.not_before <= clock.real_now():
            text = f"{last.by} {did(last)} el {dates.instant(last.at)}. Está surtiendo efecto"
        return {"waits": True, "kind": "info", "title": DECIDING[0], "text": f"{text}; mientras, nadie más decide."}
    if last.refused:
        title = f"{last.by} {did(last)} y no surtió efecto"
        return {"waits": False, "kind": "warn", "title": title, "text": last.refused}
    return {}
