"""Every registered kind of import keeps the same promises; a kind that is not in this table fails the first test."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from config.demo.scenes import treasury as bank_scene
from config.demo.uploads import upload_of
from portal import clock
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.imports import registry, selectors, services, staging
from portal.imports.models import ImportRun
from portal.people.models import Party, User
from portal.people.selectors import operator
from portal.treasury import services as treasury
from tests.api.callers import Caller, own_token
from tests.claims import test_tables as tables
from tests.factories import billing as orders_of
from tests.factories import claims, people, policies
from tests.factories import collections as deposits
from tests.factories import treasury as batches
from tests.factories.memberships import a_plan
from tests.imports import long_files
from tests.memberships.test_affiliations_file import families_file
from tests.memberships.test_policy_pages import HEAD, IVAN, ROSA

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Delivery:
    """A right file of two rows, who sends it, and how one row of it goes wrong: (old, new, what its error is about).

    `subject` is what a person types where the kind is about one thing. A kind whose wrong row refuses the file has no
    third word.
    """

    by: User
    sender: Party
    content: bytes
    wrong: tuple[bytes, bytes, str]
    subject: str = ""
    declared: dict[str, Any] | None = None
    totals: tuple[str, ...] = ()


def _orders() -> Delivery:
    content = long_files.text(long_files.orders(2))
    totals = ("--total", "rows=2", "--total", "payable=2600.00")
    wrong = (b"CTA-1", b"", "cuenta")
    return Delivery(people.reviewer(), orders_of.insurer(), content, wrong, "", long_files.told(2), totals)


def _movements() -> Delivery:
    lines = deposits.row("", "480.00", key="K1") + deposits.row("", "9.00", key="K2")
    wrong = (b"9.00", b"nueve", "Importe con signo")
    totals = ("--total", "rows=2")
    return Delivery(
        deposits.clerk(), operator(), (deposits.HEAD + lines).encode(), wrong, "mx-collections", None, totals
    )


def _answers() -> Delivery:
    desk, doctor = batches.desk(), batches.physician()
    batches.validated(doctor)
    batch = batches.locked(doctor, desk)
    treasury.export_bank_file(batch=batch, by=desk.preparer, at=batches.NOW)
    content = bank_scene.bank_answer(batch, on=batches.TODAY)
    wrong = (b"pagada", b"quizas", "")
    totals = ("--total", "rows=1")
    return Delivery(desk.preparer, operator(), content, wrong, batch.folio or "", None, totals)


def _certificates() -> Delivery:
    plan = policies.a_whole_policy(policy_number="GC-00417-02")
    totals = ("--total", "rows=2", "--total", "certificates=2")
    wrong = (b"2012-02-29", b"2012-02-31", "nacimiento")
    return Delivery(people.affiliator(), plan.party, (HEAD + ROSA + IVAN).encode(), wrong, "", None, totals)


def _affiliations() -> Delivery:
    people.the_operator()
    wrong = (b"2015-02-28", b"2015-02-31", "nacimiento")
    totals = ("--total", "rows=2", "--total", "families=1")
    return Delivery(people.affiliator(), operator(), families_file(a_plan().name).encode(), wrong, "", None, totals)


def _hospitals() -> Delivery:
    people.the_operator()
    rfc = people.an_insurer().rfc
    rows = [f"{rfc},H-{number},Hospital del Valle,Puebla,Puebla,2026-01-0{number}," for number in (1, 2)]
    content = "\n".join([tables.HEAD, *rows]).encode()
    wrong = (b"2026-01-02", b"2026-13-02", "desde")
    return Delivery(people.administrator(), operator(), content, wrong, "", None, ("--total", "rows=2"))


def _openings() -> Delivery:
    people.the_operator()
    family = claims.a_family(plan=policies.a_whole_policy(policy_number="GC-00417-02"))
    titular, whose = family.titular, f"GC-00417-02,{family.certificate.certificate_number}"
    year = family.plan.coverages.get(kind="major").terms.order_by("year__since")[0].year.since
    rows = [
        f"{whose},{titular.as_printed},{titular.born_on},GMM,{policies.a_condition(person=titular, code=code).code},"
        f"{year},{amount},0.00"
        for code, amount in (("K35", "100.00"), ("K36", "50.00"))
    ]
    content = "\n".join([tables.BEFORE, *rows]).encode()
    totals = ("--total", "rows=2", "--total", "covered=150.00", "--total", "paid=0.00")
    return Delivery(people.administrator(), operator(), content, (b"50.00,", b"cien,", "cubierto"), "", None, totals)


KINDS: dict[str, Callable[[], Delivery]] = {
    "billing.orders": _orders,
    "treasury.movements": _movements,
    "treasury.bank_answers": _answers,
    "memberships.affiliations": _affiliations,
    "memberships.certificates": _certificates,
    "claims.hospitals": _hospitals,
    "claims.openings": _openings,
}


def test_every_registered_kind_is_in_the_table_and_too_long_for_a_request_goes_to_the_drain() -> None:
    assert set(registry._specs) == set(KINDS) == {*CALLS, "treasury.bank_answers"}
    assert registry.spec_of("treasury.bank_answers").layout.max_rows == staging.AT_ONCE, "its own row is read at once"


def _asked(kind: str, told: Delivery) -> dict[str, Any]:
    spec = registry.spec_of(kind)
    subject = spec.find(told.subject, told.by)[1] if spec.find else ""
    who = {"sender": told.sender, "subject_id": subject, "by": told.by, "at": clock.now()}
    return {"kind": kind, "declared": told.declared} | who


def _told_by_a_command(kind: str, told: Delivery, file: Path) -> dict[str, Any]:
    """What `import-file --dry-run` says of the right file."""
    file.write_bytes(told.content)
    whose, out = ["--subject", told.subject] if told.subject else ["--sender", told.sender.rfc], io.StringIO()
    call_command("import-file", kind, str(file), *whose, *told.totals, by=told.by.email, dry_run=True, stdout=out)
    return dict(json.loads(out.getvalue()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_keeps_what_imports_promise(kind: str, tmp_path: Path) -> None:
    told = KINDS[kind]()
    asked, spec = _asked(kind, told), registry.spec_of(kind)

    def read(content: bytes) -> ImportRun:
        return services.read_file(upload=upload_of("archivo.csv", content), **asked)

    acts = AuditEvent.objects.count()
    dry = _told_by_a_command(kind, told, tmp_path / "archivo.csv")
    assert dry["new"] == dry["rows"] > 0 and not ImportRun.objects.exists() and AuditEvent.objects.count() == acts
    headings = next(csv.reader([selectors.template_file(spec).decode().removeprefix("\ufeff")]))
    assert headings == [one.heading for one in spec.layout.fields]
    old, new, about = told.wrong
    wrong = told.content.replace(old, new, 1)
    if about:
        run = read(wrong)
        rows = selectors.wrong_rows(run)
        assert about in {column for _row, column, _cure in rows} and all(
            row > 1 and cure for row, _column, cure in rows
        )
        assert run.wrong == len(rows), "one row alone, or with what is all or nothing beside it"
        assert about in selectors.errors_file(run).decode()
        if run.is_open:
            services.cancel_run(run=run, by=told.by, at=asked["at"])
    else:
        with pytest.raises(RuleBroken) as refused:
            read(wrong)
        assert refused.value.findings and not ImportRun.objects.exists()
    first = read(told.content)
    assert read(told.content).pk == first.pk, "the same bytes are the run that stands"
    services.cancel_run(run=first, by=told.by, at=asked["at"])
    again = read(told.content)
    assert again.pk != first.pk and again.is_open, "cancelled, it comes again"
    page = people.signed_in(told.by).get(reverse("imports:run", args=[again.pk]), follow=True)
    assert page.status_code == 200 and again.agrees
    done = services.apply_run(run=again, by=told.by, at=asked["at"])
    assert (done.state, done.new) == ("applied", dry["new"]) and read(told.content).pk == done.pk


# Where a kind's runs are called, and by which scopes.
CALLS = {
    "billing.orders": ("mesa/ordenes/importaciones/", "billing:read", "billing:write"),
    "treasury.movements": ("depositos/archivos/", "treasury:read", "treasury:write"),
    "memberships.affiliations": ("mesa/afiliaciones/importaciones/", "memberships:read", "memberships:write"),
    "memberships.certificates": ("mesa/certificados/importaciones/", "memberships:read", "memberships:write"),
    "claims.hospitals": ("mesa/hospitales/importaciones/", "claims:read", "claims:write"),
    "claims.openings": ("mesa/acumulados/importaciones/", "claims:read", "claims:write"),
}


@pytest.mark.parametrize("kind", CALLS)
def test_a_long_file_of_a_kind_is_read_and_applied_by_the_drain(kind: str, monkeypatch) -> None:
    told = KINDS[kind]()
    monkeypatch.setattr(staging, "AT_ONCE", 1)
    run = services.read_file(upload=upload_of("archivo.csv", told.content), **_asked(kind, told))
    browser, page = people.signed_in(told.by), reverse("imports:run", args=[run.pk])
    assert (run.rows, run.is_working) == (0, True) and "Estamos leyendo" in browser.get(page).content.decode()
    run = long_files.worked(run)
    assert (run.rows, run.new, run.agrees) == (2, 2, True)
    later = Caller(own_token(told.by, *CALLS[kind][1:])).post(f"{CALLS[kind][0]}{run.pk}/aplicar/")
    assert (later.status_code, later.json()["working"]) == (202, True), later.json()
    assert (later["Location"], later["Retry-After"]) == (f"/api/v1/{CALLS[kind][0]}{run.pk}/", "2")
    assert "Estamos aplicando 2 renglones" in browser.get(page, follow=True).content.decode()
    assert long_files.worked(run).state == "applied"
