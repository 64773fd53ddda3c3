"""Messages of the API: write to the desk, read the answer; the desk's list and its answers."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer, Instant
from portal.api.calls import Asked, acts, at, lists, shows
from portal.help import forms, rules, services
from portal.help.listings import MESSAGES
from portal.help.models import ContactMessage
from portal.listing.columns import Link
from portal.once.services import throttle

READ, WRITE = "portal:read", "portal:write"


class MessageTold(Answer):
    """A message, due to be answered on a day, and its answer."""

    folio = s.CharField()
    kind = s.CharField()
    name = s.CharField()
    subject_folio = s.CharField()
    body = s.CharField()
    state = s.ChoiceField(rules.MESSAGE.choices)
    created_at = Instant()
    due_on = s.DateField()
    answer = s.CharField()


def leave(*, by: Any, **told: Any) -> ContactMessage:
    """Write to the desk, five times an hour."""
    throttle(scope="contact", key=str(by.pk), limit=5, window=3600, instead="busca tu respuesta en la ayuda")
    return services.leave_message(by=by, **told)


def _message(asked: Asked, folio: str) -> ContactMessage:
    return get_object_or_404(ContactMessage.objects.visible_to(asked.by), folio=folio)


RESOURCES = (
    at(
        "contactos/",
        "api_contact",
        acts(
            leave,
            "Escribir un mensaje, que recibe su folio",
            scope=WRITE,
            takes=forms.ContactForm,
            answers=MessageTold,
            status=201,
            leads=Link("help:api_message", "folio"),
            example={
                "kind": "question",
                "name": "Lucía Ortega",
                "email": "lucia@ejemplo.mx",
                "subject_folio": "FA-2026-000001",
                "body": "¿Cuándo se paga?",
            },
        ),
    ),
    at("mesa/contactos/", "api_messages", lists(MESSAGES, "Mensajes en la mesa", scope=READ)),
    at(
        "contactos/<slug:folio>/",
        "api_message",
        shows(_message, "Un mensaje y su respuesta", scope=READ, answers=MessageTold),
    ),
    at(
        "contactos/<slug:folio>/responder/",
        "api_answer",
        acts(
            services.answer_message,
            "Contestar un mensaje",
            scope=WRITE,
            permission=P.ANSWER_CONTACTS,
            find=_message,
            thing="message",
            takes=forms.AnswerForm,
            answers=MessageTold,
            example={"answer": "Se paga el viernes."},
        ),
    ),
)
