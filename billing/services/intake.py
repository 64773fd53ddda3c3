"""Digital orders arrive from the insurer, by API or CSV: idempotent, row errors, control totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.urls import reverse

from billing import rules
from billing.models import CareOrder, OrderDelivery, StagedOrder
from billing.rules import OrderRow, OrderState
from billing.rules.orders_file import OF_ORDER, ORDERS, PAYABLE
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history
from portal.imports import services as imports
from portal.imports.rules.cells import FIRST_DAY
from portal.imports.rules.layouts import Judged, Read, RowError
from portal.imports.rules.tables import TABLE_KINDS
from portal.imports.staging import Rows, asked_secret
from portal.notices import services as notices
from portal.papers import services as papers
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Party
from portal.people.rules import plain_code
from portal.prepared import insert
from portal.text import search_key

if TYPE_CHECKING:
    from portal.imports.models import ImportRun
    from portal.papers.models import DraftFile
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

KIND = "billing.orders"
DRAFT = "orders"
TAKEN = "Esa cuenta de la orden ya existe con otros datos. Retírala o usa otra."


def receive_orders(
    *, insurer: Party, read: Read, control: Mapping[str, Any], by: User, at: datetime, on: date
) -> OrderDelivery:
    """Store the good orders of a call once, say what is wrong with the others (S0.10-S0.13).

    `control` are the totals the sender announces (`rows`, `payable` in MXN): wrong ones store nothing. Sending the same
    order again changes nothing; the same account with other data is an error of that row.
    """
    delivery: OrderDelivery = imports.take_in(
        kind=KIND, sender=insurer, read=read, declared=control, by=by, at=at, on=on
    ).order_delivery
    return delivery


def read_orders_file(
    *, insurer_id: str, upload: EncryptedUpload, rows: int, payable: str, by: User, at: datetime
) -> ImportRun:
    """Read and judge an insurer's CSV at the desk; `payable` as typed (MXN). Nothing enters until it is applied.

    The file is kept as evidence. Raises RuleBroken about the whole file, or about a total that cannot be read.
    """
    insurer = Party.objects.get(pk=insurer_id)
    control = ORDERS.typed(rows, {PAYABLE: payable})
    return imports.read_file(kind=KIND, sender=insurer, upload=upload, declared=control, by=by, at=at)


def keep_orders_file(*, upload: EncryptedUpload, by: User, at: datetime) -> DraftFile:
    """Keep a file of orders whose insurer or totals are not right yet; it is read when they are.

    Raises RuleBroken for a file that is no table, or that brings physicians' codes: they rest nowhere (AC-11). What
    stands in a file above 5 MB is not looked for: one that has their column is not kept.
    """
    kinds = {*TABLE_KINDS}
    if (upload.size or 0) > papers.EXAMINED_AT_ONCE:
        head = asked_secret(ORDERS, whole=False)
        papers.require_accepted(
            papers.examine_bytes(content=upload.read(), name=upload.name, kinds=kinds, **head), field="file"
        )
    return papers.keep_draft(form=DRAFT, upload=upload, kinds=kinds, by=by, at=at, **asked_secret(ORDERS, whole=True))


def judge_orders(*, rows: Rows, sender: Party, subject_id: str, on: date) -> Judged:
    """What would become of the staged orders of an insurer: new, here already, or wrong and why.

    The table says which rows are wrong; their sentences are those of `rules.check_order`. What was received is never
    edited, so nothing of it is locked.
    """
    del subject_id  # orders are about nothing else
    said = _said(rows, sender, on)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(table=rows.table, wrong=_WRONG), said)
        new, unchanged, taken, bad = cursor.fetchone()
    wrong = [
        replace(error, sheet_row=place)
        for place, number, row in (_wrong_orders(rows, said) if bad else ())
        for error in rules.check_order(row, number=number, on=on, insurer=sender.name)
    ]
    wrong += [RowError(number, "account", "account_taken", TAKEN, sheet_row) for number, sheet_row in taken or ()]
    return Judged(staged=new, unchanged=unchanged, errors=tuple(sorted(wrong, key=lambda error: error.row)))


def apply_orders(*, run: ImportRun, rows: Rows, judged: Judged, by: User, at: datetime) -> None:
    """Store the new orders of a run as one delivery, keep the codes beside them, tell their physicians."""
    payable = ORDERS.from_json(run.counted)[PAYABLE]
    delivery = OrderDelivery(run=run, payable=payable)
    insert(delivery)
    said: dict[str, Any] = {
        "run": rows.run_id,
        "insurer": run.sender_id,
        "wrong": sorted({error.row for error in judged.errors}),
        "kind": CareOrder.Kind.DIGITAL,
        "currency": rules.CURRENCY,
        "state": rules.ORDER.initial,
        "delivery": delivery.pk,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTERS.format(table=rows.table), said)
        arrived: dict[str, int] = dict(cursor.fetchall())
    if (entered := sum(arrived.values())) != judged.staged:
        raise AssertionError(f"{entered} orders entered, {judged.staged} were judged new")
    if codes := _codes(rows, run):
        accounts.keep_rfc_codes(issuer=run.sender, codes=codes, by=by, at=at)
    _tell_physicians(delivery, arrived, at)
    history.record(
        action="billing.orders_received",
        subject=delivery,
        party_id=run.sender_id,
        by=by,
        at=at,
        details=_counts(run) | ({"sha256": run.sha256} if run.sha256 else {}),
    )


# What `rules.check_order` asks, over the staged rows of a run; letters are compared by their code, as Python does.
_WRONG = f"""(NOT holds OR account COLLATE "C" !~ '^{rules.ACCOUNT_PATTERN.pattern.removesuffix(chr(92) + "Z")}$'
 OR service_on > %(on)s OR service_on < %(first)s
 OR fee < 0 OR coaseguro < 0 OR payable <= 0 OR fee <> coaseguro + payable
 OR position(%(insurer_key)s IN authorised_key) = 0 OR NOT signed_by_insured OR NOT signed_by_physician)"""
_DATA = ", ".join(OF_ORDER)
# New, here already, the others (number, sheet row), how many are wrong by themselves: an account is the order that
# stands, or its first row. Staged rows are never joined with themselves: nobody analysed a table filled a moment ago.
_COUNTED = """WITH good AS (
 SELECT number, sheet_row, {data}, row_number() OVER account AS place, first_value(({data})) OVER account AS first
 FROM {{table}} WHERE run_id = %(run)s AND NOT {{wrong}}
 WINDOW account AS (PARTITION BY account COLLATE "C" ORDER BY number)
), judged AS (
 SELECT good.number, good.sheet_row,
  CASE WHEN stands.account IS NOT NULL THEN ({good}) = ({stands})
   WHEN good.place > 1 THEN ({good}) = good.first END AS same
 FROM good LEFT JOIN billing_careorder stands ON stands.insurer_id = %(insurer)s AND stands.account = good.account
)
SELECT count(*) FILTER (WHERE same IS NULL), count(*) FILTER (WHERE same),
 json_agg(json_build_array(number, sheet_row)) FILTER (WHERE NOT same),
 (SELECT count(*) FROM {{table}} WHERE run_id = %(run)s) - count(*) FROM judged""".format(
    data=_DATA, **{name: ", ".join(f"{name}.{one}" for one in OF_ORDER) for name in ("good", "stands")}
)
# How many entered, by the RFC of their physician.
_ENTERS = f"""WITH entered AS (INSERT INTO billing_careorder
 (id, kind, insurer_id, currency, state, delivery_id, created_at, {_DATA})
 SELECT uuidv7(), %(kind)s, %(insurer)s, %(currency)s, %(state)s, %(delivery)s, %(at)s, {_DATA}
 FROM {{table}} WHERE run_id = %(run)s AND number <> ALL (%(wrong)s::int[])
 ORDER BY number ON CONFLICT (insurer_id, account) DO NOTHING RETURNING physician_rfc)
 SELECT physician_rfc, count(*) FROM entered GROUP BY physician_rfc ORDER BY physician_rfc"""


def _said(rows: Rows, insurer: Party, on: date) -> dict[str, Any]:
    return {
        "run": rows.run_id,
        "insurer": insurer.pk,
        "insurer_key": search_key(insurer.name),
        "on": on,
        "first": FIRST_DAY,
    }


def _wrong_orders(rows: Rows, said: Mapping[str, Any]) -> Iterator[tuple[int, int, OrderRow]]:
    """(sheet row, number, order) of the staged rows that are wrong by themselves, each with its code."""
    with connection.cursor() as cursor:
        sql = f"SELECT sheet_row, number, {_DATA} FROM {rows.table} WHERE run_id = %(run)s AND {_WRONG} ORDER BY number"
        cursor.execute(sql, said)
        for place, number, *data in cursor.fetchall():
            told: dict[str, Any] = dict(zip(OF_ORDER, data, strict=True))
            told["physician_code"] = rows.secrets.get(str(place or number), "")
            yield place, number, OrderRow(**told)


def _counts(run: ImportRun) -> dict[str, Any]:
    return {"rows": run.rows, "accepted": run.new, "unchanged": run.unchanged, "errors": len(run.errors)}


def _codes(rows: Rows, run: ImportRun) -> list[tuple[str, str]]:
    """(RFC, code) of the good rows that bring one: it proves the physician's RFC when they type it (AC-11)."""
    wrong = {error["row"] for error in run.errors}
    if not rows.secrets:
        return []
    staged = StagedOrder.objects.filter(run_id=rows.run_id).order_by("number")
    found = staged.values_list("number", "sheet_row", "physician_rfc")
    cells = ((rfc, rows.secrets.get(str(place or number), "")) for number, place, rfc in found if number not in wrong)
    return [(rfc, code) for rfc, cell in cells if (code := plain_code(cell))]


def _tell_physicians(delivery: OrderDelivery, arrived: Mapping[str, int], at: datetime) -> None:
    """One notice per physician and delivery, however many orders it brought: until the RFC is proved, how many wait."""
    tellings: dict[str, list[notices.Telling]] = {"orders_arrived": [], "orders_wait": []}
    for (rfc, is_proved), told in people.users_by_rfc(arrived, on=clock.date_in(at)).items():
        kind, page = ("orders_arrived", "orders") if is_proved else ("orders_wait", "home")
        url = reverse(f"billing:{page}")
        tellings[kind].append(notices.Telling(told, f"delivery:{delivery.pk}", {"count": arrived[rfc]}, url))
    for kind, ones in tellings.items():
        if ones:
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
