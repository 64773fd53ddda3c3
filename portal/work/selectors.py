"""What waits for a person: figures, the oldest things of every room, and one thing with who has it and what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Min,
    Model,
    OuterRef,
    QuerySet,
    UUIDField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast
from django.http import QueryDict

from portal import clock
from portal.access import Workspace
from portal.listing.neighbours import AFTER, BEFORE, beside, own_order, own_place, sides
from portal.listing.selection import SORT
from portal.prepared import Asked, prepared
from portal.reading import once_a_reading
from portal.work import rules
from portal.work.models import Hold, Look, named
from portal.work.registry import Figure, Queue, WorkItem, queue_of, queues_for

OLDEST = 20  # things of a queue that the desk looks at: it shows the most urgent of all, the lists show the rest
ITSELF = "itself"


@dataclass(frozen=True, slots=True)
class Load:
    """What of one queue waits for a person: how many, and the most urgent of them (`OLDEST` at most)."""

    queue: Queue
    count: int
    oldest: Sequence[WorkItem]


@once_a_reading
def loads(user: Any, *, at: datetime) -> tuple[Load, ...]:
    """Every queue of this person with what waits in it, zero included: one query a queue, one for all that count."""
    mine = queues_for(user)
    counted = _counts([queue for queue in mine if queue.is_counted], user, at)
    return tuple(_as_line(one, *counted[one.name]) if one.is_counted else _load(one, user, at) for one in mine)


def figures(user: Any, *, at: datetime, app: str = "", place: Workspace | None = None) -> list[Figure]:
    """What waits for this person: (label, how many, address of the list that proves it), zero included.

    Of one app, or of one workspace.
    """
    mine = [one for one in loads(user, at=at) if place in {None, one.queue.workspace}]
    waiting = [one for one in mine if app in {"", one.queue.app}]
    return [(one.queue.label, one.count, one.queue.list_address) for one in waiting]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """How somebody narrows what waits: one queue, whose it is, what is late, one workspace's queues, one insurer's."""

    kind: str = ""
    whose: rules.Whose = rules.Whose.ALL
    overdue: bool = False
    place: Workspace | None = None
    insurer: UUID | None = None

    def wants(self, queue: Queue) -> bool:
        """Whether this queue may hold what is asked for."""
        if (self.overdue and not queue.due) or (self.insurer and queue.of_insurer is None):
            return False
        if self.whose in {rules.Whose.MINE, rules.Whose.TAKEN} and queue.seen is None:
            return False
        return self.kind in {"", queue.name} and self.place in {None, queue.workspace}


EVERYTHING = Narrowed()


def items(user: Any, *, at: datetime, narrowed: Narrowed = EVERYTHING) -> list[WorkItem]:
    """What waits for this person, the most urgent first, with who has it and who looks at it: `OLDEST` at most."""
    asked = [one for one in queues_for(user) if narrowed.wants(one)]
    if narrowed.overdue or narrowed.insurer or narrowed.whose is not rules.Whose.ALL:
        found = [item for one in asked if one.pile is None for item in _narrowed(one, user, at, narrowed)]
    else:
        found = [item for one in loads(user, at=at) if one.queue in asked for item in one.oldest]
    return _with_lookers(with_holders(_most_urgent(found, at), user), user)


def _narrowed(queue: Queue, user: Any, at: datetime, narrowed: Narrowed) -> list[WorkItem]:
    """The most urgent things of one queue within what is asked for: one query."""
    if queue.counts_only:
        return []
    rows = queue.rows(user, at)
    if narrowed.insurer and queue.of_insurer is not None:
        rows = rows.filter(queue.of_insurer(narrowed.insurer))
    if narrowed.overdue:
        is_instant = isinstance(rows.model._meta.get_field(queue.due), DateTimeField)
        rows = rows.filter(**{f"{queue.due}__lt": at if is_instant else clock.date_in(at)})
    if narrowed.whose is rules.Whose.FREE:
        rows = free(rows, None)
    elif narrowed.whose is rules.Whose.OPEN:
        rows = free(rows, user)
    elif narrowed.whose is rules.Whose.TAKEN:
        rows = rows.filter(_held_by(rows, Hold.objects.exclude(holder=user)))
    elif narrowed.whose is rules.Whose.MINE:
        rows = held_by(rows, user)
    return [_item(queue, row) for row in _oldest(queue, rows, user, OLDEST)]


def _most_urgent(found: list[WorkItem], at: datetime) -> list[WorkItem]:
    return sorted(found, key=lambda one: urgency(one, at=at))[:OLDEST]


def urgency(item: WorkItem, *, at: datetime) -> tuple[int, datetime, datetime]:
    """What a thing that waits is sorted by."""
    return rules.urgency(item.due, since=item.since, at=at, first=item.first)


def _load(queue: Queue, user: Any, at: datetime) -> Load:
    if isinstance(queue.rows, Asked):
        oldest = _oldest_asked(queue.rows.values(user, at) or (), user.pk, name=queue.name, most=OLDEST)
    else:
        oldest = list(_oldest(queue, _counted(queue.rows(user, at)), user, OLDEST))
    return Load(queue, oldest[0].waiting if oldest else 0, [_item(queue, row) for row in oldest])


def _counted(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.annotate(waiting=Window(Count("*")))


@prepared
def _oldest_asked(values: tuple[Any, ...], user_id: UUID, *, name: str, most: int) -> QuerySet[Any]:
    queue, asked = _asked_of(name)
    return _oldest(queue, _counted(asked.make(*values)), user_id, most)


def _asked_of(name: str) -> tuple[Queue, Asked]:
    queue = queue_of(name)
    assert queue is not None
    assert isinstance(queue.rows, Asked)  # only such a queue is asked so
    return queue, queue.rows


def _oldest(queue: Queue, rows: QuerySet[Any], user: Any, most: int) -> QuerySet[Any]:
    """The `most` urgent ones: what comes first for this person, what is due first, then what has waited longest."""
    since = F(queue.since) if isinstance(queue.since, str) else queue.since
    by_due = [F(queue.due).asc(nulls_last=True)] if queue.due else []
    if queue.first is None:
        return rows.annotate(waits_since=since).order_by(*by_due, "waits_since", "pk")[:most]
    first = Case(When(queue.first(user), then=Value(True)), default=Value(False))
    told = rows.annotate(waits_since=since, comes_first=first)
    return told.order_by("-comes_first", *by_due, "waits_since", "pk")[:most]


def newest(queue: Queue, user: Any, *, at: datetime) -> datetime | None:
    """Since when the thing that came last to this person's queue has waited; None where nothing waits."""
    since = F(queue.since) if isinstance(queue.since, str) else queue.since
    rows = queue.rows(user, at).annotate(waits_since=since).order_by("-waits_since")
    found: datetime | None = rows.values_list("waits_since", flat=True).first()
    return found


