"""The family's pages and the desk's, by actor (issue 11 C; AC-02, AC-05)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from memberships import selectors, services
from memberships.models import CoveredPerson, Membership, Plan, ReferenceScheme, Share
from memberships.rules import Kinship
from memberships.rules.dues import first_of_next_month
from memberships.rules.family import Datum
from memberships.rules.joining import Contact, NewPerson
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Enclosure
from portal.once.rules import FIELD
from portal.papers.registry import standing_of
from portal.papers.rendering import html_of
from portal.papers.rules import Standing
from portal.people.models import User
from portal.vault import blind_index
from tests.factories import memberships as a
from tests.factories import people

pytestmark = pytest.mark.django_db
D = Decimal
FAMILY = (
    (Kinship.TITULAR, "Fernanda", date(1985, 5, 5)),
    (Kinship.PARTNER, "Óscar", date(1983, 1, 2)),
    (Kinship.CHILD, "Leo", clock.real_now().date() - timedelta(days=6000)),
    (Kinship.PARENT, "Elena", date(1958, 3, 4)),
)


def a_family() -> Membership:
    """Fernanda's family, its first month paid today."""
    today = clock.today()
    return services.affiliate_family(
        plan=a.a_plan(),
        people=[NewPerson(kinship, name, "Luna", "", born_on, "female") for kinship, name, born_on in FAMILY],
        contact=Contact(email="fer@ejemplo.mx"),
        paid=services.Paid(on=today),
        by=people.affiliator(),
        at=clock.now(),
    )


def of(made: Membership, name: str) -> CoveredPerson:
    return CoveredPerson.objects.get(stays__membership=made, given_name=name)


def account(made: Membership, name: str) -> User:
    """Somebody of the family with an own account."""
    return people.member(party=of(made, name).party)


def typed(**changed: Any) -> dict[str, Any]:
    """What a clerk types for a family of two."""
    plan = Plan.objects.filter(is_offered=True).first() or a.a_plan()
    told = {
        "plan": plan.pk,
        "email": "nueva@ejemplo.mx",
        "paid_on": clock.today().isoformat(),
        "t-given_name": "Nadia",
        "t-first_surname": "Ríos",
        "t-born_on": "1990-02-03",
        "t-sex": "female",
        "p1-kinship": "child",
        "p1-given_name": "Iker",
        "p1-first_surname": "Ríos",
        "p1-born_on": "2018-02-03",
        "p1-sex": "male",
    }
    return {FIELD: "affiliate-key-1", **told, **changed}


def test_a_clerk_affiliates_a_family_on_one_form_and_twice_is_once_S1_1() -> None:
    client, told = people.signed_in(people.affiliator()), typed()
    first = client.post(reverse("memberships:new"), told)
    again = client.post(reverse("memberships:new"), told)
    made = Membership.objects.get()
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"] == reverse("memberships:affiliation", args=[made.pk])
    assert (made.state, made.members.count(), made.folio[:3]) == ("active", 2, "ME-")
    page = client.get(first["Location"]).content.decode()
    assert "Nadia Ríos" in page and "Iker Ríos" in page and "Vigente" in page and "$350.00" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"t-born_on": "2015-01-01"}, "Quien es titular tiene 18 años o más"),
        ({"t-given_name": ""}, "Escribe el nombre."),
        ({"p1-kinship": ""}, "Elige el parentesco."),
        ({"plan": ""}, "Elige el plan."),
        ({"paid_on": "2099-01-01"}, "no ha llegado"),
    ],
)
def test_a_wrong_form_comes_back_filled_and_nothing_is_stored(changed: dict[str, str], sentence: str) -> None:
    answer = people.signed_in(people.affiliator()).post(reverse("memberships:new"), typed(**changed))
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and "nueva@ejemplo.mx" in page
    assert Membership.objects.count() == CoveredPerson.objects.count() == 0


def test_who_enters_the_desks_pages_of_families() -> None:
    made = a_family()
    page = reverse("memberships:affiliation", args=[made.pk])
    actors = {
        people.affiliator: (200, 200),
        people.collector: (200, 403),
        people.auditor: (200, 403),
        people.member: (403, 403),
        people.reviewer: (403, 403),
    }
    found = {
        maker: tuple(
            people.signed_in(maker()).get(address).status_code for address in (page, reverse("memberships:new"))
        )
        for maker in actors
    }
    assert found == actors
    assert people.signed_in(None).get(page).status_code == 302


