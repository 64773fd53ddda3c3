"""The kinds of import that billing takes in (`portal/imports`)."""

from __future__ import annotations

from billing import services
from billing.models import StagedOrder
from billing.rules.orders_file import ORDERS
from billing.selectors import desk_pages
from portal.access import Permission
from portal.imports.registry import ImportSpec

DIGITAL_ORDERS = ImportSpec(
    kind=services.KIND,
    title="Órdenes digitales",
    permission=Permission.IMPORT_ORDERS,
    layout=ORDERS,
    judge=services.judge_orders,
    apply=services.apply_orders,
    purpose="orders_csv",
    start="billing:import_orders",
    done=desk_pages.delivery_address,
    staging=StagedOrder,
)
