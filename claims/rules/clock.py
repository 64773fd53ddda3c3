"""How long a claim has run, what was promised of it, and how long such claims took (S3.32, S3.33, N8, domain 6). Pure.

Running time is business time since sending without the pauses in which the family's documents were missing. Promise and
estimates are the instants at which running time reaches their minutes; none while the clock stands before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.calendars import estimates
from portal.calendars.estimates import Estimate, Track
from portal.calendars.rules import Schedule, Segment, elapsed_minutes, reach
from portal.errors import RuleBroken

# From when to when documents were pending; None while they are.
Pause = Segment


@dataclass(frozen=True, slots=True)
class Forecast:
    """What such claims took, and when this one reaches it; `past`: it has run longer than four fifths of them."""

    estimate: Estimate
    p50_due: datetime | None
    p80_due: datetime | None
    past: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How a claim's clock stands at an instant; `late`: the promise went by."""

    elapsed_minutes: int
    running: bool
    promise_due: datetime | None
    late: bool
    forecast: Forecast | None
    track: Track | None


def segments(submitted: datetime, pauses: Sequence[Pause], now: datetime) -> list[Segment]:
    """The stretches in which the clock ran, in order; the last one without an end while it runs.

    A pause that ends after `now` is open still. Raises RuleBroken for `now` before sending, and for pauses that end
    before they begin, begin before sending or after `now`, or overlap.
    """
    if now < submitted:
        raise RuleBroken(
            "El momento de la pregunta es anterior al envío. Revisa las dos fechas.", code="before_sending"
        )
    ran, since, is_open = list[Segment](), submitted, False
    for begins, ends in sorted(pauses, key=lambda one: (one[0], one[1] is None, one[1] or one[0])):
        _check_pause(submitted, begins, ends, now)
        if is_open or begins < since:
            raise RuleBroken("Dos pausas se enciman. Revisa sus fechas.", code="pauses_overlap")
        ran.append((since, begins))
        is_open = ends is None or ends > now
        since = ends or begins
    return ran if is_open else [*ran, (since, None)]


def read_clock(
    schedule: Schedule,
    *,
    submitted: datetime,
    pauses: Sequence[Pause],
    now: datetime,
    promise_minutes: int,
    history: Sequence[int],
    least: int,
    window: int,
) -> Reading:
    """Reads a claim's clock at `now`. `history` are minutes of decided claims of its kind and subtype, oldest first.

    Estimates stand on the last `window` of them and are shown from `least` on. Raises RuleBroken as `segments` does,
    and for a promise or a case of less than no minutes.
    """
    if any(minutes < 0 for minutes in history):
        raise RuleBroken("Un caso tardó menos de cero minutos. Revisa el historial.", code="history_negative")
    ran = segments(submitted, pauses, now)
    elapsed = sum(elapsed_minutes(schedule, since, until or now) for since, until in ran)
    due = reach(schedule, ran, promise_minutes)
    found = estimates.estimate(history, least=least, window=window)
    return Reading(
        elapsed_minutes=elapsed,
        running=bool(ran) and ran[-1][1] is None,
        promise_due=due,
        late=due is not None and now > due,
        forecast=_forecast(schedule, ran, found, elapsed) if found else None,
        track=estimates.track_record(history, least=least, window=window),
    )


def _forecast(schedule: Schedule, ran: Sequence[Segment], found: Estimate, elapsed: int) -> Forecast:
    return Forecast(found, reach(schedule, ran, found.p50), reach(schedule, ran, found.p80), elapsed > found.p80)


def _check_pause(submitted: datetime, begins: datetime, ends: datetime | None, now: datetime) -> None:
    if ends is not None and ends < begins:
        raise RuleBroken("Una pausa termina antes de empezar. Revisa sus dos fechas.", code="pause_reversed")
    if begins < submitted:
        raise RuleBroken("Una pausa empieza antes del envío. Revisa sus fechas.", code="pause_before_sending")
    if begins > now:
        raise RuleBroken("Una pausa empieza después del momento de la pregunta. Quítala.", code="pause_later")
