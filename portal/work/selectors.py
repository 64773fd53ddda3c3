"""What waits for a person: figures, the oldest things of every room, and one thing with who has it and what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, Min, Model, OuterRef, QuerySet, Value, Window
from django.db.models.functions import Cast
from django.http import QueryDict

from portal import clock
from portal.listing.neighbours import AFTER, BEFORE, sides
from portal.listing.selection import SORT
from portal.reading import once_a_reading
from portal.work import rules
from portal.work.models import Hold, Look, named
from portal.work.registry import Queue, queue_of, queues_for

OLDEST = 20  # things of a queue that the desk looks at: it shows the oldest of all, the lists show the rest
ITSELF = "itself"
Figure = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits: of which queue (`kind`), what it is called, whom it is about, since when (aware).

    `due` is a day or an instant, None for none; `holder` has it ("" for nobody, `mine` when it is whoever asks);
    `href` is the page of its work.
    """

    kind: str
    title: str
    subject: str
    since: datetime
    href: str
    due: date | datetime | None = None
    holder: str = ""
    mine: bool = False
    thing: Model | None = None

    @property
    def is_free(self) -> bool:
        """Whether this person may begin with it: nobody else has it."""
        return self.mine or not self.holder


@dataclass(frozen=True, slots=True)
class Load:
    """What of one queue waits for a person: how many, and those that have waited longest (`OLDEST` at most)."""

    queue: Queue
    count: int
    oldest: Sequence[WorkItem]


@once_a_reading
def loads(user: Any, *, at: datetime) -> tuple[Load, ...]:
    """Every queue of this person with what waits in it, zero included: one query a queue."""
    return tuple(_load(queue, user, at) for queue in queues_for(user))


def figures(user: Any, *, at: datetime, app: str = "") -> list[Figure]:
    """What waits for this person: (label, how many, address of the list that proves it), zero included; of one app."""
    waiting = [one for one in loads(user, at=at) if app in {"", one.queue.app}]
    return [(one.queue.label, one.count, one.queue.list_address) for one in waiting]


def items(user: Any, *, at: datetime) -> list[WorkItem]:
    """What has waited longest for this person in every queue, oldest first, with who has it: `OLDEST` at most."""
    return _with_holders(_longest([item for one in loads(user, at=at) for item in one.oldest]), user)


def _longest(found: list[WorkItem]) -> list[WorkItem]:
    return sorted(found, key=lambda item: item.since)[:OLDEST]


def _load(queue: Queue, user: Any, at: datetime) -> Load:
    rows = queue.rows(user, at)
    if queue.counts_only:
        return Load(queue, rows.count(), ())
    if queue.pile is not None:
        return _as_pile(queue, rows, queue.pile)
    oldest = list(_oldest(queue, rows.annotate(waiting=Window(Count("*")))))
    return Load(queue, oldest[0].waiting if oldest else 0, [_item(queue, row) for row in oldest])


def _oldest(queue: Queue, rows: QuerySet[Any]) -> QuerySet[Any]:
    since = F(queue.since) if isinstance(queue.since, str) else queue.since
    return rows.annotate(waits_since=since).order_by("waits_since", "pk")[:OLDEST]


def newest(queue: Queue, user: Any, *, at: datetime) -> datetime | None:
    """Since when the thing that came last to this person's queue has waited; None where nothing waits."""
    since = F(queue.since) if isinstance(queue.since, str) else queue.since
    rows = queue.rows(user, at).annotate(waits_since=since).order_by("-waits_since")
    found: datetime | None = rows.values_list("waits_since", flat=True).first()
    return found


def _as_pile(queue: Queue, rows: QuerySet[Any], nouns: tuple[str, str]) -> Load:
    """All of them as one line."""
    told = rows.order_by().aggregate(count=Count("pk"), since=Min(queue.since))
    count, noun = told["count"], nouns[told["count"] != 1]
    line = WorkItem(queue.name, f"{count} {noun}", "", told["since"], queue.list_address)
    return Load(queue, count, [line] if count else ())


