"""Treasury's screens by actor, each POST also twice, with real files through the real gate."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from portal import clock
from portal.access import Role
from portal.design import dates
from portal.errors import Finding, Level
from portal.papers.models import IssuedDocument, StoredFile
from portal.people.models import User
from portal.treasury import labels, selectors, services
from portal.treasury.models import BankAccount, BankResult, Payable, PaymentBatch
from portal.treasury.selectors import choosing
from portal.treasury.statement import FINDINGS
from tests.factories import treasury as a

from .test_statement import pdf

pytestmark = pytest.mark.django_db


def browser(user: User | None) -> Client:
    """A signed-in browser of the demo's kind: fresh, with every factor."""
    client = Client()
    if user is not None:
        client.force_login(user)
        session = client.session
        session["demo"] = True
        session.save()
    return client


def post(client: Client, name: str, *args, key: str = "", **data):
    return client.post(reverse(f"treasury:{name}", args=args), {"idempotency_key": key or uuid.uuid4().hex, **data})


def statement(digits: str, doctor, *, days: int = 20) -> SimpleUploadedFile:
    cut = clock.today() - timedelta(days=days)
    content = pdf(
        "BBVA México",
        doctor.party.name,
        f"RFC {doctor.party.rfc}",
        f"CLABE {digits}",
        f"Fecha de corte {cut:%d/%m/%Y}",
        "Saldo final 12,345.67",
    )
    return SimpleUploadedFile("estado.pdf", content, content_type="application/pdf")


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_bank_of_a_clabe_is_told_by_its_first_three_digits(doctor) -> None:
    client = browser(doctor.user)
    page = text(client.get(reverse("treasury:capture_account")))
    assert 'data-bank="/api/v1/bancos/000/"' in page
    told = client.get("/api/v1/bancos/012/").json()
    assert told == {"code": "012", "name": "BBVA MEXICO", "active": True}
    for code in ("998", "0121", "x"):
        assert client.get(f"/api/v1/bancos/{code}/").status_code == 404
    assert browser(None).get("/api/v1/bancos/012/").status_code == 401
    assert labels.after_sending(is_change=True)[0].startswith("Dos personas")


# --- the owner ---------------------------------------------------------------------------------------------------


def test_s0_4_a_physician_registers_an_account_without_any_order(doctor, people) -> None:
    client, digits = browser(doctor.user), a.clabe(5550001)
    page = client.get(reverse("treasury:my_account"))
    assert "solo recibes los pagos de órdenes de atención digitales" in text(page)
    answer = post(client, "capture_account", clabe=f" {digits[:6]} {digits[6:]}", statement=statement(digits, doctor))
    assert answer.status_code == 302, text(answer)
    account = BankAccount.objects.get()
    assert (account.state, account.last4, account.statement.pages) == ("captured", digits[-4:], 1)
    shown = text(client.get(reverse("treasury:my_account")))
    assert "hace 20 días" in shown and "Enviar a revisión" in shown and digits not in shown
    assert "Revisa antes de enviar" in shown and shown.count(">Cambiar<") == 3
    sent = reverse("treasury:account_sent", args=[account.pk])
    assert client.get(sent).status_code == 404  # nothing was sent yet
    assert post(client, "submit_account", account.pk)["Location"] == sent
    for _reloaded in range(2):
        told = text(client.get(sent))
        assert "Una persona compara la CLABE" in told and "Enviada" in told and digits not in told
    assert browser(people.reviewer).get(sent).status_code in {403, 404}
    listed = browser(people.reviewer).get(reverse("treasury:account_reviews"))
    assert doctor.party.name in text(listed)
    review = browser(people.reviewer).get(reverse("treasury:account_review", args=[account.pk]))
    assert digits in text(review) and "Aprobar cuenta bancaria" in text(review)
    assert browser(people.reviewer).get(reverse("papers:page", args=[account.statement_id, 1])).status_code == 200
    assert (
        post(browser(people.reviewer), "account_review", account.pk, decision="approved", reason="").status_code == 302
    )
    assert "Validada" in text(client.get(reverse("treasury:my_account")))
    assert client.get(sent)["Location"] == reverse("treasury:my_account")  # decided: the account itself tells more


