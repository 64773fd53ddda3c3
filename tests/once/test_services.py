"""Once per key, however often it arrives and whatever dies in between (MO-04); throttles (AU-10)."""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.template import Context, Template

from portal import clock
from portal.errors import Conflict, RuleBroken, TooMany
from portal.once import rules, services
from portal.once.models import IdempotencyKey, Throttle
from portal.once.rules import Answer
from portal.once.tasks import sweep
from tests.factories import people
from tests.factories.threads import LONG, at_once, somebody_waits

KEY = "0123456789abcdef"


@pytest.fixture
def person(db):
    return people.a_person()


def do(person, act, *, key=KEY, body="b" * 64, scope="test.act"):
    return services.once(user_id=person.pk, scope=scope, key=key, body_sha256=body, act=act)


def held_by_another(person, *, locked_for):
    """The key of `do`, taken by an attempt that has not answered; its lock ends `locked_for` from now."""
    now, attempt = clock.real_now(), person.pk
    same = {"user": person, "scope": "test.act", "key": KEY, "body_sha256": "b" * 64, "created_at": now}
    return IdempotencyKey.objects.create(**same, attempt=attempt, locked_until=now + locked_for)


def counted(effects, answer=None):
    def act():
        effects.append(1)
        return answer or Answer(302, location="/listo/")

    return act


def test_a_repetition_gets_the_same_answer_and_has_no_effect(person):
    effects = []
    first = do(person, counted(effects, Answer(201, body={"folio": "FA-2026-000001"}, headers={"HX-Redirect": "/x/"})))
    again = do(person, counted(effects))
    assert first == again == Answer(201, body={"folio": "FA-2026-000001"}, headers={"HX-Redirect": "/x/"})
    assert len(effects) == 1


def test_keys_belong_to_a_person_and_a_scope(person):
    effects = []
    do(person, counted(effects))
    do(person, counted(effects), scope="test.other")
    do(people.a_person(), counted(effects))
    do(person, counted(effects), key="another-key")
    assert len(effects) == 4


def test_the_same_key_with_another_body_is_a_conflict(person):
    effects = []
    do(person, counted(effects))
    with pytest.raises(Conflict) as refused:
        do(person, counted(effects), body="c" * 64)
    assert (refused.value.code, refused.value.status, len(effects)) == ("once_other_body", 409, 1)


def test_a_refused_act_leaves_nothing_and_its_key_free(person):
    def refuse():
        people.a_person(email="no@queda.mx")
        raise RuleBroken("No se puede.")

    with pytest.raises(RuleBroken):
        do(person, refuse)
    assert not IdempotencyKey.objects.exists()
    assert not type(person).objects.filter(email="no@queda.mx").exists()
    effects = []
    do(person, counted(effects), body="c" * 64)
    assert len(effects) == 1


@pytest.mark.parametrize(("status", "kept"), [(399, True), (400, False), (422, False), (503, False)])
def test_an_answer_of_400_or_more_is_not_kept(person, status, kept):
    assert do(person, lambda: Answer(status)).status == status
    assert IdempotencyKey.objects.exists() is kept


def test_running_is_a_409_that_says_when_to_come_back(person):
    def inside():
        with pytest.raises(services.StillRunning) as refused:
            do(person, counted([]))
        assert refused.value.status == 409
        assert 1 <= refused.value.retry_after <= 60
        return Answer(204)

    assert do(person, inside).status == 204


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_key_that_its_holder_gives_up_takes_it(person):
    """The holder was refused between our two looks: the key is free again, and ours goes ahead."""
    held_by_another(person, locked_for=rules.LOCK)
    effects = []
    waiter = threading.Thread(target=lambda: (do(person, counted(effects)), connections.close_all()))
    with transaction.atomic():
        held = IdempotencyKey.objects.select_for_update().get()
        waiter.start()
        assert somebody_waits(), "nobody ever waited for the key"
        held.delete()
    waiter.join(LONG)
    assert not waiter.is_alive() and effects == [1]
    assert IdempotencyKey.objects.get().state == IdempotencyKey.State.DONE


