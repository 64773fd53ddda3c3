"""Digital orders arrive from the insurer, by API or CSV: idempotent, row errors, control totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse

from billing import rules
from billing.models import CareOrder, OrderDelivery
from billing.rules import OrderRow, OrderState
from billing.rules.orders_file import ORDERS, PAYABLE
from portal.errors import RuleBroken
from portal.history import services as history
from portal.imports import services as imports
from portal.imports.rules.layouts import Item, Judged, Read, RowError
from portal.notices import services as notices
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Party
from portal.people.rules import plain_code

if TYPE_CHECKING:
    from portal.imports.models import ImportRun
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

KIND = "billing.orders"
# The code beside an order is no part of it: sent again with one, the order is unchanged and the code is kept.
_COMPARED = tuple(column.name for column in fields(OrderRow) if column.name != "physician_code")
TAKEN = "Esa cuenta ya existe con otros datos. Retírala o usa otra cuenta."


def receive_orders(
    *, insurer: Party, read: Read, control: Mapping[str, Any], by: User, at: datetime, on: date
) -> OrderDelivery:
    """Store the good orders of a call once, say what is wrong with the others (S0.10-S0.13).

    `control` are the totals the sender announces (`rows`, `payable` in MXN): wrong ones store nothing. Sending the same
    order again changes nothing; the same account with other data is an error of that row.
    """
    run = imports.take_in(kind=KIND, sender=insurer, read=read, declared=control, by=by, at=at, on=on)
    return OrderDelivery.objects.select_related("run").get(run=run)


def read_orders_file(
    *, insurer_id: str, upload: EncryptedUpload, rows: int, payable: str, by: User, at: datetime
) -> ImportRun:
    """Read and judge an insurer's CSV at the desk; `payable` as typed (MXN). Nothing enters until it is applied.

    The file is kept as evidence. Raises RuleBroken about the whole file, or about a total that cannot be read.
    """
    insurer = Party.objects.get(pk=insurer_id)
    control = ORDERS.typed(rows, {PAYABLE: payable})
    return imports.read_file(kind=KIND, sender=insurer, upload=upload, declared=control, by=by, at=at)


def judge_orders(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """What would become of these orders of an insurer: new, here already, or wrong and why."""
    del subject_id  # orders are about nothing else
    rows = [(item, _canonical(item)) for item in read.items]
    checked = [
        (item, row, rules.check_order(row, number=item.number, on=on, insurer=sender.name)) for item, row in rows
    ]
    accounts = sorted({row.account for _, row, wrong in checked if not wrong})
    known = {
        order.account: order
        for order in CareOrder.objects.select_for_update().filter(insurer=sender, account__in=accounts).order_by("pk")
    }
    new: dict[str, Item] = {}
    unchanged, errors = 0, []
    for item, row, wrong in checked:
        earlier = new[row.account].value if row.account in new else known.get(row.account)
        if wrong:
            errors += [replace(error, sheet_row=item.sheet_row) for error in wrong]
        elif earlier is None:
            new[row.account] = replace(item, value=row)
        elif _same(earlier, row):
            unchanged += 1
        else:
            errors.append(RowError(item.number, "account", "account_taken", TAKEN, item.sheet_row))
    return Judged(tuple(new.values()), unchanged, errors=tuple(errors))


def apply_orders(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Store the new orders of a run as one delivery, keep the codes beside them, tell their physicians."""
    payable = ORDERS.from_json(run.counted)[PAYABLE]
    delivery = OrderDelivery.objects.create(run=run, payable=payable)
    CareOrder.objects.bulk_create([_order(item.value, delivery, at) for item in judged.new])
    accounts.keep_rfc_codes(issuer=run.sender, codes=_codes(items, run), by=by, at=at)
    _tell_physicians(judged.new, delivery, at)
    history.record(
        action="billing.orders_received",
        subject=delivery,
        party_id=run.sender_id,
        by=by,
        at=at,
        details=_counts(run) | ({"sha256": run.sha256} if run.sha256 else {}),
    )


def _counts(run: ImportRun) -> dict[str, Any]:
    return {"rows": run.rows, "accepted": run.new, "unchanged": run.unchanged, "errors": len(run.errors)}


def _canonical(item: Item) -> OrderRow:
    """The row with its physician's RFC in the one form that is stored and compared; a wrong one stays as it came."""
    row: OrderRow = item.value
    rfc = rules.checked_rfc(row.physician_rfc).canonical
    return replace(row, physician_rfc=rfc) if rfc and rfc != row.physician_rfc else row


def _same(earlier: CareOrder | OrderRow, row: OrderRow) -> bool:
    return all(getattr(earlier, name) == getattr(row, name) for name in _COMPARED)


def _order(row: OrderRow, delivery: OrderDelivery, at: datetime) -> CareOrder:
    return CareOrder(
        insurer_id=delivery.run.sender_id,
        delivery=delivery,
        created_at=at,
        **{name: getattr(row, name) for name in _COMPARED},
    )


def _codes(items: Sequence[Item], run: ImportRun) -> list[tuple[str, str]]:
    """(RFC, code) of the good rows that bring one: it proves the physician's RFC when they type it (AC-11)."""
    wrong = {error["row"] for error in run.errors}
    good = [_canonical(item) for item in items if item.value.physician_code and item.number not in wrong]
    return [(row.physician_rfc, code) for row in good if (code := plain_code(row.physician_code))]


def _tell_physicians(new: Sequence[Item], delivery: OrderDelivery, at: datetime) -> None:
    """One notice per physician and delivery, however many orders it brought: until the RFC is proved, how many wait."""
    tellings: dict[str, list[notices.Telling]] = {"orders_arrived": [], "orders_wait": []}
    for rfc, count in sorted(Counter(item.value.physician_rfc for item in new).items()):
        kind, page = ("orders_arrived", "orders") if people.is_proved(rfc) else ("orders_wait", "home")
        told, url = people.users_of_rfc(rfc), reverse(f"billing:{page}")
        tellings[kind].append(notices.Telling(told, f"delivery:{delivery.pk}", {"count": count}, url))
    for kind, ones in tellings.items():
        notices.notify_many(kind=f"billing/{kind}", tellings=ones, at=at)


@transaction.atomic
def withdraw_order(*, order: CareOrder, reason: str, by: User, at: datetime) -> CareOrder:
    """The insurer takes an order back before it is invoiced; a draft that holds it says so."""
    if not reason.strip():
        raise RuleBroken("Escribe por qué la retira la aseguradora.", code="no_reason", field="reason")
    order = CareOrder.objects.select_for_update().get(pk=order.pk)
    rules.ORDER.check(order.state, OrderState.WITHDRAWN)
    order.state = OrderState.WITHDRAWN
    CareOrder.objects.filter(pk=order.pk).update(state=order.state)
    history.record(action="billing.order_withdrawn", subject=order, by=by, at=at, reason=reason)
    return order