@pytest.mark.parametrize("days", [200, -5])
def test_s0_7_a_refused_statement_answers_422_with_every_check_and_stores_nothing(doctor, days) -> None:
    digits = a.clabe(5550002)
    answer = post(browser(doctor.user), "capture_account", clabe=digits, statement=statement(digits, doctor, days=days))
    assert answer.status_code == 422
    assert "no quedó registrada" in text(answer) and "La fecha de corte" in text(answer) and digits in text(answer)
    assert not BankAccount.objects.exists() and not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"), [("01218000001234567", "18"), ("", "Escribe tu CLABE"), ("012180000123456780", "CLABE")]
)
def test_d24_a_wrong_clabe_is_told_and_the_right_statement_beside_it_waits_for_the_right_one(
    doctor, typed, sentence
) -> None:
    client, digits = browser(doctor.user), a.clabe(1)
    answer = post(client, "capture_account", clabe=typed, statement=statement(digits, doctor))
    assert answer.status_code == 422 and sentence in text(answer)
    assert "Tu estado de cuenta quedó guardado: corrige la CLABE." in text(answer)
    kept = StoredFile.objects.get()
    assert kept.display_name in text(answer) and not BankAccount.objects.exists()
    assert "Ya está guardado" in text(client.get(reverse("treasury:capture_account")))
    assert post(client, "capture_account", key="b" * 20, clabe=digits).status_code == 302
    assert BankAccount.objects.get().statement == kept
    assert "Ya está guardado" not in text(client.get(reverse("treasury:capture_account")))


def test_mo_04_the_same_capture_sent_twice_is_one_account(doctor) -> None:
    client, digits = browser(doctor.user), a.clabe(5550003)
    for _ in range(2):
        answer = post(client, "capture_account", key="k" * 20, clabe=digits, statement=statement(digits, doctor))
        assert answer.status_code == 302
    assert BankAccount.objects.count() == 1
    account = BankAccount.objects.get()
    for _ in range(2):
        assert post(client, "submit_account", account.pk, key="s" * 20).status_code == 302
    assert post(client, "submit_account", account.pk).status_code == 409


def test_mo_06_handing_in_needs_a_fresh_confirmation(doctor) -> None:
    account = a.captured(doctor)
    client = Client()
    client.force_login(doctor.user)
    session = client.session
    session.update({"factor": "passkey", "fresh_at": 0, "consents_at": clock.real_now().timestamp()})
    session.save()
    answer = post(client, "submit_account", account.pk)
    assert answer.status_code == 302 and reverse("people:confirm_it_is_you") in answer["Location"]
    account.refresh_from_db()
    assert account.state == "captured"


# --- who sees what -----------------------------------------------------------------------------------------------


def test_each_screen_by_actor(doctor, people) -> None:
    account, stranger = a.in_review(doctor), a.physician("Otro Médico")
    colleague = a.person("Asistente", Role.PHYSICIAN_ASSISTANT, doctor.party)
    owner_, preparer, reviewer = doctor.user, people.preparer, people.reviewer
    a.validated(stranger)
    batch = services.prepare_batch(payables=[a.payable(stranger)], by=preparer, at=a.NOW)
    wanted = {
        "my_account": ((), {owner_: 200, colleague: 403, stranger.user: 200, reviewer: 403, None: 302}),
        "capture_account": ((), {owner_: 200, colleague: 403, stranger.user: 200, preparer: 403, None: 302}),
        "account_reviews": ((), {owner_: 403, reviewer: 200, preparer: 403, None: 302}),
        "account_review": ((account.pk,), {owner_: 403, reviewer: 200, preparer: 403, None: 302}),
        "batches": (
            (),
            {owner_: 403, reviewer: 403, preparer: 200, people.approver: 200, people.auditor: 200, None: 302},
        ),
        "new_batch": ((), {owner_: 403, preparer: 200, people.approver: 403, people.auditor: 403, None: 302}),
        "batch": ((batch.pk,), {owner_: 403, preparer: 200, people.approver: 200, people.auditor: 200, None: 302}),
    }
    for name, (args, actors) in wanted.items():
        for actor, status in actors.items():
            answer = browser(actor).get(reverse(f"treasury:{name}", args=args))
            assert answer.status_code == status, (name, actor, answer.status_code)


