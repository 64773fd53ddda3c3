"""A role of the desk that names an insurer sees that insurer's things only, wherever they stand (`Grant.scope`)."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve, reverse

from billing.models import Complement, ComplementPayment, Invoice, OrderDelivery
from config.desk.selectors import insurer_choices
from config.desk.services import ask_for_role
from portal import clock
from portal.access import DESK_ROLES, PORTABILITY_ROLES, ROLES, SCOPED_ROLES, Permission, Role
from portal.errors import Conflict, RuleBroken
from portal.listing import registry as lists
from portal.listing.search import search
from portal.notices.models import Notice
from portal.notices.services import tell_of_work
from portal.papers.models import IssuedDocument, StoredFile
from portal.papers.services import issue_document
from portal.people import scopes, selectors, services
from portal.people.models import Grant, GrantProposal, Party, User
from portal.proofs.models import RfcPaper
from portal.text import listed
from portal.treasury import selectors as treasury
from portal.treasury.models import BankAccount
from portal.work import registry as work
from portal.work import selectors as waiting
from portal.work.selectors import Narrowed
from tests.billing.test_intake import csv_of
from tests.factories import billing as a
from tests.factories import people
from tests.factories import treasury as situations

pytestmark = pytest.mark.django_db
REACH = ROLES[Role.REVIEWER]


@dataclass
class Insurer:
    """An insurer, and one thing of each kind that its reviewers meet."""

    party: Party
    invoice: Invoice
    complement: Complement
    account: BankAccount
    paper: RfcPaper
    delivery: OrderDelivery

    @property
    def pages(self) -> dict[str, str]:
        """The page of each thing, as the desk and as the API open it."""
        addresses = {
            "billing:review": self.invoice.folio,
            "billing:api_review": self.invoice.folio,
            "billing:complement_review": self.complement.pk,
            "billing:api_complement_review": self.complement.pk,
            "billing:desk_order": self.delivery.orders.get().pk,
            "billing:api_desk_order": self.delivery.orders.get().pk,
            "billing:delivery": self.delivery.pk,
            "imports:run": self.delivery.run_id,
            "treasury:account_review": self.account.pk,
            "treasury:api_account_review": self.account.pk,
            "proofs:paper": self.paper.pk,
            "proofs:api_paper": self.paper.pk,
            "papers:file": self.account.statement_id,
        }
        return {name: reverse(name, args=[key]) for name, key in addresses.items()}


def insurer(name: str) -> Insurer:
    party, who = a.insurer(name), a.doctor()
    order = a.orders(who, payer=party)[0]
    paid = a.bare(who, insurer=party, paid_on=a.TODAY - timedelta(days=60), complement_due_on=a.TODAY)
    Invoice.objects.filter(pk=paid.pk).update(folio=f"{paid.folio}9")
    late = a.bare(who, insurer=party, paid_on=a.TODAY - timedelta(days=60), complement_due_on=a.TODAY)
    file = situations.stored_pdf(party, who.user)
    handed_in: dict[str, Any] = {"party": who.party, "handed_in_by": who.user, "handed_in_at": a.NOW}
    complement = Complement.objects.create(
        transfer=paid.transfer, state="in_review", xml=file, uuid=str(uuid.uuid4()), **handed_in
    )
    amounts = {"balance_before": Decimal(900), "paid": Decimal(900), "balance_after": Decimal(0)}
    ComplementPayment.objects.create(
        complement=complement, transfer=paid.transfer, invoice=paid, number=1, paid_on=a.TODAY, **amounts
    )
    other = people.own_party(people.physician(party=people.a_party(proved=False)))
    a.orders(SimpleNamespace(party=other), payer=party)  # an order arrives before its RFC is proved
    paper = RfcPaper.objects.create(rfc=other.rfc, kind="constancia", file=file, **handed_in | {"party": other})
    assert late.complement_due_id != paid.complement_due_id
    receipt = issue_document(
        kind="invoice_receipt", template="pdf/document.html", context={}, party=who.party, by=None, at=a.NOW
    )
    return Insurer(
        party, a.bare(who, insurer=party, receipt=receipt), complement, situations.in_review(who), paper, order.delivery
    )


@pytest.fixture
def two() -> tuple[Insurer, Insurer]:
    return insurer("SEGUROS DE PRUEBA"), insurer("SEGUROS DEL SUR")


def reviewer(*named: Party | None) -> User:
    """Somebody who reviews for these insurers; None: for all."""
    user = people.a_person()
    for one in named:
        Grant.objects.create(
            user=user, party=people.the_operator(), role=Role.REVIEWER, scope=one, since=people.LONG_AGO
        )
    return user


def test_a_scoped_reviewer_in_every_listing_and_queue(two: tuple[Insurer, Insurer]) -> None:
    """One table: what waits and what stands in each list is this insurer's alone; two grants are two insurers."""
    north, south = (one.party for one in two)
    of = {"all": reviewer(None), "both": reviewer(north, south), "north": reviewer(north), "south": reviewer(south)}
    of |= {"any": reviewer(north, None), "nobody": reviewer()}
    at = clock.now()
    seen: dict[str, dict[str, set[Any]]] = {}
    for name, listing in lists.listings().items():
        if listing.permission in REACH:
            seen[f"list {name}"] = {who: {row.pk for row in listing.rows(user)} for who, user in of.items()}
    for queue in work.queues():
        if queue.permission in REACH:
            seen[f"queue {queue.name}"] = {who: {row.pk for row in queue.rows(user, at)} for who, user in of.items()}
            if queue.seen is not None:
                rows = {who: {row.pk for row in queue.seen(user)} for who, user in of.items()}
                seen[f"seen {queue.name}"] = rows
    assert len(seen) >= 14
    for name, rows in seen.items():
        assert rows["north"] and rows["south"], f"{name}: nothing of one of them"
        assert not rows["north"] & rows["south"], f"{name}: of both"
        assert rows["both"] == rows["north"] | rows["south"] <= rows["all"] == rows["any"], name
        assert not rows["nobody"], name


