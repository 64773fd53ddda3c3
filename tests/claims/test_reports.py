"""Reports of claims: what they count, of whom, for whom; the chart says what the list says (issue 12, 7)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from claims.models import (
    Accumulator,
    AutomaticAnswer,
    Claim,
    ClockSegment,
    Decision,
    DocumentRequest,
    Estimate,
    Submission,
)
from claims.selectors.reports import REPORTS
from portal import clock
from portal.listing import as_json
from portal.listing.selection import Selection
from tests.factories import billing, people
from tests.factories import claims as a

pytestmark = pytest.mark.django_db
D = Decimal


def rows(user: Any, name: str, asked: str = "") -> list[dict[str, Any]]:
    return as_json(Selection(REPORTS[name].listing, user, QueryDict(asked)))["rows"]


def decided(family: Any, *, took: int, promised: int, estimated: int | None = None, stops: int = 0, **more: Any) -> Any:
    """A claim that was decided now: days it took, days that were promised and estimated, stops of its clock."""
    now = clock.now()
    began = now - timedelta(days=took)
    told = {"submitted_at": began, "promised_at": began + timedelta(days=promised), "elapsed_minutes": took * 540}
    claim = a.bare(family, state="decided", decided_at=now, **told, **more)
    for at in range(stops):
        told = {
            "opened_by": claim.filed_by,
            "opened_at": began,
            "closed_at": began,
            "file_limit": 50,
            "byte_limit": 1_000,
        }
        answer = Submission.objects.create(claim=claim, number=at + 2, party=claim.affected.party, **told)
        asked = {"state": "answered", "by": people.a_person(), "at": began, "opened_at": began, "ended_at": began}
        why = "Falta otra hoja." if at else ""
        DocumentRequest.objects.create(claim=claim, number=at + 1, submission=answer, reason=why, **asked)
    for at in range(2):  # a decision that was withdrawn starts the clock again: that is no round
        told = {"since": began, "until": began + timedelta(hours=at + 1), "promised_at": claim.promised_at}
        ClockSegment.objects.create(claim=claim, promise_rule=a.RULE, **told)
    if estimated is not None:
        due = began + timedelta(days=estimated)
        Estimate.objects.create(claim=claim, cases=20, p50_minutes=1, p80_minutes=1, p50_due=due, p80_due=due)
    return claim


def decision(claim: Any, outcome: str, **more: Any) -> Decision:
    """What was decided of 1,000 pesos: 900 are covered, 800 paid."""
    at = clock.now()
    shares = {"claimed": D(1000), "covered": D(900), "deductible": D(60), "coaseguro": D(40), "paid": D(800)}
    told = {"number": claim.decisions.count() + 1, "not_covered": D(100), "by": people.a_person(), "at": at}
    return Decision.objects.create(claim=claim, outcome=outcome, **{**told, **shares, "final_at": at, **more})


def bank_paid(claim: Claim) -> None:
    transfer = billing.transfer(billing.doctor())
    Claim.objects.filter(pk=claim.pk).update(payment_state="paid", transfer=transfer, paid_on=a.ON)


def test_open_claims_are_counted_by_how_long_they_wait_but_ones_own_familys() -> None:
    auditor, family, now = people.auditor(), a.a_family(), clock.now()
    for days, late in ((0, False), (5, False), (6, True), (40, True)):
        due = now + timedelta(days=-1 if late else 1)
        a.bare(family, submitted_at=now - timedelta(days=days, minutes=1), promised_at=due)
    decided(family, took=1, promised=2)
    a.bare(a.a_family(user=auditor))
    told = [(one["age"], one["count"], one["overdue"], one["sum"]["amount"]) for one in rows(auditor, "open_by_age")]
    assert told == [(31, 1, 1, "1000.00"), (6, 1, 1, "1000.00"), (0, 2, 0, "2000.00")]
    assert rows(people.administrator(), "open_by_age") == [], "whoever may not see them counts nothing"


def test_decisions_are_held_against_what_was_promised_and_estimated_and_counted_by_their_rounds() -> None:
    auditor, family = people.auditor(), a.a_family()
    decided(family, took=4, promised=10, estimated=5)
    decided(family, took=8, promised=10, estimated=5, stops=1)
    decided(family, took=12, promised=10, stops=2)
    (month,) = rows(auditor, "decision_times")
    names = ("count", "hours", "promised", "estimated", "within")
    assert [month[name] for name in names] == [3, 72, 2, 2, 1]
    assert [(one["rounds"], one["count"]) for one in rows(auditor, "rounds")] == [(0, 1), (1, 1), (2, 1)]
    assert rows(auditor, "decision_times", "tipo=minor") == rows(auditor, "decision_times", "hasta=2020-01-01") == []


def test_amounts_are_of_decisions_that_stand_and_looks_of_all_that_were_made() -> None:
    auditor, family, other = people.auditor(), a.a_family(), people.a_person()
    first, second = decided(family, took=1, promised=2), decided(family, took=1, promised=2)
    looked = {"looked_by": other, "looked_at": clock.now()}
    decision(first, "partial", second_look="amount", final_at=None, ended_at=clock.now(), **looked)
    decision(first, "partial", second_look="amount", **looked)
    alone = decision(second, "partial", by=None)
    decision(second, "partial", of_bill=True)
    bank_paid(second)
    AutomaticAnswer.objects.create(claim=second, at=clock.now(), outcome="approve", decision=alone)
    (partial,) = rows(auditor, "amounts")
    names = ("claimed", "already", "not_covered", "covered", "deductible", "coaseguro", "paid", "paid_out")
    told = [int(D(partial[name]["amount"])) for name in names]
    assert told == [3000, 0, 300, 2700, 180, 120, 2400, 800], "two claims and a hospital's bill, one claim was paid"
    told = {
        one["second_look"]: (one["count"], one["automatic"], one["confirmed"], one["back"])
        for one in rows(auditor, "looks")
    }
    assert told == {"amount": (2, 0, 1, 1), None: (1, 1, 0, 0)}, "what a hospital bills nobody decides"


def test_accumulators_are_summed_by_policy_and_name_nobody() -> None:
    family = a.a_family()
    coverage = family.plan.coverages.get(kind="major")
    shares = {"covered": D(100), "deductible": D(60), "paid": D(40), "of_deductible": D(60), "of_rate": D(0)}
    for person in (family.titular, family.child):
        Accumulator.objects.create(person=person, coverage=coverage, year=a.ON, **shares)
    Accumulator.objects.create(person=family.adult, coverage=coverage, **shares | {"of_deductible": D(90)})
    told = rows(people.auditor(), "accumulators")
    assert [(one["year"], one["count"], one["met"], one["paid"]["amount"]) for one in told] == [
        (None, 1, 0, "40.00"),
        ("2026-11-20", 2, 2, "80.00"),
    ]
    names = {one.label for one in REPORTS["accumulators"].listing.columns}
    assert not names & {"Persona", "Padecimiento"}


@pytest.mark.parametrize("name", REPORTS)
def test_a_reports_page_draws_what_its_list_says_with_few_queries_G11(
    name: str, django_assert_max_num_queries: Any
) -> None:
    auditor, family = people.auditor(), a.a_family()
    client, page = people.signed_in(auditor), reverse(f"claims:{name}")
    assert client.get(page).context["chart"] is None
    claim = decided(family, took=4, promised=10)
    decision(claim, "partial")
    a.bare(family)
    Accumulator.objects.create(
        person=family.titular,
        coverage=claim.coverage,
        covered=D(100),
        paid=D(100),
        of_deductible=D(0),
        of_rate=D(0),
    )
    client.get(page)
    with django_assert_max_num_queries(12):
        answer = client.get(page)
    assert len(answer.context["chart"].rows) == len(answer.context["page"].rows) == 1
    assert people.signed_in(people.administrator()).get(page).status_code == 403
