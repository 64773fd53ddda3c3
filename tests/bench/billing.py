"""What billing costs: a long file of orders, from the upload to the rows that stand (G30)."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from tests.bench.pairs import Goal, compare

ROWS = 100_000  # the most that one file of orders may bring
PAIRS = 3  # of about a quarter of a minute each: the whole table takes less than five
_COLUMNS = """account text, physician_rfc text, patient text, service_on date, concept text, fee numeric(16,2),
coaseguro numeric(16,2), payable numeric(16,2), authorised_by text, signed_by_insured bool, signed_by_physician bool"""
# The limit was a guess of 20. 38 on a quiet machine: a COPY has neither indexes and foreign keys of an order nor its
# typing in the child nor its two judgements (docs/performance.md says what each takes).
GOALS = {"G30": Goal("≤", 45.0, 9.0)}


def orders() -> None:
    """G30: a file of orders read in the child, staged, judged, applied / COPY of its rows into a bare typed table."""
    from django.db import connection

    from billing import services
    from billing.models import CareOrder
    from billing.rules.orders_file import ORDERS
    from config.demo.uploads import upload_of
    from portal import clock
    from portal.access import Permission
    from portal.imports import services as imports
    from portal.papers import examiner
    from portal.people.selectors import people_with

    insurer: Any = CareOrder.objects.order_by("pk")[0].insurer
    by = people_with(Permission.IMPORT_ORDERS, on=clock.today())[0]
    heading = ",".join(field.heading for field in ORDERS.fields if field.name != ORDERS.secret)
    batch = count()

    def lines() -> list[str]:
        said = f"2026-11-20,Consulta,1500.00,200.00,1300.00,{insurer.name},1,1"
        name = f"B{next(batch):03d}"
        return [f"{name}-{number:06d},{_rfc(number)},Paciente Número Ñ {number},{said}" for number in range(ROWS)]

    def ours() -> None:
        upload = upload_of("ordenes.csv", "\n".join([heading, *lines()]).encode())
        asked = {"rows": ROWS, "payable": f"{ROWS * 1300}.00", "by": by, "at": clock.now()}
        run = services.read_orders_file(insurer_id=str(insurer.pk), upload=upload, **asked)
        done = imports.apply_run(run=imports.read_now(run=run, at=clock.now()), by=by, at=clock.now())
        if done.new != ROWS:
            raise SystemExit(str(done.told[:3]))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE bare ({_COLUMNS})")
            cursor.copy_expert("COPY bare FROM STDIN WITH (FORMAT csv)", io.StringIO("\n".join(lines())))
            cursor.execute("DROP TABLE bare")

    compare(f"G30 {ROWS:,} órdenes de un archivo / COPY a secas", ours, bare, pairs=PAIRS)
    examiner.stop()


def _rfc(number: int) -> str:
    """One of some hundred physicians who are not registered: nobody is told."""
    return f"NUPM8001{number % 28 + 1:02d}AA{number % 10}"


MEASURES = (orders,)
