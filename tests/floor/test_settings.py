"""The environment is read strictly: a malformed value stops the start with a sentence."""

from __future__ import annotations

import runpy
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.sources import ROOT


def _read(monkeypatch: pytest.MonkeyPatch, **values: str) -> dict[str, Any]:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "config" / "settings.py"))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY: falta y no tiene valor por omisión."),
        ("SECRET_KEY", "short", "SECRET_KEY: mide 5 caracteres."),
        ("VAULT_KEYS", "", "VAULT_KEYS: falta"),
        ("VAULT_KEYS", "&&&", "VAULT_KEYS: una llave no es base64."),
        ("AUDIT_KEY", "YWJj", "AUDIT_KEY: una llave mide 3 bytes y debe medir 32."),
        ("BASE_URL", "portal", "BASE_URL: no se entiende como dirección."),
        ("BASE_URL", "https://portal.example.com/portal", "debe ser como https://portal.ejemplo.mx"),
        ("DATABASE_URL", "mysql://a:b@c/d", "DATABASE_URL: no es"),
        ("REDIS_URL", "http://localhost", "REDIS_URL: no se entiende como dirección."),
        ("EMAIL_URL", "ftp://mail.example.com", "EMAIL_URL: no se entiende como dirección."),
        ("EMAIL_URL", "smtp://mail.example.com:port", "EMAIL_URL: no se entiende como dirección."),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy", "TRUSTED_PROXIES: dice «proxy» y no es una dirección ni una red."),
        ("TRUST_DIR", "/nowhere", "TRUST_DIR: dice «/nowhere» y no es una carpeta."),
        ("UNDO_SECONDS", "-1", "UNDO_SECONDS: dice «-1»."),
        ("UNDO_SECONDS", "601", "UNDO_SECONDS: dice «601»."),
        ("UNDO_SECONDS", "½", "UNDO_SECONDS: dice «½»."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: dice «loud»."),
        ("DEMO", "yes", "DEMO: dice «yes» y solo puede decir true o false."),
        ("CAUCE_DEMO", "true", "CAUCE_DEMO: no existe esa variable."),
    ],
)
def test_malformed_value_stops_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        _read(monkeypatch, **{name: value})
    assert sentence in str(stopped.value)


def test_wrong_key_is_not_repeated_in_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        _read(monkeypatch, VAULT_KEYS="c2VjcmV0bw==")
    assert "c2VjcmV0bw" not in str(stopped.value)


@pytest.mark.parametrize(
    ("address", "port", "ssl", "starttls"),
    [
        ("smtp://mail.example.com", 25, False, False),
        ("smtps://mail.example.com", 465, True, False),
        ("smtp+tls://mail.example.com", 587, False, True),
        ("smtps://mail.example.com:2465", 2465, True, False),
    ],
)
def test_mail_server_is_spoken_to_as_its_address_says(
    monkeypatch: pytest.MonkeyPatch, address: str, port: int, ssl: bool, starttls: bool
) -> None:
    told = _read(monkeypatch, EMAIL_URL=address)
    assert (told["EMAIL_PORT"], told["EMAIL_USE_SSL"], told["EMAIL_USE_TLS"]) == (port, ssl, starttls)
    assert told["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


def test_mail_user_may_be_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _read(monkeypatch, EMAIL_URL="smtps://avisos%40example.com:p%3Ass%2F@mail.example.com")
    assert (told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == ("avisos@example.com", "p:ss/")


def test_commands_tell_the_sentence_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    command = [sys.executable, str(ROOT / "manage.py"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("✗ SECRET_KEY: mide 5 caracteres.")
    assert len(done.stderr.splitlines()) == 1