def test_the_desks_queue_narrowed_to_an_insurer_holds_its_things_alone(two: tuple[Insurer, Insurer]) -> None:
    """Each queue that knows an insurer tells its rows, the others hold none; a scope still bounds what is found."""
    north, south = two
    at, (wide, narrow) = clock.now(), (reviewer(None), reviewer(north.party))

    def found(user: User, one: Insurer) -> dict[str, int]:
        asked = Narrowed(insurer=one.party.pk)
        return dict(Counter(item.kind for item in waiting.items(user, at=at, narrowed=asked)))

    each = {"billing.invoices": 1, "billing.complements": 1, "treasury.accounts": 1, "proofs.papers": 1}
    assert found(wide, north) == found(wide, south) == found(narrow, north) == each
    assert found(narrow, south) == {}
    desk = reverse("desk:queue")
    page = people.signed_in(wide).get(f"{desk}?aseguradora={north.party.pk}").content.decode()
    assert north.pages["billing:review"] in page and south.pages["billing:review"] not in page
    assert f'<input type="hidden" name="aseguradora" value="{north.party.pk}">' in page, (
        "the next one is taken of it too"
    )
    assert 'name="aseguradora"' not in people.signed_in(narrow).get(desk).content.decode(), (
        "one leaves nothing to choose"
    )


def test_a_scoped_reviewer_opens_finds_and_is_told_of_nothing_of_another_insurer(
    two: tuple[Insurer, Insurer],
) -> None:
    north, south = two
    browser = people.signed_in(user := reviewer(north.party))
    for name, path in north.pages.items():
        assert browser.get(path).status_code in {200, 302}, name
    for name, path in south.pages.items():
        assert browser.get(path).status_code == 404, name
    for one, found in ((north, True), (south, False)):
        account = one.delivery.orders.get().account
        for typed in (one.invoice.folio, one.complement.uuid, account, one.account.clabe):
            assert bool(search(user, typed)) is found, typed
        answer = browser.get(reverse("listing:folio", args=[one.invoice.folio]))
        assert answer.status_code == (302 if found else 404)
        for file in (one.complement.xml, one.paper.file, one.delivery.run.file):
            assert file is None or StoredFile.objects.visible_to(user).filter(pk=file.pk).exists() is found
    file = browser.get(f"{reverse('billing:reviews')}?formato=csv")
    listed = b"".join(file.streaming_content).decode()
    assert north.invoice.folio in listed and south.invoice.folio not in listed
    calls = browser.get(reverse("billing:api_reviews")).json()
    assert south.invoice.folio not in str(calls) and north.invoice.folio in str(calls)
    seen = IssuedDocument.objects.visible_to(user)
    assert [one.invoice.receipt in seen for one in two] == [True, False], "receipts too are those of its invoices"
    assert {one.invoice.receipt for one in two} <= {*IssuedDocument.objects.visible_to(reviewer(None))}


