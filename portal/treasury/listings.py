"""What treasury's lists show, and by what they are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Case, CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Concat, ExtractDay, ExtractYear

from portal.access import Permission
from portal.design.dates import SHORT_MONTHS
from portal.design.undoing import DECIDING
from portal.imports import rules as imported
from portal.listing import Column, Drill, Filters, Kind, Link, Listing, Masked, from_day, to_day
from portal.states import choices
from portal.text import name_pattern
from portal.treasury import labels, rules, selectors
from portal.treasury.forms import account_codes
from portal.treasury.models import (
    AccountDecision,
    BankAccount,
    Movement,
    MovementFile,
    Payable,
    PaymentBatch,
    TransferItem,
)
from portal.treasury.rules import collecting
from portal.work.columns import holder_column

if TYPE_CHECKING:
    from portal.people.models import User

BATCH_SHOWN = Case(
    When(state=rules.BatchState.EXPORTED, bank_file__sent_at__isnull=False, then=Value(labels.SENT)),
    When(state=rules.BatchState.EXPORTED, bank_file__downloads__gt=0, then=Value(labels.DOWNLOADED)),
    default=F("state"),
)


def _text(value: Any) -> Any:
    return Cast(value, CharField())


_COUNT = Func(F("count"), Value("FM999,999,999"), function="to_char", output_field=CharField())
_MONTHS = [When(prepared_at__month=number, then=Value(name)) for number, name in enumerate(SHORT_MONTHS, start=1)]
# `labels.batch_name` of each row: its day, and its transfers if any stayed.
BATCH_NAME = Concat(
    Value(labels.BATCH_OF),
    _text(ExtractDay("prepared_at")),
    Value(" "),
    Case(*_MONTHS, output_field=CharField()),
    Value(" "),
    _text(ExtractYear("prepared_at")),
    Case(
        When(count=0, then=Value("")),
        When(count=1, then=Value(labels.ONE_TRANSFER)),
        default=Concat(Value(", "), _COUNT, Value(labels.TRANSFERS)),
        output_field=CharField(),
    ),
)


class AccountFilter(Filters):
    """By holder, RFC or the last digits of the CLABE; the state is the page's tabs."""

    espera = django_filters.ChoiceFilter(
        method="that_waits", label="Te toca", choices=[("revisar", "Revisar")], empty_label="Todas"
    )
    buscar = django_filters.CharFilter(method="search", label="Titular, RFC o últimos 4 dígitos")

    def that_waits(self, rows: QuerySet[BankAccount], name: str, value: str) -> QuerySet[BankAccount]:
        """What this person may review and has not yet: the figure on their first page."""
        return rows.filter(pk__in=selectors.accounts_to_review(self.user).values("pk"))

    def search(self, rows: QuerySet[BankAccount], name: str, value: str) -> QuerySet[BankAccount]:
        """Holder by any part however typed, RFC by its start, the CLABE by its last four digits only."""
        by_name = Q(holder__regex=name_pattern(value))
        return rows.filter(by_name | Q(party__rfc__istartswith=value) | Q(last4=value))


class PayableFilter(Filters):
    """By the day until which it is to be paid, and by whom it is owed to or what for."""

    desde = from_day("due_on", "Vence desde")
    hasta = to_day("due_on", "Vence hasta")
    buscar = django_filters.CharFilter(method="search", label="A quién, RFC o folio", max_length=100)
    persona = django_filters.UUIDFilter(field_name="party", label="Persona", widget=forms.HiddenInput)

    def search(self, rows: QuerySet[Payable], name: str, value: str) -> QuerySet[Payable]:
        """RFC and folio by their start, a name by any part however typed."""
        by_name = Q(party__name__regex=name_pattern(value))
        return rows.filter(by_name | Q(party__rfc__istartswith=value) | Q(reference__istartswith=value))


