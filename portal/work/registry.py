"""The queues of the house, as the apps that own them declare them at start (`apps.ready()`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from portal.access import Permission
from portal.declared import Declared
from portal.listing import Link, Listing

Rows = Callable[[Any, datetime], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Queue:
    """Work of one kind that waits for the people with `permission`.

    `rows(user, at)` are those that wait for this very person: undecided, not their own, not decided by them before,
    joined to what `title` and `who` read, with no more columns than that (`only`). They have waited since `since` (a
    field's path or an expression that gives an instant) and are due by `due` (a field of the row: a day or an instant).
    `page` is the URL name of the list that shows them with `query`; `href` leads to the page of one.

    With `seen(user)`, what this person may open, each thing can be taken; without, nobody takes them: they are this
    person's own, or decided where they are listed. `pile` (singular, plural) makes them one line at the desk,
    `counts_only` none.

    `listing` gives the order in which one comes after the other, and which filters narrow it; `parts` are parameters of
    the address that its rows take under another name. `taken(thing, by=, at=)` hears of a take in its transaction.
    Its people are told when work arrives, unless not `told`: the app tells them itself, or it is their own.
    """

    name: str
    label: str
    permission: Permission
    rows: Rows
    page: str
    title: Callable[[Any], str]
    since: Any
    query: str = ""
    who: Callable[[Any], str] = field(default=lambda row: "")
    due: str = ""
    href: Link | None = None
    listing: Listing | None = None
    seen: Callable[[Any], QuerySet[Any]] | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    pile: tuple[str, str] | None = None
    counts_only: bool = False
    told: bool = True
    taken: Callable[..., None] | None = None

    @property
    def app(self) -> str:
        """The app that declares it."""
        return self.name.partition(".")[0]

    @property
    def list_address(self) -> str:
        """The list that shows what waits."""
        return reverse(self.page) + (f"?{self.query}" if self.query else "")

    def address(self, row: Any) -> str:
        """The page on which a row is worked on."""
        return self.list_address if self.href is None else reverse(self.href.name, args=[getattr(row, self.href.path)])


_queues: Declared[Queue] = Declared("the queue")


def register_queue(*queues: Queue) -> None:
    """Declare queues. Raises ValueError, which stops the start, for two of one name."""
    for queue in queues:
        _queues.declare(queue.name, queue)


def queues() -> Sequence[Queue]:
    """Every queue, in the order in which they were declared."""
    return [*_queues.values()]


def queue_of(name: str) -> Queue | None:
    """The queue of that name."""
    return _queues.get(name)


def queues_for(user: Any, *, app: str = "") -> Sequence[Queue]:
    """Queues that this person works on, of every app or of one, in the order in which they were declared."""
    held = user.permissions
    return [queue for queue in _queues.values() if queue.permission in held and app in {"", queue.app}]
