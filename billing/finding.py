"""What of billing is found in the search, by which names, and on whose page it opens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from billing.models import CareOrder, Complement, Invoice
from billing.selectors import deposits_of
from portal.access import Permission as P
from portal.imports.models import ImportRun
from portal.listing.search import Findable, Found, How, Name, as_folio, as_key, as_rfc, as_uuid, as_words, nobody
from portal.money import format_money
from portal.people.scopes import insurers_of
from portal.prepared import Asked
from portal.treasury.models import Transfer

_ORDER_NAMES = (Name("account"), Name("patient", How.WORDS, as_words))
_INVOICE_NAMES = (Name("folio", shape=as_folio({"FA"})), Name("uuid", How.WHOLE, as_uuid))
_PARTY_NAMES = (Name("party__rfc", How.START, as_rfc), Name("party__name", How.WORDS, as_words))


def _own(user: Any) -> list[Any]:
    return user.proved_party_ids(P.SEE_OWN_BILLING) if P.SEE_OWN_BILLING in user.permissions else []


def _own_orders(user: Any) -> QuerySet[CareOrder] | None:
    mine = _own(user)
    return CareOrder.objects.of_parties(mine).select_related("insurer") if mine else None


def _reached(user: Any, wanted: P, *permissions: P) -> tuple[Any, ...] | None:
    """The insurers that these permissions reach, None in their place for all; nothing for who has not the `wanted`."""
    if wanted not in user.permissions:
        return None
    insurers = insurers_of(user, *permissions)
    return (None if insurers is None else tuple(insurers),)


_desk_orders = Asked(
    lambda insurers: CareOrder.objects.of_insurers(insurers).select_related("insurer"),
    lambda user: _reached(user, P.IMPORT_ORDERS, P.REVIEW_INVOICES, P.IMPORT_ORDERS),
)
_desk_invoices = Asked(
    lambda insurers: Invoice.objects.sent_to(insurers).exclude(folio="").select_related("party"),
    lambda user: _reached(user, P.REVIEW_INVOICES, P.REVIEW_INVOICES),
)


def _own_invoices(user: Any) -> QuerySet[Invoice] | None:
    mine = _own(user)
    return Invoice.objects.filter(party__in=mine).exclude(folio="").select_related("insurer") if mine else None


def _own_deposits(user: Any) -> QuerySet[Transfer] | None:
    mine = _own(user)
    return deposits_of(mine).select_related("batch") if mine else None


def _desk_complements(user: Any) -> QuerySet[Complement] | None:
    if P.REVIEW_INVOICES not in user.permissions:
        return None
    return Complement.objects.for_review(user).select_related("party")


def _order(address: str, row: CareOrder) -> Found:
    return Found(row.account, f"{row.patient} · {row.insurer.name}", reverse(address, args=[row.pk]))


def _invoice(address: str, row: Invoice, other: str) -> Found:
    return Found(row.folio, f"{other} · {format_money(row.total, row.currency)}", reverse(address, args=[row.folio]))


def _of_deliveries(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """The import that each is of: its file and who read it."""
    return (ImportRun.objects.filter(order_delivery__in=keys),)


FINDABLES = (
    Findable(
        "billing.invoice",
        "Mis facturas",
        _INVOICE_NAMES,
        _own_invoices,
        lambda row: _invoice("billing:invoice", row, row.insurer.name),
        folio="folio",
    ),
    Findable(
        "billing.careorder",
        "Mis órdenes",
        _ORDER_NAMES,
        _own_orders,
        lambda row: _order("billing:order", row),
    ),
    Findable(
        "treasury.transfer",
        "Mis pagos",
        (Name("batch__folio", shape=as_folio({"LP"})), Name("tracking", How.WHOLE, as_key)),
        _own_deposits,
        lambda row: Found(
            str(row.batch.folio), format_money(row.amount, row.currency), reverse("billing:payment", args=[row.pk])
        ),
        folio="batch__folio",
    ),
    Findable(
        "billing.invoice",
        "Facturas",
        (*_INVOICE_NAMES, *_PARTY_NAMES),
        _desk_invoices,
        lambda row: _invoice("billing:review", row, row.party.name),
        folio="folio",
        bound=("lines__order__account",),
    ),
    Findable(
        "billing.careorder",
        "Órdenes",
        (*_ORDER_NAMES, Name("physician_rfc", How.CAPITALS, as_rfc)),
        _desk_orders,
        lambda row: _order("billing:desk_order", row),
    ),
    Findable(
        "billing.complement",
        "Complementos",
        (Name("uuid", How.WHOLE, as_uuid),),
        _desk_complements,
        lambda row: Found(row.uuid, row.party.name, reverse("billing:complement_review", args=[row.pk])),
        bound=("payments__invoice__folio",),
    ),
    Findable(
        "billing.orderdelivery",
        "Entregas",
        (),
        nobody,
        lambda row: Found(str(row), "", ""),
        bound=("orders__account",),
        belongs=_of_deliveries,
    ),
)
