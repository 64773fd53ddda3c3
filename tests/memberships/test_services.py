"""Dues as rows: what services store is what the pure walk says, the books with it (domain 2.11; issue 11 B, D)."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from memberships import selectors, services
from memberships.models import Charge, CoveredPerson, DuesDue, DuesPayment, Membership
from memberships.rules import Kinship, MembershipState
from memberships.rules.joining import Contact, NewPerson
from memberships.services import Paid
from portal import clock
from portal.access import Role
from portal.calendars import tasks as calendars
from portal.calendars.registry import entries_of
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.people.models import Grant
from portal.treasury.models import LedgerTransaction
from portal.treasury.selectors import balance, books_are_whole
from tests.factories import memberships as a
from tests.factories import people

pytestmark = pytest.mark.django_db
D = Decimal
DAY = timedelta(days=1)
JOINED = date(2027, 3, 1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=clock.UTC)


def day(text: str) -> date:
    return date.fromisoformat(f"2027-{text}")


def titular(**changed: Any) -> NewPerson:
    told = {"kinship": Kinship.TITULAR, "given_name": "Fernanda", "first_surname": "Luna", "second_surname": "Gil"}
    return NewPerson(**({**told, "born_on": date(1985, 5, 5), "sex": "female"} | changed))


def family(*, joined: date = JOINED, paid: bool = True, plan: Any = None, **changed: Any) -> Membership:
    """A family that joined on a day, its first month paid that day."""
    return services.affiliate_family(
        plan=plan or a.a_plan(price=D("480.00")),
        people=[titular(**changed)],
        contact=Contact(email="fer@ejemplo.mx"),
        paid=Paid(on=joined) if paid else None,
        by=people.affiliator(),
        at=noon(joined),
    )


def pay(membership: Membership, amount: str, on: date, *, known: date | None = None) -> DuesPayment:
    """A deposit of a value date, known later or that day."""
    return services.receive_payment(
        membership=membership,
        amount=D(amount),
        value_on=on,
        source=people.a_party(),
        means="desk",
        by=None,
        at=noon(known or on),
    )


def until(membership: Membership, on: date) -> Membership:
    """Its days pass, as the beat does it once that day."""
    services.pass_days(membership=membership, on=on, at=noon(on))
    membership.refresh_from_db()
    return membership


def stored(membership: Membership) -> tuple[Any, ...]:
    """State, charges, credit, owed, cover and next due day as rows have them."""
    row = Membership.objects.get(pk=membership.pk)
    charges = Charge.objects.filter(membership=row, undone_at=None).order_by("due_on", "pk")
    told = [(c.period, c.due_on, c.grace_ends_on, c.amount, c.settled_on, c.written_off_on) for c in charges]
    covers = list(row.covers.order_by("since").values_list("since", "until"))
    steps = list(row.changes.filter(undone_at=None).order_by("on", "pk").values_list("on", "standing"))
    return row.state, told, row.credit, row.owed, covers, row.next_due_on, steps


def walked(membership: Membership, on: date) -> tuple[Any, ...]:
    """The same, as the pure walk says it."""
    found = selectors.dues_of_many([Membership.objects.get(pk=membership.pk)], on=on)[membership.pk]
    told = [(c.period, c.due_on, c.grace_ends_on, c.amount, c.settled_on, c.written_off_on) for c in found.charges]
    steps = [(when, str(standing)) for when, standing in found.steps]
    return str(found.standing), told, found.credit, found.owed, found.cover, found.next_due_on, steps


def check_books(membership: Membership) -> None:
    """Credit and receivable of the titular are what the rows say."""
    row = Membership.objects.select_related("titular").get(pk=membership.pk)
    assert row.titular is not None
    party = row.titular.party_id
    assert -balance(code="member_credit", currency="MXN", party=party) == row.credit
    assert balance(code="dues_receivable", currency="MXN", party=party) == row.owed
    assert books_are_whole()


def test_the_worked_case_of_domain_2_11_as_rows() -> None:
    made = family()
    assert (made.state, made.folio[:3], made.next_due_on) == ("active", "ME-", day("04-01"))
    assert until(made, day("05-11")).state == "active"
    assert until(made, day("05-12")).state == "suspended"
    assert until(made, day("08-10")).state == "cancelled"
    assert (made.owed, made.looks_again_on) == (0, None)
    written = Charge.objects.filter(membership=made, state="written_off").count()
    assert written == 2
    check_books(made)
    assert services.pass_days(membership=made, on=day("09-10"), at=noon(day("09-10"))) is False


def test_a_deposit_known_late_undoes_a_suspension_without_a_gap_S1_18() -> None:
    made = family()
    until(made, day("05-20"))
    pay(made, "700.00", day("05-11"), known=day("05-20"))
    made.refresh_from_db()
    assert (made.state, made.credit, made.owed) == ("active", D("220.00"), D("480.00"))
    assert list(made.covers.values_list("since", "until")) == [(JOINED, None)]
    assert list(made.changes.exclude(undone_at=None).values_list("standing", flat=True)) == ["suspended"]
    check_books(made)


def test_a_cancelled_membership_comes_back_and_its_write_offs_are_reversed() -> None:
    made = family()
    until(made, day("08-15"))
    assert made.state == "cancelled"
    pay(made, "2400.00", day("05-02"), known=day("08-15"))
    assert stored(made) == walked(made, day("08-15"))
    made.refresh_from_db()
    assert made.state == "active" and LedgerTransaction.objects.filter(kind="reversal").count() >= 2
    check_books(made)


def test_whoever_joined_anew_leaves_the_late_deposit_to_a_clerk() -> None:
    made = family()
    until(made, day("08-15"))
    again = a.bare(plan=made.plan, titular=made.titular)
    with pytest.raises(Conflict, match="se afilió de nuevo"):
        pay(made, "2400.00", day("05-02"), known=day("08-15"))
    assert (again.state, Membership.objects.get(pk=made.pk).state) == ("active", "cancelled")


ACCOUNTS = {
    "the same person's account holds both": ({}, {}, True),
    "a grant that ended opens nothing": ({"until": day("08-01")}, {}, False),
    "an assistant of hers is not her": ({"role": Role.PHYSICIAN_ASSISTANT.value}, {}, False),
    "her daughter signs in for both": ({}, {"born_on": date(2005, 1, 9)}, False),
    "two CURPs are two people": ({}, {"curp_index": "b" * 64}, False),
}


@pytest.mark.parametrize("case", ACCOUNTS)
def test_one_account_for_two_is_one_person_only_where_they_may_be(case: str) -> None:
    grant, other, refused = ACCOUNTS[case]
    made, user = family(), people.a_person()
    CoveredPerson.objects.filter(pk=made.titular_id).update(curp_index="a" * 64)
    until(made, day("08-15"))
    again = a.bare(plan=made.plan, titular=a.a_covered_person(**other))
    for party, told in ((made.titular.party, {}), (again.titular.party, grant)):
        Grant.objects.create(**{"user": user, "party": party, "role": "member", "since": JOINED} | told)
    if refused:
        with pytest.raises(Conflict, match="se afilió de nuevo"):
            pay(made, "2400.00", day("05-02"), known=day("08-15"))
    else:
        pay(made, "2400.00", day("05-02"), known=day("08-15"))
    assert (Membership.objects.get(pk=made.pk).state == "cancelled") is refused


def test_a_payment_taken_back_works_from_its_own_day_on() -> None:
    made = family()
    until(made, day("04-01"))
    payment = pay(made, "480.00", day("04-05"))
    services.take_back(payment=payment, reason="Era de otra familia", by=None, at=noon(day("04-20")))
    charge = Charge.objects.get(membership=made, period=day("04-01"))
    assert (charge.state, charge.grace_ends_on) == ("open", day("04-30"))
    check_books(made)
    with pytest.raises(Conflict):
        services.take_back(payment=payment, reason="Otra vez", by=None, at=noon(day("04-21")))


def test_a_payment_taken_back_on_its_own_day_never_was() -> None:
    """A reinstatement is undone with its month; the month comes back with the next payment."""
    made = family()
    until(made, day("05-12"))
    payment = pay(made, "1440.00", day("06-10"))
    made.refresh_from_db()
    assert (made.state, made.owed) == ("active", 0)
    services.take_back(payment=payment, reason="Era de otra familia", by=None, at=noon(day("06-10")))
    assert stored(made) == walked(made, day("06-10"))
    made.refresh_from_db()
    assert (made.state, made.owed) == ("suspended", D("960.00"))
    assert Charge.objects.get(membership=made, period=day("06-01")).undone_at is not None
    pay(made, "1440.00", day("06-12"))
    assert stored(made) == walked(made, day("06-12"))
    assert Charge.objects.filter(membership=made, period=day("06-01"), undone_at=None).count() == 1
    check_books(made)


def test_several_steps_at_a_time_where_days_were_missed() -> None:
    """Known in May: paid on the first day, nothing after, so suspended by now; taken back when it is over."""
    made = family(paid=False)
    payment = pay(made, "480.00", JOINED, known=day("05-20"))
    made.refresh_from_db()
    assert made.state == "suspended" and stored(made) == walked(made, day("05-20"))
    assert until(made, day("08-15")).state == "cancelled"
    services.take_back(payment=payment, reason="Contracargo", by=None, at=noon(day("08-16")))
    assert stored(made) == walked(made, day("08-16"))
    assert set(Charge.objects.filter(membership=made).values_list("state", flat=True)) == {"written_off"}
    check_books(made)


def test_the_days_of_dues_stand_in_the_calendar_of_the_titular_alone() -> None:
    """Ux row 16: folios and days; met or called off, a day leaves it."""
    made = family()
    assert made.titular is not None
    payer, other = people.member(party=made.titular.party), people.member()
    shown = entries_of(payer, on=JOINED)
    waits = DuesDue.objects.open().filter(ended_at=None)
    assert [(one.uid, one.on) for one in shown] == [(str(one.pk), one.due_on) for one in waits.order_by("due_on")]
    assert {one.title for one in shown} == {f"Mensualidad de {made.folio}"}
    assert entries_of(other, on=JOINED) == []


def test_whoever_has_the_credit_is_not_reminded_before_the_day() -> None:
    made = family()
    pay(made, "480.00", JOINED)
    due = DuesDue.objects.get(membership=made, due_on=day("04-01"))
    before = Notice.objects.count()
    services.remind_dues(due=due, reached=[day("03-27")], on=day("03-27"), at=noon(day("03-27")))
    assert Notice.objects.count() == before


def test_what_a_payment_changed_is_told_in_one_message() -> None:
    made = family()
    assert made.titular is not None
    member = people.member(party=made.titular.party)
    until(made, day("05-12"))
    pay(made, "1440.00", day("06-10"))
    until(made, day("08-12"))
    pay(made, "960.00", day("08-11"), known=day("08-12"))
    told = Notice.objects.filter(user=member, kind__startswith="memberships/").order_by("created_at", "pk")
    kinds = [one.kind.partition("/")[2] for one in told]
    assert kinds == ["suspended", "reinstated", "suspended", "undone"]


def test_the_same_source_twice_is_one_payment() -> None:
    made, source = family(), people.a_party()
    told = {"membership": made, "amount": D("480.00"), "value_on": JOINED, "source": source, "means": "desk"}
    first = services.receive_payment(**told, by=None, at=noon(JOINED))
    assert services.receive_payment(**told, by=None, at=noon(JOINED)) == first
    assert DuesPayment.objects.filter(membership=made).count() == 2  # the first month, and this one


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_stores_what_the_walk_says(seed: int) -> None:
    """Payments known in any order, some taken back, days passing between: rows and books are the pure walk's."""
    rng = random.Random(seed)
    joined = date(2027, 1, rng.choice([1, 10, 15, 16, 31]))
    made = family(joined=joined, paid=rng.random() < 0.7)
    known, payments = joined, []
    for _ in range(9):
        known += DAY * rng.choice([0, 1, 3, 11, 30, 45])
        act = rng.random()
        live = [one for one in payments if one.taken_back_on is None]
        if act < 0.2 and live:
            one = services.take_back(payment=rng.choice(live), reason="No era suyo", by=None, at=noon(known))
            payments = [one if one.pk == other.pk else other for other in payments]
        elif act < 0.8:
            value_on = max(joined, known - DAY * rng.choice([0, 0, 2, 20, 60]))
            payments.append(pay(made, rng.choice(["480.00", "480.00", "960.00", "100.00"]), value_on, known=known))
        else:
            until(made, known)
        made.refresh_from_db()
        assert stored(made) == walked(made, known), (seed, known)
        check_books(made)


