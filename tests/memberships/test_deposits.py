"""Deposits that name a family become its credit by their value date, and are taken back where undone (domain 2.9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from memberships import selectors, services
from memberships.models import CoveredPerson, DuesPayment, Membership, ReferenceScheme, Slip
from memberships.rules import Kinship
from memberships.rules.joining import Contact, NewPerson
from portal import clock
from portal.errors import RuleBroken
from portal.treasury import invariants
from portal.treasury import services as treasury
from portal.treasury.rules.matching import Deposit, Matcher
from portal.treasury.rules.offered import Given, Place
from portal.treasury.selectors import balance, find_targets, matcher
from tests.desk.test_auditor import sums, whole_file
from tests.factories import collections, people
from tests.factories import memberships as a

pytestmark = pytest.mark.django_db
D = Decimal


def family(name: str = "Julián", *, paid: bool = False) -> Membership:
    """A family that joined ten days ago."""
    at = clock.now() - timedelta(days=10)
    return services.affiliate_family(
        plan=a.a_plan(price=D("480.00")),
        people=[
            NewPerson(
                kinship=Kinship.TITULAR,
                given_name=name,
                first_surname="Soto",
                second_surname="Paz",
                born_on=date(1985, 5, 5),
                sex="male",
            )
        ],
        contact=Contact(email="julian@ejemplo.mx"),
        paid=services.Paid(on=clock.date_in(at)) if paid else None,
        by=people.affiliator(),
        at=at,
    )


def brought(*rows: str, account: Any = None) -> list[Any]:
    """Deposits of yesterday, applied and matched."""
    on = f"{clock.today() - timedelta(days=1):%d/%m/%Y}"
    body = collections.HEAD + "".join(row.replace("20/11/2026", on) for row in rows)
    return collections.brought(body, by=collections.clerk(), account=account)


offered = selectors.offered_to_deposits


def credit(made: Membership) -> Decimal:
    return -balance(code="member_credit", currency="MXN", party=made.titular.party_id)


def test_a_family_named_in_a_deposit_is_proposed_paid_and_taken_back() -> None:
    made, by = family(), collections.clerk("Otra Persona")
    assert made.state == "awaiting_payment"
    by_folio, by_name = brought(
        collections.row("", "500.00", text=made.folio.replace("-", " ")),
        collections.row("", "20.00", text="PAGO DE JULIAN SOTO PAZ"),
    )
    assert [(row.state, row.proposal["code"]) for row in (by_folio, by_name)] == [
        ("waiting", "by_folio"),
        ("waiting", "by_name"),
    ]
    assert by_folio.proposal["targets"] == [["memberships", made.folio]]
    assert len(by_folio.proposal["periods"]) == 1 and by_name.proposal["periods"] == []
    parts = [("memberships", made.folio, D("500.00"))]
    treasury.match_deposit(movement=by_folio, parts=parts, by=by, at=clock.now())
    made.refresh_from_db()
    payment = DuesPayment.objects.get()
    assert (made.state, made.credit, payment.value_on, payment.means) == ("active", D("20.00"), by_folio.on, "bank")
    assert credit(made) == D("20.00") and invariants.faults() == []
    assert balance(code="unmatched_deposits", currency="MXN") == D("-20.00"), "the other deposit waits"
    live = by_folio.allocations.get(undone_at=None).pk
    treasury.undo_deposit(movement=by_folio, allocation=live, by=by, at=clock.now())
    assert balance(code="unmatched_deposits", currency="MXN") == D("-520.00")
    payment.refresh_from_db()
    assert payment.taken_back_on == clock.today() and invariants.faults() == []
    made.refresh_from_db()
    assert (made.credit, made.owed) == (D("0.00"), D("480.00"))
    treasury.match_deposit(movement=by_folio, parts=parts, by=by, at=clock.now())
    assert DuesPayment.objects.filter(taken_back_on=None).count() == 1 and invariants.faults() == []
    made.refresh_from_db()
    told = whole_file(made.folio, people.auditor())
    assert set(sums(told["libro.csv"], "entry").values()) == {D()}, "the family's whole file has its money (AD-01)"
    accounts = sums(told["libro.csv"], "account")
    assert accounts["member_credit MXN"] == -credit(made) and accounts["dues_receivable MXN"] == made.owed
    assert f"({payment.pk})" in told["LEEME.txt"], "the payment taken back is told with the one that stands"


def test_a_deposit_is_split_between_two_families() -> None:
    first, second = family(), family("Ximena")
    (row,) = brought(collections.row("", "960.00"))
    parts = [("memberships", one.folio, D("480.00")) for one in (first, second)]
    treasury.match_deposit(movement=row, parts=parts, by=collections.clerk("Otra"), at=clock.now())
    assert {one.state for one in Membership.objects.all()} == {"active"} and invariants.faults() == []


def test_money_of_a_day_before_joining_is_refused_and_waits() -> None:
    made = family()
    body = collections.HEAD + collections.row("", "480.00", on="01/01/2020")
    (row,) = collections.brought(body, by=collections.clerk())
    with pytest.raises(RuleBroken) as refused:
        treasury.match_deposit(
            movement=row,
            parts=[("memberships", made.folio, D("480.00"))],
            by=collections.clerk("Otra"),
            at=clock.now(),
        )
    row.refresh_from_db()
    assert (refused.value.code, row.state) == ("before_joining", "waiting")


def test_families_are_found_by_folio_rfc_or_name_in_pesos_alone() -> None:
    made = family(paid=True)
    CoveredPerson.objects.update(rfc="SOPJ850505AA1")
    for typed in (made.folio[:9], "SOPJ850505", "soto julian"):
        (found,) = [one for kind, one in find_targets(typed, currency="MXN") if kind == "memberships"]
        assert (found.key, found.owed, found.party) == (made.folio, None, made.titular.party_id)
        assert "No debe nada" in found.detail and "vigente" in found.detail
    assert find_targets("soto julian", currency="CLP") == []
    assert not any(offered("CLP").debtors(place, [made.folio]) for place in Place) and offered("CLP").shape() == (
        (),
        (),
    )
    assert selectors.targets_of_deposits(["", "ME-1999-000001"]) == []


def test_a_slip_tells_the_clerk_whose_it_is_in_as_many_questions_for_ten_as_for_one(django_assert_num_queries) -> None:
    first, second = family(), family()
    CoveredPerson.objects.filter(pk=second.titular_id).update(as_printed="Eva Gil")
    scheme = ReferenceScheme.objects.get(code="paynet")
    one, other = (
        services.make_slip(membership=each, scheme=scheme, months=1, by=None, at=clock.now())
        for each in (first, second)
    )
    for found in ([one.folio], [one.folio, other.folio]):
        with django_assert_num_queries(5):
            told = [target.detail for target in selectors.targets_of_deposits(found)]
    assert told[0].startswith(f"{first.folio}, {first.titular.as_printed}. Por pagar. Vence el ")
    assert told[1].startswith(f"{second.folio}, Eva Gil. ")
    (sought,) = [target for _kind, target in find_targets(other.folio, currency="MXN")]
    assert sought.detail == told[1]


def test_a_family_that_left_is_known_by_its_folio_alone() -> None:
    made = family()
    Membership.objects.filter(pk=made.pk).update(state="cancelled")
    (debtor,) = offered("MXN").debtors(Place.FOLIO, [made.folio])
    assert (debtor.folio, debtor.name, debtor.rfc) == (made.folio, "", "")
    assert offered("MXN").debtors(Place.NAME, [CoveredPerson.objects.get().name_mark]) == []


def _mangled(reference: str) -> Iterator[str]:
    """How a reference may arrive: as it is, in groups, a digit wrong, two swapped, cut, inside a CLABE."""
    yield from (reference, f"000{reference}", " ".join(reference[at : at + 4] for at in range(0, len(reference), 4)))
    yield f"{reference[:5]}{(int(reference[5]) + 1) % 10}{reference[6:]}"
    yield f"{reference[:-2]}{reference[-1]}{reference[-2]}"
    yield from (reference[:-1], reference[:-2], f"9{reference}77")


def _slips_of(families: list[Membership]) -> list[Slip]:
    """One of a shop's, one with date and amount, one behind a prefix."""
    ReferenceScheme.objects.filter(code="bank-base10").update(prefix="8100", agreement="1482093")
    of = zip(families, ("paynet", "bank-base10", "bank-base97-date"), strict=True)
    return [
        services.make_slip(
            membership=one, scheme=ReferenceScheme.objects.get(code=code), months=1, by=None, at=clock.now()
        )
        for one, code in of
    ]