def test_the_desk_cancels_with_a_reason_after_it_was_asked() -> None:
    made, client = a_family(), people.signed_in(people.affiliator())
    address = reverse("memberships:cancel", args=[made.pk])
    assert client.post(address, {"reason": "", FIELD: "cancel-key-0"}).status_code == 422
    asked = client.post(address, {"reason": "Se muda", "ask": "1"})
    assert "¿Cancelar la membresía" in asked.content.decode()
    assert client.post(address, {"reason": "Se muda", FIELD: "cancel-key-1"}).status_code == 302
    page = client.get(reverse("memberships:affiliation", args=[made.pk])).content.decode()
    assert "Se pidió cancelarla" in page and "Se muda" in page
    assert client.post(address, {"reason": "Otra vez", FIELD: "cancel-key-2"}).status_code == 409


def test_plans_are_added_changed_and_priced_at_the_desk() -> None:
    people.the_operator()
    client = people.signed_in(people.affiliator())
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    told = {"name": "Familiar", "benefits": "Consultas", "amount": "350.00", "since": "2026-01-01"}
    assert client.post(reverse("memberships:add_plan"), {FIELD: "plan-key-1", **told}).status_code == 302
    assert client.post(reverse("memberships:add_plan"), {FIELD: "plan-key-2", **told}).status_code == 422
    assert client.post(reverse("memberships:add_plan"), {FIELD: "plan-key-3"}).status_code == 422
    plan = Plan.objects.get()
    price, change = (reverse(f"memberships:{name}", args=[plan.pk]) for name in ("set_price", "change_plan"))
    assert client.post(price, {"amount": "1", "since": "2020-01-01", FIELD: "price-key-1"}).status_code == 422
    assert client.post(price, {"amount": "", "since": "", FIELD: "price-key-2"}).status_code == 422
    assert client.post(price, {"amount": "400.00", "since": tomorrow, FIELD: "price-key-3"}).status_code == 302
    assert client.post(change, {"benefits": "Urgencias", FIELD: "change-key-1"}).status_code == 302
    assert client.post(change, {"benefits": "x" * 4001, FIELD: "change-key-2"}).status_code == 422
    page = client.get(reverse("memberships:plan", args=[plan.pk])).content.decode()
    assert "$400.00" in page and "Urgencias" in page
    assert "Familiar" in client.get(reverse("memberships:plans")).content.decode()
    assert "No hay planes" not in client.get(reverse("memberships:offered")).content.decode()


def test_everybody_reads_plans_and_prices_S1_1() -> None:
    plan = a.a_plan(name="FAMILIAR TOTAL")
    a.a_plan(name="OCULTO", is_offered=False)
    page = people.signed_in(None).get(reverse("memberships:offered")).content.decode()
    assert plan.name in page and "$350.00" in page and "Urgencias" in page and "OCULTO" not in page


SEEN = {
    "Fernanda": ({"Fernanda": "111", "Óscar": "110", "Leo": "111", "Elena": "000"}, True),
    "Elena": ({"Fernanda": "000", "Óscar": "000", "Leo": "000", "Elena": "111"}, False),
}


@pytest.mark.parametrize("viewer", SEEN)
def test_who_sees_whom_in_a_family_today_AC_05(viewer: str) -> None:
    """Elena has an own account and shares nothing; Óscar has none; Leo is a minor."""
    made = a_family()
    users = {name: account(made, name) for name in SEEN}
    wanted, dues = SEEN[viewer]
    asked = (Datum.CARD, Datum.IMSS, Datum.CLINICAL)
    found = {
        name: "".join(
            str(int(selectors.may_see(users[viewer], of(made, name), what, clock.today()).visible)) for what in asked
        )
        for name in wanted
    }
    assert found == wanted
    client = people.signed_in(users[viewer])
    page = client.get(reverse("memberships:home")).content.decode()
    assert all(f"{name} Luna" in page for name in wanted) and ("Próxima mensualidad" in page) is dues
    charged = client.get(reverse("memberships:charges")).content.decode()
    assert ("$350.00" in charged) is dues
    assert ("Pago registrado por la mesa" in client.get(reverse("memberships:statement")).content.decode()) is dues
    shown = client.get(reverse("memberships:person", args=[of(made, "Elena").pk])).content.decode()
    assert (">Credencial</h2>" in shown) is (wanted["Elena"][0] == "1")


