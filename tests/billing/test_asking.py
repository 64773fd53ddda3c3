"""What ends something is asked first, on a page that names the thing and its sum (issue 8, A4)."""

from __future__ import annotations

import pytest

from tests.factories import billing as a
from tests.factories import people

from .pages import post, text, url
from .test_undo import in_review

pytestmark = pytest.mark.django_db


def test_rejecting_is_asked_in_a_page_that_names_the_thing_and_the_sum_and_changes_nothing() -> None:
    invoice, desk = a.submitted(a.doctor()), people.signed_in(people.reviewer())
    asked = post(desk, "reject", invoice.folio, ask="rechazar_factura", reasons=["illegible_pdf"], note="Se ve «mal»")
    page = text(asked)
    assert asked.status_code == 200
    assert f"¿Rechazar {invoice.folio} por ${invoice.total:,.2f}?" in page and invoice.party.name in page
    assert 'name="reasons" value="illegible_pdf"' in page and "Se ve «mal»" in page, "what was typed travels along"
    assert f'href="{url("review", invoice.folio)}"' in page
    invoice.refresh_from_db()
    assert invoice.state == "submitted"
    assert post(people.signed_in(a.doctor().user), "reject", invoice.folio, ask="rechazar_factura").status_code == 403
    assert post(desk, "reject", "FA-2020-999999", ask="rechazar_factura").status_code == 404


def test_what_ends_something_of_billing_is_asked_with_its_sum() -> None:
    who, _invoice, complement, _again = in_review()
    order, desk = a.orders(who)[0], people.signed_in(people.reviewer())
    amount = f"${complement.transfer.amount:,.2f}"
    for one, words in (
        ("rechazar_complemento", "¿Rechazar el complemento de"),
        ("cancelar_complemento", "¿Marcar como cancelado el complemento de"),
    ):
        page = text(post(desk, "decide_complement", complement.pk, ask=one, reason="No coincide."))
        assert words in page and amount in page and "No coincide." in page
    page = text(post(desk, "withdraw", order.pk, ask="retirar_orden", reason="La pidió"))
    assert f"¿Retirar la orden {order.account} por ${order.payable:,.2f}?" in page
    complement.refresh_from_db()
    order.refresh_from_db()
    assert (complement.state, order.state) == ("in_review", "available")