def test_a_strangers_account_is_not_found(doctor) -> None:
    account, stranger = a.captured(doctor), a.physician("Otro Médico")
    assert post(browser(stranger.user), "submit_account", account.pk).status_code == 404
    assert browser(stranger.user).get(reverse("papers:download", args=[account.statement_id])).status_code == 404
    reviewer = a.person("R", Role.REVIEWER)
    assert browser(reviewer).get(reverse("treasury:account_review", args=[account.pk])).status_code == 404


def test_an_auditor_only_reads(doctor, people) -> None:
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=a.NOW)
    client = browser(people.auditor)
    for name in ("approve_batch", "cancel_batch", "export_bank_file", "download_bank_file", "read_result"):
        assert post(client, name, batch.pk).status_code == 403


# --- paying ------------------------------------------------------------------------------------------------------


def answer_csv(batch: PaymentBatch, **outcome: str) -> SimpleUploadedFile:
    rows = ["clave_rastreo,resultado,fecha,referencia,importe,motivo"]
    for row in batch.transfers.order_by("number"):
        said = outcome.get(row.holder.split()[0], "pagada")
        rows.append(
            f"{row.tracking},{said},{clock.today().isoformat()},R{row.number},{row.amount},"
            f"{'' if said == 'pagada' else 'Cuenta cerrada'}"
        )
    return SimpleUploadedFile("respuesta.csv", "\n".join(rows).encode(), content_type="text/csv")


def test_paying_end_to_end(doctor, people, told) -> None:
    other = a.physician("Juan Ortiz Vera")
    for who in (doctor, other):
        a.validated(who)
    now = clock.now()
    paid, returned = a.payable(doctor, "900.00"), a.payable(other, "87.00")
    services.post_entry(
        kind="accepted",
        subject=paid,
        at=now,
        on=clock.date_in(now),
        by=None,
        lines=[
            services_line("care_expense", "1000.00"),
            services_line("physician_payable", "-900.00", doctor.party.pk),
            services_line("isr_withheld", "-100.00"),
        ],
    )
    preparer, approver = browser(people.preparer), browser(people.approver)
    batch = _prepared_and_authorised_once(preparer, approver, payables=[str(paid.pk), str(returned.pk)])
    _its_file_is_made_once_and_downloaded_twice(preparer, batch, doctor)
    _its_answer_is_read_and_applied_once(preparer, batch)
    batch.refresh_from_db()
    for row in (paid, returned):
        row.refresh_from_db()
    states = (batch.state, paid.state, returned.state, returned.reason)
    assert states == ("posted", "paid", "rejected", "Cuenta cerrada")
    assert selectors.balance(code="physician_payable", currency="MXN", party=doctor.party) == 0
    assert selectors.books_are_whole()
    assert sorted(name for name, _pk in told) == ["on_paid", "on_rejected", "on_scheduled", "on_scheduled"]
    advice = IssuedDocument.objects.get(kind="payment-advice")
    assert advice.context["total"] == "900.00" and a_clabe(doctor) not in str(advice.context)
    assert returned in Payable.objects.waiting()
    assert "Cuenta cerrada" in text(preparer.get(reverse("treasury:new_batch")))


def _prepared_and_authorised_once(preparer, approver, *, payables) -> PaymentBatch:
    for _ in range(2):
        made = post(preparer, "new_batch", key="n" * 20, payables=payables)
        assert made.status_code == 302, text(made)
    batch = PaymentBatch.objects.get()
    shown = text(approver.get(reverse("treasury:batch", args=[batch.pk])))
    assert "$987.00" in shown and "2 transferencias" in shown and "Autorizar este total" in shown
    assert "Autorizar este total" not in text(preparer.get(reverse("treasury:batch", args=[batch.pk])))
    assert post(approver, "approve_batch", batch.pk, total="986.99").status_code == 409
    assert post(approver, "approve_batch", batch.pk, total="lo que dice").status_code == 422
    for _ in range(2):
        assert post(approver, "approve_batch", batch.pk, key="a" * 20, total="987.00").status_code == 302
    batch.refresh_from_db()
    assert batch.folio.startswith("LP-")
    return batch


