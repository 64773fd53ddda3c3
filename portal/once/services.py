"""Doing an act once per key, and counting tries."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from portal import clock
from portal.errors import Conflict, TooMany
from portal.once import rules
from portal.once.models import IdempotencyKey, LastRun, Throttle
from portal.once.rules import Answer


class StillRunning(Conflict):
    """The same act with the same key is under way; `retry_after` in seconds, real time."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            "Esto mismo ya se está haciendo. Espera unos segundos y vuelve a cargar la página.", code="once_running"
        )
        self.retry_after = retry_after


class LostKey(Exception):
    """This act took longer than its lock and another one took the key over: everything it did is rolled back."""


def new_key() -> str:
    """A fresh key for a form."""
    return uuid.uuid4().hex


def once(*, user_id: Any, scope: str, key: str, body_sha256: str, act: Callable[[], Answer]) -> Answer:
    """Run `act` once for this person (None: nobody), scope and key; a repetition gets the same answer (MO-04).

    The effect and the `done` mark commit together. Another body raises Conflict; the same one under way raises
    StillRunning (409 with Retry-After); a key whose worker died is taken over after 60 s. An act that raises, or
    answers 400 or more, leaves the key free. Call outside any transaction: the key must be seen while `act` runs.
    `act` runs in one transaction, which `outside_transaction` leaves for slow work before the first write.
    """
    attempt = uuid.uuid4()
    mine = _reserve(user_id=user_id, scope=scope, key=key, body_sha256=body_sha256, attempt=attempt)
    if isinstance(mine, Answer):
        return mine
    try:
        with _Act(mine):
            answer = act()
            if not (mine.rows().delete()[0] if answer.status >= 400 else mine.done(answer)):
                raise LostKey(scope)
    except BaseException:
        mine.rows().filter(state=IdempotencyKey.State.RUNNING).delete()
        raise
    return answer


@dataclass(frozen=True, slots=True)
class _Mine:
    """A key that this attempt took, unless another one took it over meanwhile."""

    pk: int
    attempt: uuid.UUID

    def rows(self) -> QuerySet[IdempotencyKey]:
        """Its row, if it is this attempt's still."""
        return IdempotencyKey.objects.filter(pk=self.pk, attempt=self.attempt)

    def done(self, answer: Answer) -> bool:
        """Keep what the act answered; whether the key was this attempt's still."""
        rules.KEY.check(IdempotencyKey.State.RUNNING, IdempotencyKey.State.DONE)
        kept = json.dumps(answer.as_json())
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [IdempotencyKey.State.DONE, answer.status, kept, self.pk, self.attempt])
            return bool(cursor.rowcount)


_DONE = "UPDATE once_idempotencykey SET state = %s, status = %s, answer = %s WHERE id = %s AND attempt = %s"


class _Act:
    """The transaction of an act under its key: left for slow work that comes before any write, then begun again."""

    def __init__(self, key: _Mine) -> None:
        self._key, self._block = key, transaction.atomic()
        self._is_open = False

    def __enter__(self) -> None:
        whole = _under_way.get() is _WHOLE  # then nothing inside is left either
        self._outer = _under_way.set(_WHOLE if whole else self)
        self.begin()

    def __exit__(self, *raised: Any) -> None:
        _under_way.reset(self._outer)
        if self._is_open:  # else the database went away while the transaction was left
            self._block.__exit__(*raised)

    def begin(self) -> None:
        self._block.__enter__()
        self._is_open = True

    def leave(self, lasting: timedelta) -> None:
        """End the transaction, in which nothing may have been written, and hold the key for as long as it is left."""
        if connection.atomic_blocks[-1] is not self._block:
            raise RuntimeError(_INSIDE)
        if self.has_written():
            raise RuntimeError("files are examined first: what was written before would be committed without its key")
        self._is_open = False
        self._block.__exit__(None, None, None)
        if not self._key.rows().update(locked_until=clock.real_now() + lasting + rules.LOCK):
            raise LostKey("while its act was under way")

    @staticmethod
    def has_written() -> bool:
        """Whether a row was written or locked since the act began: its transaction can be left no more."""
        return len(connection.atomic_blocks) == 1 and _has_written()  # a test's own transaction has always written


