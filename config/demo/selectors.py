"""What the demo's pages show."""

from __future__ import annotations

from typing import Any

from billing.models import Invoice
from config.demo.people import PEOPLE
from portal.access import ROLE_LABELS
from portal.notices.models import SentMail
from portal.treasury.models import PaymentBatch


def people() -> list[dict[str, Any]]:
    """The sample people with their roles in words."""
    return [{"slug": p.slug, "name": p.name, "role": ROLE_LABELS[p.role], "what": p.what, "rfc": p.rfc} for p in PEOPLE]


def mails() -> list[SentMail]:
    """The last mails, newest first."""
    return list(SentMail.objects.order_by("-sent_at", "-pk")[:100])


def drafts() -> list[Invoice]:
    """Invoices whose files can be tried: drafts and returned ones."""
    return list(
        Invoice.objects.filter(state__in=["draft", "returned"])
        .select_related("party", "insurer")
        .order_by("-created_at", "-pk")[:20]
    )


def deposits() -> list[Invoice]:
    """Paid invoices whose complement is owed."""
    return list(
        Invoice.objects.without_complement().select_related("party", "transfer").order_by("-paid_on", "-pk")[:20]
    )


def batches() -> list[PaymentBatch]:
    """Batches that wait for the bank's answer."""
    return list(PaymentBatch.objects.filter(state="exported").order_by("-prepared_at", "-pk")[:20])
