"""Files of digital orders, sent by a desk and read by the drain, for tests of long imports."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

from openpyxl import Workbook

from billing.models import StagedOrder
from billing.rules.intake import OrderRow
from billing.rules.orders_file import ORDERS
from config.demo.uploads import upload_of
from portal.imports import services, tasks
from portal.imports.models import ImportRun
from portal.notices.models import Notice
from tests.factories import billing as a
from tests.factories import people

KIND, RFC, D = "billing.orders", people.rfc_number(7_100), Decimal
HEADINGS = [field.heading for field in ORDERS.fields]
TOTALS = ["--total", "rows=5", "--total", "payable=6500.00"]
CODES = ("QW12ER7Z", "ML98KJ5H", "", "ZX34CV6B", "")


def orders(count: int = 5, **changes: Any) -> list[OrderRow]:
    rows = [a.row(RFC, authorised_by="SEGUROS DE PRUEBA", account=f"CTA-{n}", **changes) for n in range(count)]
    return [replace(row, physician_code=CODES[n % len(CODES)]) for n, row in enumerate(rows)]


def cells(rows: list[OrderRow]) -> list[list[str]]:
    flags = {True: "sí", False: "no"}
    return [
        [
            flags.get(said, str(said)) if isinstance(said, bool) else str(said)
            for said in (getattr(row, name) for name in ORDERS.names)
        ]
        for row in rows
    ]


def text(rows: list[OrderRow], *, headings: list[str] = HEADINGS, more: str = "") -> bytes:
    return ("\r\n".join(",".join(line) for line in [headings, *cells(rows)]) + "\r\n" + more).encode()


def sheet(rows: list[OrderRow]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in [HEADINGS, *cells(rows)]:
        book.active.append(line)
    book.save(out)
    return out.getvalue()


def told(count: int = 5) -> dict[str, Any]:
    return {"rows": count, "payable": D("1300.00") * count}


def sent(desk: Any, content: bytes, name: str = "ordenes.csv", **more: Any) -> ImportRun:
    asked = {"kind": KIND, "sender": desk.sender, "declared": told(), "by": desk.by, "at": a.NOW} | more
    return services.read_file(upload=upload_of(name, content), **asked)


def worked(run: ImportRun) -> ImportRun:
    """The run after the drain had all it could."""
    tasks.work_on_imports()
    return ImportRun.objects.get(pk=run.pk)


def notices(desk: Any) -> list[str]:
    rows = Notice.objects.filter(user=desk.by, kind="import_ready").order_by("pk")
    return [row.title.partition(":")[0] for row in rows]


def staged(run: ImportRun) -> int:
    return StagedOrder.objects.filter(run_id=run.pk).count()