_WHOLE = object()
_under_way: ContextVar[Any] = ContextVar("act under its key", default=None)  # an _Act, or _WHOLE
_INSIDE = "no file is examined inside a transaction: its connection would idle, and hold its locks, for seconds"


@contextmanager
def outside_transaction(*, lasting: timedelta) -> Iterator[None]:
    """Do slow work without a database transaction (a file is examined); `lasting` is the longest it may take.

    An act under a key leaves its own transaction for that long and begins another: the key is held, `act` goes on.
    Raises RuntimeError (a bug) inside any other transaction, or when the act wrote or locked rows before.
    """
    act = _under_way.get()
    if act is _WHOLE:
        yield
        return
    if act is not None:
        act.leave(lasting)
    try:
        _refuse_open()
        yield
    finally:
        if act is not None:
            act.begin()


def is_too_late_for_slow_work() -> bool:
    """Whether the act under a key wrote or locked rows already, so that `outside_transaction` would refuse it."""
    act = _under_way.get()
    return isinstance(act, _Act) and act.has_written()


@contextmanager
def whole_transaction() -> Iterator[None]:
    """All or nothing, slow work included: for what runs while nobody else is there (the demo's world is built)."""
    with transaction.atomic():
        outer = _under_way.set(_WHOLE)
        try:
            yield
        finally:
            _under_way.reset(outer)


def _refuse_open() -> None:
    """RuntimeError while a transaction is open, by Django's own test of it, which a test case's one passes."""
    try:
        with transaction.atomic(durable=True):  # nothing is sent: psycopg2 begins with the first statement
            pass
    except RuntimeError as error:
        raise RuntimeError(_INSIDE) from error


def _has_written() -> bool:
    """Whether PostgreSQL gave this transaction a number: it does with the first row written or locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])


def _reserve(*, user_id: Any, scope: str, key: str, body_sha256: str, attempt: uuid.UUID) -> _Mine | Answer:
    """Take the key (go ahead), or the answer it already has. Raises Conflict or StillRunning."""
    now = clock.real_now()
    until, state = now + rules.LOCK, IdempotencyKey.State.RUNNING
    with connection.cursor() as cursor:
        cursor.execute(_TAKES, [user_id, scope, key, body_sha256, state, attempt, until, now])
        row = _Stands(*cursor.fetchone())
    if row.attempt == attempt:
        return _Mine(row.id, attempt)
    if row.body_sha256 != body_sha256:
        raise Conflict(
            "Ya enviaste esta página con otros datos y esos valen. Vuelve a cargarla para empezar otro envío.",
            code="once_other_body",
        )
    if row.state == IdempotencyKey.State.DONE:
        return Answer(row.status or 200, **json.loads(row.answer))
    # Its holder may have outlived its lock and be done since we looked: what is done is never taken over.
    dead = IdempotencyKey.objects.filter(pk=row.id, attempt=row.attempt, state=state, locked_until__lte=now)
    if not dead.update(attempt=attempt, locked_until=until):
        raise StillRunning(retry_after=max(1, math.ceil((row.locked_until - now).total_seconds())))
    return _Mine(row.id, attempt)


# One statement, which waits for whoever is just writing this key: the row is ours, or the one that stands.
_TAKES = """INSERT INTO once_idempotencykey AS kept
 (user_id, scope, key, body_sha256, state, answer, attempt, locked_until, created_at)
 VALUES (%s, %s, %s, %s, %s, '{}', %s, %s, %s)
 ON CONFLICT (user_id, scope, key) DO UPDATE SET key = kept.key
 RETURNING kept.id, kept.attempt, kept.body_sha256, kept.state, kept.status, kept.answer, kept.locked_until"""


class _Stands(NamedTuple):
    """What stands under a key."""

    id: int
    attempt: uuid.UUID
    body_sha256: str
    state: str
    status: int | None
    answer: str
    locked_until: datetime


def throttle(*, scope: str, key: str, limit: int, window: timedelta | int, instead: str = "") -> int:
    """Count one try; raises TooMany above `limit` in the current fixed window (timedelta or seconds, real time).

    `key` is an address or the digest of an account. `instead` finishes the sentence: "recupera tu acceso por correo".
    Returns the count. Allowed in a GET. Call it before the transaction of the act, whose rollback would forget the try.
    """
    now = clock.real_now()
    length = rules.length_of(window)
    start = rules.window_start(now, length)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO once_throttle (scope, key, window_start, count) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (scope, key, window_start) DO UPDATE SET count = once_throttle.count + 1 RETURNING count",
            [scope, stored_key(key), start],
        )
        count: int = cursor.fetchone()[0]
    if count > limit:
        seconds = max(1, math.ceil((start + length - now).total_seconds()))
        raise TooMany(rules.wait_sentence(seconds, instead), retry_after=seconds)
    return count


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries of one kind a window of real time allows: `limit` of them for this scope and key."""

    scope: str
    key: str
    limit: int
    window: timedelta | int


