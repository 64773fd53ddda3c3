"""Homes: every panel of one's workspaces, the most urgent first, each thing once; and the queue, narrowed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import queues
from portal import clock
from portal.access import ROLES, WORKSPACES, Role, Workspace
from portal.help.queues import MESSAGES_TO_ANSWER
from portal.ids import uuid7
from portal.people import selectors as people_selectors
from portal.people.models import Consent, Grant, Party, User
from portal.reading import one_reading
from portal.work import home, registry, rules, selectors, services
from portal.work.asked import narrowed_by
from portal.work.models import Hold
from tests.factories import billing as b
from tests.factories import people
from tests.factories import treasury as situations
from tests.pages import once

NOW = clock.real_now()
TODAY = clock.date_in(NOW)


# --- what is urgent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "late"),
    [
        (None, False),
        (TODAY, False),
        (TODAY - timedelta(days=1), True),
        (NOW + timedelta(minutes=1), False),
        (NOW, False),
        (NOW - timedelta(minutes=1), True),
    ],
)
def test_a_day_counts_to_its_end_and_an_instant_to_the_minute(due: date | datetime | None, late: bool) -> None:
    assert rules.is_overdue(due, at=NOW) is late


def test_overdue_comes_first_then_what_is_due_then_what_is_oldest() -> None:
    long_ago, lately = NOW - timedelta(days=90), NOW - timedelta(days=1)
    rows = {
        "late since yesterday": (TODAY - timedelta(days=1), lately),
        "late for a week": (NOW - timedelta(days=7), lately),
        "due in an hour": (NOW + timedelta(hours=1), lately),
        "due tomorrow": (TODAY + timedelta(days=1), long_ago),
        "oldest": (None, long_ago),
        "newest": (None, lately),
    }
    told = sorted(rows, key=lambda name: rules.urgency(rows[name][0], since=rows[name][1], at=NOW))
    assert told == ["late for a week", "late since yesterday", "due in an hour", "due tomorrow", "oldest", "newest"]


def item(title: str, **fields: Any) -> registry.WorkItem:
    return registry.WorkItem("planted", title, "", fields.pop("since", NOW), f"/{title}/", **fields)


def test_the_next_thing_stands_above_and_not_again_below_and_nobody_is_sent_to_what_a_colleague_has() -> None:
    old, due, held = (
        item("old", since=NOW - timedelta(9)),
        item("due", due=TODAY),
        item("held", due=TODAY, holder="Ana"),
    )
    filled = registry.Filled(items=[old, due, held])
    shown = home._shown("x", "X", filled, due, NOW)
    assert [one.item.title for one in shown.lines] == ["held", "old"] and shown.text == ""
    alone = home._shown("x", "X", registry.Filled(items=[due]), due, NOW)
    assert (list(alone.lines), alone.text) == ([], "Es lo siguiente, aquí arriba.")
    assert home.line(held, at=NOW).when.startswith("A más tardar el ")
    assert home.line(item("z", due=NOW - timedelta(days=2)), at=NOW).when.startswith("Vencido: se esperaba el ")
    assert registry.Filled().is_empty and not registry.Filled(text="Algo").is_empty


def test_every_queue_stands_in_the_workspace_of_every_role_that_works_on_it() -> None:
    """Else its work would be in nobody's home."""
    astray = [
        (queue.name, role)
        for queue, role in itertools.product(registry.queues(), Role)
        if queue.permission in ROLES[role] and role not in WORKSPACES[queue.workspace]
    ]
    assert astray == []
    lost = [
        (panel.name, role)
        for panel, role in itertools.product(registry.panels(), Role)
        if panel.permission in ROLES[role] and not any(role in WORKSPACES[one] for one in panel.workspaces)
    ]
    assert lost == []


# --- the homes of people ---------------------------------------------------------------------------------------------


def _home(user: Any, *places: Workspace) -> home.Home:
    return home.home(user, at=NOW, places=places)


