"""A capture, an import of certificates and the run of the days, ended at any statement: nothing half, and again all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from memberships import api, services, tasks
from memberships.models import (
    CardAttempt,
    Charge,
    Condition,
    DuesPayment,
    DuesPosting,
    GatewayEvent,
    Member,
    MemberCoverage,
    Membership,
    StandingChange,
)
from memberships.rules.card import CardState, Word
from memberships.rules.certificates_file import read_delivery
from portal import clock
from portal.folios.models import IssuedFolio
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.papers.models import IssuedDocument
from portal.treasury.models import LedgerTransaction
from tests.factories import people
from tests.factories import policies as p
from tests.memberships.test_views import a_family

pytestmark = pytest.mark.django_db
POINTS = 3  # statements of an act at which it ends, spread evenly; the last one always
COUNTED = (
    Charge,
    Condition,
    DuesPayment,
    DuesPosting,
    GatewayEvent,
    IssuedDocument,
    IssuedFolio,
    LedgerTransaction,
    Member,
    MemberCoverage,
    Notice,
    StandingChange,
)


class Killed(BaseException):
    """The process is gone: no handler of the product catches it."""


@contextmanager
def ended_at(number: int) -> Iterator[list[int]]:
    """The process ends before its statement of that number is sent; 0: it counts them and lives."""
    sent = [0]

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent[0] += 1
            if sent[0] == number:
                raise Killed
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield sent


def standing() -> list[Any]:
    """What stands: how many rows of each kind, and where each family and attempt is."""
    families = Membership.objects.order_by("pk").values_list(
        "state", "certificate_state", "credit", "owed", "next_due_on", "looks_again_on"
    )
    attempts = CardAttempt.objects.order_by("pk").values_list("state", flat=True)
    acts = AuditEvent.objects.filter(action__startswith="memberships.").count()
    return [*(model.objects.count() for model in COUNTED), [*families], [*attempts], acts]


def ends_whole(
    act: Callable[[], Any], *, apart: bool = False, standing: Callable[[], list[Any]] = standing, points: int = POINTS
) -> None:
    """Whenever it ends nothing of it stands (`apart`: what it had committed does), and done again all of it does."""
    before = standing()
    for _warm in range(2):  # the second asks no more what is kept in the process
        with transaction.atomic(), ended_at(0) as sent:
            act()
            reached, right = sent[0], standing()
            transaction.set_rollback(True)
    assert standing() == before != right
    chosen = sorted({max(1, reached * number // points) for number in range(1, points + 1)})
    assert len(chosen) == points
    for point in chosen:
        undo = transaction.savepoint()
        with pytest.raises(Killed), ended_at(point):
            act()
        assert apart or standing() == before, point
        act()
        assert standing() == right, point
        transaction.savepoint_rollback(undo)
    act()
    act()
    assert standing() == right, "once more changes nothing"


def test_a_capture_moves_the_money_and_the_attempt_or_neither() -> None:
    family, at = a_family(), clock.now()
    attempt = services.begin_attempt(membership=family, months=1, by=None, at=at)
    word = Word("killed-1", CardState.CAPTURED, attempt.folio, attempt.amount, at)
    ends_whole(lambda: services.hear_gateway(word=word, at=at))


def test_an_import_of_certificates_enters_or_leaves_nothing() -> None:
    plan = p.a_whole_policy()
    machine, at = people.user_with_role(people.Role.INSURER_API, plan.party), clock.now()
    person = api.insurer.DELIVERY_EXAMPLE["people"][0] | {"policy": plan.policy_number}
    child = person | {"kinship": "Hijo", "given_name": "Leo", "born_on": "2012-01-02", "conditions": ""}
    told = read_delivery({"control": {"certificates": 1, "people": 2}, "people": [person, child]})
    ends_whole(lambda: services.receive_certificates(insurer=plan.party, **told, by=machine, at=at))


def test_the_run_of_the_days_goes_on_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    for _several in range(2):
        a_family()
    later = clock.now() + timedelta(days=75)
    monkeypatch.setattr(tasks, "clock", SimpleNamespace(now=lambda: later, date_in=clock.date_in))
    ends_whole(tasks.days, apart=True)
    assert {*Membership.objects.values_list("state", flat=True)} == {"suspended"}
