"""What memberships cost: the list of families (G7, G8, whose goals stand with the lists), a month of dues (G21)."""

from __future__ import annotations

import re
from typing import Any

from tests.bench.pairs import TIMES, Goal, compare, say

FAMILIES, MONTHLY, PAIRS = 20_000 * TIMES, 200, 5  # as many as the beat brings to their day in one transaction
LIST = "/mesa/afiliaciones/"
_STANDS = (
    "UPDATE bare_{0} AS was SET credit = now.credit, next_due_on = now.next_due_on, "
    "looks_again_on = now.looks_again_on FROM {0} AS now "
    "WHERE was.id = now.id AND was.looks_again_on <> now.looks_again_on"
)
_MET = (
    "UPDATE bare_{0} AS was SET met_at = now.met_at, next_reminder_on = now.next_reminder_on "
    "FROM {0} AS now WHERE was.id = now.id AND was.met_at IS NULL AND now.met_at IS NOT NULL"
)
GOALS = {"G21": Goal("≤", 4.0, 2.0)}


def families() -> None:
    """G7 and G8 on the affiliation desk's list of 20,000 families that left."""
    from config.demo.people import BY_SLUG
    from memberships.models import Membership
    from memberships.rules import MembershipState
    from tests.bench.copies import copies
    from tests.bench.listing import pages
    from tests.bench.signed_in import signed_in, user_of

    one = Membership.objects.dues().exclude(folio="").order_by("pk")[0]
    copies(
        Membership,
        FAMILIES,
        one=one,
        folio="'ME-2026-' || lpad((300000 + n)::text, 6, '0')",
        state=f"'{MembershipState.CANCELLED}'",
    )
    pages("afiliaciones", signed_in(user_of(BY_SLUG["elisa"].email)), LIST, rows=FAMILIES)


def _paid_ahead(months: int) -> list[Any]:
    """Families that joined today and paid for so many months."""
    from memberships import services
    from portal import clock
    from tests.factories import memberships as a

    at, plan = clock.now(), a.a_plan()
    made = [a.bare(plan=plan, state="awaiting_payment", joined_on=clock.date_in(at)) for _ in range(MONTHLY)]
    for one in made:
        told = {"amount": a.PRICE * months, "value_on": clock.date_in(at), "source": one, "means": "desk"}
        services.receive_payment(membership=one, **told, by=None, at=at)
    return [one.pk for one in made]


def _asked(statement: str, *values: Any) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] if cursor.description else cursor.rowcount


def _bare_tables(tables: list[str]) -> None:
    """Tables of the same shape: columns, indexes, what a row must say and point to. Triggers they have none."""
    from django.db import connection

    for table in tables:
        _asked(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
            [tables],
        )
        for table, points in cursor.fetchall():
            at_bare = re.sub(rf"(?<=REFERENCES )(?=({'|'.join(tables)})\()", "bare_", points)
            cursor.execute(f"ALTER TABLE bare_{table} ADD {at_bare}")


def dues() -> None:
    """G21: a month of families that have paid ahead, brought to its day by the beat's service, against the rows that
    this writes: those that are new (charge, settlement, books, history, date) by INSERT … SELECT into tables of the
    same shape, those that change (the date before, the family's standing) by UPDATE … FROM, in one transaction too.
    """
    from django.db import transaction

    from memberships import services
    from memberships.models import Charge, DuesDue, DuesPosting, Membership
    from memberships.rules.dues import first_of_next_month
    from portal import clock
    from portal.history.models import AuditEvent
    from portal.treasury.models import LedgerLine, LedgerTransaction

    at, paid = clock.now(), _paid_ahead(PAIRS + 3)
    stands, dates = Membership._meta.db_table, DuesDue._meta.db_table
    tables = [one._meta.db_table for one in (Charge, DuesPosting, LedgerTransaction, LedgerLine, AuditEvent)] + [dates]
    stood, day = dict[str, Any](), [first_of_next_month(clock.date_in(at))]
    _bare_tables([*tables, stands])
    for table in (stands, dates):
        _asked(f"INSERT INTO bare_{table} SELECT * FROM {table}")

    def ours() -> None:
        stood.update({table: _asked(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1") for table in tables})
        on = day[0] = first_of_next_month(day[0])
        services.pass_many_days(memberships=paid, on=on, at=at + (on - clock.date_in(at)))

    @transaction.atomic
    def bare() -> None:
        written = [_asked(f"INSERT INTO bare_{one} SELECT * FROM {one} WHERE id > %s", stood[one]) for one in tables]
        written += [_asked(_STANDS.format(stands)), _asked(_MET.format(dates))]
        if min(written) < MONTHLY:
            raise SystemExit(f"a family was not brought to its day: {written}")

    name = f"G21 un mes de {MONTHLY} membresías / sus filas en SQL"
    _ratio, seconds = compare(name, ours, bare, pairs=PAIRS)
    say("    familias por segundo", MONTHLY / seconds)


def dues_year() -> None:
    """100,000 families with a year of dues, made once: pages, files out and in, and the first of a month."""
    from tests.bench import dues_files, dues_year

    dues_year.grown()
    dues_year.pages_and_days()
    dues_files.files()


MEASURES = (families, dues)
BY_NAME = (dues_year,)
