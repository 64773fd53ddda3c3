"""Keys change while people read and write (PR-05)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from portal import vault
from portal.papers import services
from portal.papers.models import StoredFile
from tests.factories.people import own_party, physician
from tests.factories.threads import LONG
from tests.papers import makers
from tests.papers.test_services import AT, plain, stored

NEW = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="


def secret(number: int, doctor: Any) -> StoredFile:
    """A row with an encrypted column."""
    file = services.store_bytes(
        content=f"contenido {number}".encode(),
        name="a.txt",
        kind="txt",
        purpose="prueba",
        party=own_party(doctor),
        by=doctor,
        at=AT,
    )
    StoredFile.objects.filter(pk=file.pk).update(check_context=f"secreto {number}")
    return file


def sealed(file: StoredFile) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT check_context FROM papers_storedfile WHERE id = %s", [file.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_columns_are_sealed_anew_and_open_with_the_new_key_alone(settings: Any) -> None:
    doctor = physician()
    files, empty = [secret(number, doctor) for number in range(5)], stored(doctor, makers.pdf("otro"))
    before = [sealed(file) for file in files]
    settings.VAULT_KEYS = [NEW, *settings.VAULT_KEYS]
    assert services.reseal_columns(batch=2)["papers.storedfile.check_context"] == 5
    assert services.reseal_columns(batch=2)["papers.storedfile.check_context"] == 0
    assert all(old != sealed(file) for old, file in zip(before, files, strict=True))
    settings.VAULT_KEYS = [NEW]
    for number, file in enumerate(files):
        assert StoredFile.objects.get(pk=file.pk).check_context == f"secreto {number}"
    assert sealed(empty) == ""


@pytest.mark.django_db
def test_a_column_changed_meanwhile_keeps_the_newer_value(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = secret(1, physician())
    settings.VAULT_KEYS = [NEW, *settings.VAULT_KEYS]
    real = vault.EncryptedTextField.resealed

    def slow(field: vault.EncryptedTextField, text: str) -> str | None:
        StoredFile.objects.filter(pk=file.pk).update(check_context="más nuevo")
        return real(field, text)

    monkeypatch.setattr(vault.EncryptedTextField, "resealed", slow)
    assert services.reseal_columns()["papers.storedfile.check_context"] == 0
    assert StoredFile.objects.get(pk=file.pk).check_context == "más nuevo"


@pytest.mark.django_db(transaction=True)
def test_files_stay_readable_while_their_keys_change(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    doctor = physician()
    files = [secret(number, doctor) for number in range(12)]
    settings.VAULT_KEYS = [NEW, *settings.VAULT_KEYS]
    going, read, wrong = threading.Event(), [0], list[str]()

    def reader() -> None:
        try:
            while not going.is_set() or not read[0]:
                for number, file in enumerate(files):
                    row = StoredFile.objects.get(pk=file.pk)
                    if (plain(row), row.check_context) != (f"contenido {number}".encode(), f"secreto {number}"):
                        wrong.append(str(number))
                read[0] += 1
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    thread = threading.Thread(target=reader)
    thread.start()
    call_command("rotate-keys")
    going.set()
    thread.join(LONG)
    assert (wrong, read[0] > 0) == ([], True)
    said = capsys.readouterr().out
    assert "Llaves de archivos: 12" in said
    assert "papers.storedfile.check_context: 12" in said
    settings.VAULT_KEYS = [NEW]
    assert plain(StoredFile.objects.get(pk=files[0].pk)) == b"contenido 0"