def test_a_physician_reads_what_is_theirs_to_do_the_overdue_complement_before_all(db: None) -> None:
    who = b.doctor()
    situations.validated(who, NOW - timedelta(days=30))
    quiet = _home(who.user, Workspace.PHYSICIAN)
    assert quiet.next is None and [one.name for one in quiet.panels] == ["billing.first_steps", "treasury.account"]
    assert "Nada por corregir." in quiet.empty
    orders = b.orders(who, 3)
    b.draft(who, of=[orders[0]])
    back = b.bare(who, state="returned", decided_at=NOW)
    late = b.bare(who, paid_on=TODAY - timedelta(days=40), complement_due_on=TODAY - timedelta(days=1))
    shown = _home(who.user, Workspace.PHYSICIAN)
    assert shown.next is not None and shown.next.late
    assert shown.next.item.href == reverse("billing:payment", args=[late.transfer_id]), "the thing, not its list"
    lines = {one.item.kind: one.item.href for panel in shown.panels for one in panel.lines}
    assert lines["billing.returned"] == reverse("billing:draft", args=[back.pk])
    assert set(lines) == {"billing.returned", "billing.drafts", "billing.to_invoice"}
    page = people.signed_in(who.user).get(reverse("billing:home")).content.decode()
    assert page.count(reverse("billing:payment", args=[late.transfer_id])) == 1, "each thing stands once"
    assert "Tienes 2 órdenes listas para facturar" in page and "Vencido: se esperaba el" in page


def test_no_panel_asks_more_than_three_queries_whoever_reads_it(db: None) -> None:
    who = b.doctor()
    situations.validated(who, NOW - timedelta(days=30))
    b.draft(who, of=b.orders(who, 1))
    for more in ({"state": "returned"}, {"state": "accepted", "payment_state": "payable"}):
        b.bare(who, decided_at=NOW, **more)
    b.bare(who, paid_on=TODAY, complement_due_on=TODAY)
    b.orders(who, 2)
    readers = [who.user, b.doctor(regime="").user, people.assistant_of(who.user)]
    readers += [people.user_with_role(role) for role in Role if role != Role.INSURER_API]
    asked = {}
    for user, panel in itertools.product(readers, registry.panels()):
        if panel.permission in user.permissions:
            with CaptureQueriesContext(connection) as seen, one_reading():
                panel.read(user, NOW)
            asked[panel.name] = max(len(seen), asked.get(panel.name, 0))
    assert set(asked) == {panel.name for panel in registry.panels()}
    assert {name: many for name, many in asked.items() if many > 3} == {}


