"""A vault key that is missing is told at start and by health, for each kind of thing it closed (PR-05)."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from config import health, keys, start
from portal import clock, vault
from portal.papers import services as papers
from portal.papers.limited import cage
from portal.papers.models import StoredFile
from portal.people.models import User
from tests.factories import treasury as situations
from tests.factories.people import administrator, signed_in
from tests.factories.policies import a_condition

pytestmark = pytest.mark.django_db
NEWER = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
ANOTHER = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="
FILES, COLUMNS, FACTORS = "los archivos", "las columnas cifradas", "los segundos factores"
INDEXES, RECORD = "los índices de búsqueda", "la firma del registro (AUDIT_KEY)"


@pytest.fixture
def stored() -> User:
    """A bank account with its statement, a second factor, and the record of it all."""
    doctor = situations.physician()
    situations.validated(doctor)
    for statement in StoredFile.objects.all():  # a situation's is a row without bytes
        statement.wrapped_key = vault.new_file_key(statement.pk)[1]
        statement.save()
    a_file(b"of the first key")
    a_factor(doctor.user)
    return doctor.user


def a_file(content: bytes) -> StoredFile:
    at = clock.now()
    return papers.store_bytes(content=content, name="a.txt", kind="txt", purpose="prueba", party=None, by=None, at=at)


def a_factor(user: User) -> None:
    data = {"secret": get_adapter().encrypt("JBSWY3DPEHPK3PXP")}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def test_all_is_well_with_the_keys_that_made_it(stored: User, settings: Any) -> None:
    assert keys.what_stays_closed() == keys.what_stays_closed(thorough=True) == []
    settings.VAULT_KEYS = [NEWER, *settings.VAULT_KEYS]  # as docs/operations.md says to change them
    a_file(b"of the newer key")
    assert keys.what_stays_closed() == keys.what_stays_closed(thorough=True) == []


def test_an_empty_house_misses_no_key() -> None:
    assert keys.what_stays_closed() == keys.what_stays_closed(thorough=True) == []


@pytest.mark.parametrize("thorough", [False, True])
def test_another_key_opens_nothing_and_each_kind_is_named(stored: User, settings: Any, thorough: bool) -> None:
    settings.VAULT_KEYS = [ANOTHER]
    assert keys.what_stays_closed(thorough=thorough) == [FILES, COLUMNS, FACTORS, INDEXES]
    settings.AUDIT_KEY = ANOTHER
    assert RECORD in keys.what_stays_closed(thorough=thorough)


def test_the_key_of_the_indexes_is_missed_after_everything_was_brought_under_a_newer_one(
    stored: User, settings: Any
) -> None:
    old = settings.VAULT_KEYS[0]
    settings.VAULT_KEYS = [NEWER, old]
    papers.rewrap_files()
    papers.reseal_columns()
    settings.VAULT_KEYS = [NEWER]
    assert keys.what_stays_closed() == [FACTORS, INDEXES]
    Authenticator.objects.all().delete()
    assert keys.what_stays_closed() == [INDEXES]


def test_a_key_between_the_oldest_and_the_newest_is_missed_where_every_key_is_looked_for(settings: Any) -> None:
    first = settings.VAULT_KEYS[0]
    for ring in ([first], [NEWER, first], [first]):
        settings.VAULT_KEYS = ring
        a_file(f"under {len(StoredFile.objects.all())}".encode())
    settings.VAULT_KEYS = [first]
    assert keys.what_stays_closed() == []
    assert keys.what_stays_closed(thorough=True) == [FILES]


def test_a_spoilt_row_is_no_missing_key(stored: User) -> None:
    file = StoredFile.objects.order_by("pk").last()
    assert file is not None
    file.wrapped_key = bytes(file.wrapped_key)[:-1] + b"\0"
    file.save()
    assert keys.what_stays_closed(thorough=True) == []


def test_health_is_down_and_says_which_in_page_and_command(stored: User, settings: Any) -> None:
    settings.VAULT_KEYS = [ANOTHER]
    (check,) = [one for one in health.look(at=clock.real_now()) if one.name == "keys"]
    assert check.level is health.Level.DOWN
    assert "no se abren los archivos, las columnas cifradas" in check.text
    assert "VAULT_KEYS" in check.text
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("health", "--json", stdout=out)
    told = {one["name"]: one["level"] for one in json.loads(out.getvalue())}
    assert (told["keys"], told["every_key"]) == ("down", "down")


def test_a_start_without_a_key_is_refused_and_touches_nothing(stored: User, settings: Any) -> None:
    call_command("check-start")
    settings.VAULT_KEYS = [ANOTHER]
    with pytest.raises(CommandError, match=r"Falta una llave.*los archivos.*No se tocó nada.*VAULT_KEYS"):
        call_command("check-start")


def test_a_process_that_starts_tells_its_log(
    stored: User, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cage, "network_can_be_left", lambda: True)
    start.tell()
    assert caplog.records == []
    settings.VAULT_KEYS = [ANOTHER]
    monkeypatch.setattr(cage, "network_can_be_left", lambda: False)
    start.tell()
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL, logging.WARNING]
    assert "los archivos" in caplog.text
    assert "the examiner cannot leave the network" in caplog.text


@pytest.mark.parametrize(("can", "level", "said"), [(True, "ok", "sin red"), (False, "degraded", "seccomp.json")])
def test_health_and_its_page_tell_whether_files_are_read_without_network(
    can: bool, level: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cage, "network_can_be_left", lambda: can)
    (check,) = [one for one in health.look(at=clock.real_now()) if one.name == "examiner"]
    assert (str(check.level), said in check.text) == (level, True)
    page = signed_in(administrator()).get("/mesa/salud/").content.decode()
    assert said in page


def test_the_wall_is_tried_as_the_examiner_will(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.papers import examiner

    cage.network_can_be_left.cache_clear()
    told = {name: holds for name, holds, _words in examiner.isolation_report()}
    assert cage.network_can_be_left() is told["red"]
    cage.network_can_be_left.cache_clear()


def test_a_key_is_known_by_the_first_bytes_of_what_it_closed(settings: Any) -> None:
    sealed = vault.encrypt(b"x", purpose="file", bound_to="a")
    assert vault.knows(sealed, purpose="file")
    assert vault.knows(sealed[: vault.KEY_ID_BYTES], purpose="file")
    assert not vault.knows(sealed, purpose="field")
    assert not vault.knows(b"", purpose="file")


def test_an_index_of_a_row_of_its_own_is_made_again_as_that_row_says(stored: User) -> None:
    """A condition's index is of one person alone: by the plain rule it would never fit, and a start would stop."""
    a_condition()
    assert keys.what_stays_closed() == keys.what_stays_closed(thorough=True) == []
