"""What lists cost: keyset pages (G7, G8, G10, G11) and their files (G4, G6)."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tests.bench.pairs import TIMES, Goal, compare, compare_p95, say
from tests.bench.signed_in import signed_in, user_of

ORDERS, WAITING = 20_000 * TIMES, 60
LIST, STATEMENT = "/medico/ordenes/", "/medico/estado-de-cuenta/"
# Read on every page, list or not: session, person, grants, unread notices, consents.
_EVERY_PAGE = re.compile(
    r'FROM "(django_session|people_user|people_grant|people_consent\w*|notices_notice)"'
    r'|UPDATE "django_session"|SAVEPOINT|BEGIN|COMMIT'
)

GOALS = {
    "G4": Goal("≤", 3.5, 2.2),
    "G6": Goal("≤", 1.15, 1.05),
    "G7": Goal("≤", 1.5, 1.2),
    "G8": Goal("≤", 6.0, 3.0),
    "G10": Goal("≥", 0.10, 0.2),
    "G11": Goal("≤", 4.0, 3.0),
}
LATER = (
    ("G5", "xlsxwriter / nuestro Excel", "pide instalar esa biblioteca"),
    ("G9", "página de django-tables2 / la nuestra", "pide instalar esa biblioteca"),
)


def listing() -> None:
    """G7, G8, G10 on a physician's list of 20,000 orders; G11 on every list page of the portal."""
    pages("órdenes", signed_in(_many_orders()), LIST, rows=ORDERS)


def pages(title: str, client: Any, path: str, *, rows: int) -> None:
    """G7, G8 and G10 of a long list: its page twenty pages on, its view beside its own SQL, and beside a bare view."""
    from django.test import override_settings

    deep = _deep(client, path)
    long = f"G7 {title}, {rows:,}: página honda / primera (p95)"
    compare_p95(long, lambda: _page(client, deep), lambda: _page(client, path))
    beside_its_sql(f"G8 {title}: vista / su SQL a secas", client, path)
    with override_settings(ROOT_URLCONF="tests.bench.bare_urls"):
        rate = f"G10 {title}: vista vacía / lista, por segundo"
        compare(rate, lambda: _page(client, "/_bare/"), lambda: _page(client, path))


def beside_its_sql(name: str, client: Any, path: str) -> None:
    """A page's view beside what it asks of PostgreSQL, without what every page asks."""
    asked = [sql for sql in _asked(client, path) if not _EVERY_PAGE.search(sql)]
    compare(name, lambda: _page(client, path), lambda: _alone(asked))


def exports() -> None:
    """G4: a list as Excel against the CSV that COPY writes of the same rows; G6: its memory at ten times the rows."""
    import tracemalloc

    from django.http import QueryDict

    from portal import clock
    from portal.listing import registry
    from portal.listing.export import content
    from portal.listing.selection import Selection

    at, user = clock.now(), _many_orders()

    def written(file: str, asked: str = "") -> int:
        selection = Selection(registry.listings()["orders"], user, QueryDict(asked))
        return sum(map(len, content(selection, file, at=at)))

    def peak(asked: str) -> int:
        tracemalloc.start()
        written("xlsx", asked)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    compare(f"G4 lista de {ORDERS:,} en Excel / en CSV", lambda: written("xlsx"), lambda: written("csv"))
    say(f"G6 Excel: memoria con {ORDERS:,} renglones / con 1,000", peak("") / peak("buscar=BN-001"))


def lists() -> None:
    """G11: queries of the list pages of every sample person's menu, with session, permissions and visibility.

    A statement of account is told apart: besides a list it adds up what stands in each state, and the books.
    """
    from config.demo.people import BY_SLUG

    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for person in BY_SLUG.values():
        client = signed_in(user_of(person.email))
        for path in _menu(client):
            page = client.get(path)
            if page.status_code != 200 or b"formato=csv" not in page.content:  # only a list can be taken away
                continue
            asked = _asked(client, path)
            whole[path] = max(whole[path], len(asked))
            own[path] = max(own[path], sum(not _EVERY_PAGE.search(sql) for sql in asked))
    statement = own.pop(STATEMENT)
    worst = own.most_common(1)[0][0]
    say(f"G11 consultas de lista, la peor de {len(own)}: {worst}", own[worst])
    say("    con sesión, persona y avisos", whole[worst])
    say("    estado de cuenta, que además suma cada estado y su libro", statement)


def _menu(client: Any) -> list[str]:
    home = client.get("/", follow=True).content.decode()
    return list(dict.fromkeys(re.findall(r'href="(/(?:medico|mesa|avisos)/[^"?#]*)"', home)))


def _page(client: Any, path: str) -> str:
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return str(answer.content.decode())


def _deep(client: Any, path: str) -> str:
    """The address twenty pages on."""
    place = path
    for _ in range(20):
        found = re.search(r'href="(\?[^"]*)"[^>]*rel="next"|rel="next"[^>]*href="(\?[^"]*)"', _page(client, place))
        if not found:
            raise SystemExit("the list has no next page")
        place = path + (found.group(1) or found.group(2)).replace("&amp;", "&")
    return place


def _asked(client: Any, path: str) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        client.get(path)
    return [row["sql"] for row in seen.captured_queries]


def _alone(asked: list[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(sql)
            cursor.fetchall()


def _many_orders() -> Any:
    """20,000 orders of one physician of the demo world, sixty of them to invoice, and that physician."""
    from django.db import connection

    from billing.models import CareOrder
    from portal import ids
    from portal.access import Role
    from portal.people.models import Grant, Party

    one = CareOrder.objects.order_by("pk")[0]
    kept = {field.attname: getattr(one, field.attname) for field in CareOrder._meta.concrete_fields}
    rows = (
        CareOrder(**kept | {"id": ids.uuid7(), "account": f"BN-{number:06d}", "state": state})
        for number in range(ORDERS)
        for state in ["available" if number < WAITING else "settled"]
    )
    if not CareOrder.objects.filter(account__startswith="BN-").exists():  # another row of this run made them
        CareOrder.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE billing_careorder")
    party = Party.objects.get(rfc=one.physician_rfc)
    return Grant.objects.get(party=party, role=Role.PHYSICIAN).user


MEASURES = (lists, listing, exports)
