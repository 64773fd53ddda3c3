"""Giving folios."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal import clock
from portal.folios import rules
from portal.folios.models import IssuedFolio, Series


@transaction.atomic
def next_folios(*, prefix: str, count: int, at: datetime, office: str = "") -> list[str]:
    """The next `count` folios of a series, in order, e.g. `FA-2026-000001`; the year is that of `at` in central Mexico.

    Call it in the transaction of the legal act: the series stays locked until that transaction ends, so a rollback
    gives the numbers back and none is ever skipped or given twice. No audit event of its own: the act records it.
    Raises ValueError, a bug of the caller, for an unknown series or a count below one.
    """
    rules.check_series(prefix=prefix, office=office)
    if count < 1:
        raise ValueError(f"cannot give {count} folios")
    year = clock.date_in(at).year
    Series.objects.bulk_create([Series(prefix=prefix, office=office, year=year)], ignore_conflicts=True)
    series = Series.objects.select_for_update().get(prefix=prefix, office=office, year=year)
    numbers = range(series.last + 1, series.last + count + 1)
    series.last += count
    series.save(update_fields=["last"])
    given = [rules.format_folio(prefix=prefix, year=year, number=number, office=office) for number in numbers]
    IssuedFolio.objects.bulk_create(
        IssuedFolio(folio=folio, series=series, number=number, at=at)
        for folio, number in zip(given, numbers, strict=True)
    )
    return given


def next_folio(*, prefix: str, at: datetime, office: str = "") -> str:
    """The next folio of a series: `next_folios` for one paper."""
    return next_folios(prefix=prefix, count=1, at=at, office=office)[0]


@transaction.atomic
def void_folio(*, folio: str, at: datetime) -> None:
    """Mark a folio whose paper was voided; it keeps its number for ever (S2.41). Again changes nothing.

    Part of the act that voids the paper, which records it. Raises ValueError, a bug of the caller, for a folio that
    was never given.
    """
    issued = IssuedFolio.objects.select_for_update().filter(folio=folio).first()
    if issued is None:
        raise ValueError(f"folio {folio!r} was never given")
    if issued.voided_at is None:
        issued.voided_at = at
        issued.save(update_fields=["voided_at"])
