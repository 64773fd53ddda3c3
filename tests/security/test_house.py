"""What the house shows, writes and lets out (AC-04…AC-10, PR-08). `tests/browser/test_crawl.py` walks as each role."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from config import matrix
from portal.history.middleware import MAY_BE_WRITTEN
from portal.once.rules import FIELD
from portal.people.models import Grant
from tests.access.test_matrix import concrete
from tests.factories import people
from tests.pages import heads_of_rows, undrawn
from tests.security.conftest import World, changed_tables, undone
from tests.sources import PACKAGES

pytestmark = pytest.mark.django_db
MAY_CHANGE = MAY_BE_WRITTEN | {"history_accessevent"}
# Forms that need no token of the session: what they check instead.
NO_CSRF = {
    "design:csp_report": "a browser's report, stores nothing",
    "memberships:gateway_events": "the gateway's HMAC over the body and its instant",
}
# What the stranger's rows say and nobody else's: their RFC, name and accounts.
STRANGERS = ("PEMI790303", "IVÁN PEÑA", "DV-7200", "DV-7201", "DV-7202", "FA-2026-000007")


def test_the_csv_of_a_list_holds_what_the_list_shows_AC_06(world: World) -> None:
    for name in ("billing:orders", "billing:invoices", "billing:payments"):
        path = reverse(name) + "?formato=csv"
        for actor in ("owner", "assistant"):
            answer = undone(world.clients[actor], "get", path)
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
            text = answer.whole.decode("utf-8-sig")
            assert not [mark for mark in STRANGERS if mark in text], (name, actor)
            shown = heads_of_rows(undone(world.clients[actor], "get", reverse(name)).whole.decode())
            rows = list(csv.reader(io.StringIO(text)))[1:]
            assert len(rows) == len(shown) > 0, (name, actor)
            assert [cell for cell in shown if not any(cell in row for row in rows)] == [], (name, actor)
        assert undone(world.clients["support"], "get", path).status_code == 403
        assert undone(world.clients["anonymous"], "get", path).status_code == 302


def test_every_post_without_the_token_is_403_AC_10(world: World) -> None:
    """Every address is posted to by somebody signed in, and by nobody in one of three methods, by turns.

    Whether an address asks for the token says its view, whoever comes; in which methods, the one middleware for all. A
    view that is exempt from it (the API asks itself) is tried in each.
    """
    wrong, tried, written = [], 0, ("post", "put", "delete")
    for actor in ("administrator", "anonymous"):
        client = Client(enforce_csrf_checks=True)
        client.cookies = world.clients[actor].cookies
        for number, (name, path, view) in enumerate(matrix.routes()):
            if name.startswith("admin:") or name in NO_CSRF:
                continue
            by_turns = written if getattr(view, "csrf_exempt", False) else written[number % 3 :][:1]
            for method in ("post",) if actor == "administrator" else by_turns:
                tried += 1
                # The API asks who calls, by a token of theirs or by the session with a page's, before anything else.
                wanted = {401, 405} if path.startswith("api/v1/") and actor == "anonymous" else {403}
                with undrawn():
                    status = getattr(client, method)(concrete(path)).status_code
                wrong += [] if status in wanted else [f"{method} {name} as {actor}: {status}"]
    assert not wrong, "\n".join(wrong)
    assert tried > 400


def test_the_open_doors_store_nothing_AC_10(world: World) -> None:
    before, strict = changed_tables(), Client(enforce_csrf_checks=True)
    assert strict.post("/csp", b"{}", content_type="application/csp-report").status_code == 204
    assert strict.post("/api/v1/ordenes/", b"{}", content_type="application/json").status_code == 401
    after = changed_tables()
    assert {table for table in after if after[table] != before.get(table, 0)} <= MAY_CHANGE


# --- AC-04 ------------------------------------------------------------------------------------------------------------

EXTRA = {
    "state": "accepted",
    "payment_state": "paid",
    "total": "999999.00",
    "amount": "999999.00",
    "base": "999999.00",
    "payable": "999999.00",
    "fee": "999999.00",
    "party_id": "0198c0de-0000-7000-8000-000000000000",
    "folio": "FA-1",
    "verdict": "accepted",
    "role": "administrator",
    "is_superuser": "on",
    "disabled_at": "",
    "email_confirmed_at": "x",
    "usable_from": "2020-01-01",
    "granted_by": "x",
    "uuid": "x",
    "approved_by": "x",
    "assignee": "x",
    "rate": "0",
    "scheme": "x",
    "id": "1",
    "pk": "1",
    "by": "x",
    "user": "x",
    "created_at": "2020-01-01",
    "is_operator": "on",
}
NEW_EACH_TIME = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|\d{4}-\d\d-\d\d[T ][\d:.]+(?:[+-]\d\d:?\d\d)?|QS-\d+-\d+"
)
RANDOM = frozenset({"id", "text_id", "digest", "password", "clabe", "clabe_index"})
WATCHED = (
    "people_user",
    "people_party",
    "people_grant",
    "people_secondaryemail",
    "people_registration",
    "billing_invoice",
    "billing_invoiceline",
    "billing_careorder",
    "billing_physicianprofile",
    "billing_schemeassignment",
    "treasury_bankaccount",
    "treasury_payable",
    "treasury_transfer",
    "help_contactmessage",
)
MESSAGE = {"kind": "complaint", "name": "L", "email": "l@ejemplo.mx", "body": "Falta un pago."}
REGIME = {"name": "LUCÍA ORTEGA RÍOS", "zip_code": "44100", "regime": "612", "state": "", "specialty": "Cardiología"}
FORMS = (
    ("owner", "/cuenta/datos/", {"name": "Lucía O.", "zip_code": "44160"}),
    ("owner", "/cuenta/segundo-correo/", {"address": "otra@ejemplo.mx"}),
    ("owner", "/cuenta/equipo/", {"name": "Ana", "email": "ana@ejemplo.mx", "role": "physician-assistant"}),
    ("owner", "/contacto/", {**MESSAGE, "subject_folio": "FA-2026-000006"}),
    ("owner", "/medico/facturas/nueva/", {"orders": "ORDER"}),
    ("owner", "/medico/regimen/", REGIME),
    (
        "anonymous",
        "/registro/?tipo=physician",
        {"rfc": "XAXA850612AB1", "email": "n@ejemplo.mx", "password": "lluvia-en-la-sierra", "consent": "on"},
    ),
    ("reviewer", "/mesa/facturas/FA-2026-000006/aceptar/", {}),
    ("reviewer", "/mesa/facturas/FA-2026-000006/devolver/", {"reasons": "pdf_of_another"}),
)


def rows_after(client: Client, path: str, data: dict[str, str]) -> tuple[int, list[str]]:
    """(status, the watched rows without what is new each time) after one POST, which is taken back."""
    from django.db import transaction

    with transaction.atomic():
        status = client.post(path, data | {FIELD: "0123456789abcdef"}).status_code
        found = []
        with connection.cursor() as cursor:
            for table in WATCHED:
                cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
                for (text,) in cursor.fetchall():
                    row = {name: value for name, value in json.loads(text).items() if name not in RANDOM}
                    found.append(f"{table} {NEW_EACH_TIME.sub('~', json.dumps(row, sort_keys=True))}")
        transaction.set_rollback(True)
    return status, sorted(found)


@pytest.mark.parametrize(("actor", "path", "data"), FORMS, ids=[form[1] for form in FORMS])
def test_fields_that_are_not_asked_for_change_nothing_AC_04(
    world: World, actor: str, path: str, data: dict[str, str]
) -> None:
    from billing.models import CareOrder

    order = CareOrder.objects.filter(physician_rfc=world.party().rfc, state="available").order_by("account")[0]
    data = {name: str(order.pk) if value == "ORDER" else value for name, value in data.items()}
    extra = {name: value for name, value in EXTRA.items() if name not in data}
    client = world.clients[actor]
    _absent, untouched = rows_after(client, "/nada/", {})
    status, honest = rows_after(client, path, data)
    assert status == (200 if path.startswith("/registro/") else 302)
    assert honest != untouched, "the honest form does nothing"
    assert rows_after(client, path, data | extra) == (status, honest)


def test_forms_name_their_fields_one_by_one_AC_04() -> None:
    """No form is made from a model, and no view hands a whole POST to a service."""
    from django.conf import settings

    sources = [path for room in PACKAGES for path in settings.ROOT.joinpath(room).rglob("*.py")]
    for path in sources:
        text = path.read_text()
        assert "ModelForm" not in text and "ModelSerializer" not in text, path
        assert not re.search(r"\*\*\s*(?:request\.(?:POST|GET|data)|dict\(request\.)", text), path
        assert not re.search(r"request\.(?:POST|GET)\.(?:dict|items)\(\)", text), path


# --- roles ------------------------------------------------------------------------------------------------------------


def test_a_role_that_ended_or_began_counts_from_the_next_request_AC_07(world: World) -> None:
    from portal import clock
    from portal.people import services

    reviewer, administrator = world.users["reviewer"], world.users["administrator"]
    client = world.clients["reviewer"]
    assert client.get("/mesa/facturas/").status_code == 200
    services.end_grant(grant=Grant.objects.get(user=reviewer), by=administrator, at=clock.now())
    assert client.get("/mesa/facturas/").status_code == 403
    assert client.post("/mesa/facturas/FA-2026-000006/aceptar/", {"once_key": "0123456789abcdef"}).status_code == 403
    support = world.users["support"]
    assert world.clients["support"].get("/mesa/facturas/").status_code == 403
    Grant.objects.create(user=support, party=people.the_operator(), role="reviewer", since=people.LONG_AGO)
    assert world.clients["support"].get("/mesa/facturas/").status_code == 200
    services.disable_person(user=support, by=administrator, at=clock.now(), reason="Se fue.")
    assert world.clients["support"].get("/mesa/").status_code == 302


def given(world: World, actor: str, role: str) -> Client:
    """The actor's browser, with one role more."""
    Grant.objects.create(user=world.users[actor], party=people.the_operator(), role=role, since=people.LONG_AGO)
    return world.clients[actor]


