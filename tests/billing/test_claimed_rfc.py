"""What an RFC that nobody proved opens: how many orders wait, and nothing of them (AC-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from billing import rules, services
from billing.models import CareOrder, Complement, Invoice, InvoiceLine
from billing.rules import orders_file
from billing.selectors import waiting_for_proof
from config.demo import samples
from config.demo.uploads import upload_of
from portal import clock
from portal.errors import RuleBroken
from portal.notices.models import Notice
from portal.papers.models import IssuedDocument, StoredFile
from portal.people import selectors
from portal.people import services as accounts
from portal.people.models import ApiToken, Grant, Party, RfcCode, SignInIdentifier, User
from portal.proofs import services as proofs
from portal.treasury import services as treasury
from portal.treasury.models import Payable
from tests.billing.reading import read_csv
from tests.factories import billing as a
from tests.factories import people
from tests.factories import treasury as situations

pytestmark = pytest.mark.django_db
PATIENT, CONCEPT, FEE, COASEGURO, PAYABLE = (
    "Ximena Güemes Ávila",
    "Consulta de nefrología",
    "7413.00",
    "613.00",
    "6800.00",
)
SECRETS = (PATIENT, "Ximena", CONCEPT, "7,413", "7413", "6,800", "6800", "SEGUROS DE PRUEBA")
PAGES = (
    "/medico/",
    "/medico/ordenes/",
    "/medico/ordenes/?formato=csv",
    "/medico/ordenes/?buscar=Ximena",
    "/medico/ordenes/?estado=available",
    "/medico/estado-de-cuenta/",
    "/medico/facturas/",
    "/medico/facturas/?formato=csv",
    "/medico/facturas/?buscar=Ximena",
    "/medico/pagos/",
    "/medico/pagos/?formato=csv",
    "/medico/rfc/",
    "/avisos/",
)


def claimed(rfc: str = "") -> SimpleNamespace:
    """Whoever signed up first with this RFC: whether they are its owner nobody knows."""
    party = people.a_party(proved=False, rfc=rfc, name="QUIEN SEA")
    return SimpleNamespace(user=people.physician(party=party), party=party)


def orders_for(who: SimpleNamespace, number: int = 2, **changes: Any) -> list[CareOrder]:
    amounts = {"fee": Decimal(FEE), "coaseguro": Decimal(COASEGURO), "payable": Decimal(PAYABLE)}
    return a.orders(who, number, patient=PATIENT, concept=CONCEPT, **amounts | changes)


def text_of(answer: Any) -> str:
    body = answer.getvalue() if answer.streaming else answer.content
    return body.decode("utf-8-sig")


def seen_by(user: User, orders: list[CareOrder]) -> list[str]:
    """Which secrets of these orders any page of this person holds, with the page."""
    client = people.signed_in(User.objects.get(pk=user.pk))
    secrets = [*SECRETS, *(order.account for order in orders), *(str(order.pk) for order in orders)]
    found = []
    for page in PAGES:
        answer = client.get(page)
        if answer.status_code != 200:
            continue
        shown = (
            " ".join(text_of(answer).split())
            .replace("buscar=Ximena", "")
            .replace("buscar%3DXimena", "")  # what was typed, on the way to a saved view
            .replace('value="Ximena"', "")
            .replace("«Ximena»", "")
        )
        shown = shown.replace("Cuenta de la orden o paciente: Ximena", "").replace(
            "Folio, cuenta de la orden o paciente: Ximena", ""
        )
        found += [f"{page}: {secret}" for secret in secrets if secret in shown]
    return found


def by_constancia(who: SimpleNamespace) -> None:
    made = samples.make_constancia_pdf(name="QUIEN SEA", rfc=who.party.rfc, on=clock.today())
    paper = proofs.hand_in_paper(
        party=who.party, kind="constancia", upload=upload_of("c.pdf", made), by=who.user, at=clock.now()
    )
    proofs.accept_paper(paper=paper, by=people.reviewer(), at=clock.now())


def account_of(who: SimpleNamespace, *, rfc: str) -> Any:
    clabe = situations.clabe(4321)
    closing = clock.today() - timedelta(days=20)
    made = samples.make_statement_pdf(clabe=clabe, bank="BBVA", holder="QUIEN SEA", rfc=rfc, closing_on=closing)
    account = treasury.capture_account(
        party=who.party,
        purpose="digital_orders",
        clabe=clabe,
        upload=upload_of("e.pdf", made),
        by=who.user,
        at=clock.now(),
    )
    treasury.submit_account(account=account, by=who.user, at=clock.now())
    return account


def by_statement(who: SimpleNamespace) -> None:
    account = account_of(who, rfc=who.party.rfc)
    assert not Party.objects.get(pk=who.party.pk).is_rfc_proved
    treasury.review_account(account=account, decision="approved", by=people.reviewer(), at=clock.now())


def by_code(who: SimpleNamespace) -> None:
    a.deliver([a.row(who, physician_code="lq-84-tt-1")])
    accounts.use_rfc_code(party=who.party, code="LQ84TT1", by=who.user, at=clock.now())


@pytest.mark.parametrize("prove", [by_constancia, by_statement, by_code])
def test_until_the_rfc_is_proved_only_how_many_wait_is_seen_AC_11(prove: Callable[[SimpleNamespace], None]) -> None:
    rfc = people.rfc_number(4_100)
    orders = a.orders(
        SimpleNamespace(party=SimpleNamespace(rfc=rfc)),
        2,
        patient=PATIENT,
        concept=CONCEPT,
        fee=Decimal(FEE),
        coaseguro=Decimal(COASEGURO),
        payable=Decimal(PAYABLE),
    )
    who = claimed(rfc)
    assistant = people.assistant_of(who.user)
    orders += orders_for(who, 1)
    for user in (who.user, assistant):
        assert seen_by(user, orders) == []
        client = people.signed_in(user)
        for page in ("/medico/", "/medico/ordenes/", "/medico/estado-de-cuenta/"):
            assert "Hay 3 órdenes en espera" in text_of(client.get(page))
        assert client.get(f"/medico/ordenes/{orders[0].pk}/").status_code == 404
        chosen = {"orders": str(orders[0].pk), "idempotency_key": "clave-de-prueba-1"}
        for _ in range(2):
            refused = client.post("/medico/facturas/nueva/", chosen)
            assert refused.status_code == 422
            assert not any(secret in text_of(refused) for secret in SECRETS)
        assert CareOrder.objects.visible_to(user).count() == 0
        told = Notice.objects.filter(user=user, kind="billing/orders_wait").get()
        assert not any(secret in f"{told.title} {told.body}" for secret in SECRETS)
    with pytest.raises(RuleBroken) as unproved:
        services.start_invoice(party=who.party, order_ids=[orders[0].pk], by=who.user, at=clock.now())
    assert unproved.value.code == "rfc_unproved"
    assert not Invoice.objects.exists() and not InvoiceLine.objects.exists()
    prove(who)
    for user in (who.user, assistant):
        again = User.objects.get(pk=user.pk)
        shown = " ".join(seen_by(again, orders))
        assert PATIENT in shown and all(order.account in shown for order in orders)
        assert people.signed_in(again).get(f"/medico/ordenes/{orders[0].pk}/").status_code == 200
        assert waiting_for_proof(again) == 0


def test_a_validated_account_whose_statement_lacks_the_rfc_proves_nothing_AC_11() -> None:
    who = claimed()
    account = account_of(who, rfc="")
    treasury.review_account(account=account, decision="approved", by=people.reviewer(), at=clock.now())
    account.refresh_from_db()
    assert (account.state, account.names_rfc) == ("validated", False)
    assert not Party.objects.get(pk=who.party.pk).is_rfc_proved


def test_a_rejected_account_proves_nothing_AC_11() -> None:
    who = claimed()
    account = account_of(who, rfc=who.party.rfc)
    treasury.review_account(
        account=account, decision="rejected", by=people.reviewer(), at=clock.now(), reason="No es la persona que dice."
    )
    assert not Party.objects.get(pk=who.party.pk).is_rfc_proved


def test_one_order_and_none_are_said_in_words_and_a_withdrawn_one_does_not_wait() -> None:
    who = claimed()
    client = people.signed_in(who.user)
    assert "Aún no hay ninguna en espera" in text_of(client.get("/medico/"))
    order, gone = orders_for(who)
    services.withdraw_order(order=gone, reason="Se canceló.", by=people.reviewer(), at=clock.now())
    assert "Hay una orden en espera." in text_of(client.get("/medico/"))
    assert waiting_for_proof(people.reviewer()) == 0


def test_what_was_billed_before_is_hidden_again_when_the_rfc_is_not_proved_AC_11() -> None:
    """Installations of before: drafts, invoices, papers of an RFC that nobody proved."""
    who = a.doctor()
    invoice = a.with_files(who)
    services.issue_invoice_sheet(invoice=invoice, by=who.user, at=clock.now())
    sent = a.paid(who)
    Party.objects.filter(pk=who.party.pk).update(rfc_proof="", rfc_proved_at=None, rfc_proved_by=None)
    assistant = people.assistant_of(who.user)
    for user in (who.user, assistant):
        client = people.signed_in(User.objects.get(pk=user.pk))
        draft = f"/medico/facturas/borradores/{invoice.pk}/"
        own, paid = f"/medico/facturas/{sent.folio}/", f"/medico/pagos/{sent.transfer_id}/"
        for page in (draft, own, f"{own}listo/", paid, f"{paid}complemento/"):
            assert client.get(page).status_code == 404, page
        for act in ("archivos", "enviar", "descartar", "hoja"):
            sent_key = {"idempotency_key": f"clave-de-prueba-{act}"}
            assert client.post(f"{draft}{act}/", sent_key).status_code == 404
        assert sent.folio not in text_of(client.get("/medico/facturas/"))
        assert sent.folio not in text_of(client.get("/medico/estado-de-cuenta/"))
        again = User.objects.get(pk=user.pk)
        assert not Invoice.objects.visible_to(again).exists() and not Complement.objects.visible_to(again).exists()
        assert not Payable.objects.visible_to(again).exists()
        assert not IssuedDocument.objects.visible_to(again).exists()
    assert not StoredFile.objects.visible_to(User.objects.get(pk=assistant.pk)).exists()
    assert Invoice.objects.filter(pk=invoice.pk).exists()


@pytest.mark.parametrize("own_proved", [True, False])
def test_a_physician_who_assists_another_is_sent_only_to_what_is_theirs_to_prove_AC_11(own_proved: bool) -> None:
    """Only its physician proves an RFC: whoever assists is told that it waits, and goes on with what is theirs."""
    who, other = (a.doctor() if own_proved else claimed()), claimed()
    orders_for(other, 2)
    if own_proved:
        situations.validated(who, a.NOW)
        a.returned(who)
    Grant.objects.create(user=who.user, party=other.party, role=people.Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    client = people.signed_in(User.objects.get(pk=who.user.pk))
    for page in ("/medico/", "/medico/ordenes/", "/medico/estado-de-cuenta/"):
        shown = text_of(client.get(page))
        assert "Hay 2 órdenes en espera." in shown, page
        assert ("Las verán cuando sepamos que el RFC es del médico" in shown) == own_proved, page
        assert ("Las verás cuando sepamos que el RFC es tuyo" in shown) != own_proved, page
        assert ("Acreditar mi RFC" in shown) != own_proved, page
    home = text_of(client.get("/medico/"))
    assert ("Facturas por corregir" in home) == own_proved
    assert ("Acredita que tu RFC es tuyo" in home) != own_proved


# --- the code beside the order -----------------------------------------------------------------------------------


def sent_by_api(order: dict[str, Any]) -> Any:
    party = a.insurer()
    now = clock.real_now()
    token, secret = accounts.issue_token(
        name="sistema",
        user=people.user_with_role(people.Role.INSURER_API, party),
        party=party,
        scopes=["orders:write"],
        expires_at=now + timedelta(days=1),
        by=people.administrator(),
        at=clock.now(),
    )
    body = {"control": {"rows": 1, "payable": "1300.00"}, "orders": [order]}
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": f"envio-{order['account']}-1"}
    answer = people.signed_in(None).post("/api/v1/ordenes/", body, content_type="application/json", headers=headers)
    ApiToken.objects.filter(pk=token.pk).update(ended_at=now)
    return answer


def as_json(rfc: str, **more: Any) -> dict[str, Any]:
    order = {name: getattr(a.row(rfc), name) for name in orders_file.COLUMNS if name != "physician_code"}
    plain = {key: value if isinstance(value, bool) else str(value) for key, value in order.items()}
    return plain | {"authorised_by": a.insurer().name} | more


def test_the_code_comes_by_api_and_is_kept_hashed_AC_11() -> None:
    who = claimed()
    answer = sent_by_api(as_json(who.party.rfc, physician_code="k7-Q2-9x"))
    assert answer.status_code == 201 and answer.json()["accepted"] == 1
    assert "Q2" not in str(RfcCode.objects.values()) and RfcCode.objects.count() == 1
    accounts.use_rfc_code(party=who.party, code="K7Q29X", by=who.user, at=clock.now())
    assert Party.objects.get(pk=who.party.pk).rfc_proof == "code"


@pytest.mark.parametrize("nothing", [{}, {"physician_code": ""}, {"physician_code": None}])
def test_the_code_is_optional_AC_11(nothing: dict[str, Any]) -> None:
    answer = sent_by_api(as_json(people.rfc_number(4_200), **nothing))
    assert answer.status_code == 201 and answer.json()["errors"] == []
    assert not RfcCode.objects.exists()


def test_a_code_that_is_none_is_an_error_of_its_row_and_not_repeated_AC_11() -> None:
    answer = sent_by_api(as_json(people.rfc_number(4_201), physician_code="S3C-!"))
    assert [(row["field"], row["code"]) for row in answer.json()["errors"]] == [("physician_code", "bad_code")]
    assert "S3C" not in answer.content.decode()
    assert not CareOrder.objects.exists() and not RfcCode.objects.exists()


def test_an_order_sent_again_with_a_code_is_unchanged_and_the_code_is_kept_AC_11() -> None:
    who = claimed()
    row = a.row(who)
    a.deliver([row])
    again = a.deliver(
        [rules.OrderRow(**{name: getattr(row, name) for name in orders_file.COLUMNS} | {"physician_code": "ABCDEF"})]
    )
    assert (again.accepted, again.unchanged) == (0, 1)
    assert RfcCode.objects.get().rfc == who.party.rfc


@pytest.mark.parametrize("heading", ["codigo_medico", "Código del médico", "physician_code"])
def test_the_code_is_a_column_of_the_csv_AC_11(heading: str) -> None:
    row = a.row(people.rfc_number(4_202))
    names = [name for name in orders_file.COLUMNS if name != "physician_code"]
    cells = [{True: "sí", False: "no"}.get(getattr(row, name), str(getattr(row, name))) for name in names]
    content = ",".join([*names, heading]) + "\n" + ",".join([*cells, "QW12ER"]) + "\n"
    read, _, errors = read_csv(content.encode())
    assert errors == [] and [one.physician_code for one in read] == ["QW12ER"]
    read, _, errors = read_csv((",".join(names) + "\n" + ",".join(cells) + "\n").encode())
    assert errors == [] and [one.physician_code for one in read] == [""]


@pytest.mark.parametrize("heading", ["codigo", "Código", "clave_medico", "Clave del médico"])
def test_no_other_column_is_the_secret_that_proves_an_rfc_AC_11(heading: str) -> None:
    """«Código» is a procedure's in a real file of orders, 99213 or A1234567."""
    row = a.row(people.rfc_number(4_203))
    names = [name for name in orders_file.COLUMNS if name != "physician_code"]
    cells = [{True: "sí", False: "no"}.get(getattr(row, name), str(getattr(row, name))) for name in names]
    for value in ("99213", "A1234567"):
        content = ",".join([*names, heading]) + "\n" + ",".join([*cells, value]) + "\n"
        read, _, errors = read_csv(content.encode())
        assert errors == [] and [one.physician_code for one in read] == [""]


