"""Slips: made, drawn, found by deposits, paid in time, late, short, over, twice, undone (S1.21-S1.24, domain 2.9)."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from django.urls import reverse

from memberships import selectors, services
from memberships.models import DuesPayment, Membership, ReferenceScheme, Slip
from memberships.rules import references, slips
from memberships.rules.slips import Month
from memberships.tasks import expire_slips
from portal import clock, queue
from portal.access import Role
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.papers import services as papers
from portal.papers.models import IssuedDocument
from portal.people.models import Grant
from portal.treasury import invariants
from portal.treasury import services as treasury
from portal.treasury.selectors import find_targets
from tests.desk.test_auditor import sums, whole_file
from tests.factories import collections, people
from tests.memberships.test_deposits import brought, family
from tests.papers.test_barcodes import drawn

D = Decimal
FIRST, SECOND = date(2026, 4, 1), date(2026, 5, 1)


# --- rules -----------------------------------------------------------------------------------------------------------


def month(period: date | None, amount: str = "480.00") -> Month:
    return Month(period, D(amount))


def test_what_is_owed_is_paid_before_what_follows_and_no_month_too_far_ahead() -> None:
    following = slips.following_months(FIRST, price=lambda day: D(400 + day.month), until=date(2026, 6, 15))
    assert [(one.period, one.amount) for one in following] == [
        (FIRST, D(404)),
        (SECOND, D(405)),
        (date(2026, 6, 1), D(406)),
    ]
    told = {"following": following, "last_period": SECOND}
    assert slips.months_to_pay([month(None)], count=3, **told) == [month(None), *following[:2]]
    for owed, count, code in (([month(None)], 4, "months_ahead"), ([month(None)], 0, "months_ahead")):
        with pytest.raises(RuleBroken) as refused:
            slips.months_to_pay(owed, count=count, **told)
        assert refused.value.code == code
    with pytest.raises(RuleBroken, match="nada que pagar"):
        slips.months_to_pay([], count=1, following=[], last_period=SECOND)


def test_our_number_has_digits_alone_and_its_length() -> None:
    assert slips.own_number("FP-2026-000123", length=10) == "1260000123"
    assert slips.told("126000012345") == "1260 0001 2345"
    with pytest.raises(RuleBroken) as over:
        slips.own_number("FP-2026-123456", length=8)
    assert over.value.code == "numbers_over"


def test_money_goes_to_the_lines_in_their_order_and_what_is_left_to_the_first() -> None:
    lines = [("A", D(480)), ("B", D(350)), ("A", D(100))]
    assert slips.spread(D(930), lines) == {"A": D(580), "B": D(350)}
    assert slips.spread(D(1000), lines) == {"A": D(650), "B": D(350)}
    assert slips.spread(D(500), lines) == {"A": D(480), "B": D(20)}
    rest = slips.rest_of(D(500), [("A", month(FIRST)), ("B", month(FIRST, "350")), ("A", month(SECOND, "100"))])
    assert rest == [("B", Month(FIRST, D("330.00"), D(350))), ("A", month(SECOND, "100"))]


@pytest.mark.parametrize(("complete", "cancelled"), [(False, False), (True, True)])
def test_a_membership_that_takes_no_money_gets_no_slip(complete: bool, cancelled: bool) -> None:
    with pytest.raises(Conflict):
        slips.check_may_pay(complete=complete, cancelled=cancelled)


# --- rows ------------------------------------------------------------------------------------------------------------

rows = pytest.mark.django_db
AT = clock.now


def scheme(code: str = "paynet") -> ReferenceScheme:
    return ReferenceScheme.objects.get(code=code)


def made(membership: Membership | None = None, *, months: int = 1, code: str = "paynet", days_ago: int = 2) -> Slip:
    at = clock.now() - timedelta(days=days_ago)
    return services.make_slip(membership=membership or family(), scheme=scheme(code), months=months, by=None, at=at)


def titular_of(membership: Membership) -> Any:
    user = people.user_with_role(Role.MEMBER, people.a_party())
    Grant.objects.filter(user=user).update(party=membership.titular.party)
    user.__dict__.pop("live_grants", None)
    return user


@rows
@pytest.mark.parametrize(
    ("code", "days"), [("paynet", 5), ("bank-base10", 10), ("bank-base97", 10), ("bank-base97-date", 10)]
)
def test_a_slip_of_each_scheme_reads_back_and_no_key_is_there_twice(code: str, days: int) -> None:
    slip = made(code=code)
    assert (slip.state, slip.amount, slip.expires_on) == (
        "issued",
        D("480.00"),
        clock.date_in(slip.made_at) + timedelta(days=days),
    )
    back = references.read(slip.scheme.rules, slip.reference)
    assert back is not None and back.ref == slips.own_number(slip.folio, length=slip.scheme.number_length)
    assert slip.folio.startswith("FP-") and "slip." in slip.days_rule
    (key,) = slip.keys.all()
    assert key.key == slip.reference.replace("O", "0") and len(key.key) >= 8
    assert [one.text for one in zxingcpp.read_barcodes(drawn(selectors.barcode(slip)))] == [slip.reference]


@rows
def test_months_ahead_and_the_first_one_are_offered_with_their_sums() -> None:
    waiting, active = family(), family("Ximena", paid=True)
    payable = selectors.payable_by_slip(waiting, on=clock.today())
    assert [one.period for one in payable.owed] == [None] and payable.choices[0] == ("1", "1 mensualidad: $480.00")
    assert 12 <= len(payable.choices) <= 14
    ahead = selectors.payable_by_slip(active, on=clock.today())
    assert ahead.owed == () and ahead.choices[1][1] == "2 mensualidades: $960.00"
    Membership.objects.filter(pk=active.pk).update(state="suspended")
    active.refresh_from_db()
    assert selectors.payable_by_slip(active, on=clock.today()).choices == []
    with pytest.raises(RuleBroken) as refused:
        made(waiting, months=40)
    assert refused.value.code == "months_ahead"


@rows
def test_a_deposit_with_its_reference_pays_it_and_activates_the_family() -> None:
    slip = made(months=2)
    store = collections.store_file((slip.reference, 96000), on=f"{clock.today():%Y%m%d}")
    (row,) = collections.brought(store, by=collections.clerk(), account=collections.stores())
    slip.refresh_from_db()
    membership = slip.lines.all()[0].membership
    assert (row.state, slip.state, membership.state) == ("matched", "paid", "active")
    assert (membership.credit, DuesPayment.objects.get().means) == (D("480.00"), "store")
    assert invariants.faults() == []


def undo(movement: Any, by: Any) -> None:
    live = movement.allocations.get(undone_at=None).pk
    treasury.undo_deposit(movement=movement, allocation=live, by=by, at=clock.now())


@rows
def test_late_twice_over_and_undone() -> None:
    slip = made(days_ago=9)
    late, twice, over = brought(
        collections.row(slip.reference, "480.00", key="A"),
        collections.row(slip.reference, "480.00", key="B"),
        collections.row(slip.reference, "500.00", key="C"),
    )
    slip.refresh_from_db()
    membership = slip.lines.all()[0].membership
    assert (slip.state, late.state, twice.state, over.state) == ("paid_late", "matched", "matched", "waiting")
    assert (over.proposal["result"], membership.credit) == ("double", D("480.00"))
    by = collections.clerk("Otra Persona")
    undo(twice, by)
    slip.refresh_from_db()
    assert slip.state == "paid_late", "the first deposit pays it still"
    undo(late, by)
    slip.refresh_from_db()
    assert slip.state == "expired" and invariants.faults() == []
    treasury.match_deposit(movement=over, parts=[("memberships", slip.folio, D("500.00"))], by=by, at=clock.now())
    slip.refresh_from_db()
    assert slip.state == "paid_late" and invariants.faults() == []
    for name, deposits in ((slip.folio, 3), (slip.reference, 3)):
        told = whole_file(name, people.auditor())
        assert set(sums(told["libro.csv"], "entry").values()) == {D()}, name
        assert sum(row["kind"] == "deposit_matched" for row in told["libro.csv"]) >= deposits, name
        assert sums(told["libro.csv"], "account")["member_credit MXN"] == D("-500.00"), name


@rows
def test_less_than_its_amount_ends_it_and_makes_one_for_the_rest() -> None:
    slip = made(months=2)
    (row,) = brought(collections.row(slip.reference, "600.00"))
    assert (row.proposal["result"], row.proposal["targets"]) == ("short", [["memberships", slip.folio]])
    parts = [("memberships", slip.folio, D("600.00"))]
    treasury.match_deposit(movement=row, parts=parts, by=collections.clerk("Otra"), at=clock.now())
    slip.refresh_from_db()
    assert (slip.state, slip.rest.amount, slip.rest.state) == ("cancelled", D("360.00"), "issued")
    assert [one.amount for one in slip.rest.lines.all()] == [D("360.00")]
    assert invariants.faults() == []


@rows
def test_a_slip_expires_once_its_last_day_is_over_and_is_cancelled_once() -> None:
    old, fresh = made(days_ago=9), made()
    assert expire_slips() == 1 and expire_slips() == 0
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (old.state, fresh.state) == ("expired", "issued")
    assert services.expire_slip(slip=old, on=clock.today(), at=clock.now()) is False
    services.cancel_slip(slip=fresh, by=people.affiliator(), at=clock.now())
    with pytest.raises(Conflict):
        services.cancel_slip(slip=fresh, by=people.affiliator(), at=clock.now())
    (row,) = brought(collections.row(fresh.reference, "480.00"))
    assert (row.state, row.proposal["result"]) == ("waiting", "cancelled")
    assert [one.key for _kind, one in find_targets(old.folio, currency="MXN")] == [old.folio]


# --- pages -----------------------------------------------------------------------------------------------------------


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def post(client: Any, address: str, *, key: str = "", **data: Any) -> Any:
    return client.post(address, {"idempotency_key": key or uuid.uuid4().hex, **data})


@rows
def test_the_titular_makes_a_slip_and_anybody_with_its_code_pays_it_without_a_name(client: Any) -> None:
    membership = family()
    titular = people.signed_in(titular_of(membership))
    address = reverse("memberships:make_slip", args=[membership.pk])
    assert "1 mensualidad: $480.00" in text(titular.get(address))
    assert post(titular, address, scheme="paynet", months="90").status_code == 422
    key = uuid.uuid4().hex
    answers = [post(titular, address, key=key, scheme="paynet", months="2") for _ in range(2)]
    slip = Slip.objects.get()
    assert [one["Location"] for one in answers] == [slip.get_absolute_url()] * 2
    shown = text(client.get(slip.get_absolute_url()))
    assert (
        slip.told_reference in shown
        and "$960.00" in shown
        and "7-Eleven" in shown
        and "se actualiza sola" in shown
        and 'name="comes-back"' in shown
    )
    assert "Julián" not in shown and "Soto" not in shown and "Cancelar la ficha" not in shown
    assert "<svg" in shown and client.get(slip.get_absolute_url().lower()).status_code == 200
    assert client.get(reverse("memberships:slip", args=["0000-0000-0000-0000"])).status_code == 404
    pdf = reverse("memberships:slip_pdf", args=[slip.code])
    assert client.get(pdf).status_code == 404
    queue.drain(IssuedDocument, lambda row: papers.render_document(document=row, at=clock.now()))
    assert b"".join(client.get(pdf).streaming_content).startswith(b"%PDF")
    waits = text(client.get(slip.get_absolute_url()))
    assert "Descargar la ficha en PDF" in waits and 'name="comes-back" content="60"' in waits, "its state updates"
    assert "comes-back" not in text(titular.get(slip.get_absolute_url())), "a page left open keeps no session alive"
    assert slip.folio in text(titular.get(address))
    stranger = people.signed_in(titular_of(family("Ximena")))
    cancel = reverse("memberships:cancel_slip", args=[slip.code])
    assert stranger.get(address).status_code == 404 and post(stranger, cancel).status_code == 404
    assert "Cancelar la ficha" in text(titular.get(slip.get_absolute_url()))
    assert post(titular, cancel).status_code == 302
    over = text(client.get(slip.get_absolute_url()))
    assert "Ya no la pagues" in over and "comes-back" not in over and post(titular, cancel).status_code == 409


@rows
def test_the_printed_slip_is_read_back() -> None:
    from io import BytesIO

    import pypdfium2

    slip = made()
    queue.drain(IssuedDocument, lambda row: papers.render_document(document=row, at=clock.now()))
    slip.document.refresh_from_db()
    from portal.papers.selectors import open_file

    content = b"".join(open_file(slip.document.pdf))
    page = pypdfium2.PdfDocument(BytesIO(content))[0]
    told = page.get_textpage().get_text_range()
    assert dates.long(slip.expires_on) in " ".join(told.split()) and slip.told_reference in told, "its day in words"
    picture = page.render(scale=4).to_pil()
    found = {one.text for one in zxingcpp.read_barcodes(picture)}
    assert slip.reference in found