def test_n12_asked_by_the_index_the_matcher_says_what_it_says_of_all_that_is_offered(
    django_assert_max_num_queries,
) -> None:
    made = [family(name) for name in ("Julián", "Begoña", "Íñigo")]
    CoveredPerson.objects.filter(pk=made[1].titular_id).update(rfc="ÑUÑB850505AA1")
    slips = _slips_of([made[0], made[1], made[0]])
    Membership.objects.filter(pk=made[2].pk).update(state="cancelled")
    texts = [made[2].folio, made[0].folio.replace("-", " "), "PAGO NUNB 850505 AA1", "SPEI SOTO PAZ JULIAN"]
    texts += ["SOTO INIGO PAZ", "SOTO PAZ", f"{slips[0].reference} {slips[1].reference}"]
    texts += [text for slip in slips for text in reversed([*_mangled(slip.reference)])]
    texts += [slips[1].reference.removeprefix("8100"), f"CIE1482093{slips[1].reference}"]
    told = [(amount, text) for amount in ("1.00", "480.00") for text in texts]
    deposits = [Deposit(str(at), clock.today(), D(amount), text, "", "MXN") for at, (amount, text) in enumerate(told)]
    debtors = [one for m in made for one in offered("MXN").debtors(Place.FOLIO, [m.folio])]
    handed = Matcher(Given([selectors.expected_slip(one) for one in slips], debtors))
    asked, kinds = matcher("MXN")
    with django_assert_max_num_queries(14):
        found = list(asked.match_all(deposits))
    assert found == list(handed.match_all(deposits))
    assert {one.result for one in found} >= set("paid double near short family nothing sum_differs".split())
    assert set(kinds.values()) == {"memberships"}
