"""Slowing down without locking out (AU-10, AU-02). Counters are kept by `once`, in real time."""

from __future__ import annotations

import logging
import math
from datetime import datetime

from django.db import transaction

from portal import clock
from portal.access import Permission
from portal.errors import TooMany
from portal.notices.services import notify
from portal.once import rules as windows
from portal.once.services import throttle, tries
from portal.people import rules, selectors

log = logging.getLogger("cauce.people")

_NO_LIMIT = 1_000_000
INSTEAD = "recupera tu acceso por correo"


def refuse_if_slowed(*, identifier: str, ip: str, device: str) -> None:
    """Raises TooMany while too many wrong tries count against the account (or the known device) or the address."""
    mark = rules.digest(f"device:{device}" if device else identifier)
    limits = [(f"sign_in.{window}", mark, window, limit) for window, limit in rules.SLOWDOWN]
    limits.append(("sign_in.ip", ip, rules.IP_WINDOW, rules.IP_LIMIT))
    counted = tries(*((scope, key, window) for scope, key, window, _limit in limits))
    for count, (_scope, _key, window, limit) in zip(counted, limits, strict=True):
        if count >= limit:
            _refuse(window)


def _refuse(window: int) -> None:
    now, length = clock.real_now(), windows.length_of(window)
    left = max(1, math.ceil((windows.window_start(now, length) + length - now).total_seconds()))
    raise TooMany(windows.wait_sentence(left, INSTEAD), retry_after=left, code="sign_in_slowed")


def count_wrong(*, identifier: str, ip: str, device: str) -> None:
    """One more wrong try against the account, or against the known device alone, and against the address."""
    account = f"device:{device}" if device else identifier
    with transaction.atomic():
        for window, _limit in rules.SLOWDOWN:
            throttle(scope=f"sign_in.{window}", key=rules.digest(account), limit=_NO_LIMIT, window=window)
        throttle(scope="sign_in.ip", key=ip, limit=_NO_LIMIT, window=rules.IP_WINDOW)


def count_failure(*, at: datetime) -> None:
    """One more failed try of anybody; the hundredth within a minute tells the desk, once an hour at most (AU-10)."""
    if throttle(scope="sign_in.all", key="all", limit=_NO_LIMIT, window=rules.ALERT_WINDOW) != rules.ALERT_LIMIT:
        return
    log.warning("sign-in failures reached %s a minute", rules.ALERT_LIMIT)
    watchers = selectors.people_with(Permission.SEE_HEALTH, on=clock.date_in(at))
    notify(
        user_ids=list(watchers.values_list("pk", flat=True)),
        kind="sign_in_alert",
        key=f"sign_in_alert:{clock.real_now():%Y-%m-%dT%H}",
        context={"limit": rules.ALERT_LIMIT},
        url="/mesa/auditoria/",
        at=at,
        action_label="Ver la auditoría",
    )


def limit_mail(*, scope: str, target: str, ip: str) -> bool:
    """Count a mail somebody asked for: True while within 3 an hour per account; TooMany above 20 an hour per address.

    The account's limit only withholds the mail: the page must not tell an account's state (AU-02, AU-03).
    """
    throttle(scope=f"{scope}.ip", key=ip, limit=20, window=3600)
    try:
        throttle(scope=scope, key=rules.digest(target), limit=3, window=3600)
    except TooMany:
        return False
    return True


def times(*, scope: str, key: str, window: int) -> int:
    """Count something without ever refusing it: how often it happened in this window of real seconds."""
    return throttle(scope=scope, key=key, limit=_NO_LIMIT, window=window)