class BatchFilter(Filters):
    """By state, by day, and by what a batch pays: its folio, an invoice, a beneficiary or a tracking key."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Estado", choices=choices(labels.SHOWN_LABELS), empty_label="Todos"
    )
    espera = django_filters.ChoiceFilter(
        method="that_waits",
        label="Te toca",
        choices=[("enviar", "Enviar o conciliar"), ("autorizar", "Autorizar")],
        empty_label="Todos",
    )
    desde = from_day("prepared_at__date", "Preparado desde")
    hasta = to_day("prepared_at__date", "Preparado hasta")
    buscar = django_filters.CharFilter(method="search", label="Folio, beneficiario o rastreo")

    def that_waits(self, rows: QuerySet[PaymentBatch], name: str, value: str) -> QuerySet[PaymentBatch]:
        """What this person prepared and has to send, or may authorise: the figures on their first page."""
        mine = selectors.batches_to_send if value == "enviar" else selectors.batches_to_approve
        return rows.filter(pk__in=mine(self.user).values("pk"))

    def in_state(self, rows: QuerySet[PaymentBatch], name: str, value: str) -> QuerySet[PaymentBatch]:
        """As the list shows it."""
        return rows.annotate(shown=BATCH_SHOWN).filter(shown=value)

    def search(self, rows: QuerySet[PaymentBatch], name: str, value: str) -> QuerySet[PaymentBatch]:
        """Whatever a person has in hand when they ask where a payment went."""
        paid = Q(payable__reference__istartswith=value) | Q(transfer__tracking__istartswith=value)
        paid |= Q(transfer__holder__regex=name_pattern(value))
        items = TransferItem.objects.filter(paid, transfer__batch=OuterRef("pk"))
        return rows.filter(Q(folio__istartswith=value) | Exists(items))


PESOS = "MXN"  # a batch is of one currency, and so is what is put into it


def payables_waiting(user: User) -> QuerySet[Payable]:
    """What is owed in pesos and stands in no batch."""
    return Payable.objects.visible_to(user).waiting().filter(currency=PESOS)


PAYABLES = Listing(
    permission=Permission.PREPARE_PAYMENTS,
    name="treasury.payables",
    rows=payables_waiting,
    title="Por pagar",
    nouns=("pago", "pagos"),
    filters=PayableFilter,
    file_name="por-pagar",
    columns=(
        Column("reference", "Qué se paga", href=Link("treasury:payable")),
        Column("party", "A quién", path="party__name", sort=True),
        Column("rfc", "RFC", path="party__rfc"),
        Column("due_on", "Vence", kind=Kind.DATE, sort=True),
        Column("opened_at", "Se debe desde", kind=Kind.INSTANT),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.PAYABLE.desk_labels, tones=rules.PAYABLE.tones),
        Column("amount", "Importe", kind=Kind.MONEY, total=True, sort=True),
    ),
    order=("due_on", "pk"),
)
PAYABLES_BY_DAY = Listing(
    permission=Permission.PREPARE_PAYMENTS,
    name="treasury.payables_by_day",
    rows=payables_waiting,
    title="Por pagar, por día y persona",
    nouns=("renglón", "renglones"),
    filters=PayableFilter,
    file_name="por-pagar-por-dia",
    columns=(
        Column(
            "due_on",
            "Vence",
            kind=Kind.DATE,
            href=Drill("treasury:payables", {"desde": "due_on", "hasta": "due_on", "persona": "party_id"}),
        ),
        Column("party", "A quién", path="party__name"),
        Column("rfc", "RFC", path="party__rfc"),
        Column("count", "Cuántos", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column("amount", "Importe", kind=Kind.MONEY, expression=Sum("amount"), total=True),
    ),
    groups=("due_on", "party__name", "party__rfc", "party_id"),
    extra=("party_id",),
    order=("due_on", "party__name", "party_id"),
)

DECIDED = "deciding"  # decided, and its author may still undo it
ACCOUNT_STATE = Case(When(Exists(AccountDecision.open_about(OuterRef("pk"))), then=Value(DECIDED)), default=F("state"))


def handed_in_accounts(user: User, *, state: str = "all") -> QuerySet[BankAccount]:
    """Accounts that were handed in; those in review are those that nobody has just decided."""
    rows = BankAccount.objects.visible_to(user).exclude(submitted_at=None)
    if state == rules.AccountState.IN_REVIEW:
        return rows.to_review()
    return rows.filter(state=state) if state in set(rules.AccountState) else rows


ACCOUNTS = Listing(
    permission=Permission.REVIEW_ACCOUNTS,
    name="treasury.accounts",
    rows=handed_in_accounts,
    title="Cuentas bancarias",
    nouns=("cuenta", "cuentas"),
    filters=AccountFilter,
    parts={"state": ("Estado", {key: label for key, label in labels.REVIEW_TABS if key != "all"}.get)},
    file_name="cuentas",
    columns=(
        Column("holder", "Titular", href=Link("treasury:account_review", carries=True), sort=True),
        Column("bank_name", "Banco"),
        Column(
            "last4",
            "CLABE",
            expression=Concat(Value("•••• "), "last4"),
            masked=Masked("clabe", Permission.REVIEW_ACCOUNTS, "treasury:account_reviews"),
        ),
        Column("statement_on", "Fecha de corte", kind=Kind.DATE, sort=True),
        Column(
            "reviews_needed",
            "Tipo",
            labels={1: "Primera cuenta bancaria", rules.CHANGE_REVIEWS: "Cambio de cuenta bancaria"},
        ),
        Column("submitted_at", "Enviada", kind=Kind.INSTANT, sort=True),
        Column(
            "state",
            "Estado",
            kind=Kind.STATE,
            labels={**rules.ACCOUNT.desk_labels, DECIDED: DECIDING[0]},
            tones={**rules.ACCOUNT.tones, DECIDED: DECIDING[1]},
            expression=ACCOUNT_STATE,
        ),
        holder_column("treasury.bankaccount"),
    ),
    order=("submitted_at", "pk"),
)

BATCHES = Listing(
    permission=Permission.SEE_PAYMENTS,
    name="treasury.batches",
    rows=PaymentBatch.objects.visible_to,
    title="Lotes de pago",
    nouns=("lote", "lotes"),
    filters=BatchFilter,
    file_name="lotes-de-pago",
    columns=(
        Column("name", "Lote", expression=BATCH_NAME, href=Link("treasury:batch", carries=True)),
        Column("folio", "Folio", kind=Kind.FOLIOS),
        Column("prepared_at", "Preparado", kind=Kind.INSTANT, sort=True),
        Column("prepared_by", "Preparó", path="prepared_by__name"),
        Column("total", "Total", kind=Kind.MONEY, currency_path="currency", sort=True),
        Column("locked_at", "Cerrado", kind=Kind.INSTANT, sort=True),
        Column(
            "state",
            "Estado",
            kind=Kind.STATE,
            labels=labels.SHOWN_LABELS,
            tones=labels.SHOWN_TONES,
            expression=BATCH_SHOWN,
        ),
        holder_column("treasury.paymentbatch"),
    ),
    order=("-prepared_at", "-pk"),
)


class DepositFilter(Filters):
    """By account, by value date, and by what people have in hand: the reference or the tracking key."""

    tipo = django_filters.ChoiceFilter(
        field_name="account__code", choices=account_codes, label="Dónde llegó", empty_label="Todas"
    )
    desde = from_day("on", "Desde")
    hasta = to_day("on", "Hasta")
    buscar = django_filters.CharFilter(method="search", label="Referencia o clave de rastreo", max_length=100)

    def search(self, rows: QuerySet[Movement], name: str, value: str) -> QuerySet[Movement]:
        """Either by its start."""
        return rows.filter(Q(reference__istartswith=value) | Q(tracking__istartswith=value))


def movements_in(user: User, *, state: str = "waiting") -> QuerySet[Movement]:
    """What moved, as far as this person sees it; of one state unless it is `all`."""
    rows = Movement.objects.visible_to(user)
    return rows.filter(state=state) if state in set(collecting.MovementState) else rows


DEPOSITS = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="treasury.deposits",
    rows=movements_in,
    title="Cobranza",
    nouns=("movimiento", "movimientos"),
    filters=DepositFilter,
    parts={"state": ("Estado", {key: label for key, label in labels.DEPOSIT_TABS if key != "all"}.get)},
    file_name="movimientos",
    columns=(
        Column("on", "Fecha valor", kind=Kind.DATE, href=Link("treasury:deposit", carries=True), sort=True),
        Column("amount", "Importe", kind=Kind.MONEY, currency_path="currency", sort=True, total=True),
        Column("reference", "Referencia"),
        Column("text", "Concepto"),
        Column("tracking", "Clave de rastreo"),
        Column("account", "Dónde llegó", path="account__label"),
        Column("score", "Certeza", kind=Kind.NUMBER, sort=True),
        Column(
            "state",
            "Estado",
            kind=Kind.STATE,
            labels=collecting.MOVEMENT.desk_labels,
            tones=collecting.MOVEMENT.tones,
        ),
        holder_column("treasury.movement"),
    ),
    order=("on", "pk"),
)


class WaitingFilter(Filters):
    """By account and by value date."""

    tipo = django_filters.ChoiceFilter(
        field_name="account__code", choices=account_codes, label="Dónde llegó", empty_label="Todas"
    )
    desde = from_day("on", "Desde")
    hasta = to_day("on", "Hasta")


DEPOSITS_BY_AGE = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="treasury.deposits_by_age",
    rows=movements_in,
    title="Por asignar, por antigüedad",
    nouns=("renglón", "renglones"),
    filters=WaitingFilter,
    file_name="por-asignar-por-antiguedad",
    columns=(
        Column(
            "on",
            "Fecha valor",
            kind=Kind.DATE,
            href=Drill("treasury:deposits", {"desde": "on", "hasta": "on", "tipo": "account__code"}),
        ),
        Column("account", "Dónde llegó", path="account__label"),
        Column("count", "Cuántos", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column("amount", "Importe", kind=Kind.MONEY, currency_path="currency", expression=Sum("amount"), total=True),
    ),
    groups=("on", "account__label", "account__code", "currency"),
    extra=("account__code",),
    order=("on", "account__code", "currency"),
)


class FileFilter(Filters):
    """By where they stand and when they were read."""

    estado = django_filters.ChoiceFilter(
        field_name="run__state", label="Estado", choices=imported.RUN.choices, empty_label="Todos"
    )
    desde = from_day("run__read_at__date", "Leído desde")
    hasta = to_day("run__read_at__date", "Leído hasta")


MOVEMENT_FILES = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="treasury.movement_files",
    rows=MovementFile.objects.visible_to,
    title="Archivos de movimientos",
    nouns=("archivo", "archivos"),
    filters=FileFilter,
    file_name="archivos-de-movimientos",
    columns=(
        Column("file", "Archivo", path="run__file__display_name", href=Link("treasury:movement_file")),
        Column("account", "Cuenta de cobranza", path="account__label"),
        Column("read_at", "Leído", path="run__read_at", kind=Kind.INSTANT, sort=True),
        Column("new", "Nuevos", path="run__new", kind=Kind.NUMBER),
        Column("wrong", "Con error", path="run__wrong", kind=Kind.NUMBER),
        Column("credits", "Entró", kind=Kind.MONEY, currency_path="account__currency"),
        Column("debits", "Salió", kind=Kind.MONEY, currency_path="account__currency"),
        Column(
            "state",
            "Estado",
            path="run__state",
            kind=Kind.STATE,
            labels=imported.RUN.desk_labels,
            tones=imported.RUN.tones,
        ),
    ),
    order=("-run__read_at", "-pk"),
)