def test_reminders_come_once_each_a_missed_week_in_one_act() -> None:
    member = people.user_with_role(people.Role.MEMBER)
    made = family()
    assert made.titular is not None
    people.Grant.objects.create(user=member, party=made.titular.party, role=people.Role.MEMBER, since=people.LONG_AGO)
    told = []
    for text in ("03-26", "03-27", "03-31", "04-01", "04-04", "04-09", "04-09"):
        services.pass_days(membership=made, on=day(text), at=noon(day(text)))
        with time_machine.travel(noon(day(text)), tick=False):
            calendars.remind()
        told.append(Notice.objects.filter(user=member, kind__startswith="memberships/dues").count())
    assert told == [0, 1, 1, 2, 3, 4, 4]
    pay(made, "480.00", day("04-09"))
    assert DuesDue.objects.get(membership=made, due_on=day("04-01")).met_at is not None


def test_cancelling_keeps_the_paid_month_and_ends_at_once_otherwise() -> None:
    desk = people.affiliator()
    made = family()
    services.cancel_membership(membership=made, reason="Se muda", by=desk, at=noon(day("03-10")))
    made.refresh_from_db()
    assert (made.state, made.next_due_on) == ("active", None)
    with pytest.raises(Conflict):
        services.cancel_membership(membership=made, reason="Otra vez", by=desk, at=noon(day("03-10")))
    assert until(made, day("04-01")).state == "cancelled"
    waiting = family(paid=False)
    with pytest.raises(RuleBroken, match="motivo"):
        services.cancel_membership(membership=waiting, reason=" ", by=desk, at=noon(day("03-10")))
    assert services.cancel_membership(membership=waiting, reason="No", by=desk, at=noon(day("03-10"))).state == (
        MembershipState.CANCELLED
    )


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("amount_wrong", {"amount": D("0.00")}),
    ("amount_wrong", {"amount": D("1.005")}),
    ("value_on_ahead", {"value_on": JOINED + DAY}),
    ("before_joining", {"value_on": JOINED - DAY}),
]


