"""What the global search costs (G31): what people type, over 200,000 rows, against its slowest query alone."""

from __future__ import annotations

import timeit
from typing import Any

from tests.bench.copies import copies
from tests.bench.pairs import Goal, compare, say

ORDERS, MESSAGES = 160_000, 40_000
PAIRS = 9
# Whom of the sample people it is asked for, and what is typed: an account, a name, an RFC, a folio, an address.
TYPED = (
    ("rebeca", "BQ-0012"),
    ("rebeca", "zbcd"),
    ("rebeca", "NUPM8001"),
    ("sofia", "QS-2026-3000"),
    ("sofia", "zbcd"),
)
GOALS = {"G31": Goal("≤", 3.0, 1.5)}


def search() -> None:
    """G31: the whole search of a reviewer and of support, all kinds of things, against the slowest of its queries."""
    from config.demo.people import BY_SLUG
    from tests.bench.signed_in import user_of

    _fill()
    took = {typed: _compared(user_of(BY_SLUG[slug].email), typed) for slug, typed in TYPED}
    slowest = max(took, key=lambda typed: took[typed])
    say(f"    la más lenta, «{slowest}», en ms (junto a 200)", took[slowest] * 1000)


def _compared(user: Any, typed: str) -> float:
    """One row; how many seconds the search took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from portal.listing.search import search as found

    with CaptureQueriesContext(connection) as seen:
        if not found(user, typed):
            raise SystemExit(f"{user} finds nothing by {typed}")
    slowest = max((row["sql"] for row in seen.captured_queries), key=_seconds)
    name = f"G31 buscar «{typed}» entre {ORDERS + MESSAGES:,} / su consulta más lenta"
    return compare(name, lambda: found(user, typed), lambda: _alone(slowest), pairs=PAIRS)[1]


def _seconds(sql: str) -> float:
    """What a query takes, the best of a few: Django's own figure has three decimals, and most take less than one."""
    return min(timeit.repeat(lambda: _alone(sql), number=1, repeat=5))


def _alone(sql: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.fetchall()


def _fill() -> None:
    """Orders of 40,000 patients and messages of as many people, each called by letters that count upwards."""
    from billing.models import CareOrder
    from portal.help.models import ContactMessage

    name = "'Z' || translate(n::text, '0123456789', 'abcdefghij') || ' Ñandú Pérez'"
    copies(
        CareOrder,
        ORDERS,
        account="'BQ-' || lpad(n::text, 7, '0')",
        patient=name,
        physician_rfc="'NUPM8001' || lpad((n %% 28 + 1)::text, 2, '0') || 'AA' || (n %% 10)",
    )
    copies(ContactMessage, MESSAGES, folio="'QS-2026-' || lpad((300000 + n)::text, 6, '0')", name=name)


MEASURES = (search,)
