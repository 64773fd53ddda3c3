"""Accumulators: any order, two at once, held against their entries; one CFDI from two rooms at once (N9, domain 6)."""

from __future__ import annotations

import random
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from claims import services
from claims.models import Accumulator, AccumulatorEntry, Claim, Decision
from claims.models.shared import SHARES
from claims.rules.deciding import Told
from claims.tasks import compare_accumulators
from portal.errors import Conflict
from portal.fiscal import services as fiscal
from portal.fiscal.models import TaxReceipt
from portal.history.models import AuditEvent
from tests.claims.test_deciding import LATER, D, confirm, decide, hold, in_review
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.factories.threads import at_once


def _figures(row: Any) -> tuple[Decimal, ...]:
    return tuple(getattr(row, name) for name in SHARES)


Expense = tuple[bool, bool, Decimal, Decimal]
EXPENSES = st.lists(
    st.tuples(
        st.booleans(),  # the titular or the adult
        st.booleans(),  # which of their two illnesses
        st.decimals("0.01", "30000", places=2),  # claimed
        st.decimals("0", "1", places=2),  # how much of it is covered
    ),
    min_size=2,
    max_size=3,
)
# A deductible used up to the cent, half a cent of coaseguro, and one that a second person has to look at.
AT_THE_EDGE: list[Expense] = [(False, False, D(amount), D(1)) for amount in ("7999.99", "0.05", "123456.78")]


def decided(family: SimpleNamespace, condition: Any, claimed: Decimal, covered: Decimal, by: Any) -> Decision:
    """A claim of one line, decided, and looked at by a second person where that is asked."""
    told = {"affected": condition.person, "condition": condition, "claimed": claimed}
    claim = a.bare(family, state="in_review", **told)
    a.a_line(claim, str(claimed))
    why = "" if covered == claimed else "not_medical"
    made = decide(SimpleNamespace(claim=claim, analyst=by, condition=condition), (str(covered), why))
    if made.final_at is not None:
        return made
    second = people.analyst()
    hold(claim, second)
    return confirm(made, second)


def covered_of(told: Expense) -> Decimal:
    return (told[2] * told[3]).quantize(D("0.01"))


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(expenses=AT_THE_EDGE, order=random.Random(3))
@given(expenses=EXPENSES, order=st.randoms(use_true_random=False))
def test_random_families_come_to_the_same_totals_in_any_order_and_every_identity_holds(
    expenses: list[Expense], order: random.Random
) -> None:
    """Domain 6, through the services; the rule alone is asked of a thousand families (`test_settlement`)."""
    plan, by, totals = p.a_whole_policy(), people.analyst(), []
    for told in (expenses, order.sample(expenses, len(expenses))):
        family = a.a_family(plan=plan)
        ill = {
            (of, which): p.a_condition(person=family.adult if of else family.titular, code=f"K{which:d}")
            for of in (False, True)
            for which in (False, True)
        }
        for one in told:
            made = decided(family, ill[one[:2]], one[2], covered_of(one), by)
            assert min(_figures(made)) >= 0 and made.claimed == made.already + made.covered + made.not_covered
            assert made.covered == made.deductible + made.coaseguro + made.over_limit + made.paid
        rows = Accumulator.objects.filter(person__in=[family.titular, family.adult], covered__gt=0)
        held = {row.condition_id: _figures(row) for row in rows}
        totals.append({key: held[one.pk] for key, one in ill.items() if one.pk in held})
        for key, found in totals[-1].items():
            assert found[0] == sum(covered_of(one) for one in told if one[:2] == key) == sum(found[1:])
    assert totals[0] == totals[1]
    assert compare_accumulators() == 0


@pytest.mark.django_db(transaction=True)
def test_two_decisions_on_one_bucket_at_once_follow_each_other() -> None:
    one = in_review("10000.00")
    other = a.sent(one.family, "5000.00")
    analyst = people.analyst()
    services.begin_review(claim=other, by=analyst, at=LATER)
    pairs = ((Claim.objects.get(pk=one.claim.pk), one.analyst), (Claim.objects.get(pk=other.pk), analyst))
    for claim, by in pairs:
        hold(claim, by)

    def act(claim: Claim, by: Any) -> Any:
        told = {line.number: Told(line.claimed, line.claimed) for line in claim.lines.all()}
        asked = {"condition": one.condition, "told": told, "note": "", "by": by, "at": LATER}
        return services.decide_claim(claim=claim, **asked)

    done = at_once([lambda pair=pair: act(*pair) for pair in pairs])
    assert [type(made) for made in done] == [Decision, Decision], done
    bucket = Accumulator.objects.get()
    assert (bucket.covered, bucket.deductible, bucket.paid) == (D("15000.00"), D("8000.00"), D("6300.00"))
    assert sum(entry.paid for entry in AccumulatorEntry.objects.all()) == D("6300.00")


@pytest.mark.django_db(transaction=True)
def test_one_cfdi_from_billing_and_from_a_family_at_once_one_wins_n9() -> None:
    family = a.a_family()
    claim = a.a_whole_draft(family)
    invoice = claim.invoices.get()
    doctor = people.physician()
    party = doctor.live_grants[0].party
    told = {
        "uuid": invoice.uuid,
        "use": "invoice",
        "subject": party,
        "party": party,
        "issuer_rfc": invoice.issuer_rfc,
        "total": invoice.total,
        "issued_on": invoice.issued_on,
        "sha256": "f" * 64,
        "patients": [],
        "by": doctor,
        "at": a.AT,
    }
    done = at_once(
        [
            lambda: fiscal.claim_receipt(**told),
            lambda: services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT),
        ]
    )
    refused = [one for one in done if isinstance(one, Conflict)]
    assert len(refused) == 1 and TaxReceipt.objects.live().filter(uuid=invoice.uuid).count() == 1, done
    assert party.name not in refused[0].message and family.titular.as_printed not in refused[0].message


@pytest.mark.django_db
def test_what_differs_from_its_entries_is_on_record_and_among_the_auditors_exceptions() -> None:
    one = in_review("10000.00")
    decide(one)
    assert compare_accumulators() == 0
    Accumulator.objects.update(covered=D("10000.01"), over_limit=D("0.01"))
    assert compare_accumulators() == 1
    told = AuditEvent.objects.get(action="claims.accumulator_differs").details
    assert told["covered"] == "10000.01 ≠ 10000.00"
    auditor = people.signed_in(people.auditor())
    assert "Acumulados que no cuadran" in auditor.get("/mesa/auditoria/excepciones/").content.decode()
    assert "$10,000.01" in auditor.get("/mesa/auditoria/acumulados/").content.decode()