def test_a_stranger_finds_no_family_and_no_person_AC_02() -> None:
    made, client = a_family(), people.signed_in(people.member())
    assert client.get(reverse("memberships:person", args=[of(made, "Leo").pk])).status_code == 404
    cancel = reverse("memberships:cancel_own", args=[made.pk])
    assert client.post(cancel, {"reason": "x", FIELD: "own-key-1"}).status_code == 404
    assert "Todavía no tienes una membresía" in client.get(reverse("memberships:home")).content.decode()
    assert selectors.may_see(people.member(), of(made, "Leo"), Datum.ENROLMENT, clock.today()).visible is False


def test_an_adult_shares_and_takes_back_AC_05() -> None:
    made = a_family()
    titular, elena = account(made, "Fernanda"), account(made, "Elena")
    client, address = people.signed_in(elena), reverse("memberships:share")
    stay = of(made, "Elena").stays.get()
    assert "Con Fernanda Luna" in client.get(address).content.decode()
    assert client.post(address, {f"que_{stay.pk}": ["card"], FIELD: "share-key-1"}).status_code == 302
    assert selectors.may_see(titular, of(made, "Elena"), Datum.CARD, clock.today()).visible
    wrong = {f"que_{stay.pk}": ["dues"], f"visto_{stay.pk}": ["card"]}
    assert client.post(address, {**wrong, FIELD: "share-key-2"}).status_code == 422
    stale = {f"que_{stay.pk}": ["card", "imss"], FIELD: "share-key-4"}
    assert client.post(address, stale).status_code == 409, "a window that did not see what is shared"
    assert f'name="visto_{stay.pk}" value="card"' in client.get(address).content.decode()
    assert client.post(address, {f"visto_{stay.pk}": ["card"], FIELD: "share-key-3"}).status_code == 302
    assert not selectors.may_see(titular, of(made, "Elena"), Datum.CARD, clock.today()).visible
    assert Share.objects.exclude(ended_at=None).count() == 1
    nothing = people.signed_in(titular).get(address).content.decode()
    assert "No hay nada que compartir" in nothing
    child = account(made, "Leo")
    assert selectors.shares_of(child, on=clock.today()) == []


def test_only_the_titular_ends_the_familys_membership() -> None:
    made = a_family()
    address = reverse("memberships:cancel_own", args=[made.pk])
    elena, titular = (people.signed_in(account(made, name)) for name in ("Elena", "Fernanda"))
    assert elena.post(address, {"reason": "No", FIELD: "end-key-1"}).status_code == 404
    assert titular.post(address, {"reason": "", FIELD: "end-key-2"}).status_code == 422
    assert titular.post(address, {"reason": "Nos mudamos", "ask": "1"}).status_code == 200
    assert titular.post(address, {"reason": "Nos mudamos", FIELD: "end-key-3"}).status_code == 302
    made.refresh_from_db()
    assert made.cancel_reason == "Nos mudamos" and made.next_due_on is None


def test_the_same_curp_elsewhere_is_shown_to_the_desk_and_refuses_nothing_2_12() -> None:
    one, other = a_family(), a_family()
    for made in (one, other):
        CoveredPerson.objects.filter(pk=of(made, "Leo").pk).update(curp="X", curp_index="a" * 64)
    page = people.signed_in(people.affiliator()).get(reverse("memberships:affiliation", args=[one.pk])).content.decode()
    assert "Mismo CURP en" in page and other.folio in page


def test_lists_are_found_by_folio_and_by_any_name_of_the_family() -> None:
    made = a_family()
    client = people.signed_in(people.affiliator())
    for words, there in ((made.folio, True), ("elena", True), ("nadie", False), ("ME-1999", False)):
        page = client.get(reverse("memberships:affiliations"), {"buscar": words}).content.decode()
        assert (made.folio in page.split("<tbody")[-1] and "<tbody" in page) is there, words


