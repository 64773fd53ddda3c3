"""A hold and a count of approvals say where they come from, by the rule of their day (N10, MO-05, MO-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.design import dates
from portal.rulebook import rules as book
from portal.rulebook import selectors as rulebook
from portal.rulebook import services as publishing
from portal.treasury import selectors, services
from tests.factories.people import administrator

from . import situations as a
from .situations import NOW, TODAY

pytestmark = pytest.mark.django_db
LIMIT_TITLE = "Límite para autorizar con una sola persona"


@pytest.fixture
def doctor():
    return a.physician()


@pytest.fixture
def people():
    return a.desk()


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
    told = selectors.approvals_figure(batch)
    said = f"${amount[:3]},{amount[3:]} MXN"
    assert told["inputs"] == [["Total al prepararlo", said], [LIMIT_TITLE, "500,000.00 MXN"]]
    assert told["result"] == needed
    publish("batch.four_eyes_limit", "1.00")
    assert selectors.approvals_figure(batch) == told


def test_mo_06_a_batch_that_shrank_below_the_limit_says_the_total_that_asked_for_two(doctor, people):
    a.validated(doctor)
    other = a.physician("Otra Persona")
    a.validated(other)
    owed = [a.payable(doctor, "499000.00"), a.payable(other, "2000.00")]
    batch = services.prepare_batch(payables=owed, by=people.preparer, at=NOW)
    a.validated(other)
    batch.refresh_from_db()
    assert (str(batch.total), batch.approvals_needed) == ("499000.00", 2)
    assert selectors.approvals_figure(batch)["inputs"][0] == ["Total al prepararlo", "$501,000.00 MXN"]
