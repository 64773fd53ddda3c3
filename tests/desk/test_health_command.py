"""`manage.py health`: what an operator asks after an installation, a new version or a restore (OP-01)."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import health

pytestmark = pytest.mark.django_db


def _told() -> dict[str, dict[str, str]]:
    out = StringIO()
    call_command("health", "--json", stdout=out)
    return {check["name"]: check for check in json.loads(out.getvalue())}


@pytest.fixture
def as_application() -> Any:
    """The tests are the owner of the database; the portal is not."""
    from django.conf import settings

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {settings.DATABASE_APPLICATION_ROLE}")
        yield
        cursor.execute("RESET ROLE")


def test_healthy_installation_says_so_part_by_part(as_application: Any) -> None:
    told = _told()
    assert set(told) == {name for name, *_ in (*health.CHECKS, *health.INSTALLED)}
    assert {name: told[name]["level"] for name in ("database", "tables", "rights", "ledger")} == {
        "database": "ok",
        "tables": "ok",
        "rights": "ok",
        "ledger": "ok",
    }


def test_role_that_may_change_tables_is_named() -> None:
    assert _told()["rights"]["level"] == "degraded"


def test_missing_migration_is_a_portal_that_cannot_serve() -> None:
    MigrationRecorder.Migration.objects.filter(app="billing").delete()
    out = StringIO()
    with pytest.raises(CommandError, match="no puede atender"):
        call_command("health", stdout=out)
    assert "migraciones: corre manage.py migrate" in out.getvalue()


def test_portal_for_people_without_a_mail_server_needs_attention(settings: Any) -> None:
    settings.EMAIL_BACKEND = health.KEPT_IN_ROWS
    assert _told()["mail"]["level"] == "ok", "the demo shows them in its mailbox"
    settings.DEMO = False
    assert "EMAIL_URL" in _told()["mail"]["text"]