def test_a_key_whose_worker_died_is_taken_over(person):
    held_by_another(person, locked_for=-timedelta(seconds=1))
    effects = []
    do(person, counted(effects))
    do(person, counted(effects))
    assert len(effects) == 1


def test_an_act_that_outlived_its_lock_and_was_done_meanwhile_is_not_done_again(person, monkeypatch):
    held_by_another(person, locked_for=-timedelta(seconds=1))
    stands, effects = services._Stands, []

    def looked(*row):
        IdempotencyKey.objects.update(state=IdempotencyKey.State.DONE, status=302)
        return stands(*row)

    monkeypatch.setattr(services, "_Stands", looked)
    with pytest.raises(services.StillRunning):
        do(person, counted(effects))
    assert not effects and IdempotencyKey.objects.get().status == 302


def test_an_act_that_outlived_its_lock_is_rolled_back(person):
    effects = []

    def slow():
        people.a_person(email="tarde@ejemplo.mx")
        IdempotencyKey.objects.update(locked_until=clock.real_now() - timedelta(seconds=1))
        do(person, counted(effects))
        return Answer(302, location="/tarde/")

    with pytest.raises(services.LostKey):
        do(person, slow)
    assert not type(person).objects.filter(email="tarde@ejemplo.mx").exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_have_one_effect():
    person = people.a_person()

    def act():
        time.sleep(0.1)
        people.a_party(name="EFECTO")
        return Answer(302, location="/listo/")

    answers = at_once([lambda: do(person, act)] * 20)
    from portal.people.models import Party

    assert {type(answer) for answer in answers} <= {Answer, services.StillRunning}, answers
    assert Party.objects.filter(name="EFECTO").count() == 1
    assert {answer.location for answer in answers if isinstance(answer, Answer)} == {"/listo/"}
    assert do(person, act).location == "/listo/"


@pytest.mark.django_db(transaction=True)
def test_a_taken_over_key_lets_one_of_both_commit():
    person = people.a_person()
    inside, taken = threading.Event(), threading.Event()
    errors = []

    def slow():
        people.a_party(name="LENTO")
        inside.set()
        taken.wait(LONG)
        return Answer(302, location="/lento/")

    def first():
        try:
            do(person, slow)
        except services.LostKey as error:
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(LONG)
    IdempotencyKey.objects.update(locked_until=clock.real_now() - timedelta(seconds=1))
    assert do(person, lambda: Answer(302, location="/segundo/")).location == "/segundo/"
    taken.set()
    thread.join()
    from portal.people.models import Party

    assert len(errors) == 1
    assert not Party.objects.filter(name="LENTO").exists()
    assert do(person, slow).location == "/segundo/"


AN_HOUR = timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_an_act_leaves_its_transaction_for_slow_work_and_keeps_its_key():
    person = people.a_person()

    def act():
        assert connection.in_atomic_block
        for _ in range(2):
            with services.outside_transaction(lasting=AN_HOUR):
                assert not connection.in_atomic_block and connection.get_autocommit()
                key = IdempotencyKey.objects.get()
                assert key.state == "running" and key.locked_until > clock.real_now() + AN_HOUR
        people.a_party(name="DESPUÉS")
        raise RuleBroken("No se puede.")

    with pytest.raises(RuleBroken):
        do(person, act)
    assert not people.Party.objects.filter(name="DESPUÉS").exists() and not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_slow_work_comes_before_the_first_write_or_is_a_bug():
    """Inside a service's own transaction, after a row was written, and outside any act while a transaction is open."""
    person, late = people.a_person(), []

    def examined():
        with services.outside_transaction(lasting=AN_HOUR):
            return Answer(204)

    def inside():
        with transaction.atomic():
            return examined()

    def after_a_write():
        late.append(services.is_too_late_for_slow_work())
        people.a_party(name="ANTES")
        late.append(services.is_too_late_for_slow_work())
        return examined()

    for act, why in ((inside, "inside a transaction"), (after_a_write, "examined first")):
        with pytest.raises(RuntimeError, match=why):
            do(person, act)
        assert not IdempotencyKey.objects.exists()
    assert not people.Party.objects.filter(name="ANTES").exists()
    with pytest.raises(RuntimeError, match="inside a transaction"):
        inside()
    assert examined().status == do(person, examined).status == 204
    with services.whole_transaction():  # what is all or nothing on purpose
        assert examined().status == do(person, after_a_write, key="whole-key").status == 204
        assert connection.in_atomic_block
    assert late == [False, True, False, False]
    with pytest.raises(RuntimeError, match="inside a transaction"):
        inside()


