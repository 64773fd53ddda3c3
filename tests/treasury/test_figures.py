"""A hold and a count of approvals say where they come from, by the rule of their day (N10, MO-05, MO-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import html

from portal import clock
from portal.access import Role
from portal.design import dates
from portal.rulebook import rules as book
from portal.rulebook import selectors as rulebook
from portal.rulebook import services as publishing
from portal.treasury import selectors, services
from portal.treasury.models import Payable
from tests.factories import billing
from tests.factories import treasury as a
from tests.factories.people import administrator, signed_in
from tests.factories.treasury import NOW, TODAY

pytestmark = pytest.mark.django_db
LIMIT_TITLE = "Límite para autorizar con una sola persona"


def publish(code, value):
    """The rulebook says something else from today on."""
    draft = replace(book.draft_of(rulebook.rule_on(code, on=TODAY)), value=value, valid_from=TODAY, valid_to=None)
    publishing.publish_rule(draft=draft, by=administrator(), at=NOW, reason="Lo confirmó la mesa")


def test_n10_the_end_of_a_hold_is_the_approval_and_the_hours_of_the_rule_whatever_was_published_since(doctor):
    first = a.validated(doctor)
    assert selectors.hold_figure(first) == {}, "the first account waits for nothing"
    change = a.validated(doctor)
    told = selectors.hold_figure(change)
    approved, ends = dates.instant(NOW), dates.instant(NOW + timedelta(hours=72))
    assert told["inputs"] == [["Se validó el", approved], ["Espera tras cambiar de cuenta bancaria", "72 horas"]]
    assert told["result"] == ends
    assert told["rules"] == [{"code": "account_change_hold_hours", "version": 1, "source": "operador"}]
    publish("account_change_hold_hours", 24)
    assert selectors.hold_figure(change) == told


@pytest.mark.parametrize(("amount", "needed"), [("500000.00", "1 persona"), ("500000.01", "2 personas")])
def test_mo_05_the_number_of_approvals_is_the_total_beside_the_limit_of_the_day(doctor, people, amount, needed):
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor, amount)], by=people.preparer, at=NOW)
    told = selectors.figures_of_batch(batch)["approvals"]
    said = f"${amount[:3]},{amount[3:]} MXN"
    assert told["inputs"] == [["Total al prepararlo", said], [LIMIT_TITLE, "500,000.00 MXN"]]
    assert told["result"] == needed
    publish("batch.four_eyes_limit", "1.00")
    assert selectors.figures_of_batch(batch)["approvals"] == told


def test_mo_06_a_batch_that_shrank_below_the_limit_says_the_total_that_asked_for_two(doctor, people):
    a.validated(doctor)
    other = a.physician("Otra Persona")
    a.validated(other)
    owed = [a.payable(doctor, "499000.00"), a.payable(other, "2000.00")]
    batch = services.prepare_batch(payables=owed, by=people.preparer, at=NOW)
    a.validated(other)
    batch.refresh_from_db()
    assert (str(batch.total), batch.approvals_needed) == ("499000.00", 2)
    told = selectors.figures_of_batch(batch)
    assert told["approvals"]["inputs"][0] == ["Total al prepararlo", "$501,000.00 MXN"]
    left = [["Al prepararlo", "$501,000.00"], ["Salió del lote", "−$2,000.00"], ["Transferencias", "1"]]
    assert (told["total_figure"]["inputs"], told["total_figure"]["result"]) == (left, "$499,000.00")


def test_n2_what_is_owed_says_where_its_day_and_its_amount_come_from(people):
    invoice = billing.accepted(billing.doctor())
    owed = Payable.objects.get(subject_id=str(invoice.pk))
    page = said(people.approver, "payable", owed.pk)
    assert "¿De dónde sale este importe?" in page and "Regla withholding.PF, versión 1" in page
    assert "¿De dónde sale esta fecha?" in page and "Regla invoice.payment_days, versión 1" in page


def said(user, name, *args) -> str:
    """What a page shows, without its tags."""
    page = signed_in(user).get(reverse(f"treasury:{name}", args=args))
    assert page.status_code == 200
    return " ".join(html.fromstring(page.content).text_content().split())


def test_n10_the_owner_reads_that_the_hold_runs_until_when_and_why(doctor):
    at = clock.now()
    mine = selectors.my_account(party=doctor.party, purpose="digital_orders", at=at)
    assert selectors.standing(mine, mine.shown) == ("", "neutral")
    a.validated(doctor, at)
    change = a.in_review(doctor, at)
    mine = selectors.my_account(party=doctor.party, purpose="digital_orders", at=at)
    assert selectors.standing(mine, mine.current) == ("Validada", "ok")
    assert selectors.standing(mine, mine.under_way) == ("La está revisando una persona", "info")
    assert "¿De dónde sale esta fecha?" not in said(doctor.user, "my_account")
    for name in ("Una", "Otra"):
        change = services.review_account(account=change, decision="approved", by=a.person(name, Role.REVIEWER), at=at)
    mine = selectors.my_account(party=doctor.party, purpose="digital_orders", at=at)
    assert selectors.standing(mine, mine.current) == ("Corre el plazo de seguridad", "warn")
    assert mine.shown == mine.current
    page = said(doctor.user, "my_account")
    assert f"Termina el {dates.instant(change.usable_from)}. ¿De dónde sale esta fecha?" in page
    assert "Espera tras cambiar de cuenta bancaria 72 horas" in page, "the rule and its value, each in its own cell"
    later = change.usable_from
    mine = selectors.my_account(party=doctor.party, purpose="digital_orders", at=later)
    assert selectors.standing(mine, mine.current) == ("Validada", "ok")


def test_mo_05_a_batch_says_how_many_approve_it_then_how_many_did_and_nothing_when_cancelled(doctor, people):
    a.validated(doctor)
    big = services.prepare_batch(payables=[a.payable(doctor, "600000.00")], by=people.preparer, at=NOW)
    small = services.prepare_batch(payables=[a.payable(doctor, "600.00")], by=people.preparer, at=NOW)
    dropped = services.prepare_batch(payables=[a.payable(doctor, "60.00")], by=people.preparer, at=NOW)
    assert "Pasa del límite: lo autorizan 2 personas. ¿De dónde sale este número?" in said(
        people.preparer, "batch", big.pk
    )
    assert "Lo autoriza una persona. ¿De dónde sale este número?" in said(people.preparer, "batch", small.pk)
    services.approve_batch(batch=big, total=big.total, by=people.approver, at=NOW)
    services.approve_batch(batch=big, total=big.total, by=people.second, at=NOW)
    services.approve_batch(batch=small, total=small.total, by=people.approver, at=NOW)
    services.cancel_batch(batch=dropped, reason="Fecha equivocada", by=people.preparer, at=NOW)
    assert "Pasó del límite: lo autorizaron 2 personas." in said(people.preparer, "batch", big.pk)
    assert "Lo autorizó una persona." in said(people.preparer, "batch", small.pk)
    assert "autori" not in said(people.preparer, "batch", dropped.pk).replace("Autorizar", "")