@pytest.mark.parametrize(("code", "changed"), WRONG, ids=[f"{code}-{number}" for number, (code, _) in enumerate(WRONG)])
def test_a_payment_that_cannot_be_is_refused_and_nothing_stored(code: str, changed: dict[str, Any]) -> None:
    made = family(paid=False)
    told = {"membership": made, "amount": D("480.00"), "value_on": JOINED, "source": made, "means": "desk"} | changed
    with pytest.raises(RuleBroken) as broken:
        services.receive_payment(**told, by=None, at=noon(JOINED))
    assert broken.value.code == code and DuesPayment.objects.count() == 0


def test_a_draft_takes_no_payment() -> None:
    draft = a.bare(state="draft", folio="", joined_on=None)
    with pytest.raises(Conflict, match="no está completa"):
        pay(draft, "480.00", JOINED)


def test_plans_prices_begin_on_a_coming_day_and_are_never_edited() -> None:
    people.the_operator()
    desk, at, today = people.affiliator(), clock.now(), clock.today()
    plan = services.add_plan(name="Familiar", benefits="Consultas", amount=D("350.00"), since=today, by=desk, at=at)
    with pytest.raises(Conflict):
        services.add_plan(name="Familiar", benefits="", amount=D("1.00"), since=today, by=desk, at=at)
    with pytest.raises(RuleBroken, match="después de hoy"):
        services.set_price(plan=plan, amount=D("400.00"), since=today, by=desk, at=at)
    with pytest.raises(RuleBroken, match="mayor que cero"):
        services.set_price(plan=plan, amount=D("0.00"), since=today + DAY, by=desk, at=at)
    services.set_price(plan=plan, amount=D("400.00"), since=today + DAY, by=desk, at=at)
    with pytest.raises(Conflict):
        services.set_price(plan=plan, amount=D("500.00"), since=today + DAY, by=desk, at=at)
    changed = services.change_plan(plan=plan, benefits="Consultas\nUrgencias", is_offered=False, by=desk, at=at)
    assert (changed.benefit_lines, changed.is_offered) == (["Consultas", "Urgencias"], False)
    with pytest.raises(RuleBroken, match="póliza"):
        services.set_price(plan=a.a_policy(), amount=D("1.00"), since=today + DAY, by=desk, at=at)
    with pytest.raises(RuleBroken, match="póliza"):
        services.affiliate_family(
            plan=a.a_policy(), people=[titular()], contact=Contact(email="f@ejemplo.mx"), paid=None, by=desk, at=at
        )


