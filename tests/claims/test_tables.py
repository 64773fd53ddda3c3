"""Hospitals and opening accumulators as tables: a preview, every error, the same file changes nothing (issue 12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims import services
from claims.models import Accumulator, Hospital, OpeningBalance
from claims.rules.deciding import Told
from claims.rules.settlement import YearTerms
from claims.rules.tables import OpeningRow, open_bucket
from claims.services.tables import HOSPITALS_KIND, apply_openings, judge_openings, read_table
from claims.tasks import compare_accumulators
from memberships.rules.policies import CoverageKind, Scope
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio
from portal.imports.models import ImportRun
from portal.imports.rules.layouts import Item, Read
from portal.work.models import Hold, named
from tests.api.callers import Caller, own_token, told
from tests.factories import claims as a
from tests.factories import memberships as m
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db
D = Decimal
HOSPITALS, OPENINGS = "/mesa/hospitales/importar/", "/mesa/acumulados/importar/"
HEAD = "rfc_aseguradora,clave,nombre,ciudad,estado,desde,hasta"
BEFORE = "poliza,certificado,nombre,nacimiento,cobertura,padecimiento,inicio_del_anio,cubierto,pagado"


@pytest.fixture
def admin(db: None) -> Client:
    people.the_operator()
    return people.signed_in(people.administrator())


def read(client: Client, page: str, *rows: str) -> ImportRun:
    """A table as its page reads it."""
    content = "\n".join(rows).encode()
    answer = client.post(page, once() | {"file": SimpleUploadedFile("tabla.csv", content)})
    assert answer.status_code == 302, answer.content.decode()
    return ImportRun.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def apply(client: Client, run: ImportRun) -> ImportRun:
    for _twice in range(2):
        assert client.post(f"/mesa/importaciones/{run.pk}/aplicar/", once()).status_code in {302, 409}
    run.refresh_from_db()
    assert run.state == "applied"
    return run


def counts(run: ImportRun) -> tuple[int, int, int]:
    return run.new, run.unchanged, run.wrong


def test_hospitals_enter_change_and_stay_and_a_wrong_row_keeps_no_right_one_out(admin: Client) -> None:
    rfc = people.an_insurer().rfc
    right = f"{rfc},H-1,Hospital del Valle,Puebla,Puebla,2026-01-01,"
    rows = [
        right,
        f"{rfc},H-2,Clínica Norte,Monterrey,Nuevo León,2026-01-01,2026-01-01",
        f"{rfc},h-1,Otro nombre,Puebla,Puebla,2026-01-01,",
        f"{people.rfc_number(7_777)},H-3,Sin aseguradora,León,Guanajuato,2026-01-01,",
        f"{rfc},,Sin clave,León,Guanajuato,2026-01-01,",
    ]
    run = read(admin, HOSPITALS, HEAD, *rows)
    assert counts(run) == (1, 0, 4) and not Hospital.objects.exists(), "a preview stores nothing"
    codes = [one["code"] for one in run.told]
    assert sorted(codes) == sorted(["agreement_reversed", "hospital_twice", "insurer_unknown", "missing"])
    apply(admin, run)
    assert [(one.key, one.until) for one in Hospital.objects.all()] == [("H-1", None)]
    again = read(admin, HOSPITALS, HEAD, right, f"{rfc},H-2,Clínica Norte,Monterrey,Nuevo León,2026-01-01,")
    assert counts(again) == (1, 1, 0)
    apply(admin, again)
    ended = read(admin, HOSPITALS, HEAD, right + "2026-11-01")
    apply(admin, ended)
    insurer = Hospital.objects.get(key="H-1").insurer
    agreed = [[one.key for one in Hospital.objects.agreed(insurer, on=date(2026, 10, day))] for day in (1, 31)]
    assert agreed == [["H-2", "H-1"], ["H-2", "H-1"]]
    assert [one.key for one in Hospital.objects.agreed(insurer, on=date(2026, 11, 1))] == ["H-2"]


def test_a_bucket_opens_with_just_what_its_terms_pay_and_later_claims_go_on_from_there(admin: Client) -> None:
    next_folio(prefix="RB", at=a.AT)  # the year's first is drawn for a second look
    family = a.a_family(plan=p.a_whole_policy(policy_number="GC-00417-02"))
    illness = p.a_condition(person=family.titular)
    who = f"{family.certificate.certificate_number},{family.titular.as_printed},{family.titular.born_on}"
    terms = family.plan.coverages.get(kind="major").terms.order_by("year__since").first()
    year, covered = terms.year.since, terms.deductible + 1000
    paid = 1000 - (1000 * terms.coaseguro_rate).quantize(D("0.01"))
    right = f"gc 00417/02,{who},GMM,{illness.code},{year},{covered},{paid}"
    wrong = {
        "policy_unknown": right.replace("00417", "00418"),
        "person_unknown": right.replace(str(family.titular.born_on), "1970-01-01"),
        "condition_unknown": right.replace(f",{illness.code},", ",Z99,"),
        "condition_unsaid": right.replace(f",{illness.code},", ",,"),
        "year_unsaid": right.replace(str(year), "2026-02-01"),
        "paid_differs": right.replace(f",{paid}", f",{paid + 1}"),
        "nothing_covered": right.replace(f",{covered},{paid}", ",0.00,0.00"),
        "opening_twice": right,
        "condition_too_many": right.replace("GMM", "GMM_MENORES"),
        "coverage_unknown": a_row_of_menores_of_a_policy_without_them(),
    }
    run = read(admin, OPENINGS, BEFORE, right, *wrong.values())
    assert counts(run) == (1, 0, len(wrong))
    assert [one["code"] for one in run.told] == list(wrong)
    assert run.counted["covered"] and not Accumulator.objects.exists()
    apply(admin, run)
    bucket = Accumulator.objects.get()
    opened = OpeningBalance.objects.get()
    assert (bucket.covered, bucket.paid, opened.paid) == (covered, paid, paid)
    same = read(admin, OPENINGS, BEFORE, right, right.replace(f"{covered},{paid}", f"{terms.deductible},0.00"))
    assert counts(same) == (0, 1, 1) and same.told[0]["code"] == "opening_twice"
    other = read(admin, OPENINGS, BEFORE, right.replace(f"{covered},{paid}", f"{terms.deductible},0.00"))
    assert [one["code"] for one in other.told] == ["bucket_begun"]
    made = decided(family, illness)
    bucket.refresh_from_db()
    assert compare_accumulators() == 0, "its opening and its entries come to what it holds"
    assert (made.deductible, bucket.covered) == (0, covered + 1000), "the deductible was borne before"


def test_a_bucket_whose_only_decision_was_withdrawn_opens_as_a_new_one(
    admin: Client,
) -> None:
    next_folio(prefix="RB", at=a.AT)
    family = a.a_family(plan=p.a_whole_policy(policy_number="GC-00417-02"))
    illness = p.a_condition(person=family.titular)
    who = f"{family.certificate.certificate_number},{family.titular.as_printed},{family.titular.born_on}"
    terms = family.plan.coverages.get(kind="major").terms.order_by("year__since").first()
    row = f"GC-00417-02,{who},GMM,{illness.code},{terms.year.since},{terms.deductible},0.00"
    first = decided(family, illness)
    assert [one["code"] for one in read(admin, OPENINGS, BEFORE, row).told] == ["bucket_begun"]
    other = people.analyst()
    asked = services.ask_withdrawal(decision=first, reason="Otro padecimiento.", by=first.by, at=a.AT)
    Hold.objects.create(**named(first.claim), queue="claims.claims", holder=other, since=a.AT)
    services.answer_withdrawal(withdrawal=asked, agrees=True, note="", by=other, at=a.AT)
    run = read(admin, OPENINGS, BEFORE, row)
    assert counts(run) == (1, 0, 0)
    apply(admin, run)
    assert (Accumulator.objects.get().covered, compare_accumulators()) == (terms.deductible, 0)


def a_row_of_menores_of_a_policy_without_them() -> str:
    """A row of the minor coverage of somebody whose policy has the major one alone."""
    coverage = p.a_coverage(plan=m.a_policy(policy_number="GC-00500-01"))
    p.some_terms(coverage=coverage)
    family = a.a_family(plan=coverage.plan)
    who = f"{family.certificate.certificate_number},{family.titular.as_printed},{family.titular.born_on}"
    return f"GC-00500-01,{who},GMM_MENORES,,{p.FIRST},9000.00,900.00"


def test_a_bucket_that_a_decision_began_after_its_file_was_judged_keeps_what_it_has(admin: Client) -> None:
    next_folio(prefix="RB", at=a.AT)
    family = a.a_family(plan=p.a_whole_policy(policy_number="GC-00417-02"))
    illness = p.a_condition(person=family.titular)
    who = family.certificate.certificate_number, family.titular.as_printed, family.titular.born_on
    row = OpeningRow("GC-00417-02", *who, CoverageKind.MAJOR, illness.code, p.FIRST, D(8000), D(0))
    item = Item(1, row)
    of_file: dict[str, Any] = {"sender": people.the_operator(), "subject_id": "", "read": Read((item,)), "on": a.ON}
    judged = judge_openings(**of_file)
    assert (judged.new, judged.errors) == ((item,), ())
    decided(family, illness)
    with pytest.raises(Conflict) as begun:
        apply_openings(run=ImportRun(), judged=judged, items=(item,), by=people.administrator(), at=a.AT)
    assert (begun.value.code, Accumulator.objects.get().covered) == ("bucket_begun", D(1000))


def test_an_opening_whose_terms_were_mended_meanwhile_is_a_sentence_and_opens_nothing(admin: Client) -> None:
    family = a.a_family(plan=p.a_whole_policy(policy_number="GC-00417-02"))
    illness = p.a_condition(person=family.titular)
    who = family.certificate.certificate_number, family.titular.as_printed, family.titular.born_on
    item = Item(1, OpeningRow("GC-00417-02", *who, CoverageKind.MAJOR, illness.code, p.FIRST, D(11000), D(900)))
    family.plan.coverages.get(kind="major").terms.update(deductible=D(10000), coaseguro_rate=D("0.10"))
    judged = judge_openings(sender=people.the_operator(), subject_id="", read=Read((item,)), on=a.ON)
    assert judged.new == (item,), judged.errors
    family.plan.coverages.get(kind="major").terms.update(deductible=D(5000))
    with pytest.raises(Conflict, match="cambió mientras") as mended:
        apply_openings(run=ImportRun(), judged=judged, items=(item,), by=people.administrator(), at=a.AT)
    assert mended.value.code == "paid_differs" and not Accumulator.objects.exists()


def test_no_table_is_read_before_somebody_said_who_operates_the_portal() -> None:
    with pytest.raises(RuleBroken) as nobody:
        read_table(kind=HOSPITALS_KIND, upload=None, by=people.a_person(), at=a.AT)  # type: ignore[arg-type]
    assert nobody.value.code == "no_operator" and not ImportRun.objects.exists()


def decided(family: SimpleNamespace, illness: Any) -> Any:
    """A claim of 1,000 pesos of an illness, decided."""
    claim, analyst = a.sent(family, "1000.00"), people.analyst()
    services.begin_review(claim=claim, by=analyst, at=a.AT)
    Hold.objects.create(**named(claim), queue="claims.claims", holder=analyst, since=a.AT)
    said = {1: Told(D(1000), D(1000))}
    return services.decide_claim(claim=claim, condition=illness, told=said, note="", by=analyst, at=a.AT)


def test_an_opening_of_a_condition_without_years_has_no_year() -> None:
    years = [YearTerms(date(2026, 1, 1), date(2027, 1, 1), D(500), D("0.10"))]
    told = ("P", "C", "Rosa", date(1990, 1, 1), CoverageKind.MAJOR, "K35")
    row = OpeningRow(*told, None, D(1500), D(900))
    asked: dict[str, Any] = {"person": "1", "condition": "2", "began_on": date(2026, 3, 1)}
    opened = open_bucket(row, Scope.CONDITION, years, **asked)
    assert not isinstance(opened, tuple) and (opened.bucket.year, opened.figures.paid) == (None, D(900))
    dated = OpeningRow(*told, date(2026, 1, 1), D(1500), D(900))
    assert open_bucket(dated, Scope.CONDITION, years, **asked)[1] == "year_too_many"  # type: ignore[index]
    for scope in Scope:
        assert open_bucket(row, scope, [], **asked)[1] == "coverage_without_terms"  # type: ignore[index]


def test_by_calls_a_table_is_read_then_applied_by_an_administrator_alone(admin: Client) -> None:
    rfc, session = people.an_insurer().rfc, Caller(client=admin)
    content = f"{HEAD}\n{rfc},H-1,Hospital del Valle,Puebla,Puebla,2026-01-01,\n".encode()
    sent = session.post("mesa/hospitales/importar/", files={"file": ("h.csv", content)})
    run = told(sent, 201)
    assert (run["state"], run["new"]) == ("read", 1)
    applied = session.post(f"mesa/hospitales/importaciones/{run['id']}/aplicar/")
    assert told(applied)["state"] == "applied" and Hospital.objects.count() == 1
    analyst = Caller(own_token(people.analyst()))
    assert analyst.post("mesa/hospitales/importar/", files={"file": ("h.csv", content)}).status_code == 403
