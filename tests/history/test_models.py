"""The record only grows: refused by the database itself, to everybody (AD-03, MO-02)."""

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.history import rules, services
from portal.history.models import AccessEvent, AuditEvent, AuditSeal
from tests.history.conftest import AT

TABLES = ["history_auditevent", "history_accessevent", "history_auditseal"]


@pytest.fixture
def rows(person):
    services.record(action="people.signed_up", subject=person, by=person, at=AT)
    services.record_access(subject=person, by=person, at=AT)
    services.seal_events()


def as_role(role, statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
def test_even_the_owner_cannot_change_or_delete_a_row(rows, table):
    column = "hmac"
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE {} SET hmac = 'x'",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
    ],
)
def test_the_application_has_no_right_to_change_the_record(rows, table, verb):
    with pytest.raises(DatabaseError, match="permission denied|must be owner"):
        as_role(settings.DATABASE_APPLICATION_ROLE, verb.format(table))


def test_the_application_may_read_and_add(rows, person):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_APPLICATION_ROLE}")
        services.record(action="people.signed_up", subject=person, by=person, at=AT)
        services.record_access(subject=person, by=person, at=AT)
        assert services.seal_events() == 2
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE own (id int)", "TRUNCATE people_user CASCADE", "DROP TABLE people_user"]
)
def test_the_application_has_no_ddl(rows, statement):
    with pytest.raises(DatabaseError, match="permission denied|must be owner"):
        as_role(settings.DATABASE_APPLICATION_ROLE, statement)


def test_every_table_of_the_house_is_granted_to_the_application(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND NOT (has_table_privilege(%s, oid, 'SELECT') AND has_table_privilege(%s, oid, 'INSERT'))",
            [settings.DATABASE_APPLICATION_ROLE] * 2,
        )
        assert cursor.fetchall() == []


def test_the_roles_migration_says_when_it_has_nobody_to_grant_to(db, settings, capsys):
    from importlib import import_module

    from django.apps import apps

    migration = import_module("portal.history.migrations.0001_database_roles")
    with connection.schema_editor() as editor:
        for role in ("nobody_of_that_name", connection.settings_dict["USER"]):
            settings.DATABASE_APPLICATION_ROLE = role
            migration.grant(apps, editor)
            assert "se omiten los permisos" in capsys.readouterr().out


@pytest.mark.parametrize("action", ["signed_up", "People.signed_up", "people.signed-up", "a.b.c", ""])
def test_action_is_room_dot_act(person, action):
    with pytest.raises(IntegrityError, match="action_is_room_dot_act"), transaction.atomic():
        services.record(action=action, subject=person, by=person, at=AT)


def test_seal_covers_exactly_one_row(rows):
    event, access = AuditEvent.objects.get(), AccessEvent.objects.get()
    with pytest.raises(IntegrityError, match="seal_covers_exactly_one_row"), transaction.atomic():
        AuditSeal.objects.create(number=9, previous_hmac="", hmac="", sealed_at=AT)
    with pytest.raises(IntegrityError, match="seal_covers_exactly_one_row|event_id_key"), transaction.atomic():
        AuditSeal.objects.create(number=9, event=event, access=access, previous_hmac="", hmac="", sealed_at=AT)


def test_seals_count_from_one(person):
    event = services.record(action="x.y", subject=person, by=None, at=AT)
    with pytest.raises(IntegrityError, match="seals_count_from_one"), transaction.atomic():
        AuditSeal.objects.create(number=0, event=event, previous_hmac=rules.GENESIS, hmac="", sealed_at=AT)


def test_rows_name_themselves(rows, person):
    assert str(AuditEvent.objects.get()) == f"people.signed_up people.user {person.pk}"
    assert str(AccessEvent.objects.get()) == f"people.user {person.pk}"
    assert [str(seal) for seal in AuditSeal.objects.order_by("number")] == ["1", "2"]
