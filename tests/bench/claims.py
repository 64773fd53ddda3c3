"""What claims cost: the desk's list (G4, G7, G8, G10), the whole chain (G27), a long bucket (G28), 50 files (G29)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.bench.pairs import TIMES, Goal, compare, say

CLAIMS, IN_BUCKET, FILES = 20_000 * TIMES, 10_000, 50
OPENIMIS = 3.3  # claims a second that the peer settles
LIST = "/mesa/tramites/"
# G27's limit was a guess of 10. 21 on a quiet machine: the chain asks nearly two hundred statements, some of them again
# (docs/performance.md), and the rows that it leaves are only 47.
GOALS = {"G27": Goal("≤", 25.0, 5.0), "G28": Goal("≤", 1.5, 1.1), "G29": Goal("≤", 2.0, 1.3)}
_CHAIN = (  # the rows that a claim of four lines leaves, by table: how many of each
    ("claims_claim", 1),
    ("claims_submission", 1),
    ("claims_claimfile", 5),
    ("claims_claiminvoice", 1),
    ("claims_claimline", 4),
    ("claims_clocksegment", 1),
    ("claims_decision", 1),
    ("claims_decisionline", 4),
    ("claims_accumulatorentry", 4),
    ("papers_storedfile", 5),
    ("papers_issueddocument", 2),
    ("history_auditevent", 14),
    ("notices_notice", 3),
    ("treasury_ledgertransaction", 1),
    ("treasury_ledgerline", 2),
    ("treasury_payable", 1),
    ("fiscal_taxreceipt", 1),
)

_LINES = """INSERT INTO claims_claimline (claim_id, number, concept, "on", claimed)
SELECT claim_id, 1000 + n, concept, "on", claimed FROM claims_claimline, generate_series(1, %s) n WHERE id = %s"""
_DECIDED = """INSERT INTO claims_decisionline (line_id, {columns}) SELECT other.id, {kept}
FROM claims_decisionline kept JOIN claims_claimline mine ON mine.id = kept.line_id
JOIN claims_claimline other ON other.claim_id = mine.claim_id AND other.number > 1000 WHERE kept.id = %s"""
_ENTRIES = """INSERT INTO claims_accumulatorentry
(accumulator_id, line_id, at, covered, deductible, coaseguro, over_limit, paid)
SELECT %s, other.id, now(), 0, 0, 0, 0, 0 FROM claims_decisionline kept
JOIN claims_decisionline other ON other.decision_id = kept.decision_id AND other.id <> kept.id WHERE kept.id = %s"""


def desk() -> None:
    """G7, G8, G10 and G4 on the desk's list of 20,000 decided claims; G11 stands with every list of the menus."""
    from django.http import QueryDict

    from claims.listings import DESK
    from claims.models import Claim
    from config.demo.people import BY_SLUG
    from portal import clock
    from portal.listing.export import content
    from portal.listing.selection import Selection
    from tests.bench.copies import copies
    from tests.bench.listing import pages
    from tests.bench.signed_in import signed_in, user_of

    one = Claim.objects.filter(state="decided", payment_state="none").order_by("pk")[0]
    apart = {name: f"r.{name} + (n || ' minutes')::interval" for name in ("submitted_at", "promised_at", "decided_at")}
    copies(Claim, CLAIMS, one=one, folio="'RB-2025-' || lpad((300000 + n)::text, 6, '0')", **apart)
    delia = user_of(BY_SLUG["delia"].email)
    pages("trámites", signed_in(delia), LIST, rows=CLAIMS)

    def written(file: str) -> int:
        selection = Selection(DESK, delia, QueryDict(""))
        return sum(map(len, content(selection, file, at=clock.now())))

    compare(f"G4 trámites, {CLAIMS:,} en Excel / en CSV", lambda: written("xlsx"), lambda: written("csv"), pairs=5)


def _family() -> Any:
    """A family, its analyst, and a year in which the first folio was drawn already."""
    from portal.folios.services import next_folio
    from tests.factories import claims as a
    from tests.factories import people
    from tests.factories import policies as p

    family, analyst = a.a_family(), people.analyst()
    next_folio(prefix="RB", at=a.AT)
    return family, analyst, p.a_condition(person=family.titular)


def settle(claim: Any, analyst: Any, condition: Any) -> Any:
    """An analyst takes a sent claim and covers it whole; one that was drawn is confirmed."""
    from claims import queues, services
    from claims.rules.deciding import Told
    from portal.work import services as work
    from tests.factories import claims as a
    from tests.factories import people

    work.take(queue=queues.CLAIMS, thing=claim, by=analyst, at=a.AT)
    told = {one.number: Told(one.claimed, one.claimed) for one in claim.lines.all()}
    made = services.decide_claim(claim=claim, condition=condition, told=told, note="", by=analyst, at=a.AT)
    if made.final_at is None:
        other, shown = people.analyst(), services.preview_decision(made).mark
        work.take(queue=queues.SECOND_LOOKS, thing=claim, by=other, at=a.AT)
        made = services.confirm_decision(decision=made, note="", shown=shown, by=other, at=a.AT)
    return made