CHILD = {"kinship": Kinship.CHILD, "given_name": "Leo"}
FAMILIES: list[tuple[str, list[dict[str, Any]]]] = [
    ("one_titular", [{}, {"given_name": "Otra"}]),
    ("one_titular", [CHILD]),
    ("titular_minor", [{"born_on": JOINED - 6000 * DAY}]),
    (
        "two_partners",
        [{}, CHILD | {"kinship": Kinship.SPOUSE}, CHILD | {"kinship": Kinship.PARTNER, "given_name": "P"}],
    ),
    ("too_many", [{}, *(CHILD | {"given_name": f"H{n}"} for n in range(12))]),
    ("too_many_of_a_kind", [{}, *({"kinship": Kinship.PARENT, "given_name": f"M{n}"} for n in range(5))]),
    ("person_twice", [{}, CHILD, CHILD]),
    ("born_on_impossible", [{"born_on": JOINED + DAY}]),
    ("name_too_long", [{"given_name": "ß" * 80, "first_surname": "ß" * 80}]),
    ("born_on_impossible", [{"born_on": date(1890, 1, 1)}]),
    ("curp_wrong", [{"curp": "X"}]),
    ("rfc_wrong", [{"rfc": "X"}]),
    ("nss_wrong", [{"nss": "1"}]),
]


