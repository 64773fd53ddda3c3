"""An insurer's certificates: identity, all or nothing per certificate, the same file changes nothing (2.11)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from memberships import selectors, services
from memberships.imports import CERTIFICATES as SPEC
from memberships.models import Condition, CoveredPerson, Member, MemberCoverage, Membership
from memberships.rules.certificates_file import CERTIFICATES
from memberships.services import apply_certificates
from portal import clock
from portal.access import Role
from portal.history.models import AuditEvent
from portal.imports import running
from portal.imports.models import ImportRun
from portal.imports.rules.layouts import Judged, Read
from portal.people.models import Party
from tests.factories import people
from tests.factories import policies as a

pytestmark = pytest.mark.django_db


@pytest.fixture
def insurer() -> Party:
    found = people.an_insurer()
    a.a_whole_policy(party=found, policy_number="GC-00417-02")
    return found


def row(**cells: Any) -> dict[str, Any]:
    told = {"policy": "gc 00417/02", "certificate": "C-1", "kinship": "Titular", "given_name": "Rosa"}
    told |= {"first_surname": "Núñez", "second_surname": "Peña", "born_on": "1991-11-03", "sex": "F"}
    return told | {"curp": "", "rfc": "", "since": "2026-06-01", "until": "", "coverages": "GMM"} | cells


CHILD = row(kinship="hijo", given_name="Iván", born_on="2012-02-29", sex="H", coverages="GMM;GMM_MENORES")


def judge(insurer: Party, read: Read, on: date) -> Judged:
    return running.judge(SPEC, insurer, "", read, None, on=on)


def take(insurer: Party, *rows: dict[str, Any], on: str = "") -> Judged:
    """Import rows, today or at noon of a day."""
    at = datetime.fromisoformat(f"{on}T12:00:00-06:00") if on else clock.now()
    read = CERTIFICATES.read_rows(list(rows))
    judged = judge(insurer, read, clock.date_in(at))
    run, by = ImportRun(sender=insurer), people.user_with_role(Role.AFFILIATION_DESK)
    apply_certificates(run=run, judged=judged, items=read.items, by=by, at=at)
    return judged


def codes(insurer: Party, *rows: dict[str, Any], on: str = "") -> list[tuple[int, str]]:
    read = CERTIFICATES.read_rows(list(rows))
    day = date.fromisoformat(on) if on else clock.today()
    found = judge(insurer, read, day)
    return [(one.row, one.code) for one in (*read.errors, *found.errors)]


def days_of(kind: str) -> list[tuple[str, str]]:
    """On which days a coverage covers, as stored."""
    rows = MemberCoverage.objects.filter(coverage__kind=kind).order_by("since")
    return [(one.since.isoformat(), one.until.isoformat() if one.until else "") for one in rows]


def test_a_certificate_brings_its_people_each_with_a_party_coverages_and_conditions(insurer: Party) -> None:
    run = take(insurer, row(conditions="k35:Apendicitis aguda:1999-07-10; J00 : Resfriado : 2026-01-01"), CHILD)
    assert (len(run.new), run.unchanged, run.errors) == (2, 0, ())
    made = Membership.objects.get(certificate_number="C-1")
    assert (made.kind, made.certificate_state, made.state, made.titular.as_printed) == (
        "policy",
        "active",
        "",
        "Rosa Núñez Peña",
    )
    assert len({one.party_id for one in CoveredPerson.objects.all()}) == 2
    child = Member.objects.get(kinship="child")
    assert {one.coverage.kind for one in child.coverages.all()} == {"major", "minor"}
    assert sorted((one.code, one.name, one.began_on.year) for one in Condition.objects.all()) == [
        ("J00", "Resfriado", 2026),
        ("K35", "Apendicitis aguda", 1999),
    ]
    events = AuditEvent.objects.filter(action="memberships.certificate_received")
    assert [event.details["people"] for event in events] == [2] and "Apendicitis" not in str(
        list(AuditEvent.objects.values())
    )


def test_the_same_rows_again_change_nothing(insurer: Party) -> None:
    rows = [row(conditions="K35:Apendicitis:2026-07-10"), CHILD]
    take(insurer, *rows)
    acts = AuditEvent.objects.filter(action__startswith="memberships.")
    before = CoveredPerson.objects.count(), acts.count()
    run = take(insurer, *rows)
    assert (run.new, run.unchanged) == ((), 2) and (CoveredPerson.objects.count(), acts.count()) == before


def test_a_row_is_the_person_with_its_curp_else_with_name_and_birth_date_else_a_new_one(insurer: Party) -> None:
    curp = "NUPR911103MDFXXS04"
    take(insurer, row(curp=curp))
    take(insurer, row(curp=curp, given_name="Rosa María", rfc="NUPR911103QX4"))
    person = CoveredPerson.objects.get()
    assert (person.as_printed, person.rfc) == ("Rosa María Núñez Peña", "NUPR911103QX4")
    take(insurer, row(given_name="NÚÑEZ", first_surname="Peña Rosa", second_surname="maria"))
    assert CoveredPerson.objects.get().as_printed == "NÚÑEZ Peña Rosa maria"
    assert CoveredPerson.objects.get().curp == curp, "what a file lacks stays"
    again = row(kinship="hija", first_surname="Peña Núñez", second_surname="María")
    assert (2, "person_twice") in codes(insurer, row(curp=curp, given_name="Otra"), again)


def test_one_wrong_row_keeps_its_certificate_out_and_the_others_enter(insurer: Party) -> None:
    rows = [row(), CHILD | {"sex": "M"}, row(certificate="C-2"), CHILD | {"certificate": "C-2", "coverages": "DENTAL"}]
    rows += [row(certificate="C-3"), CHILD | {"certificate": "C-3"}]
    assert codes(insurer, *rows) == [
        (2, "bad_choice"),
        (4, "bad_coverages"),
        (1, "certificate_incomplete"),
        (3, "certificate_incomplete"),
    ]
    take(insurer, *rows)
    assert [one.certificate_number for one in Membership.objects.all()] == ["C-3"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row(policy="GC-417-02")], [(1, "policy_unknown")]),
        ([CHILD], [(1, "titular_missing")]),
        ([row(), row(given_name="Luis")], [(1, "certificate_incomplete"), (2, "two_titulars")]),
        ([row(), row(kinship="hija", given_name="ROSA")], [(1, "certificate_incomplete"), (2, "person_twice")]),
        ([row(until="2026-06-01")], [(1, "stay_reversed")]),
        ([row(born_on="2026-06-02")], [(1, "not_born_yet")]),
        ([row(conditions="K35")], [(1, "bad_condition")]),
        ([row(conditions="K35::2026-01-01")], [(1, "bad_condition")]),
        ([row(conditions="K35:Apendicitis:ayer")], [(1, "bad_date")]),
        ([row(conditions="K35:A:2026-01-01;k35:B:2026-01-01")], [(1, "condition_twice")]),
        ([row(coverages="")], [(1, "bad_coverages")]),
        ([row(coverages="GMM;GMM")], [(1, "bad_coverages")]),
        ([row(given_name="")], [(1, "missing")]),
        ([row(certificate="")], [(1, "missing")]),
        ([row(born_on="1899-12-31")], [(1, "bad_date")]),
        (["x"], [(1, "not_an_object")]),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_cure(
    insurer: Party, rows: list[Any], told: list[tuple[int, str]]
) -> None:
    assert codes(insurer, *rows) == told


def test_a_policy_without_a_year_or_of_another_insurer_takes_nobody(insurer: Party) -> None:
    from tests.factories import memberships as m

    m.a_policy(party=insurer, policy_number="SIN-ANIO")
    assert codes(insurer, row(policy="SIN-ANIO")) == [(1, "policy_unknown")]
    assert codes(people.an_insurer(), row()) == [(1, "policy_unknown")]


def test_a_coverage_that_the_policy_has_not_is_refused(insurer: Party) -> None:
    from tests.factories import memberships as m

    plan = m.a_policy(party=insurer, policy_number="SOLO-GMM")
    a.a_year(plan=plan)
    a.a_coverage(plan=plan)
    assert codes(insurer, row(policy="SOLO-GMM", coverages="GMM_MENORES")) == [(1, "coverage_unknown")]


def test_who_leaves_comes_back_in_a_stay_of_its_own_and_the_certificate_follows_its_titular(insurer: Party) -> None:
    take(insurer, row(), CHILD)
    take(insurer, row(until="2026-09-01"), on="2026-09-01")
    certificate = Membership.objects.get()
    assert certificate.certificate_state == "ended" and Member.objects.count() == 2
    assert Member.objects.get(kinship="child").until is None, "who is not in a file stays as is"
    take(insurer, row(since="2026-10-01"))
    certificate.refresh_from_db()
    assert certificate.certificate_state == "active"
    stays = Member.objects.filter(kinship="titular").order_by("since")
    assert [(one.since.month, one.until and one.until.month) for one in stays] == [(6, 9), (10, None)]
    assert codes(insurer, row(since="2026-08-31")) == [(1, "stays_overlap")]
    assert codes(insurer, row(since="2026-11-01")) == [(1, "since_moved_forward")]


def test_another_titular_takes_over_the_day_the_first_ends_and_two_at_once_are_refused(insurer: Party) -> None:
    luis = row(given_name="Luis", kinship="cónyuge")
    take(insurer, row(), luis)
    assert codes(insurer, luis | {"kinship": "Titular"}) == [(1, "two_titulars")]
    take(insurer, row(until="2026-09-01"), luis | {"until": "2026-09-01"}, on="2026-08-20")
    take(insurer, luis | {"kinship": "Titular", "since": "2026-09-01"}, on="2026-08-20")
    assert Membership.objects.get().titular.given_name == "Rosa", "that day it is still hers"
    services.pass_days(membership=Membership.objects.get(), on=date(2026, 9, 1), at=clock.now())
    assert Membership.objects.get().titular.given_name == "Luis"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (
            ("2026-06-01", "2026-09-01"),
            ("2026-06-01", "2026-10-01"),
            [(1, "certificate_incomplete"), (2, "two_titulars")],
        ),
        (("2026-06-01", "2026-09-01"), ("2026-08-31", ""), [(1, "certificate_incomplete"), (2, "two_titulars")]),
        (("2026-09-01", ""), ("2026-06-01", "2026-09-02"), [(1, "certificate_incomplete"), (2, "two_titulars")]),
        (("2026-06-01", "2026-09-01"), ("2026-09-01", "2026-10-01"), []),
        (("2026-09-01", ""), ("2026-06-01", "2026-09-01"), []),
    ],
)
def test_no_two_titulars_on_one_day_whether_or_not_they_leave(
    insurer: Party, first: tuple[str, str], second: tuple[str, str], told: list[tuple[int, str]]
) -> None:
    rosa = row(since=first[0], until=first[1])
    luis = row(given_name="Luis", since=second[0], until=second[1])
    assert codes(insurer, rosa, luis) == told
    take(insurer, rosa)
    assert codes(insurer, luis) == [(1, code) for _row, code in told[1:]], "also of who stands already"


def test_an_earlier_stay_of_a_titular_counts_too(insurer: Party) -> None:
    take(insurer, row(until="2026-09-01"), on="2026-06-01")
    take(insurer, row(kinship="cónyuge", since="2026-10-01"), on="2026-06-01")
    luis = row(given_name="Luis", since="2026-08-01")
    assert codes(insurer, luis) == [(1, "two_titulars")]
    assert codes(insurer, luis, row(kinship="cónyuge", since="2026-10-01")) == [
        (1, "two_titulars"),
        (2, "certificate_incomplete"),
    ]


def test_a_coverage_that_a_file_names_no_more_ends_that_day_and_what_it_covered_stays(insurer: Party) -> None:
    today = clock.today()
    take(insurer, row(coverages="GMM;GMM_MENORES"))
    take(insurer, row(coverages="GMM_MENORES"))
    stays = {one.coverage.kind: (one.since, one.until) for one in MemberCoverage.objects.all()}
    assert stays == {"major": (date(2026, 6, 1), today), "minor": (date(2026, 6, 1), None)}
    person = CoveredPerson.objects.get()
    before = [one.kind for one in selectors.coverages_on(person, today - timedelta(days=1))]
    assert before == ["major", "minor"] and [one.kind for one in selectors.coverages_on(person, today)] == ["minor"]
    assert take(insurer, row(coverages="GMM_MENORES")).unchanged == 1
    take(insurer, row(coverages="GMM"))
    assert {one.coverage.kind: one.until for one in MemberCoverage.objects.all()} == {"major": None, "minor": today}


def test_a_coverage_named_again_covers_anew_from_the_import_and_not_the_days_between(insurer: Party) -> None:
    both, major = row(coverages="GMM;GMM_MENORES"), row(coverages="GMM")
    take(insurer, both, on="2026-06-01")
    take(insurer, major, on="2026-07-01")
    take(insurer, both, on="2026-09-01")
    minor = [("2026-06-01", "2026-07-01"), ("2026-09-01", "")]
    assert (days_of("major"), days_of("minor")) == ([("2026-06-01", "")], minor)
    person = CoveredPerson.objects.get()
    told = [
        len(selectors.coverages_on(person, date(2026, month, day))) for month, day in ((6, 30), (7, 1), (8, 31), (9, 1))
    ]
    assert told == [2, 1, 1, 2]
    assert take(insurer, both, on="2026-09-01").unchanged == 1 and take(insurer, both).unchanged == 1
    take(insurer, both | {"since": "2026-05-01", "until": "2026-10-01"}, on="2026-09-02")
    assert days_of("minor") == [("2026-05-01", "2026-07-01"), ("2026-09-01", "2026-10-01")]
    take(insurer, major | {"since": "2026-05-01", "until": "2026-10-01"}, on="2026-09-01")
    assert days_of("minor") == [("2026-05-01", "2026-07-01")], "what had not begun goes"
    last_day = both | {"since": "2026-05-01", "until": "2026-09-05"}
    take(insurer, last_day, on="2026-09-05")
    assert days_of("minor") == [("2026-05-01", "2026-07-01")] and take(insurer, last_day).unchanged == 1


def test_a_stay_that_goes_on_after_all_keeps_its_coverages_without_a_gap(insurer: Party) -> None:
    take(insurer, row(until="2026-07-01"), on="2026-06-01")
    take(insurer, row(), on="2026-09-01")
    assert days_of("major") == [("2026-06-01", "")], "the insurer says that it never ended"


def test_a_coverage_that_never_began_leaves_nothing(insurer: Party) -> None:
    ahead = (clock.today() + timedelta(days=9)).isoformat()
    take(insurer, row(since=ahead, coverages="GMM;GMM_MENORES"))
    take(insurer, row(since=ahead, coverages="GMM"))
    assert [one.coverage.kind for one in MemberCoverage.objects.all()] == ["major"]


def test_no_file_takes_away_days_that_were_covered(insurer: Party) -> None:
    take(insurer, row())
    assert codes(insurer, row(since="2026-07-01")) == [(1, "since_moved_forward")]
    assert codes(insurer, row(until="2026-09-01"), on="2026-09-02") == [(1, "until_takes_days")]
    assert codes(insurer, row(until="2026-09-01"), on="2026-09-01") == [], "that day was not covered yet"
    take(insurer, row(since="2026-05-01"))
    assert [one.since for one in Member.objects.all()] == [date(2026, 5, 1)], "earlier is more"
    ended = row(since="2026-05-01", until="2026-09-01")
    take(insurer, ended, on="2026-09-01")
    assert take(insurer, ended, on="2026-10-01").unchanged == 1, "the same file again changes nothing"
    assert codes(insurer, ended | {"until": "2026-08-31"}, on="2026-10-01") == [(1, "until_takes_days")]
    assert codes(insurer, row(certificate="C-9", until="2026-09-01")) == [], "nobody's days: it is new"


def test_a_condition_keeps_its_beginning_and_an_error_does_not_name_it(insurer: Party) -> None:
    take(insurer, row(conditions="K35:Apendicitis:2026-07-10"))
    read = CERTIFICATES.read_rows([row(conditions="K35:Apendicitis:2026-07-11")])
    (error,) = judge(insurer, read, clock.today()).errors
    assert error.code == "condition_began_differs" and "K35" not in error.message
    take(insurer, row(conditions="K35:Apendicitis:2026-07-10;J00:Gripe:2026-08-01"))
    assert Condition.objects.count() == 2 and not Condition.objects.filter(code_index__contains="K35").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT code || name FROM memberships_condition")
        assert all("K35" not in stored and "Gripe" not in stored for (stored,) in cursor.fetchall())


def test_a_certificate_begins_and_ends_by_itself_with_its_titular(insurer: Party) -> None:
    today = clock.today()
    begins, ends = today + timedelta(days=3), today + timedelta(days=9)
    take(insurer, row(since=begins.isoformat(), until=ends.isoformat()))
    certificate = Membership.objects.get()
    assert (certificate.certificate_state, certificate.looks_again_on) == ("ended", begins)
    told = []
    for days in (2, 3, 3, 8, 9, 20):
        on = today + timedelta(days=days)
        passed = services.pass_days(membership=certificate, on=on, at=clock.now())
        certificate.refresh_from_db()
        told.append((passed, certificate.certificate_state, certificate.looks_again_on))
    assert told == [
        (False, "ended", begins),
        (True, "active", ends),
        (False, "active", ends),
        (False, "active", ends),
        (True, "ended", None),
        (False, "ended", None),
    ]
    assert AuditEvent.objects.filter(action="memberships.certificate_passed").count() == 2
