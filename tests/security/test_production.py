"""How it runs for real: production settings, no demo, no traceback, no admin unless asked for (OP-07, OP-10, AU-08)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from portal.design.middleware import HEADERS
from tests.factories.threads import LONG

ROOT = Path(settings.ROOT)


def production(**more: str) -> dict[str, str]:
    """The environment of a real installation."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DEMO", "DEBUG", "ADMIN_ENABLED"}}
    return {**kept, "BASE_URL": "https://portal.ejemplo.mx", "LOG_LEVEL": "ERROR", "DATABASE_AS_OWNER": "false", **more}


def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=production(**more), capture_output=True, text=True, check=False
    )


# Our own middleware sets the headers of W002; preloading (W021) is the decision of the domain's owner.
SILENCED = {"security.W002", "security.W021"}


def test_check_deploy_is_clean_OP_10() -> None:
    told = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == f"System check identified no issues ({len(SILENCED)} silenced)."
    assert set(settings.SILENCED_SYSTEM_CHECKS) == SILENCED


PROBE = """
import django, json
from django.conf import settings
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES["staticfiles"] = {"BACKEND": plain}  # nothing was collected here
django.setup()
from django.test import Client
from django.urls import path
import config.urls as urls
def broken(request):
    raise ValueError("secreto-de-la-traza")
broken.entry = None
urls.urlpatterns.append(path("se-rompe/", broken))
client = Client(raise_request_exception=False, SERVER_NAME="portal.ejemplo.mx")
def ask(where, method="get", **extra):
    answer = getattr(client, method)(where, secure=True, **extra)
    return [answer.status_code, answer.content.decode(errors="replace"), dict(answer.headers)]
print(json.dumps({
    "demo_app": [name for name in settings.INSTALLED_APPS if "demo" in name or "admin" in name],
    "debug": settings.DEBUG,
    "demo": ask("/_demo/"), "admin": ask("/admin/"), "broken": ask("/se-rompe/"), "missing": ask("/no-existe/"),
    "trace": ask("/entrar/", "trace"),
    "git": ask("/.git/config"), "env": ask("/.env"), "listing": ask("/static/"),
    "plain": [client.get("/entrar/").status_code, client.get("/entrar/").headers.get("Location")],
}))
"""


@pytest.fixture(scope="module")
def probed() -> dict:
    import json

    told = run("-c", PROBE)
    assert told.returncode == 0, told.stderr[-2000:]
    return json.loads(told.stdout.splitlines()[-1])


def test_the_demo_and_the_admin_are_not_there_OP_10(probed: dict) -> None:
    assert probed["demo_app"] == []
    assert probed["debug"] is False
    assert probed["demo"][0] == probed["admin"][0] == 404


def test_a_bug_shows_no_traceback_OP_10(probed: dict) -> None:
    status, body, _headers = probed["broken"]
    assert status == 500
    assert "secreto-de-la-traza" not in body and "Traceback" not in body and "ValueError" not in body
    assert "Referencia" in body


def test_trace_is_refused_and_nothing_is_listed_OP_10(probed: dict) -> None:
    assert probed["trace"][0] == 405
    assert [probed[name][0] for name in ("git", "env", "listing")] == [404, 404, 404]


def test_every_answer_says_https_and_hides_its_makers_OP_07(probed: dict) -> None:
    for name in ("demo", "admin", "broken", "missing", "trace", "git"):
        headers = probed[name][2]
        assert {header: headers.get(header) for header in HEADERS} == HEADERS, name
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")
        assert not {"Server", "X-Powered-By"} & set(headers)
        assert "Django" not in probed[name][1] and "gunicorn" not in probed[name][1]
    assert probed["plain"] == [301, "https://portal.ejemplo.mx/entrar/"]


ADMIN_PROBE = """
import django, json
django.setup()
from django.contrib import admin
from django.test import Client
client = Client(SERVER_NAME="portal.ejemplo.mx")
first = client.get("/admin/", secure=True)
second = client.get(first.headers["Location"], secure=True)
models = {m._meta.label_lower: a for m, a in admin.site._registry.items()}
print(json.dumps({"first": first.headers["Location"], "second": [second.status_code, second.headers.get("Location")],
  "models": sorted(models)}))
"""


