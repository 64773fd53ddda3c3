"""From a notice to a mail: plain text and the same words in HTML, then out."""

from __future__ import annotations

import base64
import json
import smtplib
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from portal import queue, vault
from portal.design.unbroken import IN_MAIL, unbroken
from portal.notices import rules
from portal.notices.models import Notice
from portal.notices.services import addresses_of, attached_to


def opened(notice: Notice) -> dict[str, str]:
    """The sealed part of a notice; empty when there is none."""
    if not notice.sealed:
        return {}
    plain = vault.decrypt(base64.b64decode(notice.sealed), purpose="notice", bound_to=f"notice:{notice.pk}")
    return dict(json.loads(plain))


def recipients(notice: Notice) -> list[str]:
    """Where it goes: the given address; a secret to the primary address only; else every confirmed one (AU-07)."""
    if notice.user is None:
        return [notice.address]
    if notice.sealed:
        return [notice.user.email]
    return addresses_of(notice.user.pk)


def compose(notice: Notice, address: str) -> EmailMultiAlternatives:
    """The mail for one address; nobody sees the other one."""
    secrets = opened(notice)
    body = notice.body.replace(rules.SECRET_MARK, secrets.get("secret", rules.SECRET_MARK))
    url = secrets.get("url", notice.action_url)
    inputs = {
        "title": notice.title,
        "paragraphs": rules.paragraphs(body),
        "body": body,
        "url": url,
        "label": notice.action_label or "Entra al portal",
        "base_url": settings.BASE_URL,
    }
    mail = EmailMultiAlternatives(
        subject=notice.title,
        body=render_to_string("emails/layout.txt", inputs),
        to=[address],
        headers={
            "Message-ID": make_msgid(idstring=str(notice.pk), domain=urlsplit(settings.BASE_URL).hostname),
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(unbroken(render_to_string("emails/layout.html", inputs), IN_MAIL), "text/html")
    if notice.user is not None and address == notice.user.email:  # to a second address only the notice (C17a)
        for name, content in attached_to(notice):
            mail.attach(name, content, "application/pdf")
    return mail


def send(notice: Notice) -> None:
    """The drain's work: mail it, then note that in one transaction. A crash in between may repeat one mail (JB-07).

    Each address that took its mail is noted at once, so that the other one's trouble repeats nothing.
    Raises GiveBack when the mail server is away or refuses for now.
    """
    for address in recipients(notice) if notice.by_mail else []:
        if address in notice.mailed_to:
            continue
        try:
            compose(notice, address).send()
        except (smtplib.SMTPException, OSError) as trouble:
            raise queue.GiveBack(f"{type(trouble).__name__}") from trouble
        notice.mailed_to = [*notice.mailed_to, address]
        notice.save(update_fields=["mailed_to"])
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(sealed="")
        queue.finish(notice)