def _counts(queues: Sequence[Queue], user: Any, at: datetime) -> dict[str, tuple[int, datetime | None]]:
    """How many wait in each of these queues, and since when: one query for all of them."""
    found: dict[str, tuple[int, datetime | None]] = {queue.name: (0, None) for queue in queues}
    asked = [_as_counted(queue, queue.rows(user, at)) for queue in queues]
    if asked:
        found |= {name: (count, since) for name, count, since in asked[0].union(*asked[1:], all=True)}
    return found


def _as_counted(queue: Queue, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """One row: the queue's name, how many wait in it, and since when."""
    told = rows.order_by().values(is_of=Value(queue.name)).annotate(waiting=Count("pk"), waits_since=Min(queue.since))
    return told.values_list("is_of", "waiting", "waits_since")


def _as_line(queue: Queue, count: int, since: datetime | None) -> Load:
    """All of them as one line, or as a number alone."""
    if since is None or queue.pile is None:
        return Load(queue, count, ())
    line = WorkItem(queue.name, f"{count:,} {queue.pile[count != 1]}", "", since, queue.list_address)
    return Load(queue, count, [line])


def _item(queue: Queue, row: Any) -> WorkItem:
    return WorkItem(
        kind=queue.name,
        title=queue.title(row),
        subject=queue.who(row),
        since=row.waits_since,
        href=queue.address(row),
        due=getattr(row, queue.due) if queue.due else None,
        first=queue.first is not None and row.comes_first,
        thing=row if queue.seen is not None else None,
    )


def with_holders(found: list[WorkItem], user: Any) -> list[WorkItem]:
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


def _with_lookers(found: list[WorkItem], user: Any) -> list[WorkItem]:
    """The same with who else has the page of each open: one query."""
    keys = [str(item.thing.pk) for item in found if item.thing is not None]
    if not keys:
        return found
    looks = Look.objects.filter(thing_id__in=keys, seen_at__gt=clock.real_now() - rules.LOOKS_FOR)
    by_thing: dict[tuple[str, str], list[str]] = {}
    for look in looks.exclude(viewer=user).select_related("viewer").order_by("pk"):
        by_thing.setdefault((look.thing_type, look.thing_id), []).append(str(look.viewer))
    return [replace(item, lookers=", ".join(by_thing.get(_name(item.thing), ()))) for item in found]


def _name(thing: Model | None) -> tuple[str, str]:
    return (thing._meta.label_lower, str(thing.pk)) if thing is not None else ("", "")


def takeable(user: Any, *, at: datetime, narrowed: Narrowed = EVERYTHING) -> list[tuple[Queue, Model]]:
    """The most urgent things that this person could take now: what nobody else has, of what is asked for.

    `OLDEST` at most, counted without what others have: none is left only where all that waits is taken.
    """
    narrowed = replace(narrowed, whose=rules.Whose.OPEN)
    asked = [one for one in queues_for(user) if narrowed.wants(one) and one.seen is not None and one.pile is None]
    found = [item for one in asked for item in _narrowed(one, user, at, narrowed)]
    urgent = _most_urgent(found, at)
    return [(one, item.thing) for item in urgent if item.thing is not None and (one := queue_of(item.kind))]


def _held_by(rows: QuerySet[Any], holds: QuerySet[Hold]) -> Exists:
    """Whether one of these holds is of the row."""
    of_table = holds.filter(thing_type=rows.model._meta.label_lower)
    return Exists(of_table.filter(thing_id=Cast(OuterRef("pk"), CharField())))


def held_by(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Rows that this person has in hand: few, whatever the size of their table."""
    holds = Hold.objects.filter(holder=user, thing_type=rows.model._meta.label_lower)
    return rows.filter(pk__in=holds.values_list(Cast("thing_id", UUIDField())))


def free(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Rows of a queue without what a colleague has, or with None for `user` without what anybody has."""
    return rows.filter(~_held_by(rows, Hold.objects.exclude(holder=user) if user is not None else Hold.objects.all()))


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

    It waits for nobody who may only look: what they cannot take is not offered. Two queries, three where the list was
    sorted. KeyError for a queue that nobody declared.
    """
    queue = queue_of(name)
    if queue is None:
        raise KeyError(name)
    hold, looking = _who_is_there(thing, user)
    narrowed = narrowing(queue, asked)
    rows = queue.rows(user, at) if queue.permission in user.permissions else queue.rows(user, at).none()
    around = _around(queue, thing, rows, user=user, at=at, asked=narrowed)
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
    kind, key = named(thing).values()
    found = [_There(*row) for row in _there(kind, key, clock.real_now() - rules.LOOKS_FOR, user.pk)]
    held = found[0] if found and found[0].does == "has" else None
    return held, [one for one in found if one.does == "sees"]


@prepared
def _there(kind: str, key: str, seen_after: datetime, viewer_id: UUID) -> QuerySet[Any, Any]:
    about = {"thing_type": kind, "thing_id": key}
    looks = Look.objects.filter(**about, seen_at__gt=seen_after).exclude(viewer=viewer_id)
    has = _people(Hold.objects.filter(**about), "has", "holder", "since")
    return has.union(_people(looks, "sees", "viewer", "seen_at"), all=True).order_by("does", "called")


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


@prepared
def _around_asked(
    values: tuple[Any, ...], user_id: UUID, pk: UUID, place: tuple[Any, ...], *, name: str
) -> QuerySet[Any, Any]:
    queue, rows = _asked_of(name)
    assert queue.listing is not None
    assert queue.href is not None  # who has no page of one thing has none beside it
    path, waiting = queue.href.path, rows.make(*values)
    others = free(waiting, user_id).exclude(pk=pk)
    return _itself(waiting, pk, path).union(*beside(others, own_order(queue.listing), place, path), all=True)


def _itself(waiting: QuerySet[Any], pk: UUID, path: str) -> QuerySet[Any, Any]:
    return waiting.order_by().filter(pk=pk).annotate(side=Value(ITSELF)).values_list("side", path)


def _around(
    queue: Queue, thing: Model, waiting: QuerySet[Any], *, user: Any, at: datetime, asked: str
) -> dict[str, Any]:
    """`ITSELF` if `thing` waits, and what lies before and after it in the listing's own order, one query.

    Each with the value that its address bears. Of what waits for this person within the filter, without what a
    colleague has. What waits is what the list shows with the queue's own query: that one need not be asked again.
    """
    if queue.listing is None or queue.href is None:
        return {ITSELF: None} if waiting.filter(pk=thing.pk).exists() else {}
    if isinstance(queue.rows, Asked) and asked in {"", queue.query} and queue.permission in user.permissions:
        place = own_place(queue.listing, thing)
        if place is not None:
            return dict(_around_asked(queue.rows.values(user, at) or (), user.pk, thing.pk, place, name=queue.name))
    told = QueryDict("" if asked == queue.query else asked)
    parts = {part: told[name] for name, part in queue.parts.items() if name in told}
    path = queue.href.path
    itself = _itself(waiting, thing.pk, path)
    around = sides(queue.listing, thing, user=user, asked=told, parts=parts, among=free(waiting, user), path=path)
    return dict(itself.union(*around, all=True) if around else itself)
