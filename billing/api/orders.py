"""Orders of care: the insurer's system hands them over, by the same service as a CSV; their physician reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing import listings, services
from billing.api.shapes import Delivered, OrderTold
from billing.forms import OrdersFileForm, WithdrawForm
from billing.rules import orders_file
from billing.selectors import reach
from billing.selectors.desk_pages import insurer_choices
from portal import clock
from portal.access import Permission as P
from portal.api.calls import Asked, Body, acts, at, lists, shows
from portal.errors import RuleBroken
from portal.imports.api import TOLD, run_calls
from portal.imports.models import ImportRun
from portal.listing import Link
from portal.people.models import Party, User

SHAPE = "Manda un objeto con «control» (rows, payable) y «orders» (una lista de órdenes)."
EXAMPLE = {
    "control": {"rows": 1, "payable": "1300.00"},
    "orders": [
        {
            "account": "DV-9001",
            "physician_rfc": "OERL850612AA9",
            "patient": "María Fernanda López Garza",
            "service_on": "2026-11-20",
            "concept": "Consulta médica de especialidad",
            "fee": "1500.00",
            "coaseguro": "200.00",
            "payable": "1300.00",
            "authorised_by": "ASEGURADORA DEL VALLE",
            "signed_by_insured": True,
            "signed_by_physician": True,
        }
    ],
}
_ORDER = {
    name: {"type": "boolean" if isinstance(said, bool) else "string"} for name, said in EXAMPLE["orders"][0].items()
}  # type: ignore[index]
# Each order stands or falls alone, so a call is refused for its shape and totals only.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "control": {
            "type": "object",
            "properties": {"rows": {"type": "integer", "minimum": 1}, "payable": {"type": "string"}},
            "required": ["rows", "payable"],
            "additionalProperties": False,
        },
        "orders": {
            "type": "array",
            "minItems": 1,
            "maxItems": orders_file.ORDERS.max_called,
            "items": {"type": "object", "properties": {**_ORDER, "physician_code": {"type": "string"}}},
        },
    },
    "required": ["control", "orders"],
    "additionalProperties": False,
}


def _read(body: Any) -> Mapping[str, Any]:
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("orders"), list)
        or not isinstance(body.get("control"), dict)
    ):
        raise RuleBroken(SHAPE, code="bad_shape")
    orders_file.refuse_unknown(body, {"control", "orders"})
    control = orders_file.read_control(body["control"])
    return {"control": control, "read": orders_file.ORDERS.read_rows(body["orders"])}


def _insurer(asked: Asked) -> Party:
    assert asked.token is not None and asked.token.party is not None  # `people=False`: a system's credential alone
    return asked.token.party


def deliver(*, insurer: Party, read: Any, control: Mapping[str, Any], by: User, at: datetime) -> Any:
    """Amounts as text in MXN, dates ISO; what became of each row."""
    return services.receive_orders(insurer=insurer, read=read, control=control, by=by, at=at, on=clock.date_in(at))


def read_file(*, insurer: str, file: Any, by: User, at: datetime, **told: Any) -> ImportRun:
    """Read a CSV or an Excel sheet of orders, as the desk's page does; its run is applied by another call."""
    return services.read_orders_file(insurer_id=insurer, upload=file, by=by, at=at, **told)


RESOURCES = (
    at(
        "ordenes/",
        "api_orders",
        lists(listings.ORDERS, "Órdenes que te llegaron", scope="billing:read"),
        acts(
            deliver,
            "Entregar órdenes de una aseguradora",
            scope="orders:write",
            systems=True,
            people=False,
            find=_insurer,
            thing="insurer",
            takes=Body(_read, SCHEMA),
            answers=Delivered,
            status=201,
            example=EXAMPLE,
        ),
    ),
    at(
        "ordenes/<uuid:pk>/",
        "api_order",
        shows(
            lambda asked, pk: reach.own_order(asked.by, pk),
            "Una orden",
            scope="billing:read",
            permission=P.SEE_OWN_BILLING,
            answers=OrderTold,
        ),
    ),
    at(
        "mesa/ordenes/",
        "api_desk_orders",
        lists(listings.DESK_ORDERS, "Todas las órdenes", scope="billing:read"),
    ),
    at(
        "mesa/ordenes/<uuid:pk>/",
        "api_desk_order",
        shows(
            lambda asked, pk: reach.desk_order(asked.by, pk),
            "Una orden, en la mesa",
            scope="billing:read",
            permission=P.IMPORT_ORDERS,
            answers=OrderTold,
        ),
    ),
    at(
        "mesa/ordenes/<uuid:pk>/retirar/",
        "api_withdraw",
        acts(
            services.withdraw_order,
            "Retirar una orden que la aseguradora ya no quiere que se facture",
            scope="billing:write",
            permission=P.IMPORT_ORDERS,
            find=lambda asked, pk: reach.desk_order(asked.by, pk),
            thing="order",
            takes=WithdrawForm,
            answers=OrderTold,
            example={"reason": "La capturaron dos veces."},
        ),
    ),
    at(
        "mesa/ordenes/entregas/<uuid:pk>/",
        "api_delivery",
        shows(
            lambda asked, pk: reach.delivery(asked.by, pk),
            "Qué trajo una entrega",
            scope="billing:read",
            permission=P.IMPORT_ORDERS,
            answers=Delivered,
        ),
    ),
    at(
        "mesa/ordenes/importar/",
        "api_import_orders",
        acts(
            read_file,
            "Leer un archivo de órdenes sin aplicarlo",
            scope="billing:write",
            permission=P.IMPORT_ORDERS,
            takes=OrdersFileForm,
            given=lambda asked, _thing: {"insurers": insurer_choices(asked.by)},
            **TOLD,
            status=201,
            leads=Link("billing:api_orders_run"),
            example={
                "insurer": "0198c0de-0000-7000-8000-000000000000",
                "file": "@ordenes.csv",
                "rows": 3,
                "payable": "3900.00",
            },
        ),
    ),
    *run_calls(
        "mesa/ordenes/importaciones/",
        "api_orders_run",
        kind=services.KIND,
        permission=P.IMPORT_ORDERS,
        read="billing:read",
        write="billing:write",
    ),
)
