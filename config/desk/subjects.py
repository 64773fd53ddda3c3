"""What people call a thing, told as the record stores it: a folio, an account or a tracking key → the rows it names."""

from __future__ import annotations

from uuid import UUID

from django.apps import apps
from django.db.models import Q

# (model, path of the name). A folio names what bears it and what is bound to it: its payable, its complement; an order,
# which is only ever received and billed, the delivery that brought it and the invoices that bill it.
NAMES: tuple[tuple[str, str], ...] = (
    ("billing.careorder", "account"),
    ("billing.complement", "payments__invoice__folio"),
    ("billing.complement", "uuid"),
    ("billing.invoice", "folio"),
    ("billing.invoice", "lines__order__account"),
    ("billing.orderdelivery", "orders__account"),
    ("billing.invoice", "uuid"),
    ("help.contactmessage", "folio"),
    ("papers.issueddocument", "folio"),
    ("treasury.payable", "reference"),
    ("treasury.paymentbatch", "folio"),
    ("treasury.paymentbatch", "transfers__tracking"),
)
FOLIO_FISCAL = ("fiscal.taxreceipt", "uuid")
MOST = 50  # things of one name: an account is unique within its insurer alone


def named(name: str) -> Q:
    """Records about anything that bears this name, in either case, or whose identifier it is."""
    found = Q(subject_id=name)
    lookups = [(model, {f"{path}__iexact": name}) for model, path in NAMES]
    if uuid := _uuid(name):
        model, path = FOLIO_FISCAL
        lookups.append((model, {path: uuid}))
    for model, lookup in lookups:
        rows = apps.get_model(model)._default_manager.filter(**lookup).order_by("pk")
        if ids := [str(pk) for pk in rows.values_list("pk", flat=True).distinct()[:MOST]]:
            found |= Q(subject_type=model, subject_id__in=ids)
    return found


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
