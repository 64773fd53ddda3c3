"""Recording, sealing, and finding who tampered (AD-01, AD-03, AD-04)."""

import json
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from portal import clock
from portal.history import head, rules, selectors, services
from portal.history.context import Origin, origin
from portal.history.models import AccessEvent, AuditEvent, AuditSeal
from portal.history.tasks import seal
from tests.factories import people
from tests.factories.threads import LONG, at_once
from tests.history.conftest import AT


def record(person, number=1, **more):
    return services.record(action="people.signed_up", subject=person, by=person, at=AT, details={"n": number}, **more)


def test_an_act_is_recorded_with_both_times_and_its_origin(person):
    token = origin.set(Origin("7F3K-21QX", "10.0.0.9"))
    event = record(person, reason="porque sí", party_id=person.pk)
    origin.reset(token)
    event.refresh_from_db()
    assert (event.at, event.by, event.subject_type, event.subject_id) == (AT, person, "people.user", str(person.pk))
    assert abs(event.real_at - clock.real_now()) < timedelta(minutes=1)
    assert (event.request_id, event.ip, event.reason, event.party_id) == (
        "7F3K-21QX",
        "10.0.0.9",
        "porque sí",
        person.pk,
    )
    assert event.details == {"n": 1}


def test_an_event_names_the_roles_it_was_done_in(db):
    reviewer = people.reviewer()
    assert record(reviewer).acting_as == "reviewer"
    assert services.record(action="x.y", subject=reviewer, by=None, at=AT).acting_as == ""


def test_an_act_that_is_rolled_back_leaves_no_event(person):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(person)
        raise ZeroDivisionError
    assert not AuditEvent.objects.exists()


def test_a_timeline_is_one_subjects_events_oldest_first(person):
    other = people.a_person()
    first, second = record(person, 1), record(person, 2)
    record(other)
    assert list(selectors.timeline(person)) == [first, second]
    assert selectors.events().first().subject_id == str(other.pk)


def test_a_reading_is_recorded_with_its_reader(person):
    services.record_access(subject=person, by=person, at=AT, reason="revisión")
    assert [reading.by for reading in selectors.accesses().filter(subject_id=str(person.pk))] == [person]


def test_every_row_gets_one_seal_in_order_and_a_second_drain_adds_none(person):
    events = [record(person, number) for number in range(5)]
    services.record_access(subject=person, by=person, at=AT)
    assert seal() == 6
    assert seal() == 0
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert [s.event for s in AuditSeal.objects.order_by("number")[:5]] == events
    record(person)
    assert services.seal_events() == 1
    report = selectors.verify(at=clock.real_now())
    assert (report.holds, report.checked, report.unsealed) == (True, 7, 0)


def test_more_than_one_batch_is_sealed_in_one_go(person, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 3)
    for number in range(7):
        record(person, number)
    assert services.seal_events() == 7
    assert selectors.verify(at=clock.real_now()).holds


def test_an_empty_record_is_whole(db):
    assert selectors.verify(at=clock.real_now()) == rules.Report(0, 0, None)


def test_an_event_with_a_forged_signature_is_never_sealed_and_is_named(person, caplog):
    record(person)
    forged = record(person)
    tamper(f"UPDATE history_auditevent SET reason='otra' WHERE id={forged.pk}")
    later = record(person)
    assert services.seal_events() == 2
    assert "refused to seal" in caplog.text
    assert not AuditSeal.objects.filter(event=forged).exists()
    assert AuditSeal.objects.filter(event=later).exists()
    assert fault() == ("inserted", f"history_auditevent {forged.pk}")


def test_a_row_unsealed_for_more_than_a_minute_is_a_fault(person):
    event = record(person)
    now = clock.real_now()
    assert selectors.verify(at=now).unsealed == 1
    assert selectors.health(at=now) == {"name": "audit", "waiting": 1, "late": False}
    late = now + timedelta(seconds=61)
    assert selectors.verify(at=late).fault.kind == "unsealed"
    assert selectors.verify(at=late).fault.row == f"history_auditevent {event.pk}"
    services.record_access(subject=person, by=person, at=now)
    with CaptureQueriesContext(connection) as asked:
        assert selectors.health(at=late) == {"name": "audit", "waiting": 2, "late": True}
    assert len(asked) == 1, "acts and readings are counted at once (G11)"
    services.seal_events()
    assert selectors.health(at=late) == {"name": "audit", "waiting": 0, "late": False}


# --- somebody with the owner's rights -------------------------------------------------------------------------------


