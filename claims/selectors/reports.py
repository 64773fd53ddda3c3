"""What a report of claims shows above its list: one chart of the same rows, under the same filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from claims.listings import reports
from claims.models.shared import CURRENCY
from claims.rules.deciding import DESK_LABELS
from portal.design import dates
from portal.design.charts import Chart, Series, Shape, chart
from portal.listing import Listing
from portal.listing.selection import Selection
from portal.money import format_money

MOST = 200  # groups that a chart adds up
_BORNE = "A cargo de la aseguradora"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its list, what its page says, and how its rows are drawn."""

    listing: Listing
    lead: str
    empty: str
    draw: Callable[[Sequence[Row]], Chart]


def chart_of(report: Report, asked: Selection) -> Chart | None:
    """The chart of what was asked, the earliest first; None where there is nothing to draw."""
    rows = asked.first(MOST)
    return report.draw(rows) if rows else None


def _summed(rows: Sequence[Row], by: str, *names: str) -> dict[Any, list[Any]]:
    """Sums of columns by what a group is of, in its order."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        sums = found.setdefault(row[by], [0] * len(names))
        for place, name in enumerate(names):
            sums[place] += row[f"column_{name}"] or 0
    return dict(sorted(found.items()))


def _drawn(shape: Shape, title: str, place: str, told: Mapping[str, list[Any]], *names: str, money: bool) -> Chart:
    series = [Series(name, [values[at] for values in told.values()]) for at, name in enumerate(names)]
    text = _pesos if money else str
    return chart(shape, title=title, place=place, places=list(told), series=series, text=text)


def _pesos(amount: Decimal | int) -> str:
    return format_money(Decimal(amount), CURRENCY)


def _by_age(rows: Sequence[Row]) -> Chart:
    told = {reports.AGES[age]: values for age, values in _summed(rows, "age", "count", "overdue").items()}
    return _drawn(Shape.BARS, "Trámites abiertos", "Llevan", told, "Trámites", "Pasó lo prometido", money=False)


def _by_month(rows: Sequence[Row]) -> Chart:
    told = _summed(rows, "month", "count", "promised", "within")
    months = {dates.short(month): values for month, values in told.items()}
    names = ("Decididos", "Dentro de lo prometido", "Dentro de lo estimado")
    return _drawn(Shape.BARS, "Decididos por mes", "Mes que empieza", months, *names, money=False)


def _by_round(rows: Sequence[Row]) -> Chart:
    told = {str(rounds): values for rounds, values in _summed(rows, "rounds", "count").items()}
    return _drawn(Shape.BARS, "Trámites por vueltas", "Veces que se pidieron", told, "Trámites", money=False)


def _by_outcome(rows: Sequence[Row]) -> Chart:
    told = _summed(rows, "outcome", "claimed", "paid", "paid_out")
    named = {DESK_LABELS[outcome]: values for outcome, values in told.items()}
    names = ("Reclamado", _BORNE, "Pagado a la familia")
    return _drawn(Shape.BARS, "Reclamado y quién lo paga", "Resultado", named, *names, money=True)


def _by_look(rows: Sequence[Row]) -> Chart:
    told = _summed(rows, "month", "count", "automatic", "confirmed", "back")
    months = {dates.short(month): values for month, values in told.items()}
    names = ("Dictámenes", "Aprobados solos", "Confirmados", "Regresados")
    return _drawn(Shape.BARS, "Dictámenes por mes", "Mes que empieza", months, *names, money=False)


def _by_policy(rows: Sequence[Row]) -> Chart:
    told = _summed(rows, "coverage__plan__policy_number", "covered", "paid")
    title = "Cubierto y a cargo de la aseguradora por póliza"
    return _drawn(Shape.BARS, title, "Póliza", told, "Cubierto", _BORNE, money=True)


REPORTS: dict[str, Report] = {
    "open_by_age": Report(
        reports.OPEN_BY_AGE,
        "Lo que espera respuesta hoy, por los días que lleva desde que se envió. Los de tu familia no se cuentan.",
        "Ningún trámite espera respuesta.",
        _by_age,
    ),
    "decision_times": Report(
        reports.DECISION_TIMES,
        "Cuánto tardó cada decisión frente a lo prometido y a lo estimado: los últimos doce meses, si no eliges días.",
        "No hay decisiones.",
        _by_month,
    ),
    "rounds": Report(
        reports.ROUNDS,
        "Cuántas veces se pidieron documentos antes de decidir: los últimos doce meses, si no eliges días.",
        "No hay decisiones.",
        _by_round,
    ),
    "amounts": Report(
        reports.AMOUNTS,
        "Lo reclamado y quién lo paga, de decisiones vigentes y de lo que cobraron los hospitales: los últimos doce "
        "meses, si no eliges días.",
        "No hay decisiones.",
        _by_outcome,
    ),
    "looks": Report(
        reports.LOOKS,
        "Qué decidió el portal, y qué miró una segunda persona: los últimos doce meses, si no eliges días.",
        "No hay dictámenes.",
        _by_look,
    ),
    "accumulators": Report(
        reports.ACCUMULATORS,
        "Lo que llevan cubierto las personas de cada póliza y a cargo de quién queda. Sin nombres ni padecimientos.",
        "Nada se ha cubierto.",
        _by_policy,
    ),
}