@pytest.mark.parametrize(("code", "told"), FAMILIES, ids=[f"{code}-{n}" for n, (code, _) in enumerate(FAMILIES)])
def test_a_family_that_cannot_be_is_refused_and_nothing_stored(code: str, told: list[dict[str, Any]]) -> None:
    with pytest.raises(RuleBroken) as broken:
        services.affiliate_family(
            plan=a.a_plan(),
            people=[titular(**one) for one in told],
            contact=Contact(email="f@ejemplo.mx"),
            paid=None,
            by=people.affiliator(),
            at=noon(JOINED),
        )
    assert broken.value.code == code and Membership.objects.count() == 0


def test_every_person_of_a_family_has_a_party_of_their_own_and_sealed_identifiers_2_12() -> None:
    made = services.affiliate_family(
        plan=a.a_plan(),
        people=[titular(curp="GODA800101HDFRRN09", nss=""), titular(**CHILD, born_on=date(2015, 1, 1))],
        contact=Contact(email="Fer@Ejemplo.mx", zip_code="06600"),
        paid=Paid(on=JOINED - DAY),
        by=people.affiliator(),
        at=noon(JOINED),
    )
    assert (made.joined_on, made.state, made.email) == (JOINED - DAY, "active", "fer@ejemplo.mx")
    parties = {one.person.party_id for one in made.members.select_related("person")}
    assert len(parties) == 2 and made.titular is not None and len(made.titular.curp_index) == 64
    with pytest.raises(RuleBroken, match="no ha llegado"):
        family_paid_ahead()


