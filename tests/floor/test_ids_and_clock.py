"""Identifiers that we make, and what now is."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock, ids


def test_a_uuid7_carries_version_variant_and_the_millisecond():
    before = clock.real_now()
    made = ids.uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    stamp = datetime.fromtimestamp((made.int >> 80) / 1000, tz=UTC)
    assert before - timedelta(milliseconds=2) <= stamp <= clock.real_now() + timedelta(milliseconds=2)


def test_ten_thousand_uuids_and_codes_never_repeat_and_follow_time():
    made = [ids.uuid7() for _ in range(10_000)]
    assert len(set(made)) == 10_000
    order = [found.int >> 64 for found in made]  # the quarter microsecond too: rows of one moment keep their order
    assert order == sorted(order)
    codes = {ids.short_code() for _ in range(10_000)}
    assert len(codes) == 10_000
    assert all(len(code) == 19 and set(code) <= set(ids.CODE_ALPHABET + "-") for code in codes)
    assert not set("ILOU") & set(ids.CODE_ALPHABET)
    assert len(ids.short_code(2)) == 9


def test_threads_share_no_uuid():
    made = []
    threads = [threading.Thread(target=lambda: made.extend(ids.uuid7() for _ in range(1000))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(made)) == 8000


def test_dates_are_those_of_the_zone():
    at = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    assert clock.date_in(at) == date(2026, 11, 22)
    assert clock.date_in(at, "America/Santiago") == date(2026, 11, 23)


@pytest.fixture
def ahead(monkeypatch):
    monkeypatch.setattr(clock, "_offset", clock._offset)
    clock.register_offset(lambda: timedelta(days=10))


def test_the_demo_moves_the_products_time_and_leaves_the_real_one(ahead):
    assert abs(clock.now() - clock.real_now() - timedelta(days=10)) < timedelta(minutes=1)
    assert clock.today() == clock.date_in(clock.now())
    assert clock.now().tzinfo is not None