ACTS = (
    # address of the act, whose page it stands on, what is sent
    ("billing:accept", "billing:review", {}),
    ("billing:accept_unopened", "billing:review", {}),
    ("billing:decide_complement", "billing:complement_review", {"act": "accept"}),
    ("treasury:account_review", "treasury:account_review", {"decision": "approved"}),
    ("proofs:paper", "proofs:paper", {"decision": "accept", "ask": "aceptar_documento"}),
    ("imports:apply", "imports:run", {}),
)


def test_a_scoped_reviewer_is_told_of_their_insurers_work_alone_and_decides_nothing_of_another(
    two: tuple[Insurer, Insurer],
) -> None:
    north, south = two
    users = [reviewer(one.party) for one in two]
    nobodys = reviewer(a.insurer("SEGUROS DE OTRO LADO"))
    tell_of_work(at=clock.now())
    told = [Notice.objects.filter(kind="work_arrived", user=user).count() for user in users]
    assert told[0] == told[1] > 0 and not Notice.objects.filter(user=nobodys).exists()
    browser = people.signed_in(users[0])
    for act, page, sent in ACTS:
        own = [(north, {})] if act != "imports:apply" else []  # these runs are calls, which no button applies
        for one, said in [(south, sent), *own]:
            address = reverse(act, kwargs=resolve(one.pages[page]).kwargs)
            answer = browser.post(address, {**said, "idempotency_key": uuid.uuid4().hex})
            assert (answer.status_code == 404) is (one is south), f"{act}: {answer.status_code}"


def test_who_prepares_a_payment_is_told_to_ask_a_reviewer_who_reaches_its_payee(two: tuple[Insurer, Insurer]) -> None:
    payees = [a.doctor(), a.doctor()]
    for who, one in zip(payees, two, strict=True):
        a.orders(who, payer=one.party)
        situations.in_review(who)
        situations.payable(who)
    Grant.objects.filter(role=Role.REVIEWER).update(until=clock.today())  # of who made the world
    north, south, preparer = reviewer(two[0].party), reviewer(two[1].party), people.preparer()

    def asked() -> list[list[User]]:
        keys = [who.party.pk for who in payees]
        found = selectors.who_reaches(keys, Permission.REVIEW_ACCOUNTS, on=clock.today())
        _ready, waiting = treasury.choices_for_batch(by=preparer, at=clock.now())
        told = {row.payable.party_id: row.ask for row in waiting}
        assert told == {key: f"a {listed([str(one) for one in found[key]])}" for key in keys}
        return [found[key] for key in keys]

    assert asked() == [[north], [south]]
    wide = reviewer(None)
    assert asked() == [[wide, north], [wide, south]]


def test_orders_are_taken_in_for_the_insurer_of_the_role_alone(two: tuple[Insurer, Insurer]) -> None:
    north, south = two
    browser = people.signed_in(reviewer(north.party))
    page = browser.get(reverse("billing:import_orders")).content.decode()
    assert str(north.party.pk) in page and str(south.party.pk) not in page
    told = {"insurer": str(south.party.pk), "rows": "1", "payable": "1.00", "idempotency_key": uuid.uuid4().hex}
    row = a.row(a.doctor(), authorised_by=north.party.name)
    good = csv_of(row)
    told |= {"payable": str(row.payable)}

    def sent(one: Insurer) -> Any:
        asked = {**told, "insurer": str(one.party.pk), "idempotency_key": uuid.uuid4().hex}
        file = SimpleUploadedFile("ordenes.csv", good)
        return browser.post(reverse("billing:import_orders"), {**asked, "file": file})

    refused = sent(south)
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"insurer"}
    assert sent(north).status_code == 302


def test_a_payments_role_beside_it_opens_no_review_of_another_insurer(two: tuple[Insurer, Insurer]) -> None:
    north, south = two
    user = reviewer(north.party)
    Grant.objects.create(user=user, party=people.the_operator(), role=Role.PAYMENT_PREPARER, since=people.LONG_AGO)
    user = User.objects.get(pk=user.pk)
    assert set(Invoice.objects.visible_to(user)) > set(Invoice.objects.for_review(user))
    assert south.complement in Complement.objects.visible_to(user)
    assert people.signed_in(user).get(south.pages["billing:review"]).status_code == 404