def test_a_key_taken_over_during_slow_work_stops_the_act(person):
    def act():
        IdempotencyKey.objects.update(attempt=person.pk)
        with services.outside_transaction(lasting=AN_HOUR):
            pytest.fail("the other one does it")

    with pytest.raises(services.LostKey):
        do(person, act)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_during_slow_work_is_said_as_it_is(monkeypatch):
    person = people.a_person()

    def gone(_self):
        raise OperationalError("server closed the connection")

    def act():
        with services.outside_transaction(lasting=AN_HOUR):
            monkeypatch.setattr(services._Act, "begin", gone)

    with pytest.raises(OperationalError):
        do(person, act)
    assert not connection.in_atomic_block and not IdempotencyKey.objects.exists()


def test_a_throttle_counts_and_says_no_above_its_limit(db, still_clock):
    for number in range(1, 4):
        assert services.throttle(scope="s", key="k", limit=3, window=300) == number
    with pytest.raises(TooMany) as refused:
        services.throttle(scope="s", key="k", limit=3, window=timedelta(minutes=5), instead="escríbenos")
    assert 1 <= refused.value.retry_after <= 300
    assert refused.value.message.startswith("Hiciste muchos intentos. Espera ")
    assert refused.value.message.endswith(" o escríbenos.")
    assert services.throttle(scope="s", key="other", limit=3, window=300) == 1
    assert Throttle.objects.get(scope="s", key="k").count == 4


def test_the_tries_of_an_earlier_window_count_no_more(db):
    start = rules.window_start(clock.real_now(), timedelta(seconds=300))
    with time_machine.travel(start, tick=False) as moved:
        for _ in range(3):
            services.throttle(scope="s", key="k", limit=3, window=300)
        moved.move_to(start + timedelta(seconds=299))
        with pytest.raises(TooMany) as refused:
            services.throttle(scope="s", key="k", limit=3, window=300)
        assert refused.value.retry_after == 1
        moved.move_to(start + timedelta(seconds=300))
        assert services.throttle(scope="s", key="k", limit=3, window=300) == 1


def allowed(key="k", limit=5, window=300):
    return services.Allowance("s", key, limit, window)


def test_a_try_is_counted_before_it_is_judged_and_given_back_when_right(db, still_clock):
    for _ in range(20):
        services.give_back(taken=services.take(allowed(), allowed("address", 10)))
    assert set(Throttle.objects.values_list("count", flat=True)) == {0}
    for _ in range(5):
        services.take(allowed(), allowed("address", 10))
    with pytest.raises(TooMany) as refused:
        services.take(allowed("address", 10), allowed(), instead="escríbenos")
    assert 1 <= refused.value.retry_after <= 300 and refused.value.message.endswith(" o escríbenos.")
    assert dict(Throttle.objects.values_list("key", "count")) == {"k": 5, "address": 5}, "a refused try counts nowhere"