@dataclass(frozen=True, slots=True)
class Taken:
    """A try that was counted before it was judged: `allowance`, and the start of the window it was counted in."""

    allowance: Allowance
    start: datetime


def take(*asked: Allowance, instead: str = "") -> list[Taken]:
    """Count one try against every allowance, or against none and raise TooMany when any is used up.

    Counting comes before judging, so tries that arrive together never pass a limit together; `give_back` a try that
    turned out right. A refused try counts nowhere. Name the allowances in the same order everywhere: rows are locked.
    """
    now = clock.real_now()
    taken = [Taken(one, rules.window_start(now, rules.length_of(one.window))) for one in asked]
    with transaction.atomic():
        for one, count in zip(taken, _count_tries(_TAKE, taken), strict=True):
            if count > one.allowance.limit:
                ends = one.start + rules.length_of(one.allowance.window)
                seconds = max(1, math.ceil((ends - now).total_seconds()))
                raise TooMany(rules.wait_sentence(seconds, instead), retry_after=seconds)
    return taken


def give_back(*, taken: Iterable[Taken]) -> None:
    """The try was right and counts against nothing; in the order it was taken, so two never wait for each other."""
    _count_tries(_GIVE_BACK, [*taken])


# One statement for all counters, which are locked in the order they are named.
_TAKE = """INSERT INTO once_throttle AS kept (scope, key, window_start, count)
 SELECT *, 1 FROM unnest(%s::text[], %s::text[], %s::timestamptz[])
 ON CONFLICT (scope, key, window_start) DO UPDATE SET count = kept.count + 1 RETURNING count"""
_GIVE_BACK = _TAKE.replace("SELECT *, 1", "SELECT *, 0").replace("kept.count + 1", "greatest(kept.count - 1, 0)")


def _count_tries(sql: str, taken: list[Taken]) -> list[int]:
    """The counters of these tries after `sql` changed them."""
    named = [(one.allowance.scope, stored_key(one.allowance.key), one.start) for one in taken]
    with connection.cursor() as cursor:
        cursor.execute(sql, [[*column] for column in zip(*named, strict=True)])
        return [count for (count,) in cursor.fetchall()]


def stored_key(key: str) -> str:
    """A throttle's key as stored: as given up to 64 characters, else its digest. Callers hash what is personal."""
    return key if len(key) <= 64 else hashlib.sha256(key.encode()).hexdigest()


def sweep(*, at: datetime) -> int:
    """Delete keys older than 7 days and counters older than a day (`at` is real time). Returns how many rows went."""
    keys, _ = IdempotencyKey.objects.filter(created_at__lt=at - rules.KEPT).delete()
    counters, _ = Throttle.objects.filter(window_start__lt=at - rules.THROTTLE_KEPT).delete()
    return keys + counters


def note_run(*, name: str, at: datetime, told: Any = None) -> None:
    """A task ended well, or a process is alive (`at` is real time); `told` is what it answered: a count or counts."""
    counts = told if isinstance(told, dict) else {} if told is None else {"count": told}
    LastRun.objects.bulk_create(
        [LastRun(name=name, at=at, told=counts)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at", "told"],
    )


def last_runs() -> dict[str, LastRun]:
    """By name, every task and process that was ever seen at work."""
    return LastRun.objects.in_bulk()