def test_cards_and_receipts_are_seen_by_whom_the_family_says_AC_05() -> None:
    made = a_family()
    cards = {one.person.given_name: one.card for one in made.members.select_related("person", "card")}
    receipt = made.payments.get().receipt
    assert receipt is not None and set(cards) == {"Fernanda", "Óscar", "Leo", "Elena"}
    seen = {
        "Fernanda": {"Fernanda", "Óscar", "Leo", "receipt"},
        "Elena": {"Elena"},
        "desk": {*cards, "receipt"},
        "stranger": set[str](),
    }
    users = {name: account(made, name) for name in ("Fernanda", "Elena")}
    users |= {"desk": people.affiliator(), "stranger": people.member()}
    for name, user in users.items():
        client = people.signed_in(user)
        found = {
            label
            for label, paper in [*cards.items(), ("receipt", receipt)]
            if paper is not None and client.get(reverse("papers:document", args=[paper.pk])).status_code != 404
        }
        assert found == seen[name], name
    own = people.signed_in(users["Elena"]).get(reverse("memberships:person", args=[of(made, "Elena").pk]))
    assert f'De <span class="nowrap">{made.folio}</span>' in own.content.decode()


def test_a_card_says_today_how_its_membership_stands_S1_3() -> None:
    made = a_family()
    card = made.members.get(kinship="titular").card
    assert card is not None
    page = reverse("papers:check", args=[card.code])
    told = []
    for state in ("active", "suspended", "cancelled"):
        Membership.objects.filter(pk=made.pk).update(state=state)
        told.append(standing_of(card))
        assert people.signed_in(None).get(page).status_code == 200
    assert told == [Standing.IN_FORCE, Standing.SUSPENDED, Standing.CANCELLED]
    made.members.filter(kinship="titular").update(card=None)
    assert standing_of(card) == Standing.CANCELLED


def test_the_welcome_goes_with_the_cards_its_reader_may_see_S1_2_C17a() -> None:
    made = services.affiliate_family(
        plan=a.a_plan(),
        people=[NewPerson(kinship, name, "Luna", "", born_on, "female") for kinship, name, born_on in FAMILY],
        contact=Contact(email="fer@ejemplo.mx"),
        paid=None,
        by=people.affiliator(),
        at=clock.now(),
    )
    users = {name: account(made, name) for name in ("Fernanda", "Elena")}
    elena = made.members.get(person__given_name="Elena").pk
    services.set_shares(chosen={elena: ["card"]}, shown={elena: []}, by=users["Elena"], at=clock.now())
    services.receive_payment(
        membership=made, amount=D("350.00"), value_on=clock.today(), source=made, means="bank", by=None, at=clock.now()
    )
    sent, papers = {name: _enclosed(user) for name, user in users.items()}, ("member_card", "member_constancia")
    assert sent == {
        "Fernanda": {"dues_receipt ", "member_card Elena Luna"}
        | {f"{paper} {name} Luna" for paper in papers for name in ("Fernanda", "Óscar", "Leo")},
        "Elena": {f"{paper} Elena Luna" for paper in papers},
    }
    services.take_back(payment=made.payments.get(), reason="No era suyo", by=None, at=clock.now())
    assert Membership.objects.get(pk=made.pk).owed == D("350.00")


def _enclosed(user: User) -> set[str]:
    """Kind and name of what went with a person's mails."""
    rows = Enclosure.objects.filter(notice__user=user).select_related("document")
    return {f"{one.document.kind} {one.document.context.get('name', '')}" for one in rows}