def test_which_roles_may_name_an_insurer() -> None:
    """Money, support, audit and administration never have a scope; who runs portability has none either."""
    assert SCOPED_ROLES == {Role.REVIEWER}
    assert not SCOPED_ROLES & PORTABILITY_ROLES and SCOPED_ROLES < DESK_ROLES
    assert scopes.insurers_of(people.reviewer(), Permission.REVIEW_INVOICES) is None
    assert scopes.insurers_of(people.support(), Permission.REVIEW_INVOICES) == frozenset()


def test_such_a_grant_is_asked_for_read_by_both_administrators_and_told_on_the_persons_page() -> None:
    first, second, user = people.administrator(), people.administrator(), people.a_person(name="Ana Ruiz")
    north, south = a.insurer(), a.insurer("SEGUROS DEL SUR")
    people.the_operator()
    asks, confirms = people.signed_in(first), people.signed_in(second)
    person, ask = reverse("desk:person", args=[user.pk]), reverse("desk:propose_grant", args=[user.pk])
    assert "Todas" in asks.get(person).content.decode() and north.name in asks.get(person).content.decode()
    wrong = asks.post(ask, {"role": "support", "insurer": str(north.pk)})
    assert wrong.status_code == 422 and "no se da por aseguradora" in wrong.content.decode()
    assert asks.post(ask, {"role": "reviewer", "insurer": str(uuid.uuid4())}).status_code == 422
    for one in (north, south):
        assert asks.post(ask, {"role": "reviewer", "insurer": str(one.pk)}).status_code == 302
        assert asks.post(ask, {"role": "reviewer", "insurer": str(one.pk)}).status_code == 422, "asked for already"
        shown = confirms.get(reverse("desk:people")).content.decode()
        assert f"Revisión de {one.name}" in shown and f"Solo verá y atenderá lo de {one.name}." in shown
        proposal = GrantProposal.objects.open().get()
        services.decide_grant(proposal=proposal, accept=True, by=second, at=clock.now())
    page = asks.get(person).content.decode()
    assert f"Revisión de {north.name}, desde el" in page and f"Revisión de {south.name}, desde el" in page
    told = people.signed_in(first).get(reverse("desk_api:person", args=[user.pk])).json()
    assert (
        {one["insurer"] for one in told["may"]}
        == {north.name, south.name}
        == {one["insurer"] for one in told["grants"]}
    )
    ask_again: dict[str, Any] = {"user": user, "role": "reviewer", "reason": "", "by": first, "at": clock.now()}
    with pytest.raises(Conflict):
        ask_for_role(insurer=str(north.pk), **ask_again)
    services.decide_grant(proposal=ask_for_role(insurer="", **ask_again), accept=True, by=second, at=clock.now())
    with pytest.raises(Conflict):
        ask_for_role(insurer=str(south.pk), **ask_again)
    wide = selectors.powers_of(User.objects.get(pk=user.pk), on=clock.today())
    assert {grant.scope for _party, gives in wide for _one, grant in gives} == {None}, "all of them says it once"


def test_without_an_operator_there_is_no_desk_to_give_a_role_at() -> None:
    user, administrator = people.a_person(), people.a_person()
    with pytest.raises(RuleBroken, match="Falta la organización que opera el portal"):
        ask_for_role(user=user, role="reviewer", insurer="", reason="", by=administrator, at=clock.now())


def test_what_names_no_insurer_is_no_scope() -> None:
    administrator, user = people.administrator(), people.a_person()
    said: dict[str, Any] = {"user": user, "party": people.the_operator(), "role": Role.REVIEWER}
    with pytest.raises(RuleBroken) as refused:
        services.propose_grant(**said, scope=people.the_operator(), by=administrator, at=clock.now())
    assert refused.value.code == "no_insurer"
    assert str(a.insurer().pk) in dict(insurer_choices())
    for unknown in (str(uuid.uuid4()), "no-es-una-clave", str(people.the_operator().pk)):
        with pytest.raises(RuleBroken) as missing:
            ask_for_role(user=user, role="reviewer", insurer=unknown, reason="", by=administrator, at=clock.now())
        assert missing.value.code == "no_insurer", "an insurer that is not there is not every insurer"
    assert not GrantProposal.objects.filter(user=user).exists()
