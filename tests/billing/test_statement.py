"""«Mi estado de cuenta» (S0.15, C4): nothing of the physician's money is out of sight, and the books prove it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Invoice
from billing.selectors import statement
from portal import clock
from portal.design.dates import MONTHS
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


def page(who, name: str = "statement", **query) -> str:
    answer = people.signed_in(who.user).get(reverse(f"billing:{name}"), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_s0_15_the_statement_shows_the_total_to_invoice_after_withholding_and_its_rule(db) -> None:
    who = a.doctor(regime="626", state="JAL")
    a.orders(who, 2)
    said = page(who)
    for word in ("Total a facturar hoy", "$2,600.00", "$65.00", "$78.00", "$2,457.00", "S0.23", "Regla en conflicto"):
        assert word in said, word
    bare = a.doctor(regime="")
    a.orders(bare)
    assert "Total a facturar hoy" not in page(bare)


def test_money_in_a_draft_or_given_back_is_never_out_of_sight(db) -> None:
    who = a.doctor()
    order, _ = a.orders(who, 2)
    a.draft(who, of=[order])
    a.bare(who, state="returned", decided_at=a.NOW)
    said = page(who)
    assert re.search(r"En borrador</a>.{0,80}1 factura.{0,80}\$1,170\.00", said)
    assert re.search(r"Por corregir</a>.{0,80}1 factura.{0,80}\$900\.00", said)
    home = page(who, "home")
    assert "En borrador" in home and "Por corregir" in home
    fresh = page(a.doctor(), "home")
    assert "En borrador" not in fresh and "Para tu primera factura" in fresh


def test_each_amount_leads_to_the_list_with_as_many_rows(db) -> None:
    """An order that a draft holds waits no longer: neither in the sum nor in the list the sum leads to."""
    who = a.doctor()
    held, free = a.orders(who, 2)
    a.draft(who, of=[held])
    waiting, drafting = page(who, "orders", estado="available"), page(who, "orders", estado="drafting")
    rows = re.compile(r'<th scope="row"[^>]*><a [^>]*>(CTA-\d+)')
    assert rows.findall(waiting) == [free.account] and rows.findall(drafting) == [held.account]
    assert "Por facturar</a>" in page(who) and re.search(r"Por facturar</a>.{0,60}1 orden<", page(who))


def test_the_months_books_add_up_from_the_opening_to_the_closing_balance(trusted) -> None:
    who = a.doctor()
    invoice = a.accepted(who)
    asked = f"{a.TODAY:%Y-%m}"
    owed = statement.statement([who.party.pk], on=a.TODAY, asked=asked)
    assert (owed["opening"], owed["closing"]) == ("$0.00", "$1,170.00")
    a.bank_says(a.batch(who, [invoice]))
    invoice = Invoice.objects.select_related("transfer__batch").get(pk=invoice.pk)
    shown = statement.statement([who.party.pk], on=a.TODAY, asked=asked)
    first, second = shown["movements"]
    assert (first.owed, first.paid, first.balance) == (Decimal("1170.00"), None, Decimal("1170.00"))
    assert (second.owed, second.paid, second.balance) == (None, Decimal("1170.00"), Decimal("0.00"))
    assert shown["closing"] == "$0.00" and invoice.folio in first.text
    assert invoice.transfer.batch.folio in second.text and str(invoice.transfer_id) in second.href
    said = page(who, mes=asked)
    assert invoice.folio in said and "Saldo final" in said
    before = statement.statement(
        [who.party.pk], on=a.TODAY, asked=f"{a.TODAY.replace(day=1) - timedelta(days=1):%Y-%m}"
    )
    assert before["movements"] == [] and before["closing"] == "$0.00" and before["later"] == f"?mes={asked}"
    assert statement.statement([a.doctor().party.pk], on=a.TODAY, asked=asked)["movements"] == []


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("2026-02", date(2026, 2, 1)),
        ("", date(2026, 3, 1)),
        ("2026-13", date(2026, 3, 1)),
        ("x", date(2026, 3, 1)),
        ("2027-01", date(2026, 3, 1)),
        ("2026-02-01", date(2026, 3, 1)),
    ],
)
def test_a_month_that_is_none_or_has_not_begun_is_this_month(asked, first) -> None:
    assert statement.month_of(asked, today=date(2026, 3, 31)) == first


# --- the next step is true -------------------------------------------------------------------------------------------


def test_an_unfinished_draft_is_the_next_step_and_never_everything_is_up_to_date(db) -> None:
    who = a.doctor()
    from tests.factories import treasury as situations

    situations.validated(who, a.NOW - timedelta(days=10))
    assert "Todo está al día" in page(who, "home")
    order = a.orders(who)[0]
    assert "Tienes una orden lista para facturar" in page(who, "home")
    a.draft(who, of=[order])
    said = page(who, "home")
    assert "Factura empezada sin enviar" in said and "Todo está al día" not in said
    a.bare(who, paid_on=a.TODAY - timedelta(days=40), complement_due_on=a.TODAY - timedelta(days=1))
    assert "Vencido: se esperaba el" in page(who, "home")


def test_s0_7_a_refused_account_and_one_not_sent_yet_are_the_next_step(db) -> None:
    from tests.factories import treasury as situations

    who = a.doctor()
    assert "Registra la cuenta bancaria donde quieres recibir" in page(who, "home")
    situations.captured(who, a.NOW)
    assert "Falta enviar tu cuenta bancaria a revisión" in page(who, "home")


def test_the_assistant_is_told_that_only_the_physician_can_tell_the_regime(db) -> None:
    who = a.doctor(regime="")
    order = a.orders(who)[0]
    helper = people.signed_in(people.assistant_of(who.user))
    told = {"orders": [order.pk], "idempotency_key": "k" * 20}
    refused = helper.post(reverse("billing:start"), told)
    assert refused.status_code == 422 and "Pídele que entre y lo diga" in refused.content.decode()
    home = helper.get(reverse("billing:home")).content.decode()
    assert "falta que el médico diga su régimen fiscal" in home


@pytest.mark.parametrize("asked", ["0001-01", "1999-12", "9999-12", "2026-13", "nada"])
def test_a_month_that_the_books_cannot_know_is_this_month(db, asked: str) -> None:
    who = a.doctor()
    today = clock.today()
    now = f"{MONTHS[today.month - 1]} de {today.year}"
    assert now in page(who, mes=asked)


def test_the_accountants_month_sums_as_the_statement_does_and_names_each_complement(trusted: None) -> None:
    who = a.doctor()
    first, second = a.paid(who), a.closed(who)
    client = people.signed_in(who.user)
    month = f"{first.paid_on:%Y-%m}"
    book = statement.month([who.party.pk], on=a.TODAY + timedelta(days=40), asked=month)
    shown = client.get(reverse("billing:accountant"), {"mes": month})
    file = client.get(reverse("billing:accountant"), {"mes": month, "formato": "csv"})
    rows = list(csv.DictReader(io.StringIO(b"".join(file).decode("utf-8-sig"))))
    assert sum(Decimal(row["Neto"]) for row in rows) == sum(line.paid or 0 for line in book.movements) > 0
    told = {row["Folio"]: row["Complemento de pago"] for row in rows}
    uuid = second.complement_payments.get().complement.uuid
    assert told[first.folio] in {"", "Falta"} and told[second.folio] == uuid
    assert {row["Clave de rastreo"] for row in rows} == {first.transfer.tracking, second.transfer.tracking}
    label = f"{MONTHS[first.paid_on.month - 1]} de {first.paid_on.year}"
    assert shown.context["months"] == [(label, f"{reverse('billing:accountant')}?mes={month}")]
    assert f"Mes del depósito (AAAA-MM): {label}" in re.sub(r"\s+", " ", shown.content.decode())
    wrong = client.get(reverse("billing:accountant"), {"mes": "13/2026"})
    assert "Escribe el mes con año y mes, así: 2026-11." in wrong.content.decode()
    none = client.get(reverse("billing:accountant"), {"mes": "2001-01"})
    assert "No hay facturas pagadas con estos filtros" in none.content.decode()
