"""What a slip asks, keeps and leaves behind: credit, other slips, prices, undone deposits, ends (domain 2.9, 2.10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from memberships import selectors, services
from memberships.models import Charge, DuesPayment, Membership, Plan, PlanPrice, Slip
from memberships.rules import slips
from memberships.rules.dues import DuesTerms, Payment, Price, dues_on, first_of_next_month
from memberships.rules.slips import Month, Outcome, PaidMonth, SlipNews, SlipState
from memberships.tasks import expire_slips
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.once.services import throttle
from portal.papers.registry import standing_of
from portal.papers.rules import Standing
from portal.treasury import invariants
from portal.treasury import services as treasury
from tests.factories import collections, people
from tests.memberships.test_deposits import brought, family
from tests.memberships.test_slips import made, post, text, titular_of, undo

D = Decimal
JAN, FEB, MAR, APR = (date(2026, number, 1) for number in range(1, 5))


# --- rules -----------------------------------------------------------------------------------------------------------


def test_a_month_of_a_paid_slip_keeps_its_price() -> None:
    paid = [
        PaidMonth(FEB, D(480), paid_on=date(2026, 1, 20), expires_on=date(2026, 1, 25)),
        PaidMonth(MAR, D(480), paid_on=date(2026, 1, 20), expires_on=date(2026, 1, 25)),
        PaidMonth(MAR, D(999), paid_on=date(2026, 1, 21), expires_on=date(2026, 1, 25)),
        PaidMonth(JAN, D(480), paid_on=date(2026, 1, 28), expires_on=date(2026, 1, 25)),  # begun, and late
        PaidMonth(APR, D(480), date(2026, 1, 20), date(2026, 1, 25), taken_back_on=date(2026, 3, 5)),
    ]
    kept = slips.kept_prices(paid)
    assert kept == {FEB: D(480), MAR: D(480)}
    told: dict[str, Any] = {
        "joined_on": JAN,
        "prices": [Price(JAN, D(480)), Price(MAR, D(520))],
        "payments": [Payment(JAN, D(480)), Payment(date(2026, 1, 20), D(960))],
        "cancel_asked_on": None,
        "on": MAR,
        "terms": lambda _on: DuesTerms(30, 2, 10, 90, 15),
    }
    charges = dues_on(**told, kept_prices=kept).charges
    assert [(one.period, one.amount, one.settled_on) for one in charges[1:]] == [(FEB, D(480), FEB), (MAR, D(480), MAR)]
    assert dues_on(**told).charges[-1].amount == D(520), "the rule desk knows of no slip"


def test_a_slip_asks_neither_what_credit_pays_nor_what_another_slip_names() -> None:
    months = [Month(None, D(480)), Month(FEB, D(480)), Month(MAR, D(480))]
    for credit, named, left in (
        ("0", set(), [(None, D(480)), (FEB, D(480)), (MAR, D(480))]),
        ("120", set(), [(None, D(360)), (FEB, D(480)), (MAR, D(480))]),
        ("600", {MAR}, [(FEB, D(360))]),
        ("0", {None}, [(FEB, D(480)), (MAR, D(480))]),
    ):
        found = slips.left_to_pay(months, credit=D(credit), named=named)
        assert [(one.period, one.amount) for one in found] == left and {one.whole for one in found} == {D(480)}
    with pytest.raises(RuleBroken, match="FP-1"):
        slips.months_to_pay([], count=1, following=[], last_period=MAR, waiting=["FP-1"])


def test_the_system_pays_a_slip_only_as_it_matched_it() -> None:
    for state, result, amount, holds in (
        ("issued", "paid", "480", True),
        ("expired", "late", "480", True),
        ("paid", "double", "480", True),
        ("paid", "paid", "480", False),
        ("cancelled", "late", "480", False),
        ("issued", "double", "480", False),
        ("issued", "", "300", False),
    ):
        told: dict[str, Any] = {"result": result, "amount": D(amount), "asked": D(480)}
        if holds:
            slips.check_as_matched(state, **told)
            continue
        with pytest.raises(Conflict):
            slips.check_as_matched(state, **told)


def test_a_family_is_told_what_its_deposit_did_to_the_slip() -> None:
    for state, amount, outcome, words in (
        ("issued", "480", Outcome.PLAIN, ""),
        ("expired", "300", Outcome.SHORT, "Haz otra ficha"),
        ("issued", "500", Outcome.OVER, "Lo que sobra queda a tu favor"),
        ("paid_late", "480", Outcome.DOUBLE, "ya estaba pagada"),
        ("cancelled", "480", Outcome.CLOSED, "ya no estaba por pagar"),
    ):
        found = slips.outcome_of(state, amount=D(amount), asked=D(480))
        assert found is outcome and words in SlipNews(found, "FP-1").text
    assert "con la ficha FP-2." in SlipNews(Outcome.SHORT, "FP-1", "FP-2", "CODE").text


# --- what is asked ---------------------------------------------------------------------------------------------------

rows = pytest.mark.django_db


def credited(membership: Membership, amount: str) -> None:
    services.receive_payment(
        membership=membership,
        amount=D(amount),
        value_on=clock.today(),
        source=membership,
        means="desk",
        by=people.affiliator(),
        at=clock.now(),
    )
    membership.refresh_from_db()


@rows
def test_credit_and_open_slips_are_left_out_and_led_to(client: Any) -> None:
    membership = family()
    credited(membership, "120.00")
    first = made(membership, days_ago=0)
    assert (first.amount, first.lines.get().price) == (D("360.00"), D("480.00"))
    payable = selectors.payable_by_slip(membership, on=clock.today())
    assert payable.owed == () and payable.slips == (first,) and payable.choices[0][1] == "1 mensualidad: $480.00"
    page = text(people.signed_in(titular_of(membership)).get(reverse("memberships:make_slip", args=[membership.pk])))
    assert "Ya tienes ficha para una parte" in page and first.get_absolute_url() in page
    page = text(people.signed_in(titular_of(membership)).get(reverse("memberships:pay_months")))
    assert first.get_absolute_url() in page and "No debe ninguna" not in page
    second = made(membership, days_ago=0)
    assert second.lines.get().period == payable.following[0].period
    Slip.objects.filter(pk=first.pk).update(state="expired")
    assert len(selectors.payable_by_slip(membership, on=clock.today()).owed) == 1, "its owner may make another"


@rows
def test_months_follow_where_the_next_is_due_and_a_family_has_few_slips() -> None:
    membership = family(paid=True)
    due = first_of_next_month(first_of_next_month(clock.today()))
    Membership.objects.filter(pk=membership.pk).update(next_due_on=due)
    membership.refresh_from_db()
    assert selectors.payable_by_slip(membership, on=clock.today()).following[0].period == due
    waiting = family("Ximena")
    folios = {made(waiting, days_ago=0).folio for _each in range(slips.MOST_OPEN)}
    with pytest.raises(Conflict) as refused:
        made(waiting, days_ago=0)
    assert (len(folios), refused.value.code) == (12, "slips_open")
    user = titular_of(waiting)
    services.cancel_slip(slip=Slip.objects.get(folio=max(folios)), by=people.affiliator(), at=clock.now())
    for _each in range(slips.MADE):
        throttle(scope="slips", key=str(user.pk), limit=slips.MADE, window=slips.MADE_WINDOW)
    address = reverse("memberships:make_slip", args=[waiting.pk])
    assert post(people.signed_in(user), address, scheme="paynet", months="1").status_code == 429


@rows
def test_a_month_of_a_paid_slip_costs_what_the_slip_said() -> None:
    membership = family(paid=True)
    slip = made(membership, months=2, days_ago=2)
    (row,) = brought(collections.row(slip.reference, "960.00"))
    last = slip.lines.order_by("-pk")[0].period
    assert row.state == "matched" and last is not None
    PlanPrice.objects.create(plan=Plan.objects.get(), since=last, amount=D("520.00"), set_at=clock.now())
    membership.refresh_from_db()
    charge = selectors.dues_of_many([membership], on=last)[membership.pk].charges[-1]
    assert (charge.period, charge.amount, charge.settled_on) == (last, D("480.00"), last)
    assert selectors.month_price(membership, last) == D("480.00")
    after = first_of_next_month(last)
    assert selectors.month_price(membership, after) == D("520.00")
    following = selectors.payable_by_slip(membership, on=clock.today()).following
    assert (following[0].period, following[0].amount) == (after, D("520.00")), "credit pays the slip's months"


# --- deposits that are undone, short, over, twice --------------------------------------------------------------------


def short(slip: Slip, amount: str = "300.00") -> Any:
    (row,) = brought(collections.row(slip.reference, amount))
    return matched(row, slip)


def matched(row: Any, slip: Slip) -> Any:
    by = collections.clerk("Otra Persona")
    treasury.match_deposit(movement=row, parts=[("memberships", slip.folio, row.amount)], by=by, at=clock.now())
    slip.refresh_from_db()
    return row


@rows
def test_a_short_deposit_undone_leaves_the_first_slip_waiting_and_no_other() -> None:
    slip, by = made(), collections.clerk("Tercera Persona")
    row = short(slip)
    rest = slip.rest
    assert rest is not None and AuditEvent.objects.filter(action="memberships.slip_made", subject_id=rest.pk).exists()
    undo(row, by)
    slip.refresh_from_db()
    rest.refresh_from_db()
    assert (slip.state, rest.state) == ("issued", "cancelled") and invariants.faults() == []
    matched(row, slip)
    again = slip.rest
    assert again is not None and again.pk != rest.pk and again.state == "issued"
    (whole,) = brought(collections.row(again.reference, "180.00"))
    assert whole.state == "matched"
    undo(row, by)
    slip.refresh_from_db()
    again.refresh_from_db()
    assert (slip.state, again.state) == ("cancelled", "paid"), "whoever paid the rest does not pay the whole again"
    assert invariants.faults() == []


@rows
def test_a_second_part_neither_pays_a_slip_nor_ends_the_one_for_the_rest() -> None:
    slip, by = made(), collections.clerk("Tercera Persona")
    full, part = brought(
        collections.row(slip.reference, "480.00", key="A"), collections.row(slip.reference, "200.00", key="B")
    )
    matched(part, slip)
    undo(full, by)
    slip.refresh_from_db()
    assert slip.state == "issued", "200 of 480 do not pay it"
    other = made(family("Ximena"))
    first, second = brought(
        collections.row(other.reference, "300.00", key="C"), collections.row(other.reference, "100.00", key="D")
    )
    matched(first, other)
    matched(second, other)
    rest = other.rest
    undo(second, by)
    other.refresh_from_db()
    assert rest is not None and (other.state, rest.state, other.rest) == ("cancelled", "issued", rest)


@rows
def test_the_message_of_a_short_deposit_leads_to_the_slip_for_the_rest() -> None:
    membership = family()
    user, slip = titular_of(membership), made(membership)
    short(slip)
    rest, told = slip.rest, Notice.objects.get(user=user, kind="memberships/payment_received")
    assert rest is not None and rest.folio in told.body and "Lo que sobra" not in told.body
    assert told.action_url.endswith(rest.get_absolute_url())
    (over,) = brought(collections.row(rest.reference, "200.00"))
    matched(over, rest)
    assert "Lo que sobra queda a tu favor" in Notice.objects.get(user=user, kind="memberships/activated").body


@rows
def test_the_system_pays_no_slip_that_moved_meanwhile() -> None:
    slip = made()
    (row,) = brought(collections.row("", "480.00"))
    services.cancel_slip(slip=slip, by=people.affiliator(), at=clock.now())
    parts = [("memberships", slip.folio, D("480.00"))]
    with pytest.raises(Conflict):
        treasury.match_deposit(movement=row, parts=parts, by=None, at=clock.now())
    row.refresh_from_db()
    assert row.state == "waiting" and not DuesPayment.objects.exists()


@rows
def test_a_slip_ends_with_its_membership() -> None:
    membership = family()
    slip, before = made(membership, days_ago=6), clock.now() - timedelta(days=5)
    services.cancel_membership(membership=membership, reason="Se muda", by=people.affiliator(), at=before)
    slip.refresh_from_db()
    assert slip.state == "cancelled"
    Slip.objects.filter(pk=slip.pk).update(state="issued")
    short(slip)
    assert (slip.state, slip.rest) == ("cancelled", None), "nothing more is asked of a family that left"
    Slip.objects.filter(pk=slip.pk).update(state="issued")
    (row,) = brought(collections.row(slip.reference, "480.00", key="B"))
    slip.refresh_from_db()
    assert slip.state == "paid"
    undo(row, collections.clerk("Tercera Persona"))
    slip.refresh_from_db()
    assert slip.state == "cancelled" and invariants.faults() == []


@rows
def test_one_slip_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = made(days_ago=9), made(days_ago=9)
    real = services.expire_slip

    def failing(*, slip: Slip, on: date, at: datetime) -> bool:
        if slip.pk == bad.pk:
            raise RuntimeError("lost")
        return real(slip=slip, on=on, at=at)

    monkeypatch.setattr(services, "expire_slip", failing)
    assert expire_slips() == 1
    good.refresh_from_db()
    assert good.state == "expired"


# --- pages and papers ------------------------------------------------------------------------------------------------


@rows
def test_an_address_that_no_slip_can_have_is_not_found(client: Any) -> None:
    assert [client.get(f"/pagos/%00/{rest}").status_code for rest in ("", "pdf/")] == [404, 404]


@rows
def test_page_and_paper_say_how_a_slip_stands_now(client: Any) -> None:
    membership = family()
    slip = made(membership)
    assert membership.folio not in str(slip.document.context), "the folio opens the look-up"
    for state, words, standing in (
        (SlipState.ISSUED, "Paga $480.00 MXN a más tardar el", Standing.IN_FORCE),
        (SlipState.EXPIRED, "Si todavía te la reciben, vale como pago.", Standing.IN_FORCE),
        (SlipState.CANCELLED, "se canceló. No la pagues.", Standing.CANCELLED),
        (SlipState.PAID, "está pagada. No la pagues otra vez.", Standing.CANCELLED),
        (SlipState.PAID_LATE, "se pagó después de su fecha.", Standing.CANCELLED),
        (SlipState.REFUNDED, "se devolvió. No la pagues.", Standing.CANCELLED),
    ):
        Slip.objects.filter(pk=slip.pk).update(state=state)
        page = text(client.get(slip.get_absolute_url()))
        assert words in page and ("a más tardar" in page) is (state is SlipState.ISSUED), state
        assert standing_of(slip.document) is standing, state
        assert "Haz otra ficha" not in page and "Mi membresía" not in page


@rows
def test_a_closed_slip_has_no_paper_to_take_along(client: Any) -> None:
    from portal import queue
    from portal.papers import services as papers
    from portal.papers.models import IssuedDocument

    slip = made()
    queue.drain(IssuedDocument, lambda row: papers.render_document(document=row, at=clock.now()))
    address, found = reverse("memberships:slip_pdf", args=[slip.code]), []
    for state in ("issued", "paid", "cancelled"):
        Slip.objects.filter(pk=slip.pk).update(state=state)
        found.append(client.get(address).status_code)
    assert found == [200, 404, 404]


@rows
def test_its_owner_is_asked_before_it_ends_and_finds_the_way_back() -> None:
    membership = family()
    slip, titular = made(membership), people.signed_in(titular_of(membership))
    page = text(titular.get(slip.get_absolute_url()))
    assert reverse("memberships:home") in page and "¿Cancelar la ficha" in page
    cancel = reverse("memberships:cancel_slip", args=[slip.code])
    asked = post(titular, cancel, ask="cancelar_ficha")
    slip.refresh_from_db()
    assert asked.status_code == 200 and "No se puede deshacer" in text(asked) and slip.state == "issued"
    Slip.objects.filter(pk=slip.pk).update(state="expired")
    again = reverse("memberships:make_slip", args=[membership.pk])
    assert again in text(titular.get(slip.get_absolute_url()))
    Membership.objects.filter(pk=membership.pk).update(state="cancelled")
    assert again not in text(titular.get(slip.get_absolute_url()))


@rows
def test_a_slip_is_of_the_day_it_was_made_on_here() -> None:
    at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    slip = Slip(folio="FP-1", reference="1260", amount=D(480), made_at=at, expires_on=at.date() + timedelta(days=5))
    assert at.date() not in vars_of(selectors.slip_target(slip)) and date(2026, 3, 1) in vars_of(
        selectors.slip_target(slip)
    )


def vars_of(target: Any) -> list[Any]:
    return [getattr(target, name) for name in target.__dataclass_fields__]


@rows
def test_the_first_month_named_by_an_open_slip_is_not_asked_again_once_it_has_its_name() -> None:
    membership = family()
    made(membership, days_ago=0)
    Charge.objects.filter(membership=membership, is_first=True).update(period=clock.today().replace(day=1))
    assert selectors.payable_by_slip(membership, on=clock.today()).owed == ()
