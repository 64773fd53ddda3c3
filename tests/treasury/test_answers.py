"""A bank answer is an import like any other: read first, applied on its own page, by the command in one (MO-09)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from config.demo.uploads import upload_of
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.imports import services as imports
from portal.imports.models import ImportRun
from portal.papers.models import StoredFile
from portal.treasury import services
from portal.treasury.models import BankResult, PaymentBatch
from tests.api.callers import Caller, own_token
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY
from tests.imports.test_sheets import book

from .test_returns import HEAD, answer, sent
from .test_views import browser, post, text

pytestmark = pytest.mark.django_db
ANSWER = HEAD.split(",")[:5]
KEY = {"Idempotency-Key": "k" * 20}


@pytest.fixture
def batch(doctor, people) -> PaymentBatch:
    a.validated(doctor)
    return sent(people, a.payable(doctor))


def read(batch: PaymentBatch, **more: Any) -> BankResult:
    said = answer(batch, [(batch.transfers.get(), "pagada", "")])
    return services.read_bank_result(batch=batch, upload=said, by=batch.prepared_by, at=NOW, **more)


@pytest.fixture
def run_command(batch, tmp_path, capsys):
    (tmp_path / "respuesta.csv").write_text(
        f"{HEAD}\n{batch.transfers.get().tracking},pagada,{TODAY},R1,{batch.total},\n"
    )

    def run(*more: str, folio: str = batch.folio, by: str = batch.prepared_by.email) -> dict[str, Any]:
        asked = ("--subject", folio, "--by", by, "--total", "rows=1", *more)
        call_command("import-file", "treasury.bank_answers", str(tmp_path / "respuesta.csv"), *asked)
        return json.loads(capsys.readouterr().out)

    return run


def test_the_command_judges_without_storing_and_imports_in_one_when_the_totals_agree(batch, run_command) -> None:
    said = run_command("--dry-run")
    assert (said["state"], said["rows"], said["new"], said["agrees"], said["errors"]) == ("read", 1, 1, True, [])
    with pytest.raises(CommandError, match="no coinciden"):
        run_command("--total", "rows=2")
    run = ImportRun.objects.get()
    assert (run.state, run.subject_id) == ("read", str(batch.pk))
    assert run_command()["state"] == "applied"
    batch.refresh_from_db()
    assert (batch.state, batch.transfers.get().state) == ("posted", "paid")
    assert run_command()["state"] == "applied" and ImportRun.objects.count() == BankResult.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"folio": ""}, "Falta --subject"),
        ({"folio": "LP-2020-000001"}, "Ningún lote tiene el folio LP-2020-000001"),
        ({"by": "another"}, "Solo quien preparó"),
        ({"by": "nobody"}, "no puede importar"),
    ],
)
def test_the_command_says_why_nothing_was_read(batch, run_command, changes, told) -> None:
    others = {
        "another": a.person("Otra Prepara", Role.PAYMENT_PREPARER).email,
        "nobody": a.person("Nadie", Role.SUPPORT).email,
    }
    with pytest.raises(CommandError, match=told):
        run_command(**{name: others.get(value, value) for name, value in changes.items()})
    assert not ImportRun.objects.exists() and not StoredFile.objects.filter(purpose="bank-result").exists()


def test_a_refused_answer_is_told_by_the_command_row_by_row(batch, run_command, tmp_path) -> None:
    row = f"{batch.transfers.get().tracking},pagada,{TODAY},R1,1.00,"
    (tmp_path / "respuesta.csv").write_text(f"{HEAD}\n{row}\n")
    with pytest.raises(CommandError, match=r"no cambió nada.*\n.*Renglón 2: el importe dice"):
        run_command("--dry-run")


def test_an_answer_is_applied_on_its_own_page_with_its_question_alone(batch, people) -> None:
    result, preparer = read(batch), browser(people.preparer)
    page = reverse("treasury:bank_result", args=[batch.pk, result.pk])
    assert preparer.get(reverse("imports:run", args=[result.run_id]))["Location"] == page
    for act in ("apply", "totals"):
        assert preparer.post(reverse(f"imports:{act}", args=[result.run_id]), headers=KEY).status_code == 404
    assert browser(people.approver).get(reverse("imports:run", args=[result.run_id])).status_code == 404
    shown = text(preparer.get(page))
    assert "Aplicar y contabilizar" in shown and "Cancelar el archivo" in shown
    assert BankResult.objects.get(pk=result.pk).run.is_open


def test_a_cancelled_answer_is_applied_no_more_and_may_come_again(batch, people) -> None:
    result, preparer = read(batch), browser(people.preparer)
    assert preparer.post(reverse("imports:cancel", args=[result.run_id]), headers=KEY).status_code == 302
    shown = text(preparer.get(reverse("treasury:bank_result", args=[batch.pk, result.pk])))
    assert "Cancelado" in shown and "Aplicar y contabilizar" not in shown
    with pytest.raises(Conflict, match="ya no espera"):
        services.import_bank_result(result=result, by=people.preparer, at=NOW)
    again = read(batch)
    assert again.pk != result.pk and again.run.is_open
    assert batch.transfers.get().state == "pending"


def test_an_answer_with_foreign_headings_waits_until_they_are_said(batch, people) -> None:
    transfer, preparer = batch.transfers.get(), browser(people.preparer)
    content = f"{HEAD.replace('resultado', 'estatus')}\n{transfer.tracking},pagada,{TODAY},R1,{transfer.amount},\n"
    answered = post(preparer, "read_result", batch.pk, result=SimpleUploadedFile("r.csv", content.encode()))
    result = BankResult.objects.get()
    assert answered["Location"] == reverse("imports:run", args=[result.run_id])
    assert "Cuál es «resultado»" in text(preparer.get(answered["Location"]))
    assert result.told == [] and result.sums["paid_count"] == 0
    told = preparer.get(reverse("treasury:api_bank_result", args=[batch.pk, result.pk])).json()
    assert (told["unknown_headings"], told["missing_columns"]) == (["estatus"], ["resultado"])
    page = reverse("treasury:bank_result", args=[batch.pk, result.pk])
    assert preparer.get(page)["Location"] == answered["Location"], "whoever left the question finds it again"
    assert post(preparer, "bank_result", batch.pk, result.pk)["Location"] == answered["Location"]
    assert batch.transfers.get().state == "pending"
    acts, reads = (Caller(own_token(people.preparer, scope)) for scope in ("payments:act", "treasury:read"))
    run = f"mesa/pagos/respuestas/{told['run']}/"
    said = acts.post(f"{run}titulos/", {"resultado": "estatus"})
    assert said.status_code == 200 and reads.get(run).json()["new"] == 1, said.content
    result.refresh_from_db()
    assert result.sums["paid_count"] == 1 and preparer.get(page).status_code == 200
    told = preparer.get(reverse("treasury:api_bank_result", args=[batch.pk, result.pk])).json()
    assert (told["unknown_headings"], told["missing_columns"]) == ([], [])
    services.import_bank_result(result=BankResult.objects.get(), by=people.preparer, at=clock.now())
    assert batch.transfers.get().state == "paid"


def test_an_answer_in_excel_is_read_and_applied_on_its_pages(batch, people) -> None:
    """The child that opens it is asked while no transaction is open, also when it is applied from the kept file."""
    transfer, preparer = batch.transfers.get(), browser(people.preparer)
    row = [transfer.tracking, "Pagada", TODAY, "R1", float(transfer.amount)]
    answered = post(preparer, "read_result", batch.pk, result=SimpleUploadedFile("r.xlsx", book(row, head=ANSWER)))
    assert answered.status_code == 302, text(answered)
    result = BankResult.objects.get()
    assert (result.run.file.kind, result.sums["paid_count"]) == ("xlsx", 1)
    assert post(preparer, "bank_result", batch.pk, result.pk).status_code == 302
    assert batch.transfers.get().state == "paid"


def test_headings_under_which_a_row_is_wrong_are_refused_with_the_file_still_waiting(batch, people) -> None:
    transfer = batch.transfers.get()
    content = f"{HEAD.replace('resultado', 'estatus')}\n{transfer.tracking},quizá,{TODAY},R1,{transfer.amount},\n"
    result = services.read_bank_result(
        batch=batch, upload=upload_of("r.csv", content.encode()), by=people.preparer, at=NOW
    )
    with pytest.raises(RuleBroken, match="no cambió nada"):
        imports.say_headings(run=result.run, said={"resultado": "estatus"}, by=people.preparer, at=NOW)
    assert ImportRun.objects.get().headings["lacking"] == ["resultado"]
