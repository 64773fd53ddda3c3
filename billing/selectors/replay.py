"""The rule simulator's leg in billing: the last invoices under a draft rule (N2). Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.urls import reverse

from billing import rules
from billing.models import Invoice
from billing.rules import SchemeComponent
from portal.rulebook.replay import ReplayLine
from portal.rulebook.rules import Draft


def withholding(draft: Draft, last: int) -> Sequence[ReplayLine]:
    """Totals (MXN) of the last sent invoices of the draft's scheme: as they were, and with the draft's rates."""
    parts = [SchemeComponent(row["component"], Decimal(row["rate"])) for row in draft.value["components"]]
    sent = Invoice.objects.exclude(state=rules.ReviewState.DRAFT).filter(scheme=draft.code.removeprefix("withholding."))
    return [
        ReplayLine(
            label=invoice.folio,
            href=reverse("billing:review", args=[invoice.folio]),
            before=invoice.total,
            after=rules.withhold(invoice.base, parts).payable,
        )
        for invoice in sent.order_by("-submitted_at", "-pk")[:last]
    ]
