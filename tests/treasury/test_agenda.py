"""What a preparer plans by: four weeks of days, each a selection; who could authorise it; whom to ask of what waits."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from portal import clock
from portal.access import Role
from portal.people.models import Grant, User
from portal.treasury import selectors
from portal.treasury.models import Payable
from portal.treasury.queues import DUE
from portal.treasury.selectors import Due
from tests.factories import treasury as a

from .test_views import browser, post, text

pytestmark = pytest.mark.django_db


def owed(who: Any, amount: str, days: int, currency: str = "MXN") -> Payable:
    """Something due so many days from today."""
    payable = a.payable(who, amount, currency=currency)
    Payable.objects.filter(pk=payable.pk).update(due_on=clock.today() + timedelta(days=days))
    payable.refresh_from_db()
    return payable


def test_four_weeks_are_summed_by_day_and_each_day_is_a_selection_of_its_own(doctor, people) -> None:
    a.validated(doctor)
    late = [owed(doctor, "10.00", -9), owed(doctor, "20.00", -1)]
    today, soon, chilean = owed(doctor, "40.00", 0), owed(doctor, "80.00", 27), owed(doctor, "500", 27, "CLP")
    owed(doctor, "160.00", 28)
    days = selectors.agenda(at=clock.now())
    assert [(day.currency, day.count, day.total, day.is_late) for day in days] == [
        ("MXN", 2, Decimal("30.00"), True),
        ("MXN", 1, Decimal("40.00"), False),
        ("CLP", 1, Decimal("500.00"), False),
        ("MXN", 1, Decimal("80.00"), False),
    ]
    client = browser(people.preparer)
    page = html.fromstring(client.get(reverse("treasury:agenda")).content)
    chosen = []
    for href in page.xpath("//main//a[contains(@href, 'desde=')]/@href"):
        shown = html.fromstring(client.get(href).content)
        assert len(shown.xpath("//input[@name='payables']")) == len(shown.xpath("//input[@checked]"))
        chosen.append(set(shown.xpath("//input[@name='payables']/@value")))
    assert chosen == [{str(one.pk) for one in late}, {str(today.pk)}, {str(chilean.pk)}, {str(soon.pk)}]
    whole = html.fromstring(client.get(reverse("treasury:new_batch")).content)
    assert len(whole.xpath("//input[@name='payables']")) == 6 and not whole.xpath("//input[@checked]")
    day = f"{reverse('treasury:new_batch')}?{days[1].query}"
    refused = html.fromstring(client.post(day, {"idempotency_key": "n" * 20}).content)
    assert not refused.xpath("//input[@checked]"), "what was unticked stays so"
    assert "todo lo que se debe" in text(client.get(day)) and client.get(day + "x").status_code == 200
    by_today = html.fromstring(client.get(DUE.list_address).content)
    chosen = {str(one.pk) for one in (*late, today)}
    assert set(by_today.xpath("//input[@name='payables']/@value")) == chosen, "the figure leads to what it counts"


def test_nothing_due_is_said_and_what_is_due_stands_by_day_and_payee(people) -> None:
    client = browser(people.preparer)
    assert "Nada vence en cuatro semanas" in text(client.get(reverse("treasury:agenda")))
    for name in ("Zoé Paz", "Ana Sol"):
        who = a.physician(name)
        a.validated(who)
        for days in (1, 0):
            owed(who, "1.00", days)
    ready, _waiting = selectors.choices_for_batch(by=people.preparer, at=clock.now())
    told = [(row.payable.due_on - clock.today(), row.payable.party.name[:3]) for row in ready]
    assert [(days.days, name) for days, name in told] == [(0, "Ana"), (0, "Zoé"), (1, "Ana"), (1, "Zoé")]
    tomorrow = clock.today() + timedelta(days=1)
    ready, _waiting = selectors.choices_for_batch(by=people.preparer, at=clock.now(), due=Due(begins=tomorrow))
    assert len(ready) == 2


def test_what_waits_says_why_until_when_and_whom_to_ask(people) -> None:
    none, reviewing, held, own = (a.physician(name) for name in ("Nora Nada", "Rosa Revisión", "Hilda Plazo", "Olga"))
    a.in_review(reviewing, a.NOW)
    a.validated(held, a.NOW - timedelta(days=9))
    change = a.validated(held, clock.now())
    a.validated(own)
    for who in (none, reviewing, held, own):
        owed(who, "1.00", 0)
    Grant.objects.create(user=people.preparer, party=own.party, role=Role.PHYSICIAN_ASSISTANT, since=clock.today())
    preparer = User.objects.get(pk=people.preparer.pk)  # as the next request finds them
    ready, waiting = selectors.choices_for_batch(by=preparer, at=clock.now())
    told = {row.payable.party.name: row for row in waiting}
    assert ready == [] and "Rita Revisa" in told["Rosa Revisión"].ask and told["Rosa Revisión"].since is not None
    assert told["Nora Nada"].ask == "a Nora Nada: falta que la registre"
    assert told["Hilda Plazo"].until == change.usable_from and "el plazo termina solo" in told["Hilda Plazo"].ask
    assert told["Olga"].ask == selectors.choosing.NOBODY
    other = a.person("Otra Prepara", Role.PAYMENT_PREPARER)
    _ready, waiting = selectors.choices_for_batch(by=preparer, at=clock.now())
    assert str(other) in next(row.ask for row in waiting if row.payable.party == own.party)
    shown = text(browser(other).get(reverse("treasury:new_batch")))
    assert "a Nora Nada: falta que la registre" in shown and "Quién lo puede autorizar hoy" in shown


def test_mo_05_who_could_authorise_it_today_is_said_before_it_is_prepared(doctor, people) -> None:
    a.validated(doctor)
    rows = [owed(doctor, "200000.00", 0) for _ in range(4)]

    def said(payables: Any = rows, **barred: int) -> tuple[list[str], str]:
        pairs = {(row.pk, getattr(people, who).pk) for who, many in barred.items() for row in rows[:many]}
        with a.kind(barred=lambda payables: pairs):
            told = selectors.who_authorises(payables, by=people.preparer, at=clock.now())
        return sorted(f"{one.name}: {one.kept_from}" for one in told.people), told.against

    assert said() == (["Ana Autoriza: ", "Saúl Segundo: "], "")
    assert said(approver=1)[0][0] == f"Ana Autoriza: revisó {rows[0].reference}"
    names, against = said(approver=4)
    assert names[0] == "Ana Autoriza: revisó 4 facturas" and "lo autorizan dos personas, y hoy solo hay una" in against
    assert said(rows[:1], approver=1)[1] == "", "one is enough below the limit"
    assert said((), approver=4)[1] == ""
    Grant.objects.create(user=people.second, party=doctor.party, role=Role.PHYSICIAN_ASSISTANT, since=clock.today())
    names, against = said(approver=4)
    assert against.startswith("Hoy nadie lo puede autorizar: ") and "cobra 4 facturas" in against
    Grant.objects.filter(role=Role.PAYMENT_APPROVER).delete()
    assert said() == ([], selectors.NOBODY)
    page = text(browser(people.preparer).get(reverse("treasury:new_batch")))
    assert selectors.NOBODY in page, "before anything is prepared"
    made = post(browser(people.preparer), "new_batch", payables=[str(rows[0].pk)])
    assert made.status_code == 302, "the day's people may change"
