"""Digital orders arrive from the insurer, by API or CSV: idempotent, row errors, control totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse

from billing import rules
from billing.models import CareOrder, OrderDelivery
from billing.rules import OrderRow, OrderState, RowError, orders_file
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history
from portal.identifiers import check
from portal.imports.rules.tables import TABLE_KINDS
from portal.money import parse_money
from portal.notices import services as notices
from portal.papers import services as papers
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Party
from portal.people.rules import plain_code

if TYPE_CHECKING:
    from portal.papers.models import StoredFile
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

# The code beside an order is no part of it: sent again with one, the order is unchanged and the code is kept.
_COMPARED = tuple(column.name for column in fields(OrderRow) if column.name != "physician_code")
TAKEN = "Esa cuenta ya existe con otros datos. Retírala o usa otra cuenta."


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a sender announces beside the rows: how many and how much (MXN); the SHA-256 of the file they came in."""

    rows: int
    payable: Decimal
    sha256: str = ""


@transaction.atomic
def receive_orders(
    *,
    insurer: Party,
    rows: Sequence[OrderRow],
    unreadable: Sequence[RowError] = (),
    control: Delivery,
    source: str,
    by: User,
    at: datetime,
    on: date,
    file: StoredFile | None = None,
    numbers: Sequence[int] | None = None,
) -> OrderDelivery:
    """Store the good rows once, say what is wrong with the others; wrong control totals store nothing (S0.10-S0.13).

    `rows` are the readable ones, `numbers` their row numbers in the delivery, `unreadable` the errors of the rest.
    Sending the same order again changes nothing; the same account with other data is an error of that row.
    """
    total, bad_rows = sum((row.payable for row in rows), Decimal("0.00")), {error.row for error in unreadable}
    rules.check_control(
        rows=len(rows) + len(bad_rows), payable=total, declared_rows=control.rows,
        declared_payable=control.payable, all_readable=not bad_rows,
    )  # fmt: skip
    _one_at_a_time(insurer)
    delivery = OrderDelivery(
        insurer=insurer, source=source, file=file, rows=len(rows) + len(bad_rows), accepted=0, unchanged=0,
        payable=total, received_by=by, received_at=at,
    )  # fmt: skip
    new, unchanged, errors = _sort_rows(insurer, rows, numbers := numbers or range(1, len(rows) + 1), on)
    delivery.accepted, delivery.unchanged = len(new), unchanged
    delivery.errors = [asdict(error) for error in (*unreadable, *errors)]
    delivery.save(force_insert=True)
    CareOrder.objects.bulk_create([_order(row, insurer, delivery, at) for row in new])
    accounts.keep_rfc_codes(issuer=insurer, codes=_codes(rows, numbers, errors), by=by, at=at)
    _tell_physicians(new, delivery, at)
    history.record(
        action="billing.orders_received", subject=delivery, party_id=insurer.pk, by=by, at=at,
        details=_counts(delivery) | ({"sha256": control.sha256} if control.sha256 else {}),
    )  # fmt: skip
    return delivery


def _counts(delivery: OrderDelivery) -> dict[str, Any]:
    counted = {name: getattr(delivery, name) for name in ("rows", "accepted", "unchanged")}
    return counted | {"errors": len(delivery.errors)}


def _one_at_a_time(insurer: Party) -> None:
    """Two deliveries of one insurer wait for each other, so that the same account cannot enter twice."""
    Party.objects.select_for_update(no_key=True).get(pk=insurer.pk)


