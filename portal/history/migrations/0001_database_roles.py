"""The application's role may read and write rows, and nothing else: no DDL, no TRUNCATE. Runs before every table."""

import sys
from typing import Any

from django.conf import settings
from django.db import migrations

from portal.history.append_only import FROZEN, FUNCTION, application_role


def grant(apps: Any, schema_editor: Any) -> None:
    """Grant on what exists and, by default privileges, on everything this owner will create."""
    role = application_role(schema_editor)
    if role is None:
        sys.stdout.write(
            f"\n    El rol «{settings.DATABASE_APPLICATION_ROLE}» no existe o es el dueño: se omiten los permisos de la"
            " aplicación.\n"
        )
        return
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Roles first: whoever serves pages must not own the tables (docs/security.md)."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    run_before = [("contenttypes", "0001_initial"), ("sessions", "0001_initial"), ("people", "0001_initial")]
    operations = [
        migrations.RunPython(grant, migrations.RunPython.noop, elidable=False),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION cauce_refuse_change()"),
        migrations.RunSQL(FROZEN, "DROP FUNCTION cauce_frozen()"),
    ]
