"""Paying without signing in (S1.18-S1.24): whoever knows nothing learns nothing, and nobody reads a name (AU-03)."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from memberships import services
from memberships.models import CoveredPerson, DuesPayment, Member, Membership, ReferenceScheme, Slip
from memberships.rules import MembershipState, paying
from memberships.rules.paying import Kind, Typed, next_act, read_typed
from memberships.views import paying as pages
from portal import clock, vault
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.once.models import Throttle
from tests.factories import collections, people
from tests.factories import memberships as a
from tests.memberships.test_deposits import family
from tests.memberships.test_slips import titular_of
from tests.people.test_same_work import taken_back

pytestmark = pytest.mark.usefixtures("at_noon")
D = Decimal
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CURP = "HEGG560427MVZRRL04"
RFC = "GODE561231GR8"
BORN = date(1985, 5, 5)

# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("ME-2026-000123", Kind.FOLIO, "ME-2026-000123"),
        (" me 2026 123 ", Kind.FOLIO, "ME-2026-000123"),
        ("gode-561231-gr8", Kind.RFC, RFC),
        (CURP.lower(), Kind.CURP, CURP),
    ],
)
def test_a_folio_an_rfc_and_a_curp_are_read_as_people_type_them(typed: str, kind: Kind, value: str) -> None:
    assert read_typed(typed) == Typed(kind, value)


@pytest.mark.parametrize("typed", ["zzz", "1234567890123", "A" * 18, "ME-2026-0000001234", "'; DROP TABLE --", "ＭＥ"])
def test_what_is_none_of_them_is_told_with_its_cure(typed: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        read_typed(typed)
    assert refused.value.field == "who" and len(refused.value.message) > 20


ACTS = [
    (MembershipState.DRAFT, "0", False, ""),
    (MembershipState.AWAITING_PAYMENT, "350", False, "Hacer mi primer pago"),
    (MembershipState.ACTIVE, "0", False, "Pagar mensualidad"),
    (MembershipState.ACTIVE, "0", True, ""),
    (MembershipState.ACTIVE, "350", True, "Pagar mensualidad"),
    (MembershipState.SUSPENDED, "700", False, "Pagar mensualidad"),
    (MembershipState.SUSPENDED, "0", False, ""),
    (MembershipState.CANCELLED, "350", False, ""),
]


@pytest.mark.parametrize(("state", "owed", "ends", "said"), ACTS)
def test_what_a_titular_does_next_about_their_dues(state: str, owed: str, ends: bool, said: str) -> None:
    assert next_act(state, owed=D(owed), ends=ends) == said


# --- pages -----------------------------------------------------------------------------------------------------------

rows = pytest.mark.django_db
PAY, MONTHS = "/pagos/nuevo/", "/pagos/nuevo/mensualidades/"


def known(name: str = "Julián", *, paid: bool = False) -> Membership:
    """A family whose titular has an RFC and a CURP."""
    made = family(name, paid=paid)
    indexed = vault.blind_index(CURP, purpose="curp")
    CoveredPerson.objects.filter(pk=made.titular.pk).update(rfc=RFC, curp=CURP, curp_index=indexed)
    return made


def post(client: Client, address: str, *, key: str = "", **data: Any) -> Any:
    return client.post(address, {"idempotency_key": key or uuid.uuid4().hex, **data})


def look(client: Client, who: str, *, born_on: date | str = BORN, key: str = "", **more: Any) -> Any:
    return post(client, PAY, key=key, **{"scheme": "paynet", "who": who, "born_on": born_on, **more})


def text(answer: Any) -> str:
    """What a page says, without the marks that each answer has of its own."""
    return re.sub(r'(name="(?:csrfmiddlewaretoken|idempotency_key)" value=")[^"]+', r"\1", answer.content.decode())


@rows
@pytest.mark.parametrize("by", ["rfc", "curp", "folio"])
def test_anybody_with_rfc_curp_or_folio_and_the_birth_date_makes_one_slip_without_a_name_S1_19(by: str) -> None:
    made, client = known(), Client()
    who = {"rfc": RFC, "curp": CURP, "folio": made.folio}[by]
    assert "RFC de quien es titular" in text(client.get(PAY))
    key = uuid.uuid4().hex
    answers = [look(client, who, key=key, scheme="bank-base10") for _ in range(2)]
    assert [one["Location"] for one in answers] == [MONTHS] * 2
    page = text(client.get(MONTHS))
    assert "Primera mensualidad" in page and "2 mensualidades: $960.00" in page and "$480.00" in page
    assert '<option value="bank-base10" selected>' in page, "where it is paid is kept"
    for hidden in ("Julián", "Soto", "julian@ejemplo.mx", RFC, CURP, made.folio):
        assert hidden not in page
    key = uuid.uuid4().hex
    told = {"scheme": "bank-base10", "months": f"{made.pk}:2"}
    paid = [post(client, MONTHS, key=key, **told) for _ in range(2)]
    slip = Slip.objects.get()
    assert [one["Location"] for one in paid] == [slip.get_absolute_url()] * 2
    assert (slip.amount, slip.party, slip.scheme.code) == (D("960.00"), made.titular.party, "bank-base10")
    assert client.get(slip.get_absolute_url()).status_code == 200
    assert AuditEvent.objects.filter(action="memberships.slip_made").count() == 1


@rows
def test_with_rfc_or_curp_the_folio_stands_for_the_birth_date_and_never_for_itself_C17() -> None:
    made, other = known(), family("Ximena")
    for who in (RFC, CURP):
        assert look(Client(), who, born_on="", folio=made.folio.replace("-", " "))["Location"] == MONTHS
        for wrong in ({"folio": other.folio}, {"folio": made.folio, "born_on": "1985-05-06"}):
            answer = look(Client(), who, **({"born_on": ""} | wrong))
            assert answer.status_code == 422 and "no hay una membresía por pagar" in text(answer), wrong
    for typed, said in (
        ({"who": made.folio, "folio": made.folio}, "Con el folio escribe también la fecha de nacimiento"),
        ({"who": RFC, "folio": RFC}, "Eso no es un folio"),
        ({"who": RFC, "folio": ""}, "o abajo el folio"),
    ):
        answer = post(Client(), PAY, **{"scheme": "paynet", "born_on": "", **typed})
        assert answer.status_code == 422 and said in text(answer), typed
    tries = [look(Client(), RFC[:-1] + "0", born_on="", folio=made.folio).status_code for _ in range(4)]
    assert tries == [422] * 3 + [429], "wrong tries count at the folio too, whatever is tried with it"


def press(client: Client, address: str, **typed: Any) -> Any:
    """Send the form of a page as a browser without scripts does: all that it holds, its protection too."""
    (form,) = html.fromstring(client.get(address).content.decode()).xpath("//main//form[@method='post']")
    drawn = {name: value for name, value in form.form_values() if name not in typed}
    assert not form.xpath(".//button[@name]") and set(typed) <= set(form.inputs.keys())
    return client.post(form.action or address, {**drawn, **typed})


@rows
def test_both_forms_are_sent_without_scripts_and_with_their_protection() -> None:
    made, client = known(), Client(enforce_csrf_checks=True)
    born = {"born_on_0": "5", "born_on_1": "mayo", "born_on_2": "1985"}
    assert press(client, PAY, scheme="paynet", who=RFC, **born)["Location"] == MONTHS
    answer = press(client, MONTHS, months=f"{made.pk}:1")
    assert answer["Location"] == Slip.objects.get().get_absolute_url()
    assert look(client, RFC).status_code == 403, "without the protection nothing is asked"


FOLIO = "ME-2026-000001"


def _as_typed(**fields: Any) -> None:
    """One family that bears all that is typed, but for `fields`."""
    made, born_on = known(), fields.pop("born_on", BORN)
    CoveredPerson.objects.filter(pk=made.titular.pk).update(born_on=born_on)
    Membership.objects.filter(pk=made.pk).update(folio=FOLIO, **fields)


WORLDS: dict[str, Any] = {
    "unknown": lambda: None,
    "wrong": lambda: _as_typed(born_on=date(1985, 5, 6)),
    "cancelled": lambda: _as_typed(state="cancelled"),
}


def _answer_in(world: Any, who: str, hashed: list[str], folio: str) -> tuple[int, str, list[str], int]:
    """Status, bytes, statements and how many digests of a look-up in a world, which is taken back."""
    with taken_back():
        world()
        client = Client()
        client.get(PAY)
        hashed.clear()
        with time_machine.travel(NOON, tick=False), CaptureQueriesContext(connection) as ran:
            answer = look(client, who, folio=folio)
        done = [re.split(' VALUES | SET | WHERE | "s', query["sql"])[0] for query in ran.captured_queries]
    return answer.status_code, text(answer), done, len(hashed)


@rows
@pytest.mark.parametrize(("who", "folio", "digests"), [(RFC, "", 1), (CURP, "", 2), (FOLIO, "", 1), (RFC, FOLIO, 2)])
def test_unknown_wrong_and_cancelled_get_the_same_bytes_by_the_same_work_AU_03(
    who: str, folio: str, digests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.the_operator()
    hashed: list[str] = []
    real = vault.blind_index
    for room in ("memberships.selectors.paying", "memberships.views.paying"):
        monkeypatch.setattr(f"{room}.blind_index", lambda *a, **k: hashed.append("x") or real(*a, **k))
    seen = {name: _answer_in(world, who, hashed, folio) for name, world in WORLDS.items()}
    status, page, done, times = seen["unknown"]
    assert (status, times) == (422, digests) and "no hay una membresía por pagar" in page
    assert sum('"memberships_membership"' in one for one in done) == 1, done
    for name, one in seen.items():
        assert one == seen["unknown"], name
    assert _answer_in(_as_typed, who, hashed, folio)[0] == 302, "what is right is found"


@rows
def test_a_dependant_a_draft_and_a_certificate_are_not_found() -> None:
    made, at = known(), {"born_on": BORN, "rfc": "PEPA850505AA1"}
    child = a.a_covered_person(**at)
    Member.objects.create(membership=made, person=child, kinship="child", since=made.joined_on)
    a.a_certificate(titular=child)
    a.bare(titular=child, state="draft", folio="", joined_on=None)
    assert look(Client(), at["rfc"]).status_code == 422
    a.bare(titular=child)
    assert look(Client(), at["rfc"]).status_code == 302, "they are the titular of one that takes money"


HOSTILE = [
    {"who": "", "born_on": ""},
    {"who": "x" * 41, "born_on": "1985-05-05"},
    {"who": "\x00ME-2026-000001", "born_on": "1985-05-05"},
    {"who": RFC, "born_on": "0001-01-01"},
    {"who": RFC, "born_on": "ayer"},
    {"who": RFC, "born_on": "1985-05-05", "scheme": "tarjeta"},
    {"who": "<script>alert(1)</script>", "born_on": "1985-05-05"},
]


@rows
@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_a_sentence_and_nothing_is_asked(typed: dict[str, str]) -> None:
    answer = post(Client(), PAY, **{"scheme": "paynet", **typed})
    assert answer.status_code == 422 and "Revisa esto para continuar" in text(answer)
    assert "<script>alert" not in text(answer) and not Throttle.objects.exists()


@rows
def test_wrong_tries_slow_down_by_what_was_typed_and_by_address_and_right_ones_do_not() -> None:
    made, client = known(), Client()
    assert [look(client, RFC).status_code for _ in range(7)] == [302] * 7
    tries = [look(Client(), made.folio, born_on="1990-01-01") for _ in range(6)]
    assert [one.status_code for one in tries] == [422] * 5 + [429]
    assert "Hiciste muchos intentos" in text(tries[-1]) and "Retry-After" in tries[-1]
    assert look(Client(), made.folio).status_code == 429, "the right one waits too"
    assert look(Client(), RFC).status_code == 302, "another thing typed does not"
    left = paying.ADDRESS_LIMIT - 5
    others = [look(Client(), f"ME-2020-{number:06d}").status_code for number in range(left + 1)]
    assert others == [422] * left + [429]
    assert look(Client(), RFC).status_code == 429, "this address waits"
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert post(Client(**elsewhere), PAY, scheme="paynet", who=RFC, born_on=BORN).status_code == 302


@rows
def test_slips_of_one_family_are_made_ten_an_hour_by_others() -> None:
    made, client = known(), Client()
    look(client, RFC)
    Throttle.objects.filter(scope="dues.slips").delete()
    told = {"scheme": "paynet", "months": f"{made.pk}:1"}
    answers = [post(client, MONTHS, **told).status_code for _ in range(paying.SLIPS + 1)]
    assert answers == [302] * paying.SLIPS + [429] and Slip.objects.count() == paying.SLIPS
    titular = people.signed_in(titular_of(made))
    assert post(titular, MONTHS, **told).status_code == 302


@rows
def test_what_was_looked_up_is_gone_after_15_minutes_and_in_another_browser() -> None:
    made, client = known(), Client()
    assert client.get(MONTHS)["Location"] == PAY, "nothing was looked up"
    look(client, RFC)
    assert client.get(MONTHS).status_code == 200 and Client().get(MONTHS)["Location"] == PAY
    with time_machine.travel(NOON + paying.KEPT - timedelta(minutes=2)):
        assert client.get(MONTHS).status_code == 200
    key = uuid.uuid4().hex
    with time_machine.travel(NOON + paying.KEPT + timedelta(minutes=2)):
        over = [post(client, MONTHS, key=key, scheme="paynet", months=f"{made.pk}:1") for _ in range(2)]
        assert [one["Location"] for one in over] == [PAY] * 2 and not Slip.objects.exists()
        assert "se guarda 15 minutos" in text(client.get(PAY))


@rows
def test_a_choice_of_another_family_of_too_many_months_or_of_one_that_ended_makes_nothing() -> None:
    made, other, client = known(), family("Ximena"), Client()
    look(client, RFC)
    for months in (f"{other.pk}:1", f"{made.pk}:99", f"{made.pk}:0", "x", ""):
        assert post(client, MONTHS, scheme="paynet", months=months).status_code == 422
    assert post(client, MONTHS, scheme="tarjeta", months=f"{made.pk}:1").status_code == 422
    Membership.objects.filter(pk=made.pk).update(state="cancelled")
    assert "No hay nada que pagar" in text(client.get(MONTHS))
    assert post(client, MONTHS, scheme="paynet", months=f"{made.pk}:1").status_code == 422
    assert not Slip.objects.exists()


@rows
def test_a_slip_that_is_refused_meanwhile_is_told_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    made, client = known(), Client()
    look(client, RFC)
    shown = pages.selectors.months_to_pay([made.pk], on=pages.clock.today())
    Membership.objects.filter(pk=made.pk).update(state="cancelled")
    monkeypatch.setattr(pages.selectors, "months_to_pay", lambda *a, **k: shown)
    answer = post(client, MONTHS, scheme="paynet", months=f"{made.pk}:1")
    assert answer.status_code == 409 and "no recibe pagos" in text(answer)


@rows
def test_a_titular_skips_the_look_up_and_chooses_among_their_own_families() -> None:
    first = known()
    user = titular_of(first)
    titular = people.signed_in(user)
    assert titular.get(PAY)["Location"] == MONTHS and look(titular, "ME-2026-999999")["Location"] == MONTHS
    assert first.plan.name not in text(titular.get(MONTHS)), "one family needs no name of a plan"
    second = family("Ximena", paid=True)
    Membership.objects.filter(pk=second.pk).update(titular=first.titular)
    page = text(titular.get(MONTHS))
    assert f"{first.plan.name}: 1 mensualidad" in page and f"{second.plan.name}: 1 mensualidad" in page
    assert "No debe ninguna mensualidad" in page and "Buscar otra" not in page
    key = uuid.uuid4().hex
    for _ in range(2):
        answer = post(titular, MONTHS, key=key, scheme="paynet", months=f"{second.pk}:1")
    slip = Slip.objects.get()
    assert answer["Location"] == slip.get_absolute_url() and slip.made_by == user
    assert slip.lines.get().membership == second


@rows
def test_one_slip_pays_months_of_several_memberships_of_a_titular_and_is_split_by_its_lines() -> None:
    """C: months of one or several memberships; each gets its part as credit, the public page numbers them."""
    first, second = known(), family("Ximena", paid=True)
    Membership.objects.filter(pk=second.pk).update(titular=first.titular)
    titular = people.signed_in(titular_of(first))
    one, two = f"{first.pk}:1", f"{second.pk}:2"
    assert post(titular, MONTHS, scheme="paynet", months=[one, f"{first.pk}:2"]).status_code == 422, "one of each"
    answer = post(titular, MONTHS, scheme="paynet", months=[one, two])
    slip = Slip.objects.get()
    assert answer["Location"] == slip.get_absolute_url()
    amounts = {pk: sum(line.amount for line in slip.lines.filter(membership=pk)) for pk in (first.pk, second.pk)}
    assert slip.amount == sum(amounts.values()) and slip.lines.count() == 3
    page = text(titular.get(slip.get_absolute_url()))
    assert "membresía 1" in page and "membresía 2" in page and first.folio not in page
    rows_of = collections.brought(
        collections.store_file((slip.reference, int(slip.amount * 100)), on=f"{clock.today():%Y%m%d}"),
        by=collections.clerk(),
        account=collections.stores(),
    )
    assert rows_of[0].state == "matched"
    paid = dict(DuesPayment.objects.filter(means="store").values_list("membership", "amount"))
    assert paid == amounts
    told = Notice.objects.filter(kind__in=["memberships/payment_received", "memberships/activated"])
    (mail,) = told.filter(
        enclosures__document__in=DuesPayment.objects.filter(means="store").values("receipt")
    ).distinct()
    assert mail.enclosures.count() >= 2, "one mail a deposit, each membership's receipt with it"
    Slip.objects.filter(pk=slip.pk).update(state="expired")
    assert reverse("memberships:pay_months") in text(titular.get(slip.get_absolute_url())), "all of them again"
    other = family("Otra")
    with pytest.raises(Conflict) as refused:
        services.make_slip_of(chosen=[(first, 1), (other, 1)], scheme=slip.scheme, by=None, at=clock.now())
    assert refused.value.code == "several_titulars"


def _ended(made: Membership) -> None:
    """The titular leaves at once: it was never paid."""
    services.cancel_membership(membership=made, reason="Se muda", by=titular_of(made), at=clock.now())


@rows
def test_the_end_of_one_membership_leaves_the_others_months_of_a_shared_slip_and_its_part_is_credit() -> None:
    first, second = known(), family("Ximena")
    Membership.objects.filter(pk=second.pk).update(titular=first.titular)
    second.refresh_from_db()
    chosen = [(first, 1), (second, 1)]
    scheme = ReferenceScheme.objects.get(code="paynet")
    told: Any = {"scheme": scheme, "by": None, "at": clock.now()}
    slip = services.make_slip_of(chosen=chosen, **told)
    _ended(first)
    slip.refresh_from_db()
    assert slip.state == "issued", "the other one's month may still be paid"
    (row,) = collections.brought(
        collections.store_file((slip.reference, int(slip.amount * 100)), on=f"{clock.today():%Y%m%d}"),
        by=collections.clerk(),
        account=collections.stores(),
    )
    for one in (first, second, slip):
        one.refresh_from_db()
    assert (row.state, slip.state, second.state) == ("matched", "paid", "active")
    assert first.state in {"active", "cancelled"} and sum(p.amount for p in first.payments.all()) == D("480.00")


@rows
def test_a_shared_slip_ends_with_the_last_of_its_memberships() -> None:
    first, second = known(), family("Ximena")
    Membership.objects.filter(pk=second.pk).update(titular=first.titular)
    second.refresh_from_db()
    scheme = ReferenceScheme.objects.get(code="paynet")
    slip = services.make_slip_of(chosen=[(first, 1), (second, 1)], scheme=scheme, by=None, at=clock.now())
    for one, state in ((first, "issued"), (second, "cancelled")):
        _ended(one)
        assert Slip.objects.get(pk=slip.pk).state == state


@rows
def test_a_program_lists_slips_and_months_and_makes_one_slip_of_several_memberships() -> None:
    first, second = known(), family("Ximena")
    Membership.objects.filter(pk=second.pk).update(titular=first.titular)
    titular, stranger = people.signed_in(titular_of(first)), people.signed_in(titular_of(family("Julia")))
    key = lambda: {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex, "content_type": "application/json"}  # noqa: E731
    sent = {"scheme": "paynet", "months": [f"{first.pk}:1", f"{second.pk}:1"]}
    again = key()
    made = [titular.post("/api/v1/fichas/", data=sent, **again).json() for _twice in range(2)]
    slip = Slip.objects.get()
    assert made[0] == made[1] and made[0]["folio"] == slip.folio and slip.lines.count() == 2
    (told,) = titular.get("/api/v1/fichas/").json()["slips"]
    assert told == made[0] and stranger.get("/api/v1/fichas/").json()["slips"] == []
    for wrong in ([f"{first.pk}:1", f"{first.pk}:2"], [f"{first.pk}:99"], []):
        assert titular.post("/api/v1/fichas/", data=sent | {"months": wrong}, **key()).status_code == 422
    assert stranger.post("/api/v1/fichas/", data=sent, **key()).status_code == 422, "no choice of theirs"
    assert titular.post("/api/v1/fichas/", data=sent | {"scheme": "card"}, **key()).status_code == 422
    (charge,) = titular.get(f"/api/v1/membresias/{first.pk}/cargos/").json()["charges"]
    assert (charge["state"], charge["period"], charge["amount"]["amount"]) == ("open", None, "480.00")
    assert stranger.get(f"/api/v1/membresias/{first.pk}/cargos/").status_code == 404


@rows
def test_whoever_may_not_pay_dues_has_none_of_their_own_here() -> None:
    made = known()
    doctor, clerk = people.signed_in(people.physician()), people.signed_in(people.affiliator())
    other = people.signed_in(people.user_with_role(Role.MEMBER, people.a_party()))
    for client in (doctor, clerk, other):
        assert client.get(PAY).status_code == 200 and client.get(MONTHS)["Location"] == PAY
    assert look(doctor, RFC).status_code == 302, "they look it up as anybody does"
    for client in (doctor, clerk):
        assert client.get(reverse("memberships:make_slip", args=[made.pk])).status_code == 403


@rows
def test_the_family_page_has_one_next_act_of_the_titular_that_leads_to_a_slip() -> None:
    made = known()
    titular = people.signed_in(titular_of(made))
    address, home = reverse("memberships:make_slip", args=[made.pk]), reverse("memberships:home")
    page = text(titular.get(home))
    assert "Hacer mi primer pago" in page and page.count(f'href="{address}"') == 1
    Membership.objects.filter(pk=made.pk).update(state="active", owed=0)
    assert "Pagar mensualidad" in text(titular.get(home))
    for state in (*paying.TAKES_MONEY, "cancelled"):
        Membership.objects.filter(pk=made.pk).update(state=state, owed=480 if state == "suspended" else 0)
        found = Membership.objects.get(pk=made.pk)
        leads = next_act(state, owed=found.owed, ends=False)
        offered = bool(pages.selectors.months_to_pay([made.pk], on=pages.clock.today()))
        assert bool(leads) == offered, state
    Membership.objects.filter(pk=made.pk).update(state="cancelled")
    assert address not in text(titular.get(home))


@rows
def test_a_program_makes_a_slip_of_its_own_family_alone() -> None:
    made = known()
    titular, address = people.signed_in(titular_of(made)), f"/api/v1/membresias/{made.pk}/fichas/"
    key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    sent = {"data": {"scheme": "paynet", "months": 2}, "content_type": "application/json"}
    answers = [titular.post(address, **sent, **key) for _ in range(2)]
    slip = Slip.objects.get()
    told = answers[0].json()
    assert [one.status_code for one in answers] == [201, 201] and answers[1].json() == told
    assert (told["folio"], told["reference"], told["page"]) == (slip.folio, slip.reference, slip.get_absolute_url())
    assert told["amount"] == {"amount": "960.00", "currency": "MXN"}
    stranger = people.signed_in(titular_of(family("Ximena")))
    again = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    assert stranger.post(address, **sent, **again).status_code == 404
    assert people.signed_in(people.affiliator()).post(address, **sent, **again).status_code == 403
    assert Client().post(address, **sent, **again).status_code == 401
    for wrong in ({"scheme": "tarjeta", "months": 1}, {"scheme": "paynet", "months": 0}, {"scheme": "paynet"}):
        more = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
        assert titular.post(address, data=wrong, content_type="application/json", **more).status_code == 422
    assert Slip.objects.count() == 1
