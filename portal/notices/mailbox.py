"""The mail backend of an installation without a mail server: every mail becomes a row that the demo shows."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from portal import clock
from portal.notices.models import SentMail


class KeepInRow(BaseEmailBackend):
    """Stores each message as `SentMail`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep all; returns how many."""
        rows = []
        for message in email_messages:
            alternatives = getattr(message, "alternatives", [])
            html = next((str(part[0]) for part in alternatives if part[1] == "text/html"), "")
            rows.append(
                SentMail(
                    sender=message.from_email,
                    recipients=message.recipients(),
                    subject=message.subject[:300],
                    text=str(message.body),
                    html=html,
                    sent_at=clock.now(),
                )
            )
        return len(SentMail.objects.bulk_create(rows))