def _item(queue: Queue, row: Any) -> WorkItem:
    return WorkItem(
        kind=queue.name,
        title=queue.title(row),
        subject=queue.who(row),
        since=row.waits_since,
        href=queue.address(row),
        due=getattr(row, queue.due) if queue.due else None,
        thing=row if queue.seen is not None else None,
    )


def _with_holders(found: list[WorkItem], user: Any) -> list[WorkItem]:
    """The same with who has each: one query."""
    things = [item.thing for item in found if item.thing is not None]
    if not things:
        return found
    kinds, keys = {one._meta.label_lower for one in things}, [str(one.pk) for one in things]
    holds = Hold.objects.filter(thing_type__in=kinds, thing_id__in=keys).select_related("holder")
    by_thing = {(hold.thing_type, hold.thing_id): hold for hold in holds}
    return [_held(item, by_thing, user) for item in found]


def _held(item: WorkItem, holds: dict[tuple[str, str], Hold], user: Any) -> WorkItem:
    hold = holds.get((item.thing._meta.label_lower, str(item.thing.pk))) if item.thing is not None else None
    return item if hold is None else replace(item, holder=str(hold.holder), mine=hold.holder_id == user.pk)


def takeable(user: Any, *, at: datetime, of: str = "") -> list[tuple[Queue, Model]]:
    """The oldest things that this person could take now, of every queue or of one: what nobody else has.

    `OLDEST` at most, counted without what others have: none is left only where all that waits is taken.
    """
    asked = [one for one in queues_for(user) if of in {"", one.name} and one.seen is not None and not one.counts_only]
    free = [(one, _free(one.rows(user, at), user)) for one in asked if one.pile is None]
    found = [_item(one, row) for one, rows in free for row in _oldest(one, rows)]
    return [(one, item.thing) for item in _longest(found) if item.thing is not None and (one := queue_of(item.kind))]


