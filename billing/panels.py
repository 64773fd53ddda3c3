"""What billing shows at a physician's home: what is theirs to do, and where their money stands (S0.15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Value, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from billing import rules
from billing.models import Invoice
from billing.models.invoices import InvoiceQuerySet
from billing.selectors import pages, promises
from billing.selectors.balance import Balance, balance_of
from billing.selectors.parts import money
from billing.selectors.schemes import told_regime
from billing.selectors.whose import whose
from portal import clock
from portal.access import Permission, Workspace
from portal.design import dates
from portal.prepared import prepared
from portal.proofs import selectors as proofs
from portal.reading import once_a_reading
from portal.treasury import selectors as treasury
from portal.work.registry import BEFORE_ALL, Filled, Panel, WorkItem

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 6  # of each kind: the home shows fewer, the list has all


class Invoices(StrEnum):
    """What of an invoice waits for its physician."""

    RETURNED = "returned"
    DRAFTS = "drafts"
    OWING = "owing"


@once_a_reading
def _balance(user: User) -> Balance:
    return balance_of(user.proved_party_ids(Permission.SEE_OWN_BILLING))


def proof(user: User, at: datetime) -> Filled:
    """An RFC comes before anything else; while its paper is looked at, the rest can go on."""
    said = pages.unproved(user)
    if said is None:
        return Filled()
    own = pages.own_unproved(user)
    if own is None or proofs.is_in_review(own):
        return Filled(text=said["text"], act=(said["label"], said["href"]) if said["href"] else None)
    step = WorkItem(
        kind="billing.proof",
        title="Acredita que tu RFC es tuyo: así verás tus órdenes.",
        subject="",
        since=BEFORE_ALL,
        href=said["href"],
        act=said["label"],
    )
    return Filled(items=[step], text=said["text"])


def regime(user: User, at: datetime) -> Filled:
    """What only the physician can tell before anything is billed; who assists is told that it is missing."""
    own = user.party_ids(Permission.MANAGE_OWN_BILLING)
    party = next(iter(own or user.party_ids(Permission.SEE_OWN_BILLING)), None)
    if party is None or told_regime(party):
        return Filled()
    if not own:
        return Filled(text="Para facturar falta que el médico diga su régimen fiscal.")
    step = WorkItem(
        kind="billing.regime",
        title="Dinos tu régimen fiscal: de él depende cuánto te retienen.",
        subject="",
        since=BEFORE_ALL,
        href=reverse("billing:regime"),
        act="Decir mi régimen",
    )
    return Filled(items=[step])


def first_steps(user: User, at: datetime) -> Filled:
    """Who never sent an invoice reads what there is to do until the first one, instead of amounts of nothing."""
    if not _is_new(user):
        return Filled()
    proving, telling = proof(user, at), regime(user, at)
    party_id = next(iter(user.party_ids(Permission.MANAGE_OWN_BILLING)))
    (mine,) = treasury.accounts_in_short([(party_id, rules.DIGITAL_ORDERS)], at=at)
    waiting = _balance(user).to_invoice_count
    account = _DONE if mine.current else _LOOKED_AT if mine.under_way and not mine.to_submit else _TO_DO
    told = _TO_DO if waiting else ("Cuando llegue tu primera orden", "neutral")
    return Filled(
        items=[*proving.items, *telling.items],
        steps=[
            ("Prueba de tu RFC", *_of(proving), reverse("proofs:own")),
            ("Régimen fiscal", *_of(telling), reverse("billing:regime")),
            ("Cuenta bancaria", *account, treasury.page_of(user, purpose=rules.DIGITAL_ORDERS, party_id=party_id)),
            ("Primera factura", *told, reverse("billing:start") if waiting else ""),
        ],
        text=proving.text,
    )


_DONE, _LOOKED_AT, _TO_DO = ("Listo", "ok"), ("Lo estamos revisando", "info"), ("Por hacer", "warn")


def _of(step: Filled) -> tuple[str, str]:
    return _TO_DO if step.items else _LOOKED_AT if not step.is_empty else _DONE


def _is_new(user: User) -> bool:
    """Whether this physician has sent nothing yet; who only assists has no first steps of their own."""
    balance = _balance(user)
    sent = balance.in_review_count + balance.returned_count + balance.payable_count
    sent += balance.scheduled_count + balance.paid_count
    return not sent and bool(user.party_ids(Permission.MANAGE_OWN_BILLING))


def before_the_first(panel: Callable[[User, datetime], Filled]) -> Callable[[User, datetime], Filled]:
    """A panel whose things stand in the list of first steps as long as there is one."""
    return lambda user, at: Filled() if _is_new(user) else panel(user, at)


def paid_next(user: User, at: datetime) -> Filled:
    """The next payment: its day, what it holds, what keeps it back; one that is late says so before all, and why."""
    found = promises.next_payment(user.proved_party_ids(Permission.SEE_OWN_BILLING), at=at)
    if found is None:
        return Filled()
    record = promises.payment_record(on=clock.date_in(at))
    said = " ".join([*(found.waits if found.late else found.held), record]).strip()
    figure = (f"{dates.long(found.on)} · {found.holds}", money(found.amount), found.href)
    subscribe = ("Suscribir mi calendario", reverse("calendars:feed"))
    if not found.late:
        return Filled(figures=[figure], text=said, act=subscribe, explanation=found.figure)
    late = WorkItem(
        kind="billing.paid_next",
        title=f"Tu pago de {money(found.amount)} está atrasado",
        subject=" ".join(found.waits),
        since=found.since,
        href=found.href,
        due=found.on,
        act="Ver qué falta",
    )
    return Filled(items=[late], text=record, act=subscribe, explanation=found.figure)


def returned(user: User, at: datetime) -> Filled:
    """Invoices that the desk sent back."""
    found = [_returned(row, whose(user)) for row in _to_do(user, Invoices.RETURNED)]
    return Filled(items=found, act=("Ver todas", _invoices("returned")) if found else None)


def drafts(user: User, at: datetime) -> Filled:
    """Invoices that were begun and not sent."""
    found = [_draft(row, whose(user)) for row in _to_do(user, Invoices.DRAFTS)]
    return Filled(items=found, act=("Ver todas", _invoices("draft")) if found else None)


def owing(user: User, at: datetime) -> Filled:
    """Complements that the desk waits for, the one due first before."""
    page = f"{reverse('billing:invoices')}?pago={rules.PaymentState.COMPLEMENT_DUE}"
    found = [_owed(row, whose(user)) for row in _to_do(user, Invoices.OWING)]
    return Filled(items=found, act=("Ver todos", page) if found else None)


def to_invoice(user: User, at: datetime) -> Filled:
    """Orders that nobody billed yet: several lead to where they are chosen, a single one to itself."""
    balance, page = _balance(user), reverse("billing:start")
    if balance.to_invoice_since is None:
        return Filled()
    title, subject = f"Tienes {balance.to_invoice_count:,} órdenes listas para facturar", money(balance.to_invoice)
    if balance.to_invoice_count == 1:
        title = "Tienes una orden lista para facturar"
        page = reverse("billing:order", args=[balance.to_invoice_first])
    pile = WorkItem("billing.to_invoice", title, subject, balance.to_invoice_since, page, act="Facturar")
    return Filled(items=[pile])


def standing(user: User, at: datetime) -> Filled:
    """Where the money stands, each step with the list that proves it; nothing is said of amounts of nothing."""
    if _is_new(user) or _balance(user).is_empty:
        return Filled()
    figures = [(f"{label} · {many}", amount, href) for label, amount, many, href in pages.kpis(_balance(user))]
    said = "Por facturar se cuenta antes de retenciones; lo demás es el total de tus facturas."
    return Filled(figures=figures, text=said)


class Mine(NamedTuple):
    """An invoice as a line at home tells it."""

    pk: UUID
    folio: str
    total: Decimal
    party_id: UUID
    created_at: datetime
    decided_at: datetime | None
    transfer_id: UUID | None
    due_on: date | None


@once_a_reading
def _all_to_do(user: User) -> Mapping[str, Sequence[Mine]]:
    """The first of each kind of invoices that wait for their physician, in one query."""
    found: dict[str, list[Mine]] = {}
    for kind, _place, *told in sorted(_waiting(tuple(user.proved_party_ids(Permission.SEE_OWN_BILLING)))):
        found.setdefault(kind, []).append(Mine(*told))
    return found


def _to_do(user: User, kind: str) -> Sequence[Mine]:
    return _all_to_do(user).get(kind, ())


@prepared
def _waiting(party_ids: tuple[UUID, ...]) -> QuerySet[Invoice, Any]:
    mine = Invoice.objects.filter(party__in=party_ids)
    returned, drafts = (mine.filter(state=state) for state in (rules.ReviewState.RETURNED, rules.ReviewState.DRAFT))
    first, *others = (
        _first_of(returned, Invoices.RETURNED, "decided_at"),
        _first_of(drafts, Invoices.DRAFTS, "created_at"),
        _first_of(mine.without_complement(), Invoices.OWING, "complement_due__due_on"),
    )
    return first.union(*others, all=True)


def _first_of(rows: InvoiceQuerySet, kind: str, order: str) -> QuerySet[Invoice, Any]:
    told = [*Mine._fields[:-1], "complement_due__due_on"]
    placed = rows.annotate(kind=Value(kind), place=Window(RowNumber(), order_by=[order, "pk"]))
    return placed.order_by(order, "pk").values_list("kind", "place", *told)[:MOST]


def _invoices(state: str) -> str:
    return f"{reverse('billing:invoices')}?estado={state}"


def _subject(row: Mine, named: Mapping[str, str]) -> str:
    name = named.get(str(row.party_id), "")
    return f"{money(row.total)}, de {name}" if name else money(row.total)


def _returned(row: Mine, named: Mapping[str, str]) -> WorkItem:
    return WorkItem(
        kind="billing.returned",
        title=f"Factura {row.folio} por corregir",
        subject=_subject(row, named),
        since=row.decided_at or row.created_at,
        href=reverse("billing:draft", args=[row.pk]),
        act="Corregir factura",
    )


def _draft(row: Mine, named: Mapping[str, str]) -> WorkItem:
    return WorkItem(
        kind="billing.drafts",
        title="Factura empezada sin enviar",
        subject=_subject(row, named),
        since=row.created_at,
        href=reverse("billing:draft", args=[row.pk]),
        act="Seguir con la factura",
    )


def _owed(row: Mine, named: Mapping[str, str]) -> WorkItem:
    return WorkItem(
        kind="billing.owing",
        title=f"Complemento de {row.folio}",
        subject=_subject(row, named),
        since=row.created_at,
        href=reverse("billing:payment", args=[row.transfer_id]),
        due=row.due_on,
        act="Subir complemento",
    )


_P, _W = Permission.SEE_OWN_BILLING, (Workspace.PHYSICIAN,)
PANELS = (
    Panel("billing.first_steps", "Para tu primera factura", _W, _P, first_steps, "", 5),
    Panel("billing.proof", "Falta acreditar el RFC", _W, _P, before_the_first(proof), "", 10),
    Panel("billing.regime", "Tu régimen fiscal", _W, _P, before_the_first(regime), "", 20),
    Panel("billing.paid_next", "Tu próximo pago", _W, _P, paid_next, "", 25),
    Panel("billing.returned", "Facturas por corregir", _W, _P, returned, "Nada por corregir.", 40),
    Panel("billing.owing", "Complementos que nos faltan", _W, _P, owing, "Ningún complemento pendiente.", 50),
    Panel("billing.drafts", "Facturas sin enviar", _W, _P, drafts, "Ninguna factura a medias.", 60),
    Panel("billing.to_invoice", "Órdenes por facturar", _W, _P, to_invoice, "Ninguna orden por facturar.", 70),
    Panel("billing.money", "Dónde está tu dinero", _W, _P, standing, "", 90),
)