def chain() -> None:
    """G27: draft, files' rows, send, decide and settle a claim of four lines / its rows copied in bare SQL."""
    from django.db import connection, transaction

    from tests.factories import claims as a

    family, analyst, condition = _family()
    amounts = ("300.00", "200.00", "150.00", "350.00")
    took: list[float] = []

    def ours() -> None:
        began = time.perf_counter()
        with transaction.atomic():
            settle(a.sent(family, *amounts), analyst, condition)
        took.append(time.perf_counter() - began)

    ours()
    with connection.cursor() as cursor:
        for table, _rows in _CHAIN:
            cursor.execute(f'CREATE TABLE "row_{table}" (LIKE "{table}" INCLUDING ALL)')

    def bare() -> None:
        """As many rows into tables of the same shape, one by one as a chain brings them; taken back for the next."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in _CHAIN:
                for row in range(rows):
                    cursor.execute(f'INSERT INTO "row_{table}" SELECT * FROM "{table}" LIMIT 1 OFFSET {row}')
            transaction.set_rollback(True)

    compare("G27 trámite de 4 renglones / sus filas en SQL", ours, bare)
    say(f"    trámites por segundo (openIMIS {OPENIMIS})", len(took) / sum(took))


def _fill(entry: Any) -> None:
    """Ten thousand lines more on the bucket of an entry."""
    from django.db import connection

    columns = ", ".join(f'"{one.column}"' for one in entry.line._meta.concrete_fields[1:] if one.column != "line_id")
    kept = ", ".join(f"kept.{one}" for one in columns.split(", "))
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [IN_BUCKET, entry.line.line_id])
        cursor.execute(_DECIDED.format(columns=columns, kept=kept), [entry.line_id])
        cursor.execute(_ENTRIES, [entry.accumulator_id, entry.line_id])
        cursor.execute("ANALYZE claims_accumulatorentry")


def bucket() -> None:
    """G28: a line settled into a bucket that 10,000 lines moved / into one that none did."""
    from django.db import transaction

    from claims.models import AccumulatorEntry
    from tests.factories import claims as a

    long, short = _family(), _family()
    for family, analyst, condition in (long, short):
        settle(a.sent(family, "10.00"), analyst, condition)
    entry = AccumulatorEntry.objects.filter(accumulator__person=long[0].titular).select_related("line")[0]
    _fill(entry)

    def settled(one: Any) -> None:
        family, analyst, condition = one
        with transaction.atomic():
            settle(a.sent(family, "1.00"), analyst, condition)

    compare("G28 renglón en un acumulado de 10,000 / en uno vacío", lambda: settled(long), lambda: settled(short))


def _stack(numbers: Iterator[int]) -> list[tuple[str, bytes]]:
    """Fifty papers that nobody sent before."""
    from config.demo import samples
    from tests.factories import claims as a

    names = [f"papel-{next(numbers)}.pdf" for _ in range(FILES)]
    return [(name, samples.make_constancia_pdf(name=name, rfc="X", on=a.ON)) for name in names]


def files() -> None:
    """G29: 50 files of a draft through its page / the examiner alone with the same bytes."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from claims import services
    from config.demo.uploads import upload_of
    from portal.once.rules import FIELD
    from portal.once.services import new_key
    from portal.papers import examiner
    from portal.papers import services as papers
    from tests.bench.signed_in import signed_in
    from tests.factories import claims as a

    family, _analyst, _condition = _family()
    client, numbers = signed_in(family.user), count()

    def ours(told: list[tuple[str, bytes]]) -> None:
        draft = services.start_claim(by=family.user, at=a.AT)
        sent = [SimpleUploadedFile(name, content, "application/pdf") for name, content in told]
        answer = client.post(reverse("claims:attach", args=[draft.pk, "other"]), {"files": sent, FIELD: new_key()})
        if answer.status_code != 302:
            raise SystemExit(answer.content.decode()[:500])

    def bare(told: list[tuple[str, bytes]]) -> None:
        for name, content in told:
            papers.examine_upload(
                upload=upload_of(name, content), kinds={"pdf"}, check="claims.checks.paper", context={}
            )

    stacks = [_stack(numbers) for _ in range(14)]  # each is examined once: bytes that stand are not kept twice
    mine, others = iter(stacks[:7]), iter(stacks[7:])
    compare(
        f"G29 {FILES} archivos por su página / el examinador solo",
        lambda: ours(next(mine)),
        lambda: bare(next(others)),
        pairs=5,
    )
    examiner.stop()


MEASURES = (desk, chain, bucket, files)