def _sort_rows(
    insurer: Party, rows: Sequence[OrderRow], numbers: Sequence[int], on: date
) -> tuple[list[OrderRow], int, list[RowError]]:
    """New rows, how many were here already, and every error."""
    checked = [
        (number, _canonical(row), rules.check_order(row, number=number, on=on, insurer=insurer.name))
        for number, row in zip(numbers, rows, strict=True)
    ]
    accounts = sorted({row.account for _, row, wrong in checked if not wrong})
    known = {
        order.account: order
        for order in CareOrder.objects.select_for_update().filter(insurer=insurer, account__in=accounts).order_by("pk")
    }
    new: dict[str, OrderRow] = {}
    unchanged, errors = 0, []
    for number, row, wrong in checked:
        earlier = new.get(row.account) or known.get(row.account)
        if wrong:
            errors += wrong
        elif earlier is None:
            new[row.account] = row
        elif _same(earlier, row):
            unchanged += 1
        else:
            errors.append(RowError(number, "account", "account_taken", TAKEN))
    return list(new.values()), unchanged, errors


def _canonical(row: OrderRow) -> OrderRow:
    """The row with its physician's RFC in the one form that is stored and compared; a wrong one stays as it came."""
    rfc = check("rfc", row.physician_rfc).canonical
    return replace(row, physician_rfc=rfc) if rfc else row


def _same(earlier: CareOrder | OrderRow, row: OrderRow) -> bool:
    return all(getattr(earlier, name) == getattr(row, name) for name in _COMPARED)


def _order(row: OrderRow, insurer: Party, delivery: OrderDelivery, at: datetime) -> CareOrder:
    return CareOrder(
        insurer=insurer, delivery=delivery, created_at=at, **{name: getattr(row, name) for name in _COMPARED}
    )


def _codes(rows: Sequence[OrderRow], numbers: Sequence[int], errors: Sequence[RowError]) -> list[tuple[str, str]]:
    """(RFC, code) of the good rows that bring one: it proves the physician's RFC when they type it (AC-11)."""
    wrong = {error.row for error in errors}
    good = [_canonical(row) for number, row in zip(numbers, rows, strict=True) if number not in wrong]
    return [(row.physician_rfc, code) for row in good if (code := plain_code(row.physician_code))]


def _tell_physicians(new: Sequence[OrderRow], delivery: OrderDelivery, at: datetime) -> None:
    """One notice per physician and delivery, however many orders it brought: until the RFC is proved, how many wait."""
    for rfc, count in sorted(Counter(row.physician_rfc for row in new).items()):
        kind, page = ("orders_arrived", "orders") if people.is_proved(rfc) else ("orders_wait", "home")
        notices.notify(
            user_ids=people.users_of_rfc(rfc), kind=f"billing/{kind}", key=f"delivery:{delivery.pk}",
            context={"count": count}, url=reverse(f"billing:{page}"), at=at,
        )  # fmt: skip


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


def _typed(payable: str) -> Decimal:
    try:
        return parse_money(payable, rules.CURRENCY)
    except RuleBroken as error:
        raise RuleBroken(error.message, code=error.code, field="payable") from error


def import_orders_file(
    *, insurer_id: str, upload: EncryptedUpload, rows: int, payable: str, by: User, at: datetime
) -> OrderDelivery:
    """Take in an insurer's CSV at the desk; `payable` as typed (MXN). The file is kept as evidence.

    Its physicians' codes are left out of the copy that is kept; the history has the SHA-256 of what arrived, so that
    the insurer's own file still proves the delivery.
    """
    insurer = Party.objects.get(pk=insurer_id)
    control = Delivery(rows=rows, payable=_typed(payable), sha256=upload.sha256)
    examined = papers.examine_upload(upload=upload, kinds={*TABLE_KINDS})
    if examined.is_rejected:
        refused = examined.refusal
        raise RuleBroken(refused.message, code=refused.code, field="file", findings=refused.findings)
    content = upload.read()
    read, numbers, unreadable = orders_file.read_csv(content)
    examined = replace(examined, replacement=orders_file.without_codes(content))
    with transaction.atomic():
        stored = papers.store_upload(examined=examined, purpose="orders_csv", party=insurer, by=by, at=at)
        return receive_orders(
            insurer=insurer, rows=read, numbers=numbers, unreadable=unreadable, control=control, source="csv",
            by=by, at=at, on=clock.date_in(at), file=stored,
        )  # fmt: skip
