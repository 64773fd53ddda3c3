"""Slowing down without locking out (AU-10, AU-02). Counters are kept by `once`, in real time."""

from __future__ import annotations

import logging
from datetime import datetime

from django.urls import reverse

from portal import clock
from portal.access import Permission
from portal.errors import TooMany
from portal.notices.services import notify
from portal.once.services import Allowance, Taken, give_back, take, throttle
from portal.people import rules, selectors

log = logging.getLogger("cauce.people")

_NO_LIMIT = 1_000_000
INSTEAD = "recupera tu acceso por correo"


class Try:
    """One try at a password or a one-time secret: counted before it is judged, given back when it was right.

    The address stays counted whatever comes of it; then the account, or the known browser alone.
    """

    def __init__(self, *, identifier: str, ip: str, device: str, at: datetime) -> None:
        self.at = at
        self.address = Allowance("sign_in.ip", ip, rules.IP_LIMIT, rules.IP_WINDOW)
        mark = rules.digest(f"device:{device}" if device else identifier)
        self.account = [Allowance(f"sign_in.{window}", mark, limit, window) for window, limit in rules.SLOWDOWN]
        self.taken: list[Taken] = []

    def at_address(self) -> None:
        """Raises TooMany above 10 wrong tries a minute from one address: no mail helps there, a minute does."""
        self._take(self.address)

    def at_account(self) -> None:
        """Besides, raises TooMany while too many wrong tries count against the account (or the known browser)."""
        try:
            self.taken = take(self.address, *self.account)
        except TooMany:  # of which, it is only asked then
            self.at_address()
            self._take(*self.account, instead=INSTEAD)

    def _take(self, *asked: Allowance, instead: str = "") -> None:
        try:
            self.taken += take(*asked, instead=instead)
        except TooMany as refused:
            count_failure(at=self.at)
            raise TooMany(refused.message, retry_after=refused.retry_after, code="sign_in_slowed") from refused

    def was_right(self) -> None:
        """It counts against nothing."""
        give_back(taken=self.taken)


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
        url=reverse("desk:audit"),
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
