"""The physician's calls: invoices from draft to folio, deposits and their complements, the statement, the regime."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms

from billing import forms, selectors, services
from billing.api import shapes
from billing.models import Invoice, PhysicianProfile
from billing.selectors import listings, reach
from billing.selectors import statement as account
from portal import clock
from portal.access import Permission as P
from portal.api.answers import With
from portal.api.calls import Asked, acts, at, lists, shows
from portal.api.problems import FormRefused
from portal.design.forms import Form
from portal.listing.columns import Link
from portal.papers.api import DocumentTold
from portal.papers.models import StoredFile
from portal.people.models import Party, User
from portal.people.selectors import get_own_party
from portal.treasury.models import Transfer

READ, WRITE = "billing:read", "billing:write"


class OrdersForm(Form):
    """Which orders a draft bills."""

    orders = django_forms.TypedMultipleChoiceField(label="Órdenes, de una misma aseguradora", coerce=UUID)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["orders"].valid_value = _is_uuid  # type: ignore[attr-defined]  # whose they are is the service's


def _is_uuid(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def start(*, orders: Sequence[UUID], by: User, at: datetime) -> Invoice:
    """Open a draft with the chosen orders."""
    party = selectors.physician_of(by, orders) or get_own_party(by, P.BILL_ORDERS)
    return services.start_invoice(party=party, order_ids=orders, by=by, at=at)


def attach(*, invoice: Invoice, xml: Any, pdf: Any, by: User, at: datetime) -> Invoice:
    """Keep the XML and the PDF that are right."""
    services.attach_files(invoice=invoice, xml=xml, pdf=pdf, by=by, at=at)
    return invoice


def remove_file(*, held: tuple[Invoice, StoredFile], by: User, at: datetime) -> Invoice:
    """Take one of its files out of a draft; it can be put back."""
    return services.remove_file(invoice=held[0], file=held[1], by=by, at=at)


def put_file_back(*, held: tuple[Invoice, StoredFile], by: User, at: datetime) -> Invoice:
    """Undo that; the file is judged by the rules of now."""
    return services.put_file_back(invoice=held[0], file=held[1], by=by, at=at)


def hand_in(*, deposit: tuple[Transfer, list[Invoice]], xml: Any, by: User, at: datetime) -> Any:
    """Hand in the complement of a deposit."""
    transfer, paid = deposit
    return services.hand_in_complement(party=paid[0].party, transfer=transfer, xml=xml, by=by, at=at)


def set_regime(*, party: Party, valid_from: date | None, by: User, at: datetime, **told: Any) -> PhysicianProfile:
    """Tell the regime, from today on where no day is said."""
    return services.set_regime(party=party, valid_from=valid_from or clock.date_in(at), by=by, at=at, **told)


def _draft(asked: Asked, pk: UUID) -> Invoice:
    return reach.draft(asked.by, pk)


def _draft_file(asked: Asked, pk: UUID, file_id: UUID) -> tuple[Invoice, StoredFile]:
    return reach.draft_file(asked.by, pk, file_id)


def _paid(asked: Asked, pk: UUID) -> tuple[Transfer, list[Invoice]]:
    return reach.deposit(asked.by, pk, P.SEE_OWN_BILLING)


def _to_complement(asked: Asked, pk: UUID) -> tuple[Transfer, list[Invoice]]:
    return reach.deposit(asked.by, pk, P.BILL_ORDERS)


def _statement(asked: Asked) -> With:
    mine, month = asked.by.proved_party_ids(P.SEE_OWN_BILLING), asked.query.get("mes", "")
    told = account.month(mine, on=clock.today(), asked=month)
    if month and f"{told.first:%Y-%m}" != month:
        raise FormRefused({"mes": ["Escribe un mes que ya empezó, como 2026-11."]})
    return With(told, steps=selectors.balance_of(mine))


def _own(asked: Asked) -> Party:
    return get_own_party(asked.by, P.MANAGE_OWN_ACCOUNT)


def _draft_act(run: Any, title: str, **more: Any) -> Any:
    """An act on a draft that answers with it."""
    told = {"answers": shapes.DraftTold, "find": _draft, "thing": "invoice"} | more
    return acts(run, title, scope=WRITE, permission=P.BILL_ORDERS, **told)


RESOURCES = (
    at(
        "regimen/",
        "api_regime",
        acts(
            set_regime,
            "Decir tu régimen fiscal",
            scope=WRITE,
            permission=P.MANAGE_OWN_ACCOUNT,
            find=_own,
            thing="party",
            takes=forms.RegimeForm,
            example={
                "name": "LUCÍA ORTEGA RÍOS",
                "zip_code": "44100",
                "regime": "612",
                "state": "",
                "valid_from": "2026-01-01",
                "specialty": "Medicina interna",
            },
        ),
    ),
    at(
        "facturas/",
        "api_invoices",
        lists(listings.INVOICES, "Tus facturas", scope=READ),
        acts(
            start,
            "Empezar una factura con órdenes tuyas",
            scope=WRITE,
            permission=P.BILL_ORDERS,
            takes=OrdersForm,
            answers=shapes.DraftTold,
            status=201,
            leads=Link("billing:api_draft"),
            example={"orders": ["0198c0de-0000-7000-8000-000000000000"]},
        ),
    ),
    at(
        "facturas/borradores/<uuid:pk>/",
        "api_draft",
        shows(_draft, "Un borrador", scope=READ, permission=P.BILL_ORDERS, answers=shapes.DraftTold),
    ),
    at(
        "facturas/borradores/<uuid:pk>/archivos/",
        "api_attach",
        _draft_act(
            attach,
            "Subir el XML y el PDF",
            takes=forms.InvoiceFilesForm,
            keeps=True,
            example={"xml": "@factura.xml", "pdf": "@factura.pdf"},
        ),
    ),
    at(
        "facturas/borradores/<uuid:pk>/archivos/<uuid:file_id>/quitar/",
        "api_remove_file",
        _draft_act(remove_file, "Quitar un archivo del borrador", find=_draft_file, thing="held"),
    ),
    at(
        "facturas/borradores/<uuid:pk>/archivos/<uuid:file_id>/devolver/",
        "api_put_file_back",
        _draft_act(put_file_back, "Devolver al borrador un archivo que se quitó", find=_draft_file, thing="held"),
    ),
    at(
        "facturas/borradores/<uuid:pk>/enviar/",
        "api_submit",
        _draft_act(
            services.submit_invoice,
            "Enviar la factura a revisión",
            answers=shapes.InvoiceTold,
            leads=Link("billing:api_invoice", "folio"),
        ),
    ),
    at(
        "facturas/borradores/<uuid:pk>/descartar/",
        "api_discard",
        _draft_act(services.discard_draft, "Descartar un borrador", answers=None),
    ),
    at(
        "facturas/borradores/<uuid:pk>/hoja/",
        "api_sheet",
        _draft_act(
            services.issue_invoice_sheet,
            "Pedir la hoja con los datos para facturar",
            answers=DocumentTold,
            status=202,
            leads=Link("papers:api_document"),
        ),
    ),
    at(
        "facturas/<slug:folio>/",
        "api_invoice",
        shows(
            lambda asked, folio: reach.own_invoice(asked.by, folio),
            "Una factura enviada",
            scope=READ,
            permission=P.SEE_OWN_BILLING,
            answers=shapes.InvoiceTold,
        ),
    ),
    at("pagos/", "api_payments", lists(listings.PAYMENTS, "Tus depósitos", scope=READ)),
    at(
        "pagos/<uuid:pk>/",
        "api_payment",
        shows(
            _paid,
            "Un depósito, y qué lleva su complemento",
            scope=READ,
            permission=P.SEE_OWN_BILLING,
            answers=shapes.DepositTold,
        ),
    ),
    at(
        "pagos/<uuid:pk>/complemento/",
        "api_complement",
        acts(
            hand_in,
            "Subir el complemento de un depósito",
            scope=WRITE,
            permission=P.BILL_ORDERS,
            find=_to_complement,
            thing="deposit",
            takes=forms.ComplementForm,
            answers=shapes.ComplementTold,
            after=shapes.as_it_stands,
            status=201,
            example={"xml": "@complemento.xml"},
        ),
    ),
    at(
        "estado-de-cuenta/",
        "api_statement",
        shows(
            _statement,
            "Tu estado de cuenta, un mes",
            scope=READ,
            permission=P.SEE_OWN_BILLING,
            answers=shapes.StatementTold,
            query={"mes": "El mes, como 2026-11; si falta, el de hoy."},
        ),
    ),
)
