"""Policies at the desk: a policy, its year and an insurer's file, by actor, each form twice (issue 11 C, F)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from memberships.models import Condition, CoveredPerson, Membership, Plan
from portal.imports.models import ImportRun
from portal.once.rules import FIELD
from tests.factories import people
from tests.factories import policies as a

pytestmark = pytest.mark.django_db
HEAD = "poliza,certificado,parentesco,nombre,apellido_paterno,apellido_materno,nacimiento,sexo,curp,rfc,desde,hasta,"
HEAD += "coberturas,padecimientos\n"
ROSA = "gc 00417/02,C-1,Titular,Rosa,Núñez,Peña,1991-11-03,F,,,2026-06-01,,GMM,K35:Apendicitis:2026-07-10\n"
IVAN = "gc 00417/02,C-1,hijo,Iván,Ruiz,Núñez,2012-02-29,H,,,2026-06-01,,GMM;GMM_MENORES,\n"
WRONG = "gc 00417/02,C-2,hija,Ana,Ruiz,Núñez,2012-02-29,F,,,2026-06-01,,GMM,\n"


def policy_form(**changes: Any) -> dict[str, Any]:
    told = {"insurer": people.an_insurer().pk, "number": "GC-00417-02", "name": "Colectiva", "major": "condition-year"}
    return {FIELD: "policy-key-1", **told, "minor": "", **changes}


def test_a_clerk_registers_a_policy_and_its_year_and_twice_is_once() -> None:
    client, told = people.signed_in(people.affiliator()), policy_form()
    assert {client.post(reverse("memberships:add_policy"), told).status_code for _ in range(2)} == {302}
    plan = Plan.objects.get()
    year = {"since": "2026-06-01", "until": "2027-06-01", "major_deductible": "8,000.00", "major_coaseguro": "12.5"}
    year |= {"major_coaseguro_cap": "", "major_sum_insured": "5000000", FIELD: "year-key-1"}
    year["major_deductible"] = "8000.00"
    path = reverse("memberships:add_policy_year", args=[plan.pk])
    assert {client.post(path, year).status_code for _ in range(2)} == {302}
    page = client.get(reverse("memberships:policy", args=[plan.pk])).content.decode()
    for words in ("$8,000.00", "12.5 %", "Sin tope", "$5,000,000.00", "Padecimiento y año"):
        assert words in page, words
    assert "GC-00417-02" in client.get(f"{reverse('memberships:policies')}?buscar=gc-0").content.decode()
    again = client.post(path, year | {FIELD: "year-key-2"})
    assert again.status_code == 422 and "comparte días" in again.content.decode() and plan.years.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"insurer": ""}, "Elige la aseguradora."),
        ({"number": "---"}, "con letras o dígitos"),
        ({"major": ""}, "Elige al menos una cobertura."),
        ({"major": "family"}, "Elige una opción de la lista."),
    ],
)
def test_a_policy_that_cannot_be_comes_back_with_cause_and_cure(changes: dict[str, str], words: str) -> None:
    client = people.signed_in(people.affiliator())
    answer = client.post(reverse("memberships:add_policy"), policy_form(**changes))
    assert answer.status_code == 422 and words in answer.content.decode() and not Plan.objects.exists()


def upload(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("certificados.csv", (HEAD + "".join(rows)).encode(), "text/csv")


def test_an_insurers_file_is_read_shown_and_applied_and_again_changes_nothing() -> None:
    plan = a.a_whole_policy(policy_number="GC-00417-02")
    client = people.signed_in(people.affiliator())
    path = reverse("memberships:import_certificates", args=[plan.pk])
    empty = client.post(path, {FIELD: "file-key-0"})
    assert empty.status_code == 422 and "Elige el archivo" in empty.content.decode()
    answer = client.post(path, {"file": upload(ROSA, IVAN, WRONG), FIELD: "file-key-1"})
    run = ImportRun.objects.get()
    assert answer.status_code == 302 and (run.rows, run.new, len(run.errors)) == (3, 2, 1)
    page = client.get(answer["Location"]).content.decode()
    assert "El certificado no tiene titular" in page and "Apendicitis" not in page and not Membership.objects.exists()
    applied = client.post(reverse("imports:apply", args=[run.pk]), {FIELD: "apply-key-1"})
    assert applied.status_code == 302 and Membership.objects.get().certificate_state == "active"
    assert CoveredPerson.objects.count() == 2 and Condition.objects.get().name == "Apendicitis"
    again = client.post(path, {"file": upload(ROSA, IVAN, WRONG), FIELD: "file-key-2"})
    assert again.status_code == 302 and ImportRun.objects.count() == 1, "the same bytes are the run that stands"
    client.post(path, {"file": upload(IVAN, ROSA), FIELD: "file-key-3"})
    last = ImportRun.objects.order_by("-read_at")[0]
    assert (last.new, last.unchanged) == (0, 2)
    assert "certificados.csv" in client.get(reverse("memberships:policies")).content.decode()


@pytest.mark.parametrize(
    ("certificates", "persons", "status", "agrees"),
    [
        ("1", "2", 302, True),
        ("2", "2", 302, False),
        ("1", "3", 302, False),
        ("", "2", 422, None),
        ("0", "2", 422, None),
    ],
)
def test_control_totals_are_certificates_and_people_and_what_differs_enters_nothing_2_11(
    certificates: str, persons: str, status: int, agrees: bool | None
) -> None:
    plan, client = a.a_whole_policy(policy_number="GC-00417-02"), people.signed_in(people.affiliator())
    path = reverse("memberships:import_certificates", args=[plan.pk])
    sent = {"file": upload(ROSA, IVAN), "certificates": certificates, "people": persons, FIELD: "totals-key-1"}
    answer = client.post(path, sent)
    assert answer.status_code == status
    if agrees is None:
        assert not ImportRun.objects.exists()
        return
    run, shown = ImportRun.objects.get(), client.get(answer["Location"]).content.decode()
    assert run.agrees is agrees and "2 personas de 1 certificado" in shown
    assert ("Los totales de control no coinciden" in shown) is not agrees
    if not agrees:
        refused = client.post(reverse("imports:apply", args=[run.pk]), {FIELD: "apply-key-1"})
        assert refused.status_code == 422 and not Membership.objects.exists()
        mended = {"rows": "2", "certificates": "1", FIELD: "totals-key-2"}
        client.post(reverse("imports:totals", args=[run.pk]), mended)
    client.post(reverse("imports:apply", args=[run.pk]), {FIELD: "apply-key-2"})
    assert Membership.objects.get().certificate_state == "active"


def test_policies_are_the_desks_who_manages_plans_and_nobody_elses() -> None:
    plan = a.a_whole_policy()
    pages = [reverse("memberships:policies"), reverse("memberships:policy", args=[plan.pk])]
    pages += [reverse("memberships:import_certificates", args=[plan.pk]), reverse("memberships:add_policy")]
    for user, status in ((people.affiliator(), 200), (people.reviewer(), 403), (people.member(), 403)):
        client = people.signed_in(user)
        assert {client.get(page).status_code for page in pages} == {status}


def test_the_api_tells_policies_and_each_year_by_year() -> None:
    plan = a.a_whole_policy(policy_number="GC-00417-02")
    client = people.signed_in(people.affiliator())
    listed = client.get(reverse("memberships:api_policies"))
    assert listed.status_code == 200 and "GC-00417-02" in listed.content.decode()
    told = client.get(reverse("memberships:api_policy", args=[plan.pk])).json()
    assert (told["policy_number"], len(told["coverages"])) == ("GC-00417-02", 2)
    assert told["coverages"][0]["years"][0] | {"since": "", "until": ""} == {
        "since": "",
        "until": "",
        "deductible": {"amount": "8000.00", "currency": "MXN"},
        "coaseguro": "0.100000",
        "coaseguro_cap": None,
        "sum_insured": None,
    }
    assert people.signed_in(people.reviewer()).get(reverse("memberships:api_policies")).status_code == 403