def test_families_are_found_by_folio_name_and_whole_curp_by_the_desk_alone() -> None:
    made, curp = a_family(), "GODA800101HDFRRN09"
    CoveredPerson.objects.filter(pk=of(made, "Leo").pk).update(curp=curp, curp_index=blind_index(curp, purpose="curp"))
    makers = (people.affiliator(), account(made, "Fernanda"), people.member())
    desk, titular, stranger = (people.signed_in(one) for one in makers)
    page = reverse("listing:search")
    for words in (made.folio[:-1], "Elena Luna", curp.lower()):
        assert made.folio in desk.get(page, {"buscar": words}).content.decode(), words
    assert reverse("memberships:home") in titular.get(page, {"buscar": made.folio[:-1]}).content.decode()
    assert desk.get(page, {"buscar": made.folio})["Location"].endswith(f"/{made.pk}/")  # a whole folio opens its thing
    for client in (stranger, titular):
        assert "Leo Luna" not in client.get(page, {"buscar": curp}).content.decode()
    assert desk.get(reverse("listing:folio", args=[made.folio])).status_code == 302
    assert stranger.get(reverse("listing:folio", args=[made.folio])).status_code == 404


def test_the_api_lists_and_acts_as_the_screens_do() -> None:
    made, desk = a_family(), people.signed_in(people.affiliator())
    titular = people.signed_in(account(made, "Fernanda"))
    charged = titular.get("/api/v1/membresias/cargos/").json()["rows"]
    assert made.folio in str(charged[0])
    assert len(titular.get("/api/v1/membresias/estado-de-cuenta/").json()["rows"]) == 2
    assert desk.get("/api/v1/mesa/afiliaciones/").json()["rows"][0]["folio"] == made.folio
    assert desk.get(f"/api/v1/mesa/afiliaciones/{made.pk}/").json()["state"] == "active"
    told = {"name": "Individual", "benefits": "Consultas", "amount": "200.00", "since": "2026-01-01"}
    plan = call(desk, "planes/", told, "0001").json()
    assert desk.get(f"/api/v1/planes/{plan['id']}/").json()["benefits"] == ["Consultas"]
    assert len(desk.get("/api/v1/planes/").json()["rows"]) == 2
    price = {"amount": "210.00", "since": (clock.today() + timedelta(days=1)).isoformat()}
    assert call(desk, f"planes/{plan['id']}/precio/", price, "0002").status_code == 200
    changed = call(desk, f"planes/{plan['id']}/cambiar/", {"benefits": "", "is_offered": False}, "0003").json()
    assert changed["is_offered"] is False
    assert call(titular, f"membresias/{made.pk}/cancelar/", {"reason": "Nos mudamos"}, "0004").status_code == 200
    again = call(desk, f"mesa/afiliaciones/{made.pk}/cancelar/", {"reason": "Otra vez"}, "0005")
    assert again.status_code == 409


def call(client: Any, path: str, body: dict[str, Any], key: str) -> Any:
    """A POST to the API by a session."""
    headers = {"Idempotency-Key": f"api-key-{key}"}
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def test_the_desk_gives_an_adult_an_own_account_and_a_minor_none_2_12() -> None:
    made, client = a_family(), people.signed_in(people.affiliator())
    address = reverse("memberships:invite", args=[made.pk])
    elena, leo = (made.members.get(person__given_name=name) for name in ("Elena", "Leo"))
    told = {"person": str(elena.pk), "email": "elena.nueva@ejemplo.mx"}
    assert client.post(address, {**told, "email": "x", FIELD: "invite-key-1"}).status_code == 422
    assert client.post(address, {**told, "person": str(leo.pk), FIELD: "invite-key-2"}).status_code == 422
    assert client.post(address, {**told, FIELD: "invite-key-3"}).status_code == 302
    user = User.objects.get(email="elena.nueva@ejemplo.mx")
    assert user.roles == {people.Role.MEMBER} and selectors.has_account(elena.person, on=clock.today())
    titular = account(made, "Fernanda")
    assert not selectors.may_see(titular, elena.person, Datum.CARD, clock.today()).visible
    desk = people.affiliator()
    for member, error in ((elena, Conflict), (leo, RuleBroken)):
        with pytest.raises(error):
            services.invite_member(member=member, email="otra@ejemplo.mx", by=desk, at=clock.now())
    spouse = made.members.get(person__given_name="Óscar")
    taken = {"person": str(spouse.pk), "email": user.email, FIELD: "invite-key-4"}
    assert client.post(address, taken).status_code == 422


