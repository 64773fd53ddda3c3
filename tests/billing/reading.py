"""Orders as the layout reads them, in the three parts that tests look at: rows, their numbers, errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from billing.rules import OrderRow
from billing.rules.orders_file import ORDERS
from portal.imports.rules.layouts import Read, RowError

Parts = tuple[list[OrderRow], list[int], list[RowError]]


def read_csv(content: bytes, **limits: Any) -> Parts:
    return _parts(replace(ORDERS, **limits).read_file(content))


def read_rows(raw: Sequence[Any], **limits: Any) -> Parts:
    return _parts(replace(ORDERS, **limits).read_rows(raw))


def _parts(read: Read) -> Parts:
    return [item.value for item in read.items], [item.number for item in read.items], list(read.errors)
