"""The physician's calls: invoices from draft to folio, deposits and their complements, the statement, the regime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import Http404, HttpResponse

from billing import forms, listings, selectors, services
from billing.api import shapes
from billing.models import Bundle, BundleFile, Complement, Invoice, PhysicianProfile
from billing.selectors import bundles, promises, reach, sheet
from billing.selectors import statement as account
from portal import clock
from portal.access import Permission as P
from portal.api.answers import With
from portal.api.calls import Asked, acts, at, gives, lists, shows
from portal.api.problems import FormRefused
from portal.design.forms import Form
from portal.history.services import record_export
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


def _own_complement(asked: Asked, pk: UUID, complement_id: UUID) -> Complement:
    return reach.own_complement(asked.by, pk, complement_id)


def set_regime(*, party: Party, valid_from: date | None, by: User, at: datetime, **told: Any) -> PhysicianProfile:
    """Tell the regime, from today on where no day is said."""
    return services.set_regime(party=party, valid_from=valid_from or clock.date_in(at), by=by, at=at, **told)


def _draft(asked: Asked, pk: UUID) -> Invoice:
    return reach.draft(asked.by, pk)


def fill_bundle(*, party: Party, file: Any, by: User, at: datetime) -> Bundle:
    """Take one file of a bundle in; its pair comes in another call."""
    return services.add_to_bundle(party=party, uploads=[file], by=by, at=at)


def _billed_party(asked: Asked) -> Party:
    return bundles.party_of(asked.by, asked.query.get(bundles.PHYSICIAN, ""))


def _open_bundle(asked: Asked) -> Bundle:
    found = bundles.open_bundle(_billed_party(asked))
    if found is None:
        raise Http404
    return found


def _stray(asked: Asked, pk: int) -> BundleFile:
    return bundles.own_file(asked.by, pk)


def _bundle_of_stray(_asked: Asked, found: BundleFile) -> dict[str, Any]:
    return shapes.bundle_told(found.bundle)


def _stray_act(act: Callable[..., BundleFile], summary: str) -> Any:
    return acts(
        act,
        summary,
        scope=WRITE,
        permission=P.BILL_ORDERS,
        find=_stray,
        thing="file",
        answers=shapes.BundleTold,
        after=_bundle_of_stray,
    )


def _bundle(asked: Asked) -> dict[str, Any]:
    return shapes.bundle_told(bundles.open_bundle(_billed_party(asked)))


def _bundle_after(_asked: Asked, found: Bundle) -> dict[str, Any]:
    return shapes.bundle_told(found)


def _draft_cfdi(asked: Asked, pk: UUID) -> HttpResponse:
    at = clock.now()
    told = sheet.sheet(_draft(asked, pk), on=clock.date_in(at))
    content, name, media = sheet.file(told, "xml", at=at)
    record_export(name="draft", model=Invoice, file="xml", by=asked.by, at=at)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media, headers=headers)


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
    paid_next = promises.next_payment(mine, at=asked.at)
    return With(told, steps=selectors.balance_of(mine), next_payment=paid_next)


def _own(asked: Asked) -> Party:
    return get_own_party(asked.by, P.MANAGE_OWN_BILLING)


def _draft_act(run: Any, title: str, **more: Any) -> Any:
    """An act on a draft that answers with it."""
    told = {"answers": shapes.DraftTold, "find": _draft, "thing": "invoice"} | more
    return acts(run, title, scope=WRITE, permission=P.BILL_ORDERS, **told)


def _complement_act(run: Any, title: str) -> Any:
    """An act on a complement that answers with where it stands."""
    told = {"answers": shapes.ComplementTold, "after": shapes.as_it_stands, "find": _own_complement}
    return acts(run, title, scope=WRITE, permission=P.BILL_ORDERS, thing="complement", **told)


RESOURCES = (
    at(
        "regimen/",
        "api_regime",
        acts(
            set_regime,
            "Decir tu régimen fiscal",
            scope=WRITE,
            permission=P.MANAGE_OWN_BILLING,
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
        "paquete/",
        "api_bundle",
        shows(
            _bundle,
            "Las facturas que subiste juntas",
            scope=READ,
            permission=P.BILL_ORDERS,
            answers=shapes.BundleTold,
            query={"medico": "El RFC de quien factura, si ayudas a varios."},
        ),
        acts(
            fill_bundle,
            "Subir un XML o un PDF de un paquete",
            scope=WRITE,
            permission=P.BILL_ORDERS,
            find=_billed_party,
            thing="party",
            takes=forms.BundleFileForm,
            answers=shapes.BundleTold,
            after=_bundle_after,
            status=201,
            example={"file": "@factura.xml"},
        ),
    ),
    at(
        "paquete/enviar/",
        "api_bundle_review",
        acts(
            services.send_bundle,
            "Enviar las facturas completas de un paquete",
            scope=WRITE,
            permission=P.BILL_ORDERS,
            find=_open_bundle,
            thing="bundle",
            answers=shapes.BundleTold,
            after=_bundle_after,
        ),
    ),
    at(
        "paquete/cerrar/",
        "api_bundle_close",
        acts(
            services.close_bundle,
            "Cerrar un paquete: lo que no encontró su lugar se va, los borradores se quedan",
            scope=WRITE,
            permission=P.BILL_ORDERS,
            find=_open_bundle,
            thing="bundle",
            answers=shapes.BundleTold,
            after=_bundle_after,
        ),
    ),
    at(
        "paquete/sueltos/<int:pk>/quitar/",
        "api_remove_stray",
        _stray_act(services.remove_stray, "Quitar de un paquete un archivo que no encontró su lugar"),
    ),
    at(
        "paquete/sueltos/<int:pk>/devolver/",
        "api_put_stray_back",
        _stray_act(services.put_stray_back, "Devolver al paquete un archivo que se quitó"),
    ),
    at(
        "facturas/borradores/<uuid:pk>/cfdi/",
        "api_draft_cfdi",
        gives(
            _draft_cfdi,
            "El XML por timbrar: sin sello, certificado ni folio",
            scope=READ,
            permission=P.BILL_ORDERS,
            media="application/xml",
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
    at("contador/", "api_accountant", lists(listings.ACCOUNTANT, "Tus facturas pagadas, para tu contador", scope=READ)),
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
        "pagos/<uuid:pk>/complemento/<uuid:complement_id>/quitar/",
        "api_withdraw_complement",
        _complement_act(services.withdraw_complement, "Quitar un complemento que todavía nadie revisa"),
    ),
    at(
        "pagos/<uuid:pk>/complemento/<uuid:complement_id>/devolver/",
        "api_put_complement_back",
        _complement_act(services.put_complement_back, "Devolver un complemento que se quitó"),
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
