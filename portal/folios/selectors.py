"""What an auditor asks of the series: how far each counted, and whether a number lacks its paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from portal.folios.models import Series


@dataclass(frozen=True)
class SeriesState:
    """One series: the last number given, how many papers bear one (voided ones among them), which numbers lack one."""

    prefix: str
    office: str
    year: int
    last: int
    issued: int
    voided: int
    missing: list[int]


def series_states(*, prefix: str = "") -> Iterator[SeriesState]:
    """Every series, or those of one prefix, by prefix, office and year: one query, one more a series with a hole."""
    found = Series.objects.filter(**({"prefix": prefix} if prefix else {}))
    counted = found.annotate(
        given=Count("issued", filter=Q(issued__isnull=False)),
        void=Count("issued", filter=Q(issued__voided_at__isnull=False)),
    )
    for one in counted.order_by("prefix", "office", "year"):
        missing = [] if one.given == one.last else _missing(one)
        yield SeriesState(one.prefix, one.office, one.year, one.last, one.given, one.void, missing)


def _missing(series: Series) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generate_series(1, %s) EXCEPT SELECT number FROM folios_issuedfolio WHERE series_id = %s"
            " ORDER BY 1",
            [series.last, series.pk],
        )
        return [number for (number,) in cursor.fetchall()]
