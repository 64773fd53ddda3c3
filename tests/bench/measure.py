"""What bin/bench measures: one of ours against one of the bare library's, in pairs, on a throw-away database.

Run by bin/bench as a process of its own (it needs Django). Prints `name<TAB>ratio<TAB>ours in ms<TAB>bare in ms` a row.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PAIRS = 7
ORDERS = 20_000


def pairs(ours: Callable[[], object], bare: Callable[[], object], *, rounds: int = PAIRS, warm: int = 1) -> list[float]:
    """Medians (seconds) of alternating runs: ours, bare."""
    for _ in range(warm):
        ours(), bare()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for act, times in zip((ours, bare), taken, strict=True):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]


def say(name: str, ratio: float, ours: float = 0.0, bare: float = 0.0) -> None:
    """One row for bin/bench."""
    print(f"{name}\t{ratio:.4f}\t{ours * 1000:.3f}\t{bare * 1000:.3f}", flush=True)


def cfdi() -> None:
    """G16: everything said about an invoice against parsing it, opening its certificate and one RSA verification."""
    import base64
    from datetime import datetime
    from decimal import Decimal

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from lxml import etree

    from config.demo import papermill
    from portal.fiscal import checks

    issuer = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}
    receiver = {"rfc": "PSE010101AA1", "name": "PLAN SEGURO", "zip": "06600", "regime": "601"}
    orders = [{"account": "OA-1", "patient": "María José Núñez Peña", "payable": "1500.00"}]
    parts = [{"component": "ISR", "rate": "0.100000"}]
    xml = papermill.make_invoice(
        issuer=issuer,
        receiver=receiver,
        orders=orders,
        components=parts,
        issued_at=datetime(2026, 11, 20, 10),  # noqa: DTZ001 - a CFDI's wall clock
    )
    scheme = {"code": "PF", "enforcement": "required", "components": parts, "rule": "S0.20", "regime": "612"}
    context = {"issuer_rfc": issuer["rfc"], "receiver": receiver, "orders": orders, "schemes": [scheme]}
    context |= {"on": "2026-11-22", "tolerance": str(Decimal("0.01"))}
    context |= {"trust": [base64.b64encode(der).decode() for der in papermill.trust_der()]}

    def bare() -> None:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        key = x509.load_der_x509_certificate(base64.b64decode(root.get("Certificado"))).public_key()
        try:
            key.verify(base64.b64decode(root.get("Sello")), b"any text", padding.PKCS1v15(), hashes.SHA256())
        except Exception:  # the same work as for the right text
            return

    ours, base = pairs(lambda: checks.invoice(xml, dict(context)), bare, rounds=25, warm=3)
    say("G16 CFDI: todo el dictamen / lectura y sello", ours / base, ours, base)


def paper() -> None:
    """G14: an issued paper against WeasyPrint alone on the same HTML."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    from portal.papers import rendering
    from portal.papers.models import IssuedDocument

    document = IssuedDocument.objects.exclude(template="").order_by("pk").first()
    if document is None:
        return
    fonts = FontConfiguration()
    html = "<h1>Acuse</h1>" + "<p>Renglón de un acuse con su importe.</p>" * 20
    ours, base = pairs(lambda: rendering.render(document), lambda: HTML(string=html).write_pdf(font_config=fonts))
    say("G14 documento emitido / WeasyPrint a secas", ours / base, ours, base)


def login() -> None:
    """G18: the whole sign-in request against one argon2id verification."""
    from django.contrib.auth.hashers import check_password, make_password
    from django.test import Client

    from portal.people.models import User

    user = User.objects.filter(email="lucia@demo.example").first() or User.objects.order_by("pk")[0]
    user.password = make_password("ventana-azul-de-otoño-7")
    user.save(update_fields=["password"])
    form = {"identifier": user.email, "password": "ventana-azul-de-otoño-7"}

    def ours() -> None:
        answer = Client(HTTP_HOST="localhost").post("/entrar/", form)
        if answer.status_code != 302:
            raise SystemExit(f"sign-in answered {answer.status_code}")

    took, base = pairs(ours, lambda: check_password("ventana-azul-de-otoño-7", user.password), rounds=9)
    say("G18 entrar / argon2id a secas", took / base, took, base)