def tamper(*statements):
    """What a superuser could do: switch the triggers off, change, switch them on."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("history_auditevent", "history_accessevent", "history_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
        for statement in statements:
            cursor.execute(statement)
        for table in ("history_auditevent", "history_accessevent", "history_auditseal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")


def fault():
    found = selectors.verify(at=clock.real_now()).fault
    return (found.kind, found.row) if found else None


@pytest.fixture
def chain(person):
    events = [record(person, number) for number in range(1, 7)]
    services.record_access(subject=person, by=person, at=AT)
    services.seal_events()
    assert fault() is None
    return events


COLUMNS = {
    "at": "at + interval '1 second'",
    "real_at": "real_at - interval '1 day'",
    "by_id": "NULL",
    "acting_as": "'auditor'",
    "subject_type": "'x.y'",
    "subject_id": "'0'",
    "party_id": "gen_random_uuid()",
    "reason": "'otra'",
    "request_id": "'X'",
    "ip": "'10.1.1.1'",
    "action": "'people.signed_out'",
    "details": "'{\"n\": 99}'",
    "hmac": "repeat('0', 64)",
    "uid": "gen_random_uuid()",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_named(chain, column):
    tamper(f'UPDATE history_auditevent SET "{column}" = {COLUMNS[column]} WHERE id = {chain[2].pk}')
    assert fault() == ("changed", f"history_auditevent {chain[2].pk}")


def test_every_column_of_an_event_is_signed():
    unsigned = {field.column for field in AuditEvent._meta.concrete_fields} - set(COLUMNS)
    assert unsigned == {"id"}


def test_a_changed_reading_is_named(chain):
    reading = AccessEvent.objects.get()
    tamper("UPDATE history_accessevent SET reason = 'otra'")
    assert fault() == ("changed", f"history_accessevent {reading.pk}")


def test_a_deleted_event_with_its_seal_is_named(chain):
    tamper(
        f"DELETE FROM history_auditseal WHERE event_id = {chain[2].pk}",
        f"DELETE FROM history_auditevent WHERE id = {chain[2].pk}",
    )
    assert fault() == ("deleted", "history_auditseal 3")


def test_renumbering_after_a_deletion_does_not_hide_it(chain):
    tamper(
        f"DELETE FROM history_auditseal WHERE event_id = {chain[2].pk}",
        f"DELETE FROM history_auditevent WHERE id = {chain[2].pk}",
        # By way of numbers nobody has: PostgreSQL takes the rows of one UPDATE in whatever order they lie.
        "UPDATE history_auditseal SET number = number + 1000000 WHERE number > 3",
        "UPDATE history_auditseal SET number = number - 1000001 WHERE number > 1000003",
    )
    assert fault() == ("swapped", f"history_auditevent {chain[3].pk}")


def test_a_forged_inserted_event_is_named(chain):
    columns = '"at",real_at,by_id,acting_as,subject_type,subject_id,party_id,reason,request_id,ip,hmac,action,details'
    tamper(
        f"INSERT INTO history_auditevent (uid,{columns}) SELECT gen_random_uuid(),{columns} FROM history_auditevent"
        f" WHERE id = {chain[0].pk}"
    )
    forged = AuditEvent.objects.latest("pk")
    assert fault() == ("inserted", f"history_auditevent {forged.pk}")


def test_a_copied_event_cannot_be_inserted_again(chain):
    columns = (
        'uid,"at",real_at,by_id,acting_as,subject_type,subject_id,party_id,reason,request_id,ip,hmac,action,details'
    )
    with pytest.raises(IntegrityError, match="history_auditevent_uid"), transaction.atomic():
        tamper(
            f"INSERT INTO history_auditevent ({columns}) SELECT {columns} FROM history_auditevent"
            f" WHERE id = {chain[0].pk}"
        )


def test_two_swapped_seals_are_named(chain):
    a, b = chain[1].pk, chain[3].pk
    tamper(
        "ALTER TABLE history_auditseal DROP CONSTRAINT seal_covers_exactly_one_row",
        f"UPDATE history_auditseal SET event_id = NULL WHERE event_id = {a}",
        f"UPDATE history_auditseal SET event_id = {a} WHERE event_id = {b}",
        f"UPDATE history_auditseal SET event_id = {b} WHERE event_id IS NULL AND access_id IS NULL",
    )
    assert fault() == ("swapped", f"history_auditevent {b}")


def test_two_swapped_rows_are_named(chain):
    a, b = chain[1].pk, chain[3].pk
    tamper(*swap_ids(a, b))
    assert fault() == ("swapped", f"history_auditevent {a}")


def swap_ids(a, b):
    """Exchange the contents of two events while their seals stay where they are."""
    columns = ["uid", '"at"', "real_at", "by_id", "reason", "hmac", "action", "details"]
    yield f"CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM history_auditevent WHERE id IN ({a}, {b})"
    yield f"UPDATE history_auditevent SET uid = gen_random_uuid() WHERE id IN ({a}, {b})"
    for here, there in ((a, b), (b, a)):
        values = ", ".join(f"{column} = kept.{column}" for column in columns)
        yield f"UPDATE history_auditevent e SET {values} FROM kept WHERE e.id = {here} AND kept.id = {there}"


def test_a_broken_link_is_named(chain):
    tamper("UPDATE history_auditseal SET previous_hmac = repeat('a', 64) WHERE number = 4")
    assert fault() == ("swapped", f"history_auditevent {chain[3].pk}")


def test_a_chain_spliced_from_a_valid_but_older_seal_is_named(chain):
    fourth = AuditSeal.objects.get(number=4)
    link = rules.Link(4, "history_auditevent", chain[3].pk, chain[3].hmac, "b" * 64)
    from portal.history import keys

    tamper(
        "UPDATE history_auditseal SET previous_hmac = repeat('b', 64),"
        f" hmac = '{rules.sign(keys.seal_key(), link.facts())}'"
        f" WHERE number = {fourth.number}"
    )
    assert fault() == ("deleted", "history_auditseal 4")


def test_a_cut_tail_is_named_by_the_head_kept_elsewhere(chain):
    tamper("DELETE FROM history_auditseal WHERE number > 5", f"DELETE FROM history_auditevent WHERE id = {chain[5].pk}")
    tamper("DELETE FROM history_accessevent")
    assert fault() == ("cut", "history_auditseal 6")


def test_a_tail_cut_and_grown_again_is_still_seen(chain, person, caplog):
    tamper("DELETE FROM history_auditseal WHERE number > 5", f"DELETE FROM history_auditevent WHERE id = {chain[5].pk}")
    tamper("DELETE FROM history_accessevent")
    for number in range(4):
        record(person, number)
    services.seal_events()
    assert "is not in the chain" in caplog.text
    assert fault() == ("rewritten", "history_auditseal 7")


def test_emptied_tables_are_named(chain):
    tamper("TRUNCATE history_auditseal, history_accessevent, history_auditevent")
    assert fault() == ("cut", "history_auditseal 1")


def test_a_seal_whose_row_is_gone_is_named(chain):
    tamper(
        "ALTER TABLE history_auditseal DROP CONSTRAINT " + foreign_key("event_id"),
        f"DELETE FROM history_auditevent WHERE id = {chain[1].pk}",
    )
    assert fault() == ("deleted", f"history_auditevent {chain[1].pk}")


def foreign_key(column):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "history_auditseal")
    return next(name for name, facts in found.items() if facts["foreign_key"] and facts["columns"] == [column])


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"number": 1, "hmac": "x", "signature": "y"}', "\x00"])
def test_a_head_that_somebody_wrote_is_a_fault(chain, data_dir, content, person, caplog):
    (data_dir / "audit-head").write_text(content)
    assert fault()[0] == "head"
    record(person)
    services.seal_events()
    assert "unreadable" in caplog.text
    assert (data_dir / "audit-head").read_text() == content


def test_the_head_follows_the_chain_and_can_be_forgotten(chain, data_dir):
    newest = AuditSeal.objects.latest("number")
    assert head.read() == head.Head(7, newest.hmac)
    assert json.loads((data_dir / "audit-head").read_text())["number"] == 7
    assert [path.name for path in data_dir.iterdir()] == ["audit-head"]
    head.forget()
    assert head.read() is None
    assert fault() is None


def test_the_command_names_the_first_bad_row_and_fails(chain):
    out, err = StringIO(), StringIO()
    call_command("audit-verify", stdout=out)
    assert out.getvalue() == "BIEN: 7 sellos en orden, 0 renglones por sellar.\n"
    tamper(f"UPDATE history_auditevent SET reason = 'x' WHERE id = {chain[0].pk}")
    with pytest.raises(SystemExit) as stopped:
        call_command("audit-verify", stderr=err)
    assert stopped.value.code == 1
    assert f"history_auditevent {chain[0].pk}" in err.getvalue()


# --- two drains -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_drains_at_once_seal_each_row_once(settings, tmp_path):
    person = people.a_person()
    for number in range(40):
        record(person, number)
    sealed = at_once([services.seal_events] * 4)
    assert sum(sealed) + services.seal_events() == 40
    assert AuditSeal.objects.count() == 40
    assert selectors.verify(at=clock.real_now()).holds


@pytest.mark.django_db(transaction=True)
def test_a_drain_that_finds_another_at_work_leaves_at_once(person):
    record(person)
    taken, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            assert services._alone()
            taken.set()
            done.wait(LONG)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(LONG)
    assert services.seal_events() == 0
    done.set()
    thread.join()
    assert services.seal_events() == 1


def test_a_list_that_is_taken_away_leaves_who_and_which_and_never_what_was_looked_for_AD_01(person):
    event = services.record_export(name="billing.orders", model=AuditEvent, by=person, at=AT)
    event.refresh_from_db()
    assert (event.subject_type, event.subject_id, event.by, event.at) == (
        "history.auditevent",
        "csv:billing.orders",
        person,
        AT,
    )
    assert not AuditEvent.objects.exists(), "a reading is no act"
