"""The rule simulator's legs in billing: the last invoices under a draft, the whole history again (N2). Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Round

from billing import rules
from billing.models import Invoice, InvoiceWithholding
from billing.rules import SchemeComponent
from billing.selectors.schemes import PREFIX
from portal.rulebook import selectors as rulebook
from portal.rulebook.replay import Recount, ReplayLine
from portal.rulebook.rules import Draft


def withholding(draft: Draft, last: int) -> Sequence[ReplayLine]:
    """Totals (MXN) of the last sent invoices of the draft's regime and state: as they were, and with its rates.

    A rule that waits has billed nothing yet, so the papers are those of every scheme of the same physicians.
    """
    parts = [SchemeComponent(row["component"], Decimal(row["rate"])) for row in draft.value["components"]]
    sent = Invoice.objects.exclude(state=rules.ReviewState.DRAFT).filter(scheme__in=_same_people(draft))
    return [
        ReplayLine(
            label=invoice.folio,
            href="",  # whoever manages rules does not review: the invoice's page would refuse them
            before=invoice.total,
            after=rules.withhold(invoice.base, parts).payable,
            who=invoice.party.name,
        )
        for invoice in sent.select_related("party").order_by("-submitted_at", "-pk")[:last]
    ]


def _same_people(draft: Draft) -> set[str]:
    """Schemes of the draft's regime and state, whatever their version and whether they rule or wait."""
    wanted = (draft.value["regime"], draft.value["state"])
    found = {
        code
        for code in rulebook.codes(PREFIX)
        if any((rule.value["regime"], rule.value["state"]) == wanted for rule in rulebook.versions(code))
    }
    return {code.removeprefix(PREFIX) for code in found | {draft.code}}


def recount(code: str) -> Recount:
    """Every withholding stored by a rule, computed again at its version: rate of that version, half-up to the cent."""
    stored = InvoiceWithholding.objects.filter(rule_code=code).exclude(invoice__state=rules.ReviewState.DRAFT)
    wrong = stored.exclude(amount=Round(F("base") * F("rate"), precision=2)) | _off_rate(code, stored)
    return Recount(stored.count(), tuple(wrong.order_by("invoice__folio").values_list("invoice__folio", flat=True)))


def _off_rate(code: str, stored: QuerySet[InvoiceWithholding]) -> QuerySet[InvoiceWithholding]:
    """Rows whose rate is not what their version says."""
    said = Q()
    for rule in rulebook.versions(code):
        for part in rule.value["components"]:
            said |= Q(rule_version=rule.version, component=part["component"], rate=Decimal(part["rate"]))
    return stored.exclude(said) if said else stored
