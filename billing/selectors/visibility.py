"""Which stored files a reviewer may read: those of submitted invoices and handed-in complements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from portal.access import Permission

if TYPE_CHECKING:
    from portal.people.models import User


def files_for_review(user: User) -> Q:
    """A condition over `papers.StoredFile`; nothing for people without the reviewer's permission."""
    from billing.models import Complement, Invoice, OrderDelivery

    if Permission.REVIEW_INVOICES not in user.permissions:
        return Q(pk__in=[])
    submitted = Invoice.objects.exclude(state="draft")
    return (
        Q(pk__in=submitted.values("xml"))
        | Q(pk__in=submitted.values("pdf"))
        | Q(pk__in=Complement.objects.values("xml"))
        | Q(pk__in=OrderDelivery.objects.exclude(file=None).values("file"))
    )
