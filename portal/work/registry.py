"""The queues and the panels of the house, as the apps that own them declare them at start (`apps.ready()`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from portal.access import Permission, Workspace
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
    `first(user)` tells which rows come before all others for this person; `of_insurer(key)` which are of one insurer.
    `workspace` is the one whose home and queue show it: that of the roles which hold `permission`.
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
    first: Callable[[Any], Q] | None = None
    of_insurer: Callable[[UUID], Q] | None = None
    workspace: Workspace = Workspace.DESK

    @property
    def is_counted(self) -> bool:
        """Whether the desk shows how many there are, and no single one."""
        return self.pile is not None or self.counts_only

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


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits: of which queue or panel (`kind`), what it is called, whom it is about, since when (aware).

    `due` is a day or an instant, None for none; `first` comes before everything else for whoever asks; `holder` has it
    ("" for nobody, `mine` when it is whoever asks), and `lookers` have its page open; `href` is the page of its work,
    `act` what the button that leads there says.
    """

    kind: str
    title: str
    subject: str
    since: datetime
    href: str
    due: date | datetime | None = None
    act: str = "Abrir"
    holder: str = ""
    mine: bool = False
    lookers: str = ""
    first: bool = False
    thing: Model | None = None

    @property
    def is_free(self) -> bool:
        """Whether this person may begin with it: nobody else has it."""
        return self.mine or not self.holder

    @property
    def key(self) -> str:
        """How a form names the thing, "" where it cannot be taken: its queue and its own key."""
        return f"{self.kind}:{self.thing.pk}" if self.thing is not None else ""


# Since when a thing waits that everything else of its person waits for: who they are, what they owe the tax authority.
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
Figure = tuple[str, Any, str]  # label, how many or how much, the address of the list that proves it


Step = tuple[str, str, str, str]  # label, where it stands in words, its tone, the page where it is done ("": none)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a panel shows one person now: things that wait for them, figures, a sentence, one act (label, address).

    `links` are what one may always do there, each a label and its page; `steps` are a list of tasks in their order: the
    things of such a panel stand in it and are not drawn again. `explanation` tells where its figure comes from.
    """

    items: Sequence[WorkItem] = ()
    figures: Sequence[Figure] = ()
    text: str = ""
    act: tuple[str, str] | None = None
    steps: Sequence[Step] = ()
    links: Sequence[tuple[str, str]] = ()
    explanation: Mapping[str, Any] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but the sentence that says so."""
        return not (self.items or self.figures or self.text or self.steps or self.links)


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the homes of `workspaces`, for who holds `permission`: `read(user, at)` asks at most three queries.

    `empty` is the line that is read where nothing waits ("": then nothing is said). `place` orders panels that are
    equally urgent.
    """

    name: str
    title: str
    workspaces: tuple[Workspace, ...]
    permission: Permission
    read: Callable[[Any, datetime], Filled]
    empty: str
    place: int


_panels: Declared[Panel] = Declared("the panel")


def register_panel(*panels: Panel) -> None:
    """Declare panels. Raises ValueError, which stops the start, for two of one name."""
    for panel in panels:
        _panels.declare(panel.name, panel)


def panels() -> Sequence[Panel]:
    """Every panel, by its place."""
    return sorted(_panels.values(), key=lambda one: one.place)
