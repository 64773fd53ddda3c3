"""One person's whole story for support: what they have, what we wrote, how they came in, what waits for whom.

Read only, and only what tells where a thing stands: folio, dates, amount, state. No paper, no patient, nothing
clinical.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from config.desk import words
from portal.access import workspaces_of
from portal.help.models import ContactMessage
from portal.help.rules import MESSAGE
from portal.history import selectors as history
from portal.history.models import AccessEvent, AuditEvent
from portal.listing import Kind, Listing
from portal.listing import registry as lists
from portal.listing.brief import Brief, brief
from portal.notices.models import Notice
from portal.people.models import User
from portal.people.services import WayIn, way_in
from portal.work.home import home

SHOWN = 10
OPEN_FOR = timedelta(minutes=30)
OPENED = "Historia: "  # how a story that was opened is noted among the readings; the reason follows
# What tells where a thing stands; a text may be a patient's name.
TOLD = frozenset({Kind.LINK, Kind.MONEY, Kind.DATE, Kind.INSTANT, Kind.STATE, Kind.NUMBER})
ENTRIES = (
    "people.signed_in",
    "people.sign_in_failed",
    "people.second_step_failed",
    "people.signed_out",
    "people.secret_sent",
    "people.password_chosen",
    "people.password_changed",
)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened or waits: what, when, and one more thing about it."""

    what: str
    when: datetime | None = None
    more: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """The whole of it, each part the newest first."""

    way_in: WayIn
    things: list[Brief]
    waits: list[Line]
    ours: list[Line]
    mails: list[Line]
    entries: list[Line]
    messages: list[Line]


def is_open(user: User, *, by: User, at: datetime) -> bool:
    """Whether `by` opened this person's story with a reason in the last half hour (AD-02)."""
    mine = AccessEvent.objects.filter(
        subject_type=user._meta.label_lower, subject_id=str(user.pk), by=by, reason__startswith=OPENED
    )
    return mine.filter(at__gt=at - OPEN_FOR, at__lte=at).exists()


def tell(user: User, *, at: datetime, answers: bool = False) -> Story:
    """Everything that the pages of this person, the mail and the record say of them.

    `answers`: whoever reads it answers messages, so each leads to its page.
    """
    messages = list(ContactMessage.objects.filter(user=user).order_by("-created_at", "-pk")[:SHOWN])
    return Story(
        way_in=way_in(user=user),
        things=[group for one in lists.listings().values() if (group := _group(one, user))],
        waits=_waits(user, at),
        ours=[_message(one, answers) for one in messages if one.is_open],
        mails=_mails(user),
        entries=_entries(user),
        messages=[_message(one, answers) for one in messages],
    )


def _group(listing: Listing, user: User) -> Brief | None:
    """The newest of one of the person's own lists, by the columns that name nobody."""
    if not listing.own or listing.permission not in user.permissions or listing.pick or listing.groups:
        return None
    told = brief(listing, user, kinds=TOLD, most=SHOWN)
    return told if told.rows else None


def _waits(user: User, at: datetime) -> list[Line]:
    """What waits for this person, as their own home says it."""
    shown = home(user, at=at, places=workspaces_of(user.roles), queues=False)
    lines = [shown.next] if shown.next else []
    lines += [line for panel in shown.panels for line in panel.lines]
    return [Line(line.item.title, line.item.since, line.when) for line in lines][:SHOWN]


def _mails(user: User) -> list[Line]:
    rows = Notice.objects.filter(user=user).order_by("-created_at", "-pk")[:SHOWN]
    return [Line(row.title, row.created_at, _sent(row)) for row in rows]


def _sent(row: Notice) -> str:
    if row.in_digest:
        return "Va en el resumen del día" if row.digested_at is None else "Salió en el resumen del día"
    if not row.by_mail:
        return "Solo en sus avisos"
    if row.parked_at is not None:
        return "No salió: está en Salud"
    return "Salió" if row.mailed_to else "Por salir" if row.done_at is None else "No tenía a dónde salir"


def _entries(user: User) -> list[Line]:
    rows = history.timeline(user).filter(action__in=ENTRIES).order_by("-pk")[:SHOWN]
    return [Line(words.act(row.action), row.at, _factor(row)) for row in rows]


def _factor(row: AuditEvent) -> str:
    code = str(row.details.get("factor", ""))
    return words.FACTORS.get(code, code)


def _message(row: ContactMessage, answers: bool) -> Line:
    href = reverse("help:message", args=[row.folio]) if answers else ""
    return Line(f"{row.folio} · {MESSAGE.desk_label(row.state)}", row.created_at, "", href)