@pytest.mark.parametrize(("actor", "why"), [("preparer", "Preparaste este lote"), ("reviewer", "Revisaste facturas")])
def test_who_reviewed_or_prepared_does_not_approve_whatever_their_roles_MO_05(
    world: World, actor: str, why: str
) -> None:
    from portal.treasury.models import PaymentBatch

    batch = PaymentBatch.objects.get(state="prepared", approvals_needed=1)
    path, said = f"/mesa/pagos/{batch.pk}/autorizar/", {"total": str(batch.total)}
    answer = given(world, actor, "payment-approver").post(path, said | {FIELD: "0123456789abcdef"})
    assert answer.status_code == 422 and why in answer.content.decode()
    batch.refresh_from_db()
    assert (batch.state, batch.approvals.count()) == ("prepared", 0)
    assert undone(world.clients["approver"], "post", path, said).status_code == 302, "the same form of another person"


def test_who_reviewed_does_not_prepare_the_payment_MO_05(world: World) -> None:
    from portal.treasury.models import Payable

    payable = Payable.objects.get(state="open", party=world.party())
    path, said = "/mesa/pagos/nuevo/", {"payables": str(payable.pk)}
    reviewer = given(world, "reviewer", "payment-preparer")
    assert "Tú la revisaste" in reviewer.get(path).content.decode()
    assert reviewer.post(path, said | {FIELD: "0123456789abcdef"}).status_code == 422
    payable.refresh_from_db()
    assert payable.state == "open"
    assert undone(world.clients["preparer"], "post", path, said).status_code == 302, "the same form of another person"


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_handed_out_sandboxed_and_never_kept_UP_08(world: World) -> None:
    from billing.models import Invoice

    sent = Invoice.objects.get(party=world.party(), state="submitted")
    kinds = {sent.xml_id: "application/xml", sent.pdf_id: "application/pdf"}
    paths = {f"/archivos/{pk}/": kind for pk, kind in kinds.items()}
    paths[f"/archivos/{sent.pdf_id}/pagina/1/"] = "image/"
    for path, kind in paths.items():
        answer = undone(world.clients["owner"], "get", path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"]
        assert re.match(r"(?:attachment|inline)\b", answer.headers["Content-Disposition"])
        assert undone(world.clients["stranger"], "get", path).status_code == 404


# --- what leaves the house --------------------------------------------------------------------------------------------


def canaries(world: World) -> dict[str, tuple[str, ...]]:
    """What must stay where it belongs, by what it is."""
    from config.demo.scenes import claims, decided_claims
    from config.demo.scenes.billing import PATIENTS
    from config.demo.scenes.treasury import ACCOUNTS, clabe_of

    return {
        "patient": tuple(PATIENTS),
        "clabe": (
            *(clabe_of(bank, number) for _, bank, number, _ in ACCOUNTS),
            *(clabe_of(*numbers) for numbers in (claims.ACCOUNT, decided_claims.ACCOUNT)),
        ),
        "rfc": ("OERL850612AA9", "PEMI790303BB2", "CALN900121CC0"),
    }


# In which tables each may stand. A CLABE stands in none: only sealed.
ALLOWED = {
    "patient": {
        "billing_careorder",
        "billing_invoice",
        "billing_reviewdecision",  # what the reviewer saw when it was decided: the next one reads what changed since
        "papers_issueddocument",
        "papers_storedfile",
    },
    "clabe": set(),
    "rfc": {
        "people_party",
        "people_signinidentifier",
        "billing_careorder",
        "papers_issueddocument",
        "papers_storedfile",
        "fiscal_taxreceipt",
        "claims_claimfile",  # what its invoice says
        "claims_claiminvoice",
        "billing_invoice",
        "billing_reviewdecision",
        "billing_complement",
        "billing_orderdelivery",
        "treasury_transfer",
        "people_rfccode",
        "proofs_rfcpaper",  # for whom a code is, and what a paper is to prove: not always a party yet
    },
}


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_what_is_personal_stands_only_where_it_belongs_AD_05(world: World) -> None:
    """Every table of the database is searched for marked data after the whole story was played."""
    from portal.treasury.models import BankAccount

    found, seen = [], dict[str, set[str]]()
    with connection.cursor() as cursor:
        for table in tables():
            for kind, marks in canaries(world).items():
                wanted = "|".join(re.escape(mark) for mark in marks)
                cursor.execute(f'SELECT t::text FROM "{table}" t WHERE t::text ~* %s', [wanted])
                rows = "\n".join(text for (text,) in cursor.fetchall())
                seen.setdefault(kind, set()).update(mark for mark in marks if mark in rows)
                if rows and table not in ALLOWED[kind]:
                    found.append(f"{kind} in {table}")
    assert not found, "\n".join(found)
    # What is searched for is there: a mark that no story wears would prove nothing.
    assert {kind: sorted(marks) for kind, marks in canaries(world).items()} == {
        "patient": sorted(seen["patient"]),
        "rfc": sorted(seen["rfc"]),
        "clabe": sorted(BankAccount.objects.values_list("clabe", flat=True)),
    }


def test_logs_and_error_pages_say_nothing_personal_AD_05(world: World, caplog: pytest.LogCaptureFixture) -> None:
    marks = [mark for group in canaries(world).values() for mark in group]
    clabe = marks[len(canaries(world)["patient"])]
    with caplog.at_level("DEBUG"):
        bad = {"clabe": clabe[:-1] + "0", "identifier": "OERL850612AA9", "password": clabe}
        pages = [
            undone(world.clients["owner"], "post", "/cuenta/bancaria/nueva/", bad),
            undone(world.clients["anonymous"], "post", "/entrar/", bad),
            undone(world.clients["anonymous"], "post", "/recuperar/", bad),
            undone(world.clients["stranger"], "get", f"/archivos/{world.party().pk}/?q={clabe}"),
            undone(Client(raise_request_exception=False), "get", f"/medico/ordenes/?q={clabe}"),
        ]
    assert [page.status_code for page in pages] == [422, 422, 200, 404, 302]
    lines = [*world.logged, *caplog.messages]
    leaked = [f"{mark}: {line[:200]}" for mark in marks for line in lines if mark in line]
    assert not leaked, "\n".join(leaked)


FORBIDDEN_WORDS = re.compile(
    r"diagn|padecim|enferm|cirug|paciente|tratamiento|clabe|\$\s?\d|\d{18}|[A-ZÑ&]{4}\d{6}[A-Z0-9]{3}|contraseña es",
    re.IGNORECASE,
)


# A deposit is announced with its amount, its date and its folios; nothing else has a sum in it.
AMOUNT = re.compile(r"\$\s?\d[\d,]*\.\d\d")
TELLS_AN_AMOUNT = {"billing/invoice_paid"}


def test_mails_and_notices_carry_a_folio_and_nothing_else_PR_08(world: World) -> None:
    from portal.notices import mail
    from portal.notices.models import Notice

    marks = [mark for group in canaries(world).values() for mark in group]
    kinds, wrong = set(), []
    for notice in Notice.objects.select_related("user").order_by("pk"):
        kinds.add(notice.kind)
        sent = mail.compose(notice, "a@ejemplo.mx")
        text = "\n".join([sent.subject, str(sent.body), *(str(part[0]) for part in sent.alternatives)])
        visible = re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
        said = AMOUNT.sub("", visible) if notice.kind in TELLS_AN_AMOUNT else visible
        wrong += [f"{notice.kind}: {found}" for found in FORBIDDEN_WORDS.findall(said)]
        wrong += [f"{notice.kind}: {mark}" for mark in marks if mark in text]
        assert not re.search(r"[?&](?:rfc|clabe|curp|nombre|paciente)=", notice.action_url)
    assert not wrong, "\n".join(wrong)
    assert len(kinds) >= 8


def test_the_audit_trail_names_no_one_by_number_AD_05(world: World) -> None:
    from portal.history.models import AuditEvent

    trail = json.dumps(list(AuditEvent.objects.values("action", "details", "reason", "subject_id")), default=str)
    assert AuditEvent.objects.count() > 50
    for marks in canaries(world).values():
        assert not [mark for mark in marks if mark in trail]
