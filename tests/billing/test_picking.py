"""Choosing the orders of an invoice: one insurer's at a time, counted and summed, up to 200 (S0.17)."""

from __future__ import annotations

import gzip
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import CareOrder, Invoice, InvoiceLine
from billing.rules import MOST_ORDERS
from portal.access import Role
from portal.people.models import Grant
from tests.factories import billing as a
from tests.factories import people

from .pages import post, text

pytestmark = pytest.mark.django_db
PICK = "/medico/facturas/nueva/"
EVERY_PAGE = re.compile(
    r'FROM "(django_session|people_user|people_grant|people_consent\w*|notices_notice)"|UPDATE|SAVEPOINT'
)


@pytest.fixture
def who() -> SimpleNamespace:
    """A physician with three orders of one insurer and one of another."""
    made = a.doctor()
    made.first, made.second = a.insurer("SEGUROS UNO"), a.insurer("SEGUROS DOS")
    made.three, made.one = a.orders(made, 3, payer=made.first), a.orders(made, payer=made.second)
    made.client = people.signed_in(made.user)
    return made


def of(made: SimpleNamespace, payer: Any, **more: str) -> dict[str, str]:
    return {"aseguradora": str(payer.pk), "medico": made.party.rfc, **more}


def more_orders(made: SimpleNamespace, number: int) -> None:
    """As many again, as rows: what arrives is tested elsewhere."""
    like = made.three[0]
    CareOrder.objects.bulk_create(
        CareOrder(
            insurer=made.first,
            account=f"MAS-{one:05}",
            physician_rfc=like.physician_rfc,
            patient="MARÍA FERNANDA DE LOS ÁNGELES SOLÍS",
            service_on=like.service_on,
            fee=like.fee,
            coaseguro=like.coaseguro,
            payable=like.payable,
            authorised_by="X",
            signed_by_insured=True,
            signed_by_physician=True,
            created_at=like.created_at,
        )
        for one in range(number)
    )


def accounts(answer: Any) -> list[str]:
    return [row[0].text for row in answer.context["page"].rows]


def test_one_insurers_orders_stand_on_a_table_the_most_first_and_its_filters_act_on_it(who: SimpleNamespace) -> None:
    shown = who.client.get(PICK)
    assert accounts(shown) == [one.account for one in who.three] and len(shown.context["groups"]) == 2
    assert "SEGUROS UNO (3 · " in text(shown) and "Facturar todas: 3 órdenes" in text(shown)
    assert shown.context["rates"] == "0.100000", "612: ten per cent of each order"
    assert "¿De dónde sale la retención?" in text(shown) and "Regla withholding.PF, v" in text(shown)
    assert accounts(who.client.get(PICK, of(who, who.second))) == [who.one[0].account]
    narrowed = who.client.get(PICK, of(who, who.first, buscar=who.three[1].account))
    assert accounts(narrowed) == [who.three[1].account] and "Facturar todas: 1 orden" in text(narrowed)
    assert accounts(who.client.get(PICK, of(who, SimpleNamespace(pk="nobody")))) == accounts(shown)


def test_todas_bills_what_the_filters_leave_and_is_judged_again_by_the_server(who: SimpleNamespace) -> None:
    address = f"{PICK}?aseguradora={who.first.pk}&medico={who.party.rfc}&buscar={who.three[1].account[:-1]}"
    left = accounts(who.client.get(address))
    gone, key = a.draft(who, of=[who.three[0]]), "k" * 20
    every = of(who, who.first, todas="1")
    answers = [who.client.post(address, every, headers={"Idempotency-Key": key}) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302] and answers[0]["Location"] == answers[1]["Location"]
    made = Invoice.objects.exclude(pk=gone.pk).get()
    billed = set(made.lines.values_list("order__account", flat=True))
    assert billed == set(left) - {who.three[0].account}, "what somebody billed meanwhile is not billed twice"
    refused = who.client.post(address, every, headers={"Idempotency-Key": "j" * 20})
    assert refused.status_code == 422 and "Elige al menos una orden" in text(refused), "nor another insurer's instead"


def test_an_invoice_has_at_most_200_orders_and_the_page_of_200_stays_light(who: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as few:
        who.client.get(PICK)
    more_orders(who, MOST_ORDERS)
    with CaptureQueriesContext(connection) as many:
        full = who.client.get(PICK)
    assert len(full.context["page"].rows) == MOST_ORDERS and "Facturar las primeras 200" in text(full)
    assert len(gzip.compress(full.content)) < 60_000 and len(many) - len(few) <= 2  # the count and the sum of more
    every = list(CareOrder.objects.filter(insurer=who.first).values_list("pk", flat=True))
    refused = post(who.client, "start", orders=every)
    assert refused.status_code == 422 and f"una factura lleva hasta {MOST_ORDERS}" in text(refused)
    assert not InvoiceLine.objects.exists()
    done = who.client.post(PICK, of(who, who.first, todas="1"), headers={"Idempotency-Key": "t" * 20})
    assert done.status_code == 302 and InvoiceLine.objects.count() == MOST_ORDERS


def test_who_bills_for_two_physicians_sees_whose_each_table_is_AC_06(who: SimpleNamespace) -> None:
    other = a.doctor()
    a.orders(other, payer=who.first)
    helper = people.assistant_of(who.user)
    Grant.objects.create(user=helper, party=other.party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    shown = people.signed_in(helper).get(PICK)
    assert [one.label for one, _is_shown in shown.context["groups"]] == sorted(
        [f"SEGUROS DOS, {who.party.name}", f"SEGUROS UNO, {other.party.name}", f"SEGUROS UNO, {who.party.name}"]
    )


def test_nobody_else_chooses_orders_and_where_none_waits_the_page_says_so(who: SimpleNamespace) -> None:
    stranger = a.doctor()
    empty = people.signed_in(stranger.user).get(PICK, of(who, who.first))
    assert empty.status_code == 200 and "No hay órdenes por facturar" in text(empty)
    assert who.three[0].account not in text(empty)
    assert people.signed_in(people.reviewer()).get(PICK).status_code == 403
    assert Client().get(PICK)["Location"].startswith("/entrar/")
    assert reverse("billing:start") == PICK


def test_a_table_of_more_than_a_page_asks_four_queries_beside_what_every_page_asks_G11(who: SimpleNamespace) -> None:
    """Groups with their count and scheme, the rulebook's stamp, saved views, rows."""
    more_orders(who, 60)
    who.client.get(PICK)
    with CaptureQueriesContext(connection) as asked:
        shown = who.client.get(PICK)
    own = [row["sql"] for row in asked.captured_queries if not EVERY_PAGE.search(row["sql"])]
    assert len(own) <= 4, own
    assert shown.context["page"].count_label == "63 órdenes" and shown.context["rates"]
    narrowed = who.client.get(PICK, {"buscar": "MAS-000", **of(who, who.first)})
    assert narrowed.context["page"].count_label == "60 órdenes"