def test_a_try_is_given_back_in_the_window_it_was_counted_in(db):
    start = rules.window_start(clock.real_now(), timedelta(seconds=300))
    with time_machine.travel(start + timedelta(seconds=299), tick=False) as moved:
        taken = services.take(allowed())
        moved.move_to(start + timedelta(seconds=300))
        services.take(allowed())
        services.give_back(taken=taken)
        services.give_back(taken=taken)
        assert list(Throttle.objects.order_by("window_start").values_list("count", flat=True)) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_tries_at_once_five_are_judged(at_noon):
    """Asked in any order by two kinds of caller, they neither pass the limit nor wait for each other for ever."""
    mine = [allowed(), allowed("address", 100)]
    answers = at_once([lambda: services.take(*mine)] * 20)
    judged = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(judged) == 5 and sum(isinstance(answer, TooMany) for answer in answers) == 15
    at_once([lambda one=one: services.give_back(taken=one) for one in judged])
    assert dict(Throttle.objects.values_list("key", "count")) == {"k": 0, "address": 0}


@pytest.mark.django_db(transaction=True)
def test_a_plain_throttle_lets_no_more_through_at_once_either(at_noon):
    answers = at_once([lambda: services.throttle(scope="s", key="k", limit=5, window=300)] * 20)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 5


def test_a_long_throttle_key_is_stored_as_its_digest(db):
    services.throttle(scope="s", key="x" * 65, limit=3, window=300)
    assert len(Throttle.objects.get().key) == 64
    assert str(Throttle.objects.get()) == "s 1"


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted(still_clock):
    def count():
        return [services.throttle(scope="s", key="k", limit=1000, window=86400) for _ in range(10)]

    counted = at_once([count] * 5)
    assert sorted(number for mine in counted for number in mine) == list(range(1, 51))
    assert Throttle.objects.get(scope="s", key="k").count == 50


def test_the_sweep_removes_what_is_old_and_nothing_else(person):
    now = clock.real_now()
    for days, key in ((8, "old-key-1"), (6, "new-key-1")):
        IdempotencyKey.objects.create(
            user=person,
            scope="s",
            key=key,
            body_sha256="",
            attempt=person.pk,
            locked_until=now,
            created_at=now - timedelta(days=days),
        )
    Throttle.objects.create(scope="s", key="a", window_start=now - timedelta(days=2))
    Throttle.objects.create(scope="s", key="b", window_start=now)
    assert sweep() == 2
    assert sweep() == 0
    assert str(IdempotencyKey.objects.get()) == "s new-key-1"


def test_named_constraints(person):
    now = clock.real_now()
    fields = {
        "user": person,
        "scope": "s",
        "body_sha256": "",
        "attempt": person.pk,
        "locked_until": now,
        "created_at": now,
    }
    IdempotencyKey.objects.create(key="k", **fields)
    with pytest.raises(IntegrityError, match="one_key_per_person_and_scope"), transaction.atomic():
        IdempotencyKey.objects.create(key="k", **fields)
    with pytest.raises(IntegrityError, match="done_key_has_its_answer"), transaction.atomic():
        IdempotencyKey.objects.create(key="l", state="done", **fields)
    Throttle.objects.create(scope="s", key="b", window_start=now)
    with pytest.raises(IntegrityError, match="one_counter_per_window"), transaction.atomic():
        Throttle.objects.create(scope="s", key="b", window_start=now)


def test_the_tag_makes_a_field_with_a_fresh_key():
    shown = [Template("{% once_key %}").render(Context()) for _ in range(2)]
    assert shown[0] != shown[1]
    assert shown[0].startswith('<input type="hidden" name="idempotency_key" value="')
    assert [rules.is_key(field.split('value="')[1].partition('"')[0]) for field in shown] == [True, True]


@pytest.mark.django_db
def test_the_last_run_of_a_name_is_kept_with_what_it_told():
    first, second = clock.real_now(), clock.real_now() + timedelta(seconds=5)
    services.note_run(name="papers.sweep", at=first, told={"parts": 1})
    services.note_run(name="drain.audit", at=first, told=3)
    services.note_run(name="worker", at=first)
    services.note_run(name="papers.sweep", at=second)
    told = {name: (run.at, run.told) for name, run in services.last_runs().items()}
    assert told == {"papers.sweep": (second, {}), "drain.audit": (first, {"count": 3}), "worker": (first, {})}
