"""What the record of acts costs: events written and sealed a second (AD-06)."""

from __future__ import annotations

import time

from tests.bench.pairs import Goal, say

EVENTS = 500
GOALS = {"AD-06": Goal("≥", 200.0, 200.0)}


def audit() -> None:
    """AD-06: acts recorded one by one in one transaction, as services do, then sealed."""
    from django.db import transaction

    from portal import clock
    from portal.history import services
    from portal.people.models import User

    user = User.objects.order_by("pk")[0]
    services.seal_events()
    began = time.perf_counter()
    with transaction.atomic():
        for number in range(EVENTS):
            services.record(action="bench.recorded", subject=user, by=user, at=clock.now(), details={"n": number})
    wrote = EVENTS / (time.perf_counter() - began)
    began = time.perf_counter()
    sealed = services.seal_events()
    say("AD-06 actos registrados por segundo", wrote)
    say("AD-06 actos sellados por segundo", sealed / (time.perf_counter() - began))


MEASURES = (audit,)
