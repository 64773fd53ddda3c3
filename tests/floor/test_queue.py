"""The database is the queue: claimed once, parked after four silent claims, given back without counting (JB-01..04)."""

import time
from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from django.db.models import Q

from portal import clock, queue
from portal.declared import Declared
from tests.factories.threads import at_once

done: list[int] = []


class Job(queue.Claimable):
    name = models.CharField(max_length=10, default="")

    class Meta:
        app_label = "floor_tests"


@pytest.fixture
def jobs(request):
    request.getfixturevalue("transactional_db" if request.node.get_closest_marker("django_db") else "db")
    with connection.schema_editor() as editor:
        editor.create_model(Job)
    done.clear()
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Job)


def work(row):
    with transaction.atomic():
        done.append(row.pk)
        queue.finish(row)


def ripen():
    """Let every pause and lease be over."""
    past = clock.real_now() - timedelta(seconds=1)
    Job.objects.exclude(not_before=None).update(not_before=past)
    Job.objects.exclude(leased_until=None).update(leased_until=past)


def make(count):
    return [Job.objects.create(name=str(number)) for number in range(count)]


def test_a_drain_finishes_everything_once_oldest_first(jobs):
    rows = make(7)
    assert queue.drain(Job, work, limit=3) == 7
    assert queue.drain(Job, work) == 0
    assert done == [row.pk for row in rows]
    assert Job.objects.filter(done_at=None).count() == 0


def test_a_drain_that_has_much_gives_way_and_goes_on_behind_the_others(jobs, monkeypatch):
    woken = []
    monkeypatch.setattr(queue, "_drains", Declared("the drain"))
    monkeypatch.setattr(queue, "_send", woken.append)
    queue.register_drain("jobs", Job)
    make(5)
    assert [queue.drain(Job, work, limit=2, seconds=0) for _ in range(4)] == [2, 2, 1, 0]
    assert woken == ["jobs"] * 3, "whoever finds nothing wakes nobody"


def test_a_claimed_row_waits_for_its_lease(jobs):
    make(1)
    (row,) = queue.claim(Job)
    assert row.attempts == 1
    assert queue.claim(Job) == []
    ripen()
    assert [again.pk for again in queue.claim(Job)] == [row.pk]


def test_a_row_that_is_not_ready_is_not_claimed(jobs):
    make(2)
    assert [row.name for row in queue.claim(Job, ready=Q(name="1"))] == ["1"]


def test_the_row_whose_fourth_claim_ended_without_a_word_is_parked_and_the_others_go_on(jobs, caplog):
    poison, _good = make(2)
    for _ in range(4):
        assert poison.pk in [row.pk for row in queue.claim(Job, ready=Q(pk=poison.pk))]
        ripen()
    assert queue.drain(Job, work) == 1
    poison.refresh_from_db()
    assert poison.parked_at is not None
    assert "parked Job" in caplog.text
    queue.retry(poison)
    assert queue.drain(Job, work) == 1


def test_a_row_that_failed_silently_before_is_claimed_alone(jobs):
    rows = make(3)
    Job.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(attempts=1)
    assert [row.pk for row in queue.claim(Job)] == [rows[2].pk]
    assert [row.pk for row in queue.claim(Job)] == [rows[0].pk]


def test_a_temporary_failure_does_not_count_and_waits_longer_each_time(jobs):
    make(1)
    pauses = []

    def away(row):
        raise queue.GiveBack("correo caído" + "x" * 400)

    for _ in range(6):
        assert queue.drain(Job, away) == 0
        row = Job.objects.get()
        pauses.append((row.not_before - clock.real_now()).total_seconds())
        ripen()
    row = Job.objects.get()
    assert (row.attempts, row.failures, row.parked_at) == (0, 6, None)
    assert row.first_failed_at is not None
    assert len(row.last_error) == 300
    assert pauses[5] > pauses[0] * 8
    assert queue.drain(Job, work) == 1


def test_a_bug_in_one_row_moves_that_row_and_not_the_queue(jobs, caplog):
    bad, _good = make(2)

    def buggy(row):
        if row.pk == bad.pk:
            raise ZeroDivisionError
        work(row)

    for _ in range(5):
        queue.drain(Job, buggy)
        ripen()
    bad.refresh_from_db()
    assert bad.parked_at is not None
    assert bad.last_error == "ZeroDivisionError"
    assert len(done) == 1


def test_a_bug_waits_before_it_is_tried_again(jobs, caplog):
    make(1)

    def buggy(row):
        raise ZeroDivisionError

    queue.drain(Job, buggy)
    row = Job.objects.get()
    assert (row.attempts, row.parked_at) == (1, None)
    assert row.not_before > clock.real_now()


def test_the_slower_of_two_workers_loses_its_effect(jobs):
    make(1)

    def slow(row):
        with transaction.atomic():
            queue.finish(Job.objects.get())
            done.append(1)
        with transaction.atomic():
            queue.finish(row)

    assert queue.drain(Job, slow) == 0
    assert Job.objects.get().done_at is not None


@pytest.mark.django_db(transaction=True)
def test_four_drains_at_once_finish_each_row_once(jobs):
    rows = make(60)

    def slowly(row):
        time.sleep(0.002)
        work(row)

    finished = at_once([lambda: queue.drain(Job, slowly, limit=5)] * 4)
    assert sum(finished) == 60
    assert sorted(done) == [row.pk for row in rows]


@pytest.fixture
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(queue, "_send", found.append)
    return found


def test_a_kick_waits_for_the_commit_and_comes_once_a_transaction(db, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queue.kick("a")
        queue.kick("a")
        queue.kick("b")
        assert sent == []
    assert sent == ["a", "b"]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_kick_does_not_swallow_the_next(sent):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue.kick("a")
        raise ZeroDivisionError
    with transaction.atomic():
        queue.kick("a")
    with transaction.atomic():
        queue.kick("a")
    assert sent == ["a", "a"]


def test_a_broker_that_is_away_is_not_asked_again_for_a_while(monkeypatch, caplog):
    from config.celery import app  # made here: a kick goes through no other

    tried = []

    def away(*args, **options):
        tried.append(args)
        raise OSError("no broker")

    monkeypatch.setattr(app, "send_task", away)
    monkeypatch.setattr(queue, "_pause_until", 0.0)
    queue._send("a")
    queue._send("a")
    assert len(tried) == 1
    assert "broker away" in caplog.text


def test_health_counts_what_waits_what_failed_long_and_what_is_parked(jobs, monkeypatch):
    monkeypatch.setattr(queue, "_drains", Declared("the drain"))
    queue.register_drain("jobs", Job)
    waiting, failing, parked, finished = make(4)
    now = clock.real_now()
    Job.objects.filter(pk=failing.pk).update(first_failed_at=now - timedelta(hours=25))
    queue.park(parked, error="x")
    queue.finish(finished)
    assert queue.health(at=now) == [{"name": "jobs", "waiting": 2, "parked": 1, "failing": 1}]
    assert list(queue.drains()) == [("jobs", Job)]
    assert waiting.done_at is None
