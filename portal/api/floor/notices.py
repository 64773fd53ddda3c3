"""Calls on one's notices, and which of them also come by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers as s

from portal.api.answers import Answer, Instant
from portal.api.calls import Asked, acts, at, shows
from portal.api.problems import FormRefused
from portal.notices import forms as notice_forms
from portal.notices import selectors as notices
from portal.notices import services as notice_services
from portal.notices.rules import Place

READ, WRITE = "portal:read", "portal:write"


class NoticeTold(Answer):
    """A notice of one's inbox; `leads` is its page."""

    id = s.UUIDField()
    kind = s.CharField()
    title = s.CharField()
    body = s.CharField()
    leads = s.CharField(source="action_url")
    created_at = Instant()
    read_at = Instant(allow_null=True)


class Inbox(Answer):
    """Fifty notices, what is unread first; `antes` is what to ask for under that name to have what follows."""

    rows = NoticeTold(many=True)
    unread = s.IntegerField()
    antes = s.CharField(allow_null=True)


class MailChoice(Answer):
    """One kind of notice, and whether it also comes by mail."""

    kind = s.CharField()
    label = s.CharField()
    by_mail = s.BooleanField()


class MailChoices(Answer):
    """Which notices also come by mail, each at once or `daily` in one."""

    kinds = MailChoice(many=True)
    daily = s.BooleanField()


def _inbox(asked: Asked) -> dict[str, Any]:
    typed = asked.query.get("antes")
    try:
        before = Place.parse(typed) if typed is not None else None
    except ValueError:
        raise FormRefused({"antes": ["Usa el identificador que vino en la respuesta anterior."]}) from None
    shelf = asked.query.get("espacio", "")
    if shelf and shelf not in dict(notices.shelves(asked.by)):
        raise FormRefused({"espacio": ["Usa uno de tus espacios; quien tiene uno solo lo ve todo junto."]})
    rows = notices.inbox(asked.by, before=before, shelf=shelf)
    shown = rows[: notices.INBOX_PAGE]
    return {"rows": shown, "unread": notices.unread_count(asked.by), "antes": notices.place_after(rows)}


def _notice(asked: Asked, notice_id: UUID) -> Any:
    found = notices.own_notice(asked.by, notice_id)
    if found is None:
        raise Http404
    return found


def read_notice(*, notice: Any, by: Any, at: datetime) -> None:
    """Mark one notice as read."""
    notice_services.mark_read(user_id=by.pk, notice=notice, at=at)


def read_all(*, by: Any, at: datetime) -> None:
    """Mark every notice as read."""
    notice_services.mark_read(user_id=by.pk, notice=None, at=at)


def _mail(asked: Asked) -> dict[str, Any]:
    names = ("kind", "label", "by_mail")
    kinds = [dict(zip(names, one, strict=True)) for one in notices.mail_choices(asked.by)]
    return {"kinds": kinds, "daily": notices.wants_digest(asked.by)}


def choose_mail(*, by_mail: list[str], daily: bool, by: Any, at: datetime) -> None:
    """By mail come the kinds that were named, and no other that was offered."""
    offered = [kind for kind, _, _ in notices.mail_choices(by)]
    silent = [kind for kind in offered if kind not in by_mail]
    notice_services.set_mail_preferences(silent=silent, daily=daily, by=by, at=at)


RESOURCES = (
    at(
        "avisos/",
        "notices",
        shows(
            _inbox,
            "Tus avisos",
            scope=READ,
            answers=Inbox,
            query={
                "antes": "El lugar que vino en la respuesta anterior.",
                "espacio": "Solo los de uno de tus espacios, si tienes varios; `perfil`: los de ninguno.",
            },
        ),
    ),
    at(
        "avisos/<uuid:notice_id>/leido/",
        "read_notice",
        acts(read_notice, "Marcar un aviso como leído", scope=WRITE, find=_notice, thing="notice"),
    ),
    at("avisos/leidos/", "read_all", acts(read_all, "Marcar todos tus avisos como leídos", scope=WRITE)),
    at(
        "avisos/por-correo/",
        "mail",
        shows(_mail, "Qué avisos te llegan por correo", scope=READ, answers=MailChoices),
        acts(
            choose_mail,
            "Elegir qué avisos te llegan por correo",
            scope=WRITE,
            takes=notice_forms.PreferencesForm,
            given=lambda asked, _: {"choices": notices.mail_choices(asked.by)},
            example={"by_mail": ["help/contact_answered"], "daily": False},
        ),
    ),
)
