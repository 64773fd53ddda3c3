"""What treasury costs: the intake of bank statements (G17)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.bench.pairs import TIMES, Goal, compare

CLABE = "012180015678912344"

DEPOSITS, SLIPS, LISTED = 10_000, 100_000, 20_000 * TIMES
COLLECTIONS = "/mesa/cobranza/"

# G22's limit was a guess of 8. 8.7 on a quiet machine: what is said of each deposit and held against it is 15 µs of
# Python beside the 3 µs in which PostgreSQL joins one.
GOALS = {"G17": Goal("≤", 4.0, 2.0), "G22": Goal("≤", 10.0, 4.0)}


def intake() -> None:
    """G17: three statements judged in their limited process, against pdfium alone reading, drawing and joining them.

    The reference draws too, because a statement's pages are pictures for the reviewer as soon as it is judged; the row
    below says what it costs beside a reference that does not.
    """
    import pypdfium2

    from portal.papers import examiner

    files = [_statement(pages) for pages in (3, 1, 1)]
    context = {"clabe": CLABE, "bank": "BBVA México", "holder": "Ñ", "rfc": "", "on": "2026-11-22", "max_age_months": 3}
    asked: dict[str, Any] = {"name": "a.pdf", "kinds": {"pdf"}, "check": "portal.treasury.statement.check"}

    def ours() -> None:
        for content in files:
            report = examiner.examine(content=content, context=context, **asked)
            if not report.pages:
                raise SystemExit(str(report.judgement.findings))

    def bare(drawn: Callable[[Any], object] | None = None) -> None:
        merged = pypdfium2.PdfDocument.new()
        for content in files:
            document = pypdfium2.PdfDocument(content)
            for page in document:
                page.get_textpage().get_text_range()
                if drawn:
                    drawn(page)
            merged.import_pages(document)
        merged.save(io.BytesIO())

    def pictured() -> None:
        bare(lambda page: page.render(scale=1600 / 792).to_pil().convert("RGB").save(io.BytesIO(), "JPEG", quality=80))

    compare("G17 tres PDF: examen, CLABE y vistas / pdfium, con vistas", ours, pictured)
    compare("    si pdfium no dibuja", ours, bare)
    examiner.stop()


def deposits() -> None:
    """G7 and G8 on the collections desk's list of 20,000 deposits that wait."""
    from config.demo.people import BY_SLUG
    from portal.treasury.models import Movement
    from tests.bench.copies import copies
    from tests.bench.listing import pages
    from tests.bench.signed_in import signed_in, user_of

    one = Movement.objects.waiting().order_by("pk")[0]
    copies(Movement, LISTED, one=one, identity="'bench:' || n", row="n")
    pages("depósitos", signed_in(user_of(BY_SLUG["ramiro"].email)), COLLECTIONS, rows=LISTED)


def matching() -> None:
    """G22: the matcher over 10,000 deposits and 100,000 open slips, against one equality join of the same keys."""
    from django.db import connection

    from memberships.models import Slip
    from portal.treasury.rules.matching import Deposit
    from portal.treasury.selectors import matcher
    from tests.bench.copies import copies

    day, amount = date(2026, 11, 20), Decimal("350.00")
    reference = "(90000000000000 + n * 97)::text"
    new = {"folio": "'FP-2031-' || lpad(n::text, 6, '0')", "code": "'bench' || n", "reference": reference}
    copies(Slip, SLIPS, amount=str(amount), state="'issued'", replaces_id="NULL", **new)
    numbers = range(1, DEPOSITS * 7, 7)
    paid = [Deposit(str(n), day, amount, _reference(n), "DEPOSITO EN TIENDA", "MXN") for n in numbers]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO memberships_slipkey (slip_id, key) SELECT id, reference FROM memberships_slip "
            "WHERE code LIKE 'bench%'"
        )
        cursor.execute("ANALYZE memberships_slipkey")
        cursor.execute("CREATE TEMP TABLE bare_paid (key text)")
        cursor.copy_expert("COPY bare_paid FROM STDIN", io.StringIO("".join(f"{_reference(n)}\n" for n in numbers)))
        cursor.execute("ANALYZE bare_paid")

    def ours() -> None:
        asked, _kinds = matcher("MXN")
        if sum(one.score == 100 for one in asked.match_all(paid)) != DEPOSITS:
            raise SystemExit("a deposit was not judged")

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT p.key, k.slip_id FROM bare_paid p JOIN memberships_slipkey k ON k.key = p.key")
            if len(cursor.fetchall()) != DEPOSITS:
                raise SystemExit("a deposit was not joined")

    compare("G22 10,000 depósitos, 100,000 fichas: juicio / una igualdad por SQL", ours, bare, pairs=5)


def _reference(number: int) -> str:
    """Fourteen digits that are nobody else's."""
    return f"{90_000_000_000_000 + number * 97}"


def _statement(pages: int) -> bytes:
    from config.demo.samples import make_statement_pdf, statements

    day = date(2026, 11, 15)
    if pages == 1:
        return make_statement_pdf(clabe=CLABE, bank="BBVA México", holder="ÑANDÚ", rfc="ÑAN010101AB1", closing_on=day)
    lines = [
        f"{number:02d}/10 Transferencia recibida {number * 137:,}.00  CLABE {CLABE}" for number in range(40 * pages)
    ]
    return statements.text_pdf(lines)


MEASURES = (intake, deposits, matching)
