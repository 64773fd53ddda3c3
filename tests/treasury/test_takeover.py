"""Whoever took an account over types a name that fits a statement of theirs: people are told (MO-06, A2)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal import clock
from portal.errors import Verdict
from portal.people import services as people_services
from portal.treasury import statement
from portal.treasury.models import BankAccount
from tests.factories import people
from tests.factories import treasury as a
from tests.treasury.test_statement import CONTEXT, lines, pdf
from tests.treasury.test_views import post

BEFORE = "María Núñez Peña"


@pytest.mark.parametrize("before", ["", BEFORE, "PEÑA NUNEZ MARIA", "maría  núñez peña"])
def test_the_same_name_however_it_is_written_passes_mo_06(before) -> None:
    judged = statement.check(pdf(*lines(rfc="")), {**CONTEXT, "holder_before": before})
    assert judged.verdict == Verdict.ACCEPTED


def test_another_name_than_that_of_the_account_of_record_waits_for_people_unless_the_rfc_is_there_mo_06() -> None:
    context = {**CONTEXT, "holder": "LADRÓN DE CUENTAS", "holder_before": BEFORE}
    judged = statement.check(pdf(*lines(rfc="", holder="LADRON DE CUENTAS")), context)
    (found,) = [finding for finding in judged.findings if finding.level == "review"]
    assert (found.code, judged.verdict) == ("holder_changed", Verdict.REVIEW)
    assert BEFORE in found.message and found.cure
    with_rfc = statement.check(pdf(*lines(holder="LADRON DE CUENTAS")), context)
    assert with_rfc.verdict == Verdict.ACCEPTED


@pytest.mark.django_db
def test_a_name_typed_for_the_occasion_is_told_to_both_reviewers_mo_06() -> None:
    doctor = a.physician()
    a.validated(doctor)
    people_services.set_own_details(by=doctor.user, name="Ladrón de Cuentas", zip_code="44100", at=clock.now())
    digits, cut = a.clabe(5550009), clock.today() - timedelta(days=20)
    page = pdf(
        "BBVA México", "LADRON DE CUENTAS", f"CLABE {digits}", f"Fecha de corte {cut:%d/%m/%Y}", "Saldo final 1.00"
    )
    client = people.signed_in(doctor.user, consents_at=clock.real_now().timestamp())
    upload = SimpleUploadedFile("estado.pdf", page, content_type="application/pdf")
    assert post(client, "capture_account", clabe=digits, statement=upload).status_code == 302
    account = BankAccount.objects.get(last4=digits[-4:], state="captured")
    assert "holder_changed" in {finding.code for finding in account.found}
    assert post(client, "submit_account", account.pk).status_code == 302
    shown = people.signed_in(people.reviewer()).get(reverse("treasury:account_review", args=[account.pk]))
    assert re.search(r"ya no es el de la cuenta bancaria anterior", shown.content.decode())