def _its_file_is_made_once_and_downloaded_twice(preparer, batch, doctor) -> None:
    assert post(preparer, "download_bank_file", batch.pk).status_code == 404
    for _ in range(2):
        assert post(preparer, "export_bank_file", batch.pk, key="e" * 20).status_code == 302
    files = [post(preparer, "download_bank_file", batch.pk) for _ in range(2)]
    first, second = (b"".join(one.streaming_content).decode() for one in files)
    assert first == second and a_clabe(doctor) in first and "900.00" in first
    assert files[0]["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert files[0]["Cache-Control"] == "no-store" and files[0]["X-Content-Type-Options"] == "nosniff"
    assert selectors.bank_file_of(batch).downloads == 2


def _its_answer_is_read_and_applied_once(preparer, batch) -> None:
    assert post(preparer, "read_result", batch.pk, result=SimpleUploadedFile("x.csv", b"a,b\n1,2\n")).status_code == 422
    for _ in range(2):
        read = post(preparer, "read_result", batch.pk, result=answer_csv(batch, Juan="rechazada"))
        assert read.status_code == 302, text(read)
    result = BankResult.objects.get()
    page = text(preparer.get(read["Location"]))
    assert "1 por $900.00" in page and "1 por $87.00" in page
    for _ in range(2):
        done = post(preparer, "bank_result", batch.pk, result.pk, key="i" * 20)
        assert done.status_code == 302, text(done)


def services_line(code: str, amount: str, party=None):
    from decimal import Decimal

    from portal.treasury.rules import Line

    return Line(code, Decimal(amount), "MXN", party)


def a_clabe(doctor) -> str:
    return BankAccount.objects.get(party=doctor.party).clabe


def test_mo_05_only_the_preparer_exports_and_imports(doctor, people) -> None:
    a.validated(doctor)
    batch = a.locked(doctor, people)
    other = browser(a.person("Otra Prepara", Role.PAYMENT_PREPARER))
    answer = post(other, "export_bank_file", batch.pk)
    assert answer.status_code == 422 and "Solo quien preparó" in text(answer)
    assert post(other, "read_result", batch.pk, result=answer_csv(batch)).status_code == 422


def test_a_refused_selection_says_why_and_keeps_the_choice(doctor, people) -> None:
    a.validated(doctor)
    owed = a.payable(doctor)
    client = browser(people.preparer)
    assert "Elige al menos un pago" in text(post(client, "new_batch"))
    answer = post(client, "new_batch", payables=[str(uuid.uuid4())])
    assert answer.status_code == 422 and "ya no se puede pagar" in text(answer) and owed.reference in text(answer)


def test_who_reviewed_it_finds_it_set_aside_with_the_reason(doctor, people) -> None:
    a.validated(doctor)
    a.payable(doctor)
    with a.kind(barred=lambda payables: {(row.pk, people.preparer.pk) for row in payables}):
        assert "Tú la revisaste" in text(browser(people.preparer).get(reverse("treasury:new_batch")))


def test_who_reviewed_one_row_or_twenty_is_asked_of_all_of_them_at_once(doctor, people, monkeypatch) -> None:
    a.validated(doctor)
    reviewed = [a.payable(doctor)]

    def barred(payables: Any) -> list[tuple[uuid.UUID, uuid.UUID]]:
        return [(row.pk, people.preparer.pk) for row in Payable.objects.filter(pk__in=[one.pk for one in payables])]

    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            ready, waiting = selectors.choices_for_batch(by=people.preparer, at=clock.now())
        assert ready == [] and {row.payable for row in waiting} == set(reviewed)
        return len(queries)

    with a.kind(barred=barred):
        one = ask()
        reviewed += [a.payable(doctor) for _ in range(19)]
        assert ask() == one
    page = reverse("treasury:new_batch")
    assert "vencen primero" not in text(browser(people.preparer).get(page))
    for module, name in ((choosing, "MOST"), (selectors, "MOST_CHOICES")):
        monkeypatch.setattr(module, name, 5)
    shown = text(browser(people.preparer).get(page))
    assert "5 pagos por elegir" in shown and "Aquí están los 5 pagos que vencen primero" in shown


def test_cancelling_by_screen(doctor, people) -> None:
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=a.NOW)
    client = browser(people.preparer)
    assert "Escribe por qué" in text(post(client, "cancel_batch", batch.pk, reason=""))
    for _ in range(2):
        assert post(client, "cancel_batch", batch.pk, key="c" * 20, reason="Fecha").status_code == 302
    assert "Lote cancelado" in text(client.get(reverse("treasury:batch", args=[batch.pk])))


