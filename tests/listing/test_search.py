"""The search: by what people have in hand, only what they may open, by an index (ux D15, scorecard 19)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import CareOrder, Invoice
from portal import clock
from portal.help import services as help_desk
from portal.listing import search
from portal.people.models import SignInIdentifier, User
from tests.factories import billing as a
from tests.factories import claims as of_claims
from tests.factories import people
from tests.factories import treasury as situations
from tests.factories.people import signed_in

pytestmark = pytest.mark.django_db
CHILEAN = "12.345.678-5"
PATIENT = "María José Núñez Güemes"


@pytest.fixture
def world() -> SimpleNamespace:
    """One order paid and closed, its people and some who have nothing to do with it."""
    a.trust()
    who = a.doctor()
    (order,) = a.orders(who, 1, patient=PATIENT)
    invoice = a.submitted(who, of=[order])
    from billing import services as billing

    reviewer = people.reviewer()
    billing.accept_invoice(invoice=invoice, by=reviewer, at=clock.now())
    message = help_desk.leave_message(
        kind="question",
        name="Óscar Peña",
        email="oscar@ejemplo.mx",
        body="¿Cuándo me pagan?",
        by=who.user,
        subject_folio=invoice.folio,
        at=clock.now(),
    )
    return SimpleNamespace(
        owner=who.user,
        user=who.user,
        party=who.party,
        order=order,
        invoice=Invoice.objects.get(pk=invoice.pk),
        message=message,
        reviewer=reviewer,
        assistant=people.assistant_of(who.user),
        stranger=a.doctor().user,
        support=people.support(),
        administrator=people.administrator(),
        auditor=people.auditor(),
    )


def found(user: User, typed: str) -> set[str]:
    return {row.href for group in search.search(user, typed) for row in group.rows}


def test_each_thing_is_found_by_each_of_its_names_by_whom_it_concerns_and_by_nobody_else(world) -> None:
    mine = reverse("billing:invoice", args=[world.invoice.folio])
    review = reverse("billing:review", args=[world.invoice.folio])
    own_order = reverse("billing:order", args=[world.order.pk])
    message = reverse("help:message", args=[world.message.folio])
    person = reverse("desk:person", args=[world.owner.pk])
    account, to_review = (one := situations.validated(world)), reverse("treasury:account_review", args=[one.pk])
    SignInIdentifier.objects.create(user=world.owner, kind="rut", canonical="12345678-5")
    desk, owner, support, admin = world.reviewer, world.owner, world.support, world.administrator
    for typed, who, page in (
        (world.invoice.folio, owner, mine),
        (world.invoice.folio.lower(), world.assistant, mine),
        (world.invoice.folio[:-2], desk, review),
        (f" {world.invoice.uuid.upper()} ", owner, mine),
        (world.invoice.uuid, desk, review),
        (world.order.account, owner, own_order),
        (world.order.account.lower()[:-1], owner, own_order),
        ("nunez", owner, own_order),
        ("GUEM maria", owner, own_order),
        ("Núñez", world.assistant, own_order),
        (world.party.rfc, desk, review),
        (world.party.rfc[:6].lower(), desk, review),
        (world.party.name.split()[0], desk, review),
        (account.clabe, desk, to_review),
        (f"{account.clabe[:6]} {account.clabe[6:]}", desk, to_review),
        (world.message.folio, owner, message),
        ("oscar pena", support, message),
        ("OSCAR@ejem", support, message),
        (world.invoice.folio, support, message),
        (world.owner.email, admin, person),
        (world.party.rfc, admin, person),
        (CHILEAN, admin, person),
        ("12345678-5", admin, person),
    ):
        assert page in found(who, typed), (typed, page)
        assert page not in found(world.stranger, typed), typed
        assert world.stranger == who or signed_in(who).get(page).status_code == 200, page
    for typed in (account.clabe, account.clabe[-4:], account.clabe[:17]):
        assert to_review not in found(owner, typed), "an owner has no page at the desk"
    assert to_review not in found(desk, account.clabe[:17]), "what is sealed is found whole"


def test_an_rfc_that_is_not_proved_finds_nothing_AC_11() -> None:
    party = people.a_party(proved=False)
    user = people.physician(party=party)
    (order,) = a.orders(SimpleNamespace(user=user, party=party), 1, patient=PATIENT)
    for typed in (order.account, "Núñez", party.rfc):
        assert found(user, typed) == set()
    assert search.page_of(user, order.account) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "ab", "\x00\x00\x00\x00", "1\x001", "'; DROP TABLE", "a & | ! b:*", "%%%%", "____", "((("),
        *("ñ" * 5000, "\u202e123", "😀😀😀", "<script>1"),
    ],
)
def test_whatever_is_typed_is_answered(typed: str) -> None:
    browser = signed_in(people.reviewer())
    answer = browser.get(reverse("listing:search"), {"buscar": typed})
    assert answer.status_code == 200
    assert b"<script>1" not in answer.content
    assert browser.get(f"/f/{typed.replace('/', '').replace(chr(0), '%00') or 'x'}/").status_code == 404


def test_the_page_says_what_to_do_when_nothing_is_found_or_too_little_was_typed(world) -> None:
    page = signed_in(world.owner)
    assert "al menos tres" in page.get(reverse("listing:search"), {"buscar": "ab"}).content.decode()
    assert "Prueba con el folio completo" in page.get(reverse("listing:search"), {"buscar": "nadie"}).content.decode()
    assert PATIENT in page.get(reverse("listing:search"), {"buscar": "nunez"}).content.decode()
    a.orders(SimpleNamespace(user=world.owner, party=world.party), 6, patient="Ana Solís")
    shown = page.get(reverse("listing:search"), {"buscar": "Solis"}).content.decode()
    assert shown.count("Ana Solís") == search.AT_MOST and "Hay más" in shown


def test_a_whole_folio_opens_its_thing_and_anything_less_is_looked_for(world) -> None:
    folio = world.invoice.folio
    for who, typed, page in (
        (world.owner, f" {folio.lower()} ", reverse("billing:invoice", args=[folio])),
        (world.reviewer, folio, reverse("billing:review", args=[folio])),
        (world.owner, world.message.folio, reverse("help:message", args=[world.message.folio])),
        (world.owner, folio[:-1], None),
        (world.owner, world.order.account, None),
        (world.support, folio, None),  # finds the message about it
        (world.stranger, folio, None),
    ):
        answer = signed_in(who).get(reverse("listing:search"), {"buscar": typed})
        assert (answer.status_code, answer.get("Location")) == ((302, page) if page else (200, None)), typed


def test_a_folio_has_one_address_that_leads_each_to_the_page_they_may_see(world) -> None:
    folio = world.invoice.folio
    for who, name in ((world.owner, "invoice"), (world.assistant, "invoice"), (world.reviewer, "review")):
        answer = signed_in(who).get(f"/f/{folio.lower()}/")
        assert (answer.status_code, answer["Location"]) == (302, reverse(f"billing:{name}", args=[folio]))
    answer = signed_in(world.administrator).get(f"/f/{folio}/")
    assert answer["Location"] == f"{reverse('desk:audit')}?buscar={folio}", "who sees the record is led to its acts"
    for who in (world.stranger, world.support):
        assert signed_in(who).get(f"/f/{folio}/").status_code == 404
    answer = signed_in(None).get(f"/f/{folio}/")
    assert answer.status_code == 302 and answer["Location"].startswith("/entrar/")


def test_a_folio_of_a_deposit_or_of_a_paper_leads_whose_it_is_there_and_an_auditor_to_its_acts_D15() -> None:
    who, stranger, auditor = a.doctor(), a.doctor().user, people.auditor()
    a.trust()
    invoice = a.paid(who)
    deposit = invoice.transfer
    payment, advice = reverse("billing:payment", args=[deposit.pk]), deposit.advice
    batch = deposit.batch.folio
    acts = reverse("desk:audit")
    for user, folio, page in (
        (who.user, batch, payment),
        (people.preparer(), batch, reverse("treasury:batch", args=[deposit.batch_id])),
        (who.user, advice.folio, reverse("papers:document", args=[advice.pk])),
        (auditor, invoice.folio, f"{acts}?buscar={invoice.folio}"),
    ):
        answer = signed_in(user).get(search.folio_address(folio.lower()))
        assert (answer.status_code, answer["Location"]) == (302, page), folio
    assert signed_in(auditor).get(f"{acts}?buscar={invoice.folio}").context["page"].rows
    assert f"{acts}?buscar={invoice.folio}" in found(auditor, invoice.folio.lower())
    for folio in (batch, advice.folio):
        assert signed_in(stranger).get(search.folio_address(folio)).status_code == 404
    for typed in (deposit.tracking, deposit.tracking.lower(), batch[:-2]):
        assert payment in found(who.user, typed) and payment not in found(stranger, typed), typed
    assert reverse("treasury:batch", args=[deposit.batch_id]) in found(people.preparer(), deposit.tracking.lower())


def test_a_familys_claim_is_found_by_the_folio_fiscal_of_its_invoice_by_who_sees_it_whole() -> None:
    family, analyst = of_claims.a_family(), people.analyst()
    claim = of_claims.sent(family, "1160.00")
    uuid = claim.invoices.get().uuid
    own, desk = reverse("claims:claim", args=[claim.folio]), reverse("claims:review", args=[claim.folio])
    assert own in found(family.user, uuid.upper()) and desk in found(analyst, uuid)
    assert found(of_claims.a_family().user, uuid) == found(people.reviewer(), uuid) == set()


def test_a_search_asks_as_much_for_twenty_rows_as_for_one_and_only_what_the_text_can_be(world) -> None:
    def asked(typed: str) -> int:
        user = User.objects.get(pk=world.owner.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            search.search(user, typed)
        return len(queries)

    few = asked("nunez")
    a.orders(SimpleNamespace(user=world.owner, party=world.party), 19, patient=PATIENT)
    assert asked("nunez") == few
    assert asked("nunez") <= asked(world.order.account), "a name is not asked of what has none"


def _column(model: type[models.Model], path: str) -> tuple[type[models.Model], models.Field]:
    """The model and the field that a path ends at."""
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model, model._meta.get_field(last)


def _is_indexed(model: type[models.Model], field: models.Field, how: search.How) -> bool:
    if how is search.How.WHOLE:
        first = [index.fields[0].lstrip("-") for index in model._meta.indexes if index.fields]
        unique = [one.fields[0] for one in model._meta.constraints if getattr(one, "fields", ())]
        return field.unique or field.db_index or field.name in {*first, *unique}
    made = {search.How.START: search.beginnings, search.How.CAPITALS: search.capitals, search.How.WORDS: search.Words}
    return any(index.expressions[:1] == (made[how](field.name),) for index in model._meta.indexes)


def test_every_name_that_is_searched_has_its_index() -> None:
    bare = {
        f"{kind.model}: {name.path}"
        for kind in search.findables()
        for name in kind.names
        if not _is_indexed(*_column(apps.get_model(kind.model), name.path), name.how)
    }
    assert not bare


@pytest.mark.parametrize(
    ("name", "typed", "index"),
    [
        (search.Name("account"), "LS-43", "order_account_begins"),
        (search.Name("physician_rfc", search.How.CAPITALS, search.as_rfc), "oerl8506", "order_of_physician"),
        (search.Name("patient", search.How.WORDS, search.as_words), "nunez", "order_patient_words"),
    ],
)
def test_each_name_of_an_order_is_found_by_an_index(name: search.Name, typed: str, index: str) -> None:
    rows = name.among(CareOrder.objects.all(), typed)
    assert rows is not None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = on")
    assert index in rows[:6].explain()


def test_every_kind_shows_a_page_of_its_own_or_is_for_the_audit_alone() -> None:
    kinds = search.findables()
    assert {kind.model for kind in kinds} >= {"billing.invoice", "treasury.paymentbatch", "people.user"}
    for kind in kinds:
        assert kind.names or kind.bound
        assert kind.rows is search.nobody or kind.names, kind.label
