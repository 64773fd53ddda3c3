"""The pages of work: open a thing of a queue, see who has it, take it, decide, go on to the next in the filter."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing import queues
from portal import clock
from portal.work import registry, selectors, services
from portal.work.models import Hold, Look
from tests.factories import billing as b
from tests.factories import people

pytestmark = pytest.mark.django_db
NOW = clock.real_now()


def post(client: Any, name: str, thing: Any = None, queue: str = "billing.invoices", **fields: str) -> Any:
    args = [queue, thing.pk] if thing is not None else []
    return client.post(reverse(f"work:{name}", args=args), {"idempotency_key": uuid.uuid4().hex, **fields})


def page_of(invoice: Any, query: str = "") -> str:
    return reverse("billing:review", args=[invoice.folio]) + (f"?{query}" if query else "")


def three() -> list[Any]:
    """Three that wait, the oldest first; their totals go another way."""
    doctor, totals = b.doctor(), ("200.00", "300.00", "100.00")
    return [
        b.bare(
            doctor,
            submitted_at=NOW - timedelta(days=9 - place),
            base=Decimal(total),
            total=Decimal(total),
            withheld_isr=Decimal("0.00"),
        )
        for place, total in enumerate(totals)
    ]


def test_the_page_says_who_has_it_and_hides_the_decision_from_everybody_else() -> None:
    ana, other = people.reviewer(name="Ana Ruiz"), people.reviewer()
    mine, theirs = people.signed_in(ana), people.signed_in(other)
    (invoice, *_rest) = three()
    assert "Nadie lo atiende todavía" in mine.get(page_of(invoice)).content.decode()
    assert post(mine, "take", invoice, filtro="estado=submitted&x=1").headers["Location"] == page_of(
        invoice, "estado=submitted"
    ), "only what narrows the list travels"
    own, page = (client.get(page_of(invoice)).content.decode() for client in (mine, theirs))
    assert "Lo atiendes tú" in own and "Aceptar factura" in own
    assert "Ana Ruiz</b> lo atiende" in page and "Relevar a Ana Ruiz" in page and "Aceptar factura" not in page
    assert "Ana Ruiz" in theirs.get(reverse("billing:reviews")).content.decode(), "the list says it too"
    refused = post(theirs, "take", invoice)
    assert refused.status_code == 409 and "Ana Ruiz lo atiende" in refused.content.decode()
    assert f'href="{page_of(invoice)}"' in refused.content.decode()
    assert post(theirs, "give_back", invoice).status_code == 409
    assert post(theirs, "take_over", invoice, reason="").status_code == 422
    assert post(theirs, "take_over", invoice, reason="Ana salió hoy.").headers["Location"] == page_of(invoice)
    assert Hold.objects.get().holder == other
    assert post(theirs, "give_back", invoice).status_code == 302 and not Hold.objects.exists()


def test_next_and_previous_stay_within_the_filter_and_its_order_and_leave_out_what_a_colleague_has() -> None:
    someone = people.reviewer()
    client = people.signed_in(someone)
    first, second, third = three()

    def around(invoice: Any, query: str = "") -> tuple[str, str]:
        html = client.get(page_of(invoice, query)).content.decode()
        found = {key: re.search(rf'href="([^"]*)" data-key="{key}"', html) for key in "kj"}
        return tuple(hit[1].replace("&amp;", "&") if hit else "" for hit in found.values())  # type: ignore[return-value]

    by_total = "estado=submitted&orden=-total"
    assert around(second) == (page_of(first), page_of(third)), "the queue's own order, without a filter"
    assert around(second, by_total) == ("", page_of(first, by_total))
    assert around(third, by_total) == (page_of(first, by_total), "")
    assert around(second, f"buscar={first.folio}") == (page_of(first, f"buscar={first.folio}"), "")
    assert around(second, "estado=rejected") == ("", ""), "nothing waits there"
    listed = client.get(f"{reverse('billing:reviews')}?{by_total}").content.decode()
    assert f'href="{page_of(second, by_total)}"'.replace("&", "&amp;") in listed
    services.take(queue=queues.INVOICES, thing=first, by=people.reviewer(), at=NOW)
    assert around(second) == ("", page_of(third))
    accepted = client.post(
        reverse("billing:reject", args=[second.folio]),
        {"idempotency_key": uuid.uuid4().hex, "filtro": by_total, "reasons": "illegible_pdf", "note": ""},
    )
    assert accepted.headers["Location"] == page_of(third, by_total), "the decided one was the first of the filter"


def test_the_oldest_free_thing_is_taken_from_the_desk() -> None:
    one, other = people.signed_in(people.reviewer()), people.signed_in(people.reviewer())
    first, second, third = three()
    assert post(one, "take_next").headers["Location"] == page_of(first)
    assert post(other, "take_next", cola="billing.invoices").headers["Location"] == page_of(second)
    desk = other.get(reverse("desk:queue"))
    assert [row.holder for row, _waited, _late in desk.context["oldest"]] == [
        str(Hold.objects.get(thing_id=str(first.pk)).holder),
        str(Hold.objects.get(thing_id=str(second.pk)).holder),
        "",
    ]
    assert desk.context["first"].href == page_of(second), "what one has already comes first"
    for hold in (second, third):
        Hold.objects.filter(thing_id=str(hold.pk)).delete()
        services.take(queue=queues.INVOICES, thing=hold, by=people.reviewer(), at=NOW)
    assert post(other, "take_next").headers["Location"] == "/"
    assert post(other, "take_next", cola="billing.invoices").headers["Location"] == queues.INVOICES.list_address
    assert post(other, "take_next", cola="help.contacts").headers["Location"] == "/", "no queue of theirs"


def test_the_desk_offers_what_is_free_also_where_others_have_all_that_it_shows(monkeypatch) -> None:
    monkeypatch.setattr(selectors, "OLDEST", 2)
    client, (first, second, third) = people.signed_in(people.reviewer()), three()
    for invoice in (first, second):
        services.take(queue=queues.INVOICES, thing=invoice, by=people.reviewer(), at=NOW)
    page = client.get(reverse("desk:queue"))
    assert page.context["first"] is None and "Tomar siguiente" in page.content.decode()
    assert post(client, "take_next").headers["Location"] == page_of(third)
    services.take_over(queue=queues.INVOICES, thing=third, reason="Urge.", by=people.reviewer(), at=NOW)
    assert "Tomar siguiente" not in client.get(reverse("desk:queue")).content.decode()


def test_an_open_page_says_so_and_neither_keeps_a_session_alive_nor_ends_it() -> None:
    ana, me = people.reviewer(name="Ana Ruiz"), people.reviewer()
    invoice = three()[0]
    address = reverse("work:looking", args=["billing.invoices", invoice.pk])
    client = people.signed_in(ana)
    assert client.post(address).json() == {"here": ""}
    mine = people.signed_in(me)
    assert mine.post(address).json() == {"here": "Ana Ruiz también tiene abierta esta página."}
    assert "Ana Ruiz también tiene abierta esta página." in mine.get(page_of(invoice)).content.decode()
    assert Look.objects.count() == 2
    session = mine.session
    rested = clock.real_now().timestamp() - 120
    session.update({"began_at": rested, "seen_at": rested})
    session.save()
    mine.post(address)
    assert mine.session["seen_at"] == rested
    session = mine.session
    session.update({"began_at": rested - 90000, "seen_at": rested - 90000})
    session.save()
    assert mine.post(address).status_code == 204 and "_auth_user_id" in mine.session
    assert mine.get(page_of(invoice)).status_code == 302 and "_auth_user_id" not in mine.session


def test_who_does_not_work_on_a_queue_finds_none_of_its_things() -> None:
    invoice = three()[0]
    doctor, desk = people.signed_in(people.physician()), people.signed_in(people.support())
    names = ("take", "give_back", "take_over", "looking")
    for client in (doctor, desk):
        assert {post(client, name, invoice).status_code for name in names} == {404}
    reviewer = people.signed_in(people.reviewer())
    assert {post(reviewer, name, invoice, "nothing.here").status_code for name in names} == {404}
    assert post(reviewer, "take", invoice, "billing.overdue").status_code == 404, "a figure: nobody takes it"
    with pytest.raises(KeyError):
        selectors.standing("nothing.here", invoice, user=None, at=NOW, asked=None)  # type: ignore[arg-type]


def test_every_queue_leads_to_a_list_that_its_people_may_open_and_that_shows_what_waits() -> None:
    three()
    made = {role: people.user_with_role(role) for role in people.STAFF_ROLES}
    names = set()
    for user in made.values():
        client = people.signed_in(user)
        for queue in registry.queues_for(user):
            names.add(queue.name)
            shown = client.get(queue.list_address)
            assert shown.status_code == 200, queue.name
            for row in queue.rows(user, NOW) if queue.listing else ():
                assert queue.address(row) in shown.content.decode(), queue.name
    assert names == {
        "billing.invoices",
        "billing.complements",
        "billing.overdue",
        "claims.claims",
        "claims.overdue",
        "claims.requests",
        "claims.second_looks",
        "claims.withdrawals",
        "claims.advice",
        "help.contacts",
        "memberships.doubts",
        "memberships.refunds_to_approve",
        "memberships.refunds_wanted",
        "people.grants",
        "proofs.moves",
        "proofs.papers",
        "treasury.accounts",
        "treasury.due",
        "treasury.payables",
        "treasury.deposits",
        "treasury.to_approve",
        "treasury.to_send",
    }