@pytest.mark.parametrize("name", ["batches", "account_reviews", "new_batch"])
def test_lists_do_not_ask_more_with_more_rows(people, name) -> None:
    def ask(client: Client) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(f"treasury:{name}")).status_code == 200
        return len(queries)

    def more() -> None:
        doctor = a.physician()
        a.validated(doctor)
        a.in_review(doctor)
        owed = a.payable(doctor)
        if name == "batches":
            services.prepare_batch(payables=[owed], by=people.preparer, at=a.NOW)

    client = browser(people.reviewer if name == "account_reviews" else people.preparer)
    more()
    ask(client)
    one = ask(client)
    for _ in range(6):
        more()
    assert ask(client) == one


def test_a_batch_page_does_not_ask_more_with_more_transfers(people) -> None:
    counts = []
    for size in (1, 6):
        doctors = [a.physician() for _ in range(size)]
        for doctor in doctors:
            a.validated(doctor)
        batch = services.prepare_batch(payables=[a.payable(d) for d in doctors], by=people.preparer, at=a.NOW)
        client = browser(people.approver)
        client.get(reverse("treasury:batches"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("treasury:batch", args=[batch.pk])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_lists_download_as_csv(doctor, people) -> None:
    a.in_review(doctor)
    answer = browser(people.reviewer).get(reverse("treasury:account_reviews") + "?formato=csv")
    assert doctor.party.name in b"".join(answer.streaming_content).decode()


def test_a_batch_without_folio_is_named_in_its_list_and_on_its_page_and_leads_there(doctor, people) -> None:
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=a.NOW)
    client, address = browser(people.preparer), reverse("treasury:batch", args=[batch.pk])
    named = f"Lote del {dates.short(batch.prepared_at)}"
    row = html.fromstring(client.get(reverse("treasury:batches")).content).xpath("//tbody/tr")[0]
    assert [(link.text, link.get("href")) for link in row.xpath("th/a")] == [(f"{named}, 1 transferencia", address)]
    before = html.fromstring(client.get(address).content).xpath("//h1")[0].text_content()
    assert post(client, "cancel_batch", batch.pk, reason="Fecha").status_code == 302
    assert f"{named}, 1 transferencia" in before
    heading = html.fromstring(client.get(address).content).xpath("//h1")[0].text_content()
    assert named in heading and "transferencia" not in heading, "a cancelled batch has none"


@pytest.mark.parametrize("code", [code for code, (level, _, _) in FINDINGS.items() if level is not Level.ERROR])
def test_what_the_machine_tells_the_owner_is_told_to_the_reviewer_in_third_person(code) -> None:
    level, message, cure = FINDINGS[code]
    texts = {"what": "Tu RFC" if code == "holder_found" else "La CLABE"}
    message = message.replace("{what}", texts["what"])
    (told,) = labels.for_reviewer([Finding(code, level, message, cure)])
    said = f"{told.message} {told.cure}"
    assert not re.search(r"\b(tu|tus|te lo|súbelo|sube|una persona|no tienes)\b", said, re.IGNORECASE), said


def test_the_desk_finds_accounts_and_payments_by_what_people_have_in_hand(db) -> None:
    who, desk = a.physician(), a.desk()
    a.validated(who)
    batch = a.locked(who, desk)
    transfer = batch.transfers.get()
    account = BankAccount.objects.get(party=who.party)
    reviewer = browser(desk.reviewer)

    def rows(client: Client, name: str, **query) -> int:
        answer = client.get(reverse(f"treasury:{name}"), query)
        assert answer.status_code == 200
        return answer.content.decode().count('<th scope="row"')

    for asked in ("nunez pena", account.last4, who.party.rfc[:6]):
        assert rows(reviewer, "account_reviews", estado="all", buscar=asked) == 1, asked
    assert rows(reviewer, "account_reviews", estado="in_review", buscar="nunez") == 0
    assert rows(reviewer, "account_reviews", estado="all", buscar="nadie") == 0
    treasurer = browser(desk.preparer)
    day = f"{clock.date_in(batch.prepared_at):%Y-%m-%d}"
    reference = transfer.items.get().payable.reference
    for asked in (batch.folio, reference, transfer.tracking[:10], "núñez"):
        assert rows(treasurer, "batches", buscar=asked, desde=day, hasta=day, estado="approved") == 1, asked
    assert rows(treasurer, "batches", buscar="nadie") == 0 and rows(treasurer, "batches", estado="posted") == 0