def test_who_bills_for_two_physicians_reads_whose_each_thing_is(db: None) -> None:
    one, other = b.doctor(), b.doctor()
    helper = people.assistant_of(one.user)
    b.bare(one, state="returned", decided_at=NOW)
    assert one.party.name not in _subjects(helper)
    Grant.objects.create(user=helper, party=other.party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    b.bare(other, state="returned", decided_at=NOW)
    helper.__dict__.pop("live_grants", None)
    told = _subjects(helper)
    assert all(Party.objects.get(pk=who.party.pk).name in told for who in (one, other))


def _subjects(user: Any) -> str:
    shown = _home(user, Workspace.PHYSICIAN)
    lines = [line for panel in shown.panels for line in panel.lines] + ([shown.next] if shown.next else [])
    return " ".join(line.item.subject for line in lines)


def test_who_reviews_and_bills_reads_both_at_inicio_and_each_workspace_by_itself(db: None) -> None:
    user = people.reviewer()
    Grant.objects.create(user=user, party=people.a_party(), role=Role.PHYSICIAN, since=people.LONG_AGO)
    for text in people_selectors.missing_consents(user):
        Consent.objects.create(user=user, text=text, purposes=["necessary"], proof="session", at=NOW)
    user.__dict__.pop("live_grants", None)
    invoice = b.bare(b.doctor())
    client = people.signed_in(user)
    page = client.get("/inicio/").content.decode()
    waits = f'Factura <span class="nowrap">{invoice.folio}</span>'
    assert waits in page and "Para tu primera factura" in page
    assert waits not in client.get("/medico/").content.decode()
    client.get("/inicio/")
    with CaptureQueriesContext(connection) as few:
        client.get("/inicio/")
    for _ in range(20):
        b.bare(b.doctor())
    with CaptureQueriesContext(connection) as many:
        client.get("/inicio/")
    assert len(many) == len(few) <= 20


def test_who_has_no_workspace_reads_that_nothing_waits(db: None) -> None:
    assert "Todo está al día" in people.signed_in(people.a_person()).get("/inicio/").content.decode()


def test_what_is_only_counted_is_asked_at_once_zero_included_G11(db: None) -> None:
    owed, who = situations.physician(), situations.desk().preparer

    def told(at: datetime) -> dict[str, tuple[int, list[str]]]:
        with CaptureQueriesContext(connection) as seen:
            found = {load.queue.name: (load.count, [one.title for one in load.oldest]) for load in _loads(who, at)}
        assert sum('FROM "treasury_payable"' in row["sql"] for row in seen.captured_queries) == 1
        return found

    assert told(NOW)["treasury.payables"] == told(NOW)["treasury.due"] == (0, [])
    situations.payable(owed)
    assert told(NOW)["treasury.payables"] == (1, ["1 pago por preparar"])
    situations.payable(owed)
    long_before = told(situations.NOW - timedelta(days=3))
    assert long_before["treasury.payables"] == (2, ["2 pagos por preparar"])
    assert (long_before["treasury.due"], told(NOW)["treasury.due"]) == ((0, []), (2, []))


def _loads(user: Any, at: datetime) -> tuple[selectors.Load, ...]:
    return selectors.loads(User.objects.get(pk=user.pk), at=at)


# --- the queue, narrowed ---------------------------------------------------------------------------------------------


def test_words_of_an_address_that_mean_nothing_narrow_nothing() -> None:
    one = uuid7()
    asked = narrowed_by(QueryDict(f"cola=billing.invoices&quien=mio&plazo=vencido&espacio=desk&aseguradora={one}"))
    assert asked == selectors.Narrowed("billing.invoices", rules.Whose.MINE, True, Workspace.DESK, one)
    assert narrowed_by(QueryDict("quien=x&plazo=y&espacio=z&aseguradora=w")) == selectors.EVERYTHING


def test_a_queue_is_narrowed_by_its_kind_by_whose_it_is_and_by_what_is_late(db: None) -> None:
    me, ana, doctor = people.reviewer(), people.reviewer(name="Ana Ruiz"), b.doctor()
    free, mine, taken = (b.bare(doctor) for _ in range(3))
    services.take(queue=queues.INVOICES, thing=mine, by=me, at=NOW)
    services.take(queue=queues.INVOICES, thing=taken, by=ana, at=NOW)
    services.look(thing=free, by=ana)

    def asked(**how: Any) -> list[str]:
        found = selectors.items(me, at=NOW, narrowed=selectors.Narrowed(**how))
        return [one.title.removeprefix("Factura ") for one in found]

    assert set(asked()) == {free.folio, mine.folio, taken.folio} == set(asked(kind="billing.invoices"))
    assert asked(whose=rules.Whose.FREE) == [free.folio]
    assert asked(whose=rules.Whose.MINE) == [mine.folio]
    assert asked(whose=rules.Whose.TAKEN) == [taken.folio]
    assert asked(kind="billing.complements") == asked(overdue=True) == asked(place=Workspace.TREASURY) == []
    looked = {one.title: one.lookers for one in selectors.items(me, at=NOW)}
    assert looked[f"Factura {free.folio}"] == "Ana Ruiz" and looked[f"Factura {mine.folio}"] == ""
    page = people.signed_in(me).get(f"{reverse('desk:queue')}?quien=colega").content.decode()
    assert taken.folio in page and free.folio not in page and "Lo atiende alguien más" in page
    assert "Nada con ese filtro" in people.signed_in(me).get(f"{reverse('desk:queue')}?plazo=vencido").content.decode()


def test_what_is_due_is_late_by_its_day_or_by_its_instant(db: None) -> None:
    helper = people.support()
    client = people.signed_in(people.physician())
    asked = {"kind": "question", "name": "Ana", "email": "ana@example.com", "subject_folio": "x", "body": "¿Cuándo?"}
    client.post(reverse("help:contact"), asked | once())
    assert selectors.items(helper, at=NOW, narrowed=selectors.Narrowed(overdue=True)) == []
    later = NOW + timedelta(days=60)
    (late,) = selectors.items(helper, at=later, narrowed=selectors.Narrowed(overdue=True))
    assert rules.is_overdue(late.due, at=later)
    by_instant = replace(MESSAGES_TO_ANSWER, due="created_at")
    assert len(selectors._narrowed(by_instant, helper, later, selectors.Narrowed(overdue=True))) == 1
    assert selectors._narrowed(by_instant, helper, NOW - timedelta(days=9), selectors.Narrowed(overdue=True)) == []


def test_several_are_taken_and_given_back_each_by_itself(db: None) -> None:
    me, ana, doctor = people.reviewer(), people.reviewer(), b.doctor()
    one, two, taken = (b.bare(doctor) for _ in range(3))
    services.take(queue=queues.INVOICES, thing=taken, by=ana, at=NOW)
    client, desk = people.signed_in(me), reverse("desk:queue")

    def post(name: str, *things: Any, **fields: str) -> str:
        names = [f"billing.invoices:{thing.pk}" for thing in things]
        answer = client.post(reverse(f"work:{name}"), {"cosa": names, "de": desk, **once(), **fields}, follow=True)
        assert answer.redirect_chain[0] == (desk, 302)
        return " ".join(map(str, answer.context["messages"]))

    assert post("take_several", one, two, taken) == "Tomaste 2. Uno ya lo atiende alguien o se resolvió."
    assert set(Hold.objects.filter(holder=me).values_list("thing_id", flat=True)) == {str(one.pk), str(two.pk)}
    key = once()
    assert post("give_back_several", one, taken, **key) == "Devolviste uno."
    again = {"cosa": [f"billing.invoices:{thing.pk}" for thing in (one, taken)], "de": desk, **key}
    assert client.post(reverse("work:give_back_several"), again).headers["Location"] == desk
    assert Hold.objects.get(holder=ana).thing_id == str(taken.pk) and Hold.objects.filter(holder=me).count() == 1
    assert "No marcaste nada que atiendas tú" in post("give_back_several", taken)
    assert post("take_several") == "No marcaste nada. Marca lo que quieras tomar."
    assert rules.left_text(3).startswith("3 ya los atiende")
    strange = client.post(
        reverse("work:take_several"), {"cosa": ["x:y", f"help.contacts:{one.pk}"], "de": "//evil", **once()}
    )
    assert strange.headers["Location"] == "/"


def test_what_comes_next_is_taken_within_what_was_asked_for(db: None) -> None:
    me = people.reviewer()
    invoice = b.bare(b.doctor())
    page = people.signed_in(me).get(f"{reverse('desk:queue')}?cola=billing.invoices&plazo=vencido").content.decode()
    assert 'name="cola" value="billing.invoices"' not in page, "nothing of it waits: no button takes it"
    asked = selectors.Narrowed(kind="billing.complements")
    assert selectors.takeable(me, at=NOW, narrowed=asked) == []
    assert [thing for _, thing in selectors.takeable(me, at=NOW)] == [invoice]
