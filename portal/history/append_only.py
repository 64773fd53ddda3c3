"""Database-side refusals for tables that only grow and columns that never change: used by every room's migrations.

UPDATE and DELETE are refused by a row trigger for everybody, the owner included, and by missing right for the
application; TRUNCATE by missing right only, since a truncate trigger would break Django's flush.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION cauce_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append_only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

FROZEN = """
CREATE OR REPLACE FUNCTION cauce_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE name text; was jsonb := to_jsonb(OLD); becomes jsonb := to_jsonb(NEW);
BEGIN
    FOR i IN 1 .. TG_NARGS - 1 LOOP
        name := TG_ARGV[i];
        IF was ->> name IS DISTINCT FROM becomes ->> name THEN
            RAISE EXCEPTION '%: % does not change', TG_ARGV[0], name
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
"""


def application_role(schema_editor: Any) -> str | None:
    """The quoted application role, or None where it does not exist or is the one that migrates."""
    role: str = settings.DATABASE_APPLICATION_ROLE
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user <> %s AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role, role])
        usable = cursor.fetchone()[0]
    return schema_editor.quote_name(role) if usable else None


def append_only(table: str) -> list[migrations.operations.base.Operation]:
    """Migration operations that make one existing table append-only. Depends on history's 0001_database_roles."""
    role = settings.DATABASE_APPLICATION_ROLE
    return [
        migrations.RunSQL(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION cauce_refuse_change()",
            f'DROP TRIGGER {table}_append_only ON "{table}"',
        ),
        # In SQL, not in Python: an operation in Python makes Django draw all models anew, half a second each.
        migrations.RunSQL(
            f"""DO $$ BEGIN
                IF current_user <> '{role}' AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
                    REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{role}";
                END IF;
            END $$""",
            migrations.RunSQL.noop,
        ),
    ]


def frozen(table: str, name: str, *columns: str, once: str = "") -> migrations.RunSQL:
    """Migration operation: no UPDATE changes these columns of a table, or breaks the constraint `name`.

    `once`: an SQL condition on OLD from which on they are frozen, where they are set later than the row.
    """
    told = ", ".join(f"'{one}'" for one in (name, *columns))
    when = f" WHEN ({once})" if once else ""
    return migrations.RunSQL(
        f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" FOR EACH ROW{when} EXECUTE FUNCTION cauce_frozen({told})',
        f'DROP TRIGGER {name} ON "{table}"',
    )


def never_deleted(table: str) -> migrations.RunSQL:
    """Migration operation: no DELETE takes a row from a table, also where some of its columns may still change."""
    return migrations.RunSQL(
        f'CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON "{table}"'
        " FOR EACH ROW EXECUTE FUNCTION cauce_refuse_change()",
        f'DROP TRIGGER {table}_never_deleted ON "{table}"',
    )
