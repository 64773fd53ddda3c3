"""The insurer's API for digital orders: the same service as the CSV import."""

from __future__ import annotations

from typing import Any

from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from billing import services
from billing.rules import orders_file
from portal import clock
from portal.access import public
from portal.errors import RuleBroken
from portal.people.api import scoped

SHAPE = "Manda un objeto con «control» (rows, payable) y «orders» (una lista de órdenes)."


@public("La API pide su propia credencial: un token con el alcance orders:write.")
@api_view(["POST"])
@scoped("orders:write", idempotent="billing.api_orders")
def orders(request: Request) -> Response:
    """`POST /api/v1/ordenes/`: amounts as text in MXN, dates ISO; 201 with what became of each row.

    Errors: 401 no token, 403 wrong scope, 409 same key with another body, 422 control totals or shape.
    """
    body = _body(request)
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("orders"), list)
        or not isinstance(body.get("control"), dict)
    ):
        raise RuleBroken(SHAPE, code="bad_shape")
    orders_file.refuse_unknown(body, {"control", "orders"})
    control = orders_file.read_control(body["control"])
    at = clock.now()
    delivery = services.receive_orders(
        insurer=request.auth.party,
        read=orders_file.ORDERS.read_rows(body["orders"]),
        control=control,
        by=request.user,
        at=at,
        on=clock.date_in(at),
    )
    return Response(
        {
            "delivery": str(delivery.pk),
            "rows": delivery.rows,
            "accepted": delivery.accepted,
            "unchanged": delivery.unchanged,
            "payable": str(delivery.payable),
            "errors": delivery.errors,
        },
        status=201,
    )


def _body(request: Request) -> Any:
    """The parsed body; one nested without end is a bad shape, not a fault of ours."""
    try:
        return request.data
    except RecursionError as error:
        raise RuleBroken(SHAPE, code="bad_shape") from error