def family_paid_ahead() -> Membership:
    return services.affiliate_family(
        plan=a.a_plan(),
        people=[titular()],
        contact=Contact(email="f@ejemplo.mx"),
        paid=Paid(on=JOINED + DAY),
        by=people.affiliator(),
        at=noon(JOINED),
    )


def test_a_first_month_paid_long_ago_activates_and_tells_what_followed() -> None:
    """Entered in May, paid on 1 March: it began that day and is suspended by now; nobody says that it lapsed."""
    made = services.affiliate_family(
        plan=a.a_plan(price=D("480.00")),
        people=[titular()],
        contact=Contact(email="f@ejemplo.mx"),
        paid=Paid(on=JOINED),
        by=people.affiliator(),
        at=noon(day("05-20")),
    )
    steps = list(made.changes.order_by("on", "pk").values_list("standing", "undone_at"))
    assert steps == [("awaiting_payment", None), ("active", None), ("suspended", None)]
    assert made.members.get().card is not None
    with pytest.raises(RuleBroken, match="no tenía precio"):
        services.affiliate_family(
            plan=a.a_plan(),
            people=[titular()],
            contact=Contact(email="f@ejemplo.mx"),
            paid=Paid(on=a.SINCE - DAY),
            by=people.affiliator(),
            at=noon(day("05-20")),
        )


def test_a_suspension_that_a_payment_brings_about_is_told() -> None:
    made = family(paid=False)
    assert made.titular is not None
    member = people.member(party=made.titular.party)
    pay(made, "480.00", JOINED, known=day("05-20"))
    told = set(Notice.objects.filter(user=member, kind__startswith="memberships/").values_list("kind", flat=True))
    assert told == {"memberships/activated", "memberships/suspended"}


def test_what_was_cancelled_is_not_cancelled_again_on_a_day_of_before() -> None:
    made = family(paid=False)
    services.cancel_membership(membership=made, reason="No", by=people.affiliator(), at=noon(day("03-05")))
    found = selectors.dues_of_many([Membership.objects.get(pk=made.pk)], on=day("04-20"))[made.pk]
    assert [(when, str(standing)) for when, standing in found.steps] == [
        (JOINED, "awaiting_payment"),
        (day("03-05"), "cancelled"),
    ]


@pytest.mark.parametrize("how", ["curp", "account"])
def test_the_same_curp_or_account_in_a_living_family_leaves_the_late_deposit_to_a_clerk(how: str) -> None:
    made = family(curp="GODA800101HDFRRN09" if how == "curp" else "")
    until(made, day("08-15"))
    assert made.titular is not None
    other = a.a_covered_person(curp_index=made.titular.curp_index)
    a.bare(plan=made.plan, titular=other)
    if how == "account":
        user = people.member(party=made.titular.party)
        people.Grant.objects.create(user=user, party=other.party, role="member", since=people.LONG_AGO)
    with pytest.raises(Conflict, match="se afilió de nuevo"):
        pay(made, "2400.00", day("05-02"), known=day("08-15"))


def test_the_dates_of_a_suspension_that_never_was_are_reminded_of_again() -> None:
    made = family()
    until(made, day("05-12"))
    assert not made.dues_dates.filter(ended_at=None, met_at=None).exists()
    pay(made, "480.00", day("05-11"), known=day("05-13"))
    open_dates = made.dues_dates.filter(ended_at=None, met_at=None).order_by("due_on")
    assert list(open_dates.values_list("due_on", flat=True)) == [day("05-01"), day("06-01")]