# --- to its owner ------------------------------------------------------------------------------------------------


def handed_over(who: SimpleNamespace) -> User:
    return accounts.hand_over(
        party=who.party,
        email="duena@ejemplo.mx",
        name="Nora Luna",
        asked_by=people.administrator(),
        confirmed_by=people.administrator(),
        at=clock.now(),
    )


def test_drafts_of_a_wrong_holder_end_and_the_owner_finds_the_orders_AC_11() -> None:
    who = a.doctor()
    a.trust()
    invoice = a.with_files(who)
    account = account_of(who, rfc=who.party.rfc)
    order = invoice.lines.get().order
    owner = handed_over(who)
    assert not Invoice.objects.filter(pk=invoice.pk).exists()
    assert not hasattr(Party.objects.get(pk=who.party.pk), "physician_profile")
    assert not who.party.scheme_assignments.exists()
    account.refresh_from_db()
    assert (account.state, account.usable_from) == ("stopped", None)
    client = people.signed_in(owner)
    accounts.accept_consent(
        by=owner, text=selectors.missing_consents(owner)[0], purposes=["necessary"], proof="session", at=clock.now()
    )
    assert order.account in text_of(client.get("/medico/ordenes/"))
    bank = text_of(client.get("/cuenta/bancaria/"))
    assert account.last4 not in bank
    assert not StoredFile.objects.visible_to(owner).filter(purpose="bank-statement").exists()
    assert client.get(f"/archivos/{account.statement_id}/").status_code == 404
    assert people.signed_in(User.objects.get(pk=who.user.pk)).get("/medico/ordenes/").status_code == 403
    assert SignInIdentifier.objects.get(canonical=who.party.rfc).user == owner


def test_what_was_handed_in_stays_with_the_rfc_and_its_regime_AC_11() -> None:
    who = a.doctor()
    a.trust()
    invoice = a.submitted(who)
    owner = handed_over(who)
    assert Invoice.objects.get(pk=invoice.pk).party == who.party
    assert who.party.scheme_assignments.exists()
    assert Invoice.objects.visible_to(owner).get() == invoice
