"""Calls on one's notices, and which of them also come by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers as s

from portal.api.answers import Answer
from portal.api.calls import Asked, acts, at, lists, shows
from portal.notices import forms as notice_forms
from portal.notices import selectors as notices
from portal.notices import services as notice_services
from portal.notices.listings import INBOX, SHELVES

READ, WRITE = "portal:read", "portal:write"


class MailChoice(Answer):
    """One kind of notice, and whether it also comes by mail."""

    kind = s.CharField()
    label = s.CharField()
    by_mail = s.BooleanField()


class MailChoices(Answer):
    """Which notices also come by mail, each at once or `daily` in one."""

    kinds = MailChoice(many=True)
    daily = s.BooleanField()


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
        lists(INBOX, "Tus avisos", scope=READ, parts={"shelf": ("espacio", ("", *SHELVES), "")}),
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
