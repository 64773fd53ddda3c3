"""Gapless under threads and rollbacks; the year of central Mexico."""

import json
import random
import threading
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction

from portal.folios.models import IssuedFolio, Series
from portal.folios.selectors import series_states
from portal.folios.services import next_folio, next_folios, void_folio
from tests.guards import guards_asleep

AT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)


def test_numbers_follow_each_other_and_each_series_counts_alone(db):
    assert [next_folio(prefix="FA", at=AT) for _ in range(3)] == ["FA-2026-000001", "FA-2026-000002", "FA-2026-000003"]
    assert next_folio(prefix="LP", at=AT) == "LP-2026-000001"
    assert next_folio(prefix="OF", office="DAM", at=AT) == "OF-DAM-2026-000001"
    assert next_folio(prefix="OF", office="DRH", at=AT) == "OF-DRH-2026-000001"
    assert IssuedFolio.objects.get(folio="FA-2026-000002").number == 2
    assert str(IssuedFolio.objects.get(number=3)) == "FA-2026-000003"
    assert sorted(str(series) for series in Series.objects.all()) == [
        "FA 2026",
        "LP 2026",
        "OF DAM 2026",
        "OF DRH 2026",
    ]


def test_the_year_is_that_of_central_mexico(db):
    assert next_folio(prefix="FA", at=datetime(2027, 1, 1, 5, 59, tzinfo=UTC)) == "FA-2026-000001"
    assert next_folio(prefix="FA", at=datetime(2027, 1, 1, 6, 0, tzinfo=UTC)) == "FA-2027-000001"


def test_an_unknown_series_is_a_bug(db):
    with pytest.raises(ValueError):
        next_folio(prefix="ZZ", at=AT)


def test_a_rollback_gives_the_number_back(db):
    next_folio(prefix="FA", at=AT)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert next_folio(prefix="FA", at=AT) == "FA-2026-000002"
        raise ZeroDivisionError
    assert next_folio(prefix="FA", at=AT) == "FA-2026-000002"


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_with_rollbacks_leave_no_gap_and_no_double():
    given, lost, errors = [], [], []
    chance = random.Random(7)
    failing = set(chance.sample(range(50), 17))
    start = threading.Barrier(10)

    def issue(batch):
        try:
            start.wait()
            for number in batch:
                try:
                    with transaction.atomic():
                        folio = next_folio(prefix="FA", at=AT)
                        if number in failing:
                            raise ZeroDivisionError
                    given.append(folio)
                except ZeroDivisionError:
                    lost.append(folio)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=issue, args=(range(first, 50, 10),)) for first in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not errors
    assert len(lost) == 17
    assert sorted(given) == [f"FA-2026-{number:06d}" for number in range(1, 34)]
    assert list(IssuedFolio.objects.order_by("number").values_list("folio", flat=True)) == sorted(given)


def test_one_series_per_prefix_office_year(db):
    Series.objects.create(prefix="FA", year=2026)
    with pytest.raises(IntegrityError, match="one_series_per_prefix_office_year"), transaction.atomic():
        Series.objects.create(prefix="FA", year=2026)


def test_one_folio_per_number_and_numbers_count_from_one(db):
    series = Series.objects.create(prefix="FA", year=2026)
    IssuedFolio.objects.create(folio="a", series=series, number=1, at=AT)
    with pytest.raises(IntegrityError, match="one_folio_per_number"), transaction.atomic():
        IssuedFolio.objects.create(folio="b", series=series, number=1, at=AT)
    with pytest.raises(IntegrityError, match="folios_count_from_one"), transaction.atomic():
        IssuedFolio.objects.create(folio="c", series=series, number=0, at=AT)
    with pytest.raises(IntegrityError, match="folio"), transaction.atomic():
        IssuedFolio.objects.create(folio="a", series=series, number=2, at=AT)


def test_many_numbers_are_given_at_once_and_follow_each_other(db):
    next_folio(prefix="LQ", at=AT)
    assert next_folios(prefix="LQ", count=3, at=AT) == ["LQ-2026-000002", "LQ-2026-000003", "LQ-2026-000004"]
    assert next_folio(prefix="LQ", at=AT) == "LQ-2026-000005"
    with pytest.raises(ValueError, match="cannot give 0 folios"):
        next_folios(prefix="LQ", count=0, at=AT)


def test_a_void_folio_keeps_its_number_S2_41(db):
    first = next_folio(prefix="OF", office="DFB", at=AT)
    void_folio(folio=first, at=AT)
    void_folio(folio=first, at=datetime(2026, 12, 1, tzinfo=UTC))
    assert IssuedFolio.objects.get(folio=first).voided_at == AT
    assert next_folio(prefix="OF", office="DFB", at=AT) == "OF-DFB-2026-000002"
    with pytest.raises(ValueError, match="was never given"):
        void_folio(folio="OF-DFB-2026-000009", at=AT)
    with pytest.raises(IntegrityError, match="folio_is_void_after_it_was_given"), transaction.atomic():
        IssuedFolio.objects.filter(voided_at=None).update(voided_at=datetime(2020, 1, 1, tzinfo=UTC))


def test_series_tell_what_was_given_what_is_void_and_what_lacks_its_paper_S2_41(db):
    given = next_folios(prefix="OF", office="DFB", count=9, at=AT)
    for folio in given[3:5]:
        void_folio(folio=folio, at=AT)
    next_folios(prefix="RB", count=2, at=AT)
    next_folios(prefix="OF", office="DGR", count=5, at=AT)
    with guards_asleep(IssuedFolio):
        IssuedFolio.objects.get(folio="OF-DGR-2026-000004").delete()
    told = [
        (one.prefix, one.office, one.year, one.last, one.issued, one.voided, one.missing) for one in series_states()
    ]
    assert told == [
        ("OF", "DFB", 2026, 9, 9, 2, []),
        ("OF", "DGR", 2026, 5, 4, 0, [4]),
        ("RB", "", 2026, 2, 2, 0, []),
    ]
    assert [one.prefix for one in series_states(prefix="RB")] == ["RB"]


def test_the_auditors_command_answers_one_series_a_line(db, capsys):
    next_folio(prefix="RB", at=AT)
    call_command("folio-series", "--prefix", "RB")
    assert json.loads(capsys.readouterr().out) == {
        "prefix": "RB",
        "office": None,
        "year": 2026,
        "last": 1,
        "issued": 1,
        "voided": 0,
        "missing": [],
    }
    with pytest.raises(CommandError):
        call_command("folio-series", "--prefix", "ZZ")