def test_the_admin_is_entered_by_our_own_door_AU_08() -> None:
    import json

    told = run("-c", ADMIN_PROBE, ADMIN_ENABLED="true")
    assert told.returncode == 0, told.stderr[-2000:]
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["first"].startswith("/admin/login/")
    assert found["second"][0] == 302 and found["second"][1].startswith("/entrar/?next=")
    # Audit, ledger, files and money have no second way to be written (docs/security.md).
    rooms = {name.split(".")[0] for name in found["models"]}
    assert not rooms & {"history", "treasury", "billing", "papers", "people", "once", "fiscal"}


@pytest.mark.django_db
def test_a_super_user_needs_a_passkey_whatever_the_roles_AU_08() -> None:
    from tests.factories import people

    user = people.a_person(is_superuser=True)
    assert user.is_back_office and user.is_passkey_only
    client = people.signed_in(user, factor="password")
    assert client.get("/avisos/").headers["Location"] == "/cuenta/seguridad/"
    assert people.signed_in(user, factor="totp").get("/avisos/").headers["Location"] == "/cuenta/seguridad/"
    assert people.signed_in(user).get("/avisos/").status_code == 200


class Quiet(WSGIRequestHandler):
    """No line on the terminal for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_a_static_file_over_a_socket_carries_the_headers_OP_07(settings) -> None:
    """One real request through the whole chain that gunicorn serves, from the sources."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    from django.core.handlers.wsgi import WSGIHandler

    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        ask = urllib.request.Request(
            f"http://127.0.0.1:{server.server_port}/static/img/mark.svg", headers={"Host": "localhost"}
        )
        with urllib.request.urlopen(ask, timeout=LONG) as answer:  # loopback
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "image/svg+xml"
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.django_db
def test_a_new_privacy_notice_stops_every_upload_until_it_is_accepted_PR_01() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from portal import clock
    from portal.papers.models import StoredFile
    from portal.people import rules, selectors, services
    from portal.treasury.models import BankAccount
    from tests.factories import people

    doctor = people.physician()
    client = people.signed_in(doctor, consents_at=clock.real_now().timestamp())
    assert client.get("/avisos/").status_code == 200
    old = selectors.latest_text("portal-privacy")
    new = services.publish_consent_text(kind="portal-privacy", body="Aviso nuevo.\nCon ñ.\n", by=None, at=clock.now())

    def upload() -> HttpResponse:
        pdf = SimpleUploadedFile("estado.pdf", b"%PDF-1.4 x", "application/pdf")
        return client.post("/cuenta/bancaria/nueva/", {"clabe": "012180001234567895", "statement": pdf})

    assert upload().headers["Location"] == "/consentimientos/"
    assert not StoredFile.objects.exists() and not BankAccount.objects.exists()
    assert "Aviso nuevo." in client.get("/consentimientos/").content.decode()
    client.post("/consentimientos/", {"text": new.pk, "consent": "on"})
    assert upload().status_code == 422, "let in, and told that this is no statement"
    for text in (old, new):
        shown = client.get(f"/privacidad/portal-privacy/{text.version}/?formato=txt").content
        assert shown == text.body.encode()
        assert rules.text_hash(shown.decode()) == text.sha256
    given = doctor.consents.get(text=new)
    assert client.post(f"/consentimientos/{given.pk}/retirar/").headers["Location"] == "/consentimientos/"
    assert client.post(f"/consentimientos/{given.pk}/retirar/").status_code == 409
    assert upload().headers["Location"] == "/consentimientos/"
    assert Client().post(f"/consentimientos/{given.pk}/retirar/").headers["Location"].startswith("/entrar/")
    assert people.signed_in(people.stranger()).post(f"/consentimientos/{given.pk}/retirar/").status_code == 404