def _free(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Without what a colleague has."""
    others = Hold.objects.filter(thing_type=rows.model._meta.label_lower).exclude(holder=user)
    return rows.filter(~Exists(others.filter(thing_id=Cast(OuterRef("pk"), CharField()))))


def thing_of(name: str, pk: UUID, *, user: Any) -> tuple[Queue, Model] | None:
    """A queue and its thing, if this person works on that queue and may see it; None for anybody else."""
    queue = queue_of(name)
    if queue is None or queue.seen is None or queue.permission not in user.permissions:
        return None
    thing = queue.seen(user).filter(pk=pk).first()
    return None if thing is None else (queue, thing)


# --- one thing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a thing stands in its queue, for whoever has its page open.

    `waits` for this person; `holder` has it ("" for nobody) since `since`; `here` says who else has the page open;
    `previous` and `next` are addresses or "", within the filter `narrowed` (an address's query, "": the queue's own).
    """

    queue: str
    pk: str
    waits: bool
    holder: str
    mine: bool
    since: datetime | None
    here: str
    previous: str
    next: str
    narrowed: str
    list_address: str

    @property
    def taken(self) -> bool:
        """Whether somebody else has it."""
        return bool(self.holder) and not self.mine

    @property
    def may_decide(self) -> bool:
        """Whether this person may decide it now."""
        return self.waits and not self.taken

    @property
    def onwards(self) -> str:
        """Where to go once it is decided: the next in the filter, else the one before, else the list."""
        return self.next or self.previous or self.list_address


def standing(name: str, thing: Model, *, user: Any, at: datetime, asked: QueryDict) -> Standing:
    """Where `thing` stands in the queue `name`; `asked` are the parameters of the list it was opened from.

    Two queries, three where the list was sorted. KeyError for a queue that nobody declared.
    """
    queue = queue_of(name)
    if queue is None:
        raise KeyError(name)
    hold, looking = _who_is_there(thing, user)
    narrowed = narrowing(queue, asked)
    around = _around(queue, thing, queue.rows(user, at), user=user, asked=narrowed)
    return Standing(
        queue=name,
        pk=str(thing.pk),
        waits=ITSELF in around,
        holder=hold.name if hold else "",
        mine=hold is not None and hold.user_id == user.pk,
        since=hold.since if hold else None,
        here=rules.who_is_here([one.name for one in looking]),
        previous=_page(queue, around.get(BEFORE), narrowed),
        next=_page(queue, around.get(AFTER), narrowed),
        narrowed=narrowed,
        list_address=f"{queue.list_address.partition('?')[0]}?{narrowed}" if narrowed else queue.list_address,
    )


class _There(NamedTuple):
    """Somebody who has a thing in hand, or its page open."""

    does: str
    user_id: UUID
    called: str
    email: str
    since: datetime

    @property
    def name(self) -> str:
        return self.called or self.email


def _who_is_there(thing: Model, user: Any) -> tuple[_There | None, list[_There]]:
    """Who has a thing, and who else has its page open now, by name: one query."""
    looks = Look.objects.filter(**named(thing), seen_at__gt=clock.real_now() - rules.LOOKS_FOR).exclude(viewer=user)
    has, look = (
        _people(Hold.objects.about(thing), "has", "holder", "since"),
        _people(looks, "sees", "viewer", "seen_at"),
    )
    found = [_There(*row) for row in has.union(look, all=True).order_by("does", "called")]
    held = found[0] if found and found[0].does == "has" else None
    return held, [one for one in found if one.does == "sees"]


def _people(rows: QuerySet[Any], does: str, person: str, since: str) -> QuerySet[Any, Any]:
    told = rows.order_by().annotate(does=Value(does), called=F(f"{person}__name"))
    return told.values_list("does", f"{person}_id", "called", f"{person}__email", since)


def lookers(thing: Model, user: Any) -> list[str]:
    """Who else has the page of a thing open now, by name."""
    return [one.name for one in _who_is_there(thing, user)[1]]


def narrowing(queue: Queue, asked: QueryDict) -> str:
    """The parameters of a list's address that narrow or sort this queue, written again; "" for none."""
    known = {SORT, *queue.parts}
    if queue.listing is not None and queue.listing.filters is not None:
        known |= set(queue.listing.filters.base_filters)
    kept = QueryDict(mutable=True)
    for name in asked:
        if name in known and asked[name]:
            kept[name] = str(asked[name])
    return kept.urlencode()


def _page(queue: Queue, value: Any, narrowed: str) -> str:
    if value is None or queue.href is None:
        return ""
    address = queue.address(_Named(queue.href.path, value))
    return f"{address}?{narrowed}" if narrowed else address


class _Named:
    """A row of which only the value that its address bears is known."""

    def __init__(self, path: str, value: Any) -> None:
        setattr(self, path, value)


def _around(queue: Queue, thing: Model, waiting: QuerySet[Any], *, user: Any, asked: str) -> dict[str, Any]:
    """`ITSELF` if `thing` waits, and what lies before and after it in the listing's own order, one query.

    Each with the value that its address bears. Of what waits for this person within the filter, without what a
    colleague has. What waits is what the list shows with the queue's own query: that one need not be asked again.
    """
    if queue.listing is None or queue.href is None:
        return {ITSELF: None} if waiting.filter(pk=thing.pk).exists() else {}
    told = QueryDict("" if asked == queue.query else asked)
    parts = {part: told[name] for name, part in queue.parts.items() if name in told}
    free = _free(waiting, user)
    path = queue.href.path
    itself = waiting.order_by().filter(pk=thing.pk).annotate(side=Value(ITSELF)).values_list("side", path)
    beside = sides(queue.listing, thing, user=user, asked=told, parts=parts, among=free, path=path)
    return dict(itself.union(*beside, all=True) if beside else itself)