def listing() -> None:
    """G7, G8, G11: a physician's list of 20,000 orders: last page / first, view / its SQL alone, queries."""
    import re

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from portal.people.models import User

    lucia = User.objects.get(pk=_many_orders())
    client = Client(HTTP_HOST="localhost")
    client.force_login(lucia)
    session = client.session
    session["demo"] = True
    session.save()

    def page(path: str) -> str:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return answer.content.decode()

    first = "/medico/ordenes/"
    found = re.search(r'href="(\?[^"]*)"[^>]*rel="next"|rel="next"[^>]*href="(\?[^"]*)"', page(first))
    deep = first + (found.group(1) or found.group(2)).replace("&amp;", "&") if found else first
    for _ in range(20):
        found = re.search(r'href="(\?[^"]*)"[^>]*rel="next"|rel="next"[^>]*href="(\?[^"]*)"', page(deep))
        if not found:
            break
        deep = first + (found.group(1) or found.group(2)).replace("&amp;", "&")
    took, base = pairs(lambda: page(deep), lambda: page(first), rounds=15)
    say("G7 lista de 20,000: página honda / primera", took / base, took, base)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        page(first)
    asked = [row["sql"] for row in seen.captured_queries]
    mine = [sql for sql in asked if "billing_careorder" in sql]

    def sql_alone() -> None:
        with connection.cursor() as cursor:
            for sql in mine:
                cursor.execute(sql)
                cursor.fetchall()

    took, base = pairs(lambda: page(first), sql_alone, rounds=15)
    say("G8 lista: vista / su SQL a secas", took / base, took, base)
    say("G11 consultas de la lista (sin sesión ni persona)", len(mine))


def _many_orders() -> object:
    """20,000 orders of one physician of the demo world."""
    from billing.models import CareOrder

    one = CareOrder.objects.order_by("pk")[0]
    rows = []
    from portal import ids

    for number in range(ORDERS):
        row = CareOrder(**{f.attname: getattr(one, f.attname) for f in CareOrder._meta.concrete_fields})
        row.pk, row.account, row.state = ids.uuid7(), f"BN-{number:06d}", "available"
        rows.append(row)
    CareOrder.objects.bulk_create(rows, batch_size=2000)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE billing_careorder")
    from portal.access import Role
    from portal.people.models import Grant, Party

    party = Party.objects.get(rfc=one.physician_rfc)
    return Grant.objects.filter(party=party, role=Role.PHYSICIAN).values_list("user_id", flat=True)[0]


def audit() -> None:
    """AD-06: audit rows a second, recorded one by one in one transaction, and sealed."""
    from django.db import transaction

    from portal import clock
    from portal.history import services
    from portal.people.models import User

    user, count = User.objects.order_by("pk")[0], 500
    began = time.perf_counter()
    with transaction.atomic():
        for _ in range(count):
            services.record(action="bench.recorded", subject=user, by=user, at=clock.now(), details={"n": 1})
    wrote = count / (time.perf_counter() - began)
    began = time.perf_counter()
    sealed = services.seal_events()
    say("AD-06 auditoría: registros por segundo", wrote)
    say("AD-06 auditoría: sellos por segundo", sealed / (time.perf_counter() - began))


@contextmanager
def throw_away() -> Iterator[None]:
    """A test database with the demo world in it, and a folder of files, both gone afterwards."""
    import shutil
    import tempfile

    import django
    from django.conf import settings

    django.setup()
    from django.test.utils import get_runner, setup_test_environment, teardown_test_environment

    folder = Path(tempfile.mkdtemp(prefix="cauce-bench-"))
    settings.DATA_DIR = folder
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    setup_test_environment(debug=False)
    runner = get_runner(settings)(interactive=False, verbosity=0)
    names = runner.setup_databases()
    try:
        from config.demo import world

        world.load()
        yield
    finally:
        runner.teardown_databases(names)
        teardown_test_environment()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """All of them, or those named."""
    wanted = set(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with throw_away():
        for measure in (cfdi, paper, login, listing, audit):
            if not wanted or measure.__name__ in wanted:
                measure()


if __name__ == "__main__":
    main()