def test_a_stay_holds_from_its_first_day_until_the_day_before_its_last() -> None:
    """A certificate's end is known beforehand; who left a family is not seen any more."""
    made = a_family()
    elena = account(made, "Elena")
    stay, client = of(made, "Elena").stays.get(), people.signed_in(elena)
    stay.since = clock.today() - timedelta(days=9)
    for until, there in ((clock.today() + timedelta(days=30), True), (clock.today(), False)):
        type(stay).objects.filter(pk=stay.pk).update(since=stay.since, until=until)
        assert (made.folio in client.get(reverse("memberships:home")).content.decode()) is there
    titular = people.signed_in(account(made, "Fernanda"))
    assert titular.get(reverse("memberships:person", args=[of(made, "Elena").pk])).status_code == 404
    assert "Elena Luna" not in titular.get(reverse("memberships:home")).content.decode()


def test_a_page_of_many_people_asks_as_much_as_one_of_few() -> None:
    made = a_family()
    client, page = people.signed_in(account(made, "Fernanda")), reverse("memberships:home")
    client.get(page)
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        counts.append(len(asked))
        for _person in range(5):
            a.Member.objects.create(membership=made, person=a.a_covered_person(), kinship="child", since=clock.today())
    assert counts[0] == counts[1]


def test_the_receipt_of_what_was_taken_back_says_so() -> None:
    made = a_family()
    payment = made.payments.get()
    assert payment.receipt is not None and standing_of(payment.receipt) == Standing.IN_FORCE
    assert "No es un CFDI" in " ".join(html_of(payment.receipt).split()) and payment.receipt.folio.startswith("DO-")
    services.take_back(payment=payment, reason="Contracargo", by=None, at=clock.now())
    assert standing_of(payment.receipt) == Standing.CANCELLED


def test_each_sum_and_day_of_a_family_says_where_it_comes_from() -> None:
    """Section E: owed, credit, the day of grace, the next month, the end of a suspension; of a slip its day and sum."""
    made, at = a_family(), clock.now()
    titular, desk = people.signed_in(account(made, "Fernanda")), people.signed_in(people.affiliator())
    pages = [(titular, reverse("memberships:home")), (desk, reverse("memberships:affiliation", args=[made.pk]))]

    def told(client: Any, page: str) -> str:
        return " ".join(client.get(page).content.decode().split())

    for client, page in pages:
        assert "¿De dónde sale esta fecha?" in (shown := told(client, page)) and "dues.month_until_day" in shown
        assert "lo que se debe?" not in shown and "el saldo a favor?" not in shown, "nothing of what is zero"
    services.receive_payment(
        membership=made,
        amount=D("50.00"),
        value_on=clock.today(),
        source=people.a_party(),
        means="desk",
        by=None,
        at=at,
    )
    for client, page in pages:
        shown = told(client, page)
        assert "¿De dónde sale el saldo a favor?" in shown and "pagos recibidos − mensualidades pagadas" in shown
    slip = services.make_slip(
        membership=made, scheme=ReferenceScheme.objects.get(code="paynet"), months=1, by=None, at=at
    )
    assert "slip.store_days" in told(titular, slip.get_absolute_url())
    shown = told(people.signed_in(None), slip.get_absolute_url())
    assert all(f"¿De dónde sale {what}?" in shown for what in ("esta fecha", "este importe"))
    assert "slip.store_days" not in shown and "Luna" not in shown, "a rule's page is for who is signed in"
    late = a_family()
    for owes, rule in ((date_of(late, 1, 12), "dues.grace_days"), (date_of(late, 2, 12), "dues.suspended_days")):
        services.pass_days(membership=late, on=owes, at=datetime(owes.year, owes.month, owes.day, 18, tzinfo=clock.UTC))
        shown = told(desk, reverse("memberships:affiliation", args=[late.pk]))
        assert "¿De dónde sale lo que se debe?" in shown and rule in shown, rule


def date_of(made: Membership, months: int, day: int) -> date:
    """A day of a month that is so many after the first one not paid yet."""
    assert made.next_due_on is not None
    first = made.next_due_on
    for _each in range(months - 1):
        first = first_of_next_month(first)
    return first.replace(day=day)
