"""Giving folios."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal import clock
from portal.folios import rules
from portal.folios.models import IssuedFolio, Series


@transaction.atomic
def next_folio(*, prefix: str, at: datetime, office: str = "") -> str:
    """The next folio of a series, e.g. `FA-2026-000001`; the year is that of `at` in central Mexico.

    Call it in the transaction of the legal act: the series stays locked until that transaction ends, so a rollback
    gives the number back and no number is ever skipped or given twice. No audit event of its own: the act records it.
    """
    rules.check_series(prefix=prefix, office=office)
    year = clock.date_in(at).year
    Series.objects.bulk_create([Series(prefix=prefix, office=office, year=year)], ignore_conflicts=True)
    series = Series.objects.select_for_update().get(prefix=prefix, office=office, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    folio = rules.format_folio(prefix=prefix, year=year, number=series.last, office=office)
    IssuedFolio.objects.create(folio=folio, series=series, number=series.last, at=at)
    return folio
