"""Billing's lists: one column spec for the page and its CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse

from billing import rules
from billing.models import (
    CareOrder,
    Complement,
    ComplementDecision,
    ComplementPayment,
    Invoice,
    InvoiceDecision,
    InvoiceLine,
)
from billing.selectors import deposit_list, deposits_of
from billing.selectors.whose import GROUP, ORDER_OWNER, OWNER, OwnFilters, OwnOrderFilters, whose
from portal import clock
from portal.access import Permission
from portal.design.undoing import DECIDING
from portal.listing import Column, Filters, Kind, Link, Listing, Pick, from_day, in_month, to_day
from portal.states import choices
from portal.text import name_pattern
from portal.treasury.models import Transfer, TransferItem
from portal.work.columns import holder_column

if TYPE_CHECKING:
    from billing.models.orders import CareOrderQuerySet
    from portal.people.models import User

DRAFTING = "drafting"
ORDER_STATE = Case(
    When(
        Exists(InvoiceLine.objects.filter(order=OuterRef("pk"), live=True)) & Q(state=rules.OrderState.AVAILABLE),
        then=Value(DRAFTING),
    ),
    default=F("state"),
)
DRAFT_STATE = ("En borrador", "neutral")  # word and colour of an order that a draft holds
WAITING = (rules.OrderState.AVAILABLE.value, "Por facturar")
ORDER_CHOICES = [WAITING, (DRAFTING, DRAFT_STATE[0]), *rules.ORDER.choices[1:]]
_TONES: dict[Any, str] = {**rules.ORDER.tones, DRAFTING: DRAFT_STATE[1]}

DECIDED = "deciding"  # decided, and its author may still undo it
REVIEW_STATE = Case(When(Exists(InvoiceDecision.open_about(OuterRef("pk"))), then=Value(DECIDED)), default=F("state"))
COMPLEMENT_STATE = Case(
    When(Exists(ComplementDecision.open_about(OuterRef("pk"))), then=Value(DECIDED)), default=F("state")
)
REVIEW_CHOICES = [*choices(rules.REVIEW.desk_labels)[1:], (DECIDED, DECIDING[0])]
COMPLEMENT_CHOICES = [*rules.COMPLEMENT.choices, (DECIDED, DECIDING[0])]


class OrderFilter(OwnOrderFilters):
    """By state, by day of service, and by account or patient."""

    estado = django_filters.ChoiceFilter(method="in_state", label="Estado", choices=ORDER_CHOICES, empty_label="Todos")
    desde = from_day("service_on", "Atención desde")
    hasta = to_day("service_on", "Atención hasta")
    buscar = django_filters.CharFilter(method="search", label="Cuenta de la orden o paciente")

    def in_state(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """As the list shows it: what a draft holds is no longer waiting to be invoiced."""
        return rows.annotate(shown=ORDER_STATE).filter(shown=value)

    def search(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """Account by its start, patient by any part, accents ignored."""
        return rows.filter(Q(account__istartswith=value) | Q(patient__regex=name_pattern(value)))


class PickFilter(Filters):
    """Orders to invoice by day of service, and by account or patient."""

    desde = from_day("service_on", "Atención desde")
    hasta = to_day("service_on", "Atención hasta")
    buscar = django_filters.CharFilter(method="search", label="Cuenta de la orden o paciente")
    search = OrderFilter.search


class DeskOrderFilter(Filters):
    """The same at the desk, where drafts are nobody's business; also by the physician's RFC."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=rules.ORDER.choices, empty_label="Todos"
    )
    desde = from_day("service_on", "Atención desde")
    hasta = to_day("service_on", "Atención hasta")
    buscar = django_filters.CharFilter(method="search", label="Cuenta de la orden, paciente o RFC")

    def search(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """Account or RFC by its start, patient by any part, accents ignored."""
        found = Q(account__istartswith=value) | Q(physician_rfc__startswith=value.upper())
        return rows.filter(found | Q(patient__regex=name_pattern(value)))


def _bills(value: str) -> Exists:
    """Invoices that bill an account, by its start, or a patient, by any part of the name."""
    orders = Q(order__account__istartswith=value) | Q(order__patient__regex=name_pattern(value))
    return Exists(InvoiceLine.objects.filter(orders, invoice=OuterRef("pk")))


def _of_physician(value: str, path: str = "party") -> Q:
    return Q(**{f"{path}__name__regex": name_pattern(value)}) | Q(**{f"{path}__rfc__istartswith": value})


class InvoiceFilter(OwnFilters):
    """By review state, by payment, by day, and by folio, fiscal folio, account or patient."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Revisión", choices=rules.REVIEW.choices, empty_label="Todas"
    )
    pago = django_filters.ChoiceFilter(
        field_name="payment_state", label="Pago", choices=rules.PAYMENT.choices, empty_label="Todos"
    )
    desde = from_day("created_at__date", "Desde")
    hasta = to_day("created_at__date", "Hasta")
    buscar = django_filters.CharFilter(method="search", label="Folio, cuenta de la orden o paciente")

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By the start of either folio or of an account, or by a patient it bills."""
        return rows.filter(Q(folio__istartswith=value) | Q(uuid__istartswith=value) | Q(_bills(value)))


class ReviewFilter(Filters):
    """The same at the desk, in its words; also by physician, and by the day it was handed in."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Revisión", choices=REVIEW_CHOICES, empty_label="Todas"
    )
    pago = django_filters.ChoiceFilter(
        field_name="payment_state", label="Pago", choices=rules.PAYMENT.choices, empty_label="Todos"
    )
    desde = from_day("submitted_at__date", "Recibida desde")
    hasta = to_day("submitted_at__date", "Recibida hasta")
    hallazgos = django_filters.ChoiceFilter(
        method="by_findings",
        label="Hallazgos",
        choices=[("sin", "Sin hallazgos"), ("con", "Con algo que mirar")],
        empty_label="Todas",
    )
    buscar = django_filters.CharFilter(method="search", label="Folio, médico, cuenta de la orden o paciente")

    def by_findings(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By whether the machine found nothing when it was sent."""
        return rows.filter(clean=value == "sin")

    def in_state(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """As the list shows it: what a colleague has just decided waits for nobody."""
        return rows.annotate(shown=REVIEW_STATE).filter(shown=value)

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By what the physician may search too, or by the physician's name or RFC."""
        folios = Q(folio__istartswith=value) | Q(uuid__istartswith=value)
        return rows.filter(folios | Q(_bills(value)) | _of_physician(value))


class ComplementFilter(Filters):
    """By state, and by fiscal folio, invoice or physician."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Estado", choices=COMPLEMENT_CHOICES, empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="Folio fiscal, factura o médico")

    def in_state(self, rows: QuerySet[Complement], name: str, value: str) -> QuerySet[Complement]:
        """As the list shows it: what a colleague has just decided waits for nobody."""
        return rows.annotate(shown=COMPLEMENT_STATE).filter(shown=value)

    def search(self, rows: QuerySet[Complement], name: str, value: str) -> QuerySet[Complement]:
        """By the start of the fiscal folio or of an invoice it pays, or by the physician's name or RFC."""
        pays = ComplementPayment.objects.filter(complement=OuterRef("pk"), invoice__folio__istartswith=value)
        return rows.filter(Q(uuid__istartswith=value) | Q(Exists(pays)) | _of_physician(value))


class OverdueFilter(Filters):
    """By invoice or physician."""

    buscar = django_filters.CharFilter(method="search", label="Factura o médico")

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By the start of the folio, or by the physician's name or RFC."""
        return rows.filter(Q(folio__istartswith=value) | _of_physician(value))


class AccountantFilter(OwnFilters):
    """Paid invoices by the month of their deposit, and by folio, fiscal folio or tracking key."""

    mes = in_month("paid_on", "Mes del depósito (AAAA-MM)")
    buscar = django_filters.CharFilter(method="search", label="Folio, folio fiscal o clave de rastreo")

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By the start of either folio, or by the whole tracking key."""
        folios = Q(folio__istartswith=value) | Q(uuid__istartswith=value)
        return rows.filter(folios | Q(transfer__tracking=value))


class PaymentFilter(OwnFilters):
    """Deposits by their complement, by day, and by invoice, batch or tracking key."""

    pago = django_filters.ChoiceFilter(
        method="in_state",
        label="Complemento",
        choices=[(state, label) for state, label in deposit_list.LABELS.items() if state != deposit_list.PARTIAL],
        empty_label="Todos",
    )
    desde = from_day("paid_on", "Depositado desde")
    hasta = to_day("paid_on", "Depositado hasta")
    buscar = django_filters.CharFilter(method="search", label="Factura, lote o clave de rastreo")

    def in_state(self, rows: QuerySet[Transfer], name: str, value: str) -> QuerySet[Transfer]:
        """As the list shows it; what is missing in part is missing."""
        wanted = [value, deposit_list.PARTIAL] if value == "complement_due" else [value]
        return rows.annotate(shown=deposit_list.STATE).filter(shown__in=wanted)

    def search(self, rows: QuerySet[Transfer], name: str, value: str) -> QuerySet[Transfer]:
        """By the start of an invoice's folio, of the batch's, or of the bank's tracking key."""
        carried = TransferItem.objects.filter(transfer=OuterRef("pk"), payable__reference__istartswith=value)
        invoices = Exists(deposit_list.paid().filter(folio__istartswith=value)) | Exists(carried)
        return rows.filter(Q(tracking__istartswith=value) | Q(batch__folio__istartswith=value) | Q(invoices))


def _invoice_href(row: Mapping[str, Any]) -> str:
    if row["state"] in {rules.ReviewState.DRAFT, rules.ReviewState.RETURNED}:
        return reverse("billing:draft", args=[row["pk"]])
    return reverse("billing:invoice", args=[row["folio"]])


def own_orders(user: User) -> CareOrderQuerySet:
    """The physician's own, also for somebody who holds a role at the desk beside (AC-06)."""
    return CareOrder.objects.of_rfcs(user.proved_rfcs(Permission.SEE_OWN_BILLING))


def orders_to_invoice(user: User, *, insurer: Any = None, rfc: str = "") -> CareOrderQuerySet:
    """Those that wait to be invoiced by this person; with both, of one insurer and one physician (S0.17)."""
    rows = CareOrder.objects.of_rfcs(user.proved_rfcs(Permission.BILL_ORDERS)).to_invoice()
    return rows.filter(insurer=insurer, physician_rfc=rfc) if insurer else rows


def own_invoices(user: User) -> QuerySet[Invoice]:
    """Those of the physicians for whom this person bills or is."""
    return Invoice.objects.filter(party__in=user.proved_party_ids(Permission.SEE_OWN_BILLING))


def overdue_invoices(user: User) -> QuerySet[Invoice]:
    """Paid invoices whose complement's date is gone today (N11)."""
    return Invoice.objects.for_review(user).overdue(on=clock.today())


def paid_invoices(user: User) -> QuerySet[Invoice]:
    """Those whose deposit the bank confirmed and has not returned."""
    return own_invoices(user).filter(paid_on__isnull=False)


_COMPLEMENT_OF = Subquery(
    ComplementPayment.objects.filter(invoice=OuterRef("pk"), live=True, complement__state="accepted")
    .order_by("-number")
    .values("complement__uuid")[:1]
)
_ORDER_COLUMNS = (
    Column("patient", "Paciente", sort=True),
    Column("service_on", "Atención", kind=Kind.DATE, sort=True),
    Column("fee", "Honorario", kind=Kind.MONEY, sort=True, total=True),
    Column("coaseguro", "Coaseguro cobrado", kind=Kind.MONEY, total=True),
    Column("payable", "Importe a pagar", kind=Kind.MONEY, sort=True, total=True),
)
ORDERS = Listing(
    rows=own_orders,
    permission=Permission.SEE_OWN_BILLING,
    name="orders",
    title="Órdenes",
    nouns=("orden", "órdenes"),
    own=True,
    filters=OrderFilter,
    whose=whose,
    columns=(
        Column("account", "Cuenta de la orden", kind=Kind.LINK, href=Link("billing:order")),
        ORDER_OWNER,
        *_ORDER_COLUMNS,
        Column("state", "Estado", kind=Kind.STATE, labels=dict(ORDER_CHOICES), tones=_TONES, expression=ORDER_STATE),
    ),
)
TO_INVOICE = Listing(
    rows=orders_to_invoice,
    permission=Permission.BILL_ORDERS,
    name="orders_to_invoice",
    title="Órdenes por facturar",
    nouns=("orden", "órdenes"),
    own=True,
    order=("service_on", "pk"),
    filters=PickFilter,
    parts=GROUP,
    size=rules.MOST_ORDERS,
    pick=Pick("orders", total="payable", most=rules.MOST_ORDERS),
    columns=(
        Column("account", "Cuenta de la orden", kind=Kind.LINK, href=Link("billing:order")),
        Column("patient", "Paciente"),
        Column("service_on", "Atención", kind=Kind.DATE),
        Column("payable", "Te pagan, antes de retenciones", kind=Kind.MONEY, total=True),
    ),
)
DESK_ORDERS = Listing(
    rows=CareOrder.objects.visible_to,
    permission=Permission.IMPORT_ORDERS,
    name="desk_orders",
    title="Órdenes",
    nouns=("orden", "órdenes"),
    filters=DeskOrderFilter,
    columns=(
        Column("account", "Cuenta de la orden", kind=Kind.LINK, href=Link("billing:desk_order")),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("physician_rfc", "RFC del médico"),
        *_ORDER_COLUMNS,
        Column("state", "Estado", kind=Kind.STATE, labels=rules.ORDER.labels, tones=rules.ORDER.tones),
    ),
)
INVOICES = Listing(
    rows=own_invoices,
    permission=Permission.SEE_OWN_BILLING,
    name="invoices",
    title="Facturas",
    nouns=("factura", "facturas"),
    own=True,
    filters=InvoiceFilter,
    whose=whose,
    extra=("pk",),
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=_invoice_href, nothing="Borrador"),
        Column("created_at", "Empezada", kind=Kind.INSTANT, sort=True),
        OWNER,
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("base", "Órdenes", kind=Kind.MONEY, total=True),
        Column("total", "Total", kind=Kind.MONEY, sort=True, total=True),
        Column("state", "Revisión", kind=Kind.STATE, labels=rules.REVIEW.labels, tones=rules.REVIEW.tones),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=rules.PAYMENT.labels, tones=rules.PAYMENT.tones),
    ),
)
REVIEWS = Listing(
    rows=Invoice.objects.for_review,
    permission=Permission.REVIEW_INVOICES,
    name="reviews",
    title="Facturas",
    nouns=("factura", "facturas"),
    filters=ReviewFilter,
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=Link("billing:review", "folio", carries=True)),
        Column("submitted_at", "Recibida", kind=Kind.INSTANT, sort=True),
        Column("review_due_on", "Responder el", kind=Kind.DATE, sort=True),
        Column("party", "Médico", path="party__name", sort=True),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("total", "Total", kind=Kind.MONEY, sort=True, total=True),
        Column(
            "verdict",
            "Reglas",
            kind=Kind.STATE,
            labels={"accepted": "Pasa todas", "review": "Mirar", "": "—"},
            tones={"accepted": "ok", "review": "warn"},
        ),
        Column(
            "state",
            "Revisión",
            kind=Kind.STATE,
            labels={**rules.REVIEW.desk_labels, DECIDED: DECIDING[0]},
            tones={**rules.REVIEW.tones, DECIDED: DECIDING[1]},
            expression=REVIEW_STATE,
        ),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=rules.PAYMENT.labels, tones=rules.PAYMENT.tones),
        holder_column("billing.invoice"),
    ),
    order=("submitted_at", "pk"),
)
COMPLEMENTS = Listing(
    rows=Complement.objects.for_review,
    permission=Permission.REVIEW_INVOICES,
    name="complements",
    title="Complementos",
    nouns=("complemento", "complementos"),
    filters=ComplementFilter,
    columns=(
        Column("uuid", "Folio fiscal", kind=Kind.LINK, href=Link("billing:complement_review", carries=True)),
        Column("handed_in_at", "Recibido", kind=Kind.INSTANT, sort=True),
        Column("party", "Médico", path="party__name", sort=True),
        Column("amount", "Depósito", path="transfer__amount", kind=Kind.MONEY),
        Column(
            "state",
            "Estado",
            kind=Kind.STATE,
            labels=dict(COMPLEMENT_CHOICES),
            tones={**rules.COMPLEMENT.tones, DECIDED: DECIDING[1]},
            expression=COMPLEMENT_STATE,
        ),
        holder_column("billing.complement"),
    ),
    order=("-handed_in_at", "-pk"),
)
OVERDUE = Listing(
    rows=overdue_invoices,
    permission=Permission.REVIEW_INVOICES,
    name="overdue",
    title="Complementos vencidos",
    nouns=("factura", "facturas"),
    filters=OverdueFilter,
    columns=(
        Column("folio", "Factura", kind=Kind.LINK, href=Link("billing:review", "folio")),
        Column("party", "Médico", path="party__name", sort=True),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("paid_on", "Pagada", kind=Kind.DATE, sort=True),
        Column(
            "complement_due_on",
            "Complemento a más tardar",
            path="complement_due__due_on",
            kind=Kind.DATE,
            sort=True,
        ),
        Column("next_reminder_on", "Le recordamos el", path="complement_due__next_reminder_on", kind=Kind.DATE),
        Column("total", "Total", kind=Kind.MONEY, sort=True, total=True),
    ),
    order=("complement_due__due_on", "pk"),
)
ACCOUNTANT = Listing(
    rows=paid_invoices,
    permission=Permission.SEE_OWN_BILLING,
    name="accountant",
    title="Facturas pagadas, para mi contador",
    nouns=("factura pagada", "facturas pagadas"),
    own=True,
    filters=AccountantFilter,
    whose=whose,
    file_name="para-mi-contador",
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=Link("billing:invoice", "folio")),
        OWNER,
        Column("uuid", "Folio fiscal"),
        Column("issued_on", "Emitida", kind=Kind.DATE),
        Column("insurer", "Receptor", path="insurer__name"),
        Column("insurer_rfc", "RFC del receptor", path="insurer__rfc"),
        Column("base", "Base", kind=Kind.MONEY, total=True),
        Column("withheld_isr", "ISR retenido", kind=Kind.MONEY, total=True),
        Column("withheld_local", "Impuesto local retenido", kind=Kind.MONEY, total=True),
        Column("total", "Neto", kind=Kind.MONEY, total=True, sort=True),
        Column("paid_on", "Depositado", kind=Kind.DATE, sort=True),
        Column("deposit", "Depósito", path="transfer__batch__folio"),
        Column("tracking", "Clave de rastreo", path="transfer__tracking"),
        Column("complement", "Complemento de pago", expression=_COMPLEMENT_OF, nothing="Falta"),
    ),
    order=("-paid_on", "-pk"),
)
PAYMENTS = Listing(
    rows=lambda user: deposits_of(user.proved_party_ids(Permission.SEE_OWN_BILLING)),
    permission=Permission.SEE_OWN_BILLING,
    name="payments",
    title="Pagos",
    nouns=("depósito", "depósitos"),
    own=True,
    filters=PaymentFilter,
    whose=whose,
    columns=(
        Column(
            "deposit",
            "Depósito",
            path="batch__folio",
            kind=Kind.LINK,
            href=Link("billing:payment"),
        ),
        OWNER,
        Column("paid_on", "Depositado", kind=Kind.DATE, sort=True),
        Column("invoices", "Facturas", kind=Kind.FOLIOS, expression=deposit_list.FOLIOS),
        Column("base", "Órdenes", kind=Kind.MONEY, total=True, expression=deposit_list.sum_of("base")),
        Column(
            "withheld_isr", "ISR retenido", kind=Kind.MONEY, total=True, expression=deposit_list.sum_of("withheld_isr")
        ),
        Column(
            "withheld_local",
            "Impuesto local",
            kind=Kind.MONEY,
            total=True,
            expression=deposit_list.sum_of("withheld_local"),
        ),
        Column("total", "Pagado", kind=Kind.MONEY, total=True, expression=deposit_list.KEPT),
        Column(
            "complement",
            "Complemento",
            kind=Kind.STATE,
            labels=deposit_list.LABELS,
            tones=deposit_list.TONES,
            expression=deposit_list.STATE,
        ),
        Column(
            "complement_due_on",
            "Complemento a más tardar",
            kind=Kind.DATE,
            expression=deposit_list.of_deposit(deposit_list.paid().without_complement(), Min("complement_due__due_on")),
        ),
    ),
    order=("-paid_on", "-pk"),
)
