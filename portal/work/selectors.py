"""What waits for a person: figures, the oldest things of every room, and one thing with who has it and what is next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, Min, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.http import QueryDict

from portal import clock
from portal.listing.neighbours import AFTER, BEFORE, sides
from portal.listing.selection import SORT
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


def figures(user: Any, *, at: datetime, app: str = "") -> list[Figure]:
    """What waits for this person: (label, how many, address of the list that proves it), zero included; of one app."""
    return [(one.label, one.rows(user, at).count(), one.list_address) for one in queues_for(user, app=app)]


def items(user: Any, *, at: datetime) -> list[WorkItem]:
    """What has waited longest for this person in every queue, oldest first, with who has it: `OLDEST` at most."""
    found = [item for queue in queues_for(user) for item in _waiting(queue, user, at)]
    return _with_holders(_longest(found), user)


def _longest(found: list[WorkItem]) -> list[WorkItem]:
    return sorted(found, key=lambda item: item.since)[:OLDEST]


def _waiting(queue: Queue, user: Any, at: datetime) -> list[WorkItem]:
    if queue.counts_only:
        return []
    rows = queue.rows(user, at)
    return _oldest(queue, rows) if queue.pile is None else _as_pile(queue, rows)


def _oldest(queue: Queue, rows: QuerySet[Any]) -> list[WorkItem]:
    since = F(queue.since) if isinstance(queue.since, str) else queue.since
    oldest = rows.annotate(waits_since=since).order_by("waits_since", "pk")[:OLDEST]
    return [_item(queue, row) for row in oldest]


def newest(queue: Queue, user: Any, *, at: datetime) -> datetime | None:
    """Since when the thing that came last to this person's queue has waited; None where nothing waits."""
    since = F(queue.since) if isinstance(queue.since, str) else queue.since
    rows = queue.rows(user, at).annotate(waits_since=since).order_by("-waits_since")
    found: datetime | None = rows.values_list("waits_since", flat=True).first()
    return found


def _as_pile(queue: Queue, rows: QuerySet[Any]) -> list[WorkItem]:
    """All of them as one line."""
    told = rows.order_by().aggregate(count=Count("pk"), since=Min(queue.since))
    if not told["count"] or queue.pile is None:
        return []
    nouns = queue.pile[0] if told["count"] == 1 else queue.pile[1]
    return [WorkItem(queue.name, f"{told['count']} {nouns}", "", told["since"], queue.list_address)]


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
    found = [item for one in asked if one.pile is None for item in _oldest(one, _free(one.rows(user, at), user))]
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

    Four queries at most. KeyError for a queue that nobody declared.
    """
    queue = queue_of(name)
    if queue is None:
        raise KeyError(name)
    hold = Hold.objects.about(thing).select_related("holder").first()
    narrowed = narrowing(queue, asked)
    waiting = queue.rows(user, at)
    around = _around(queue, thing, waiting, user=user, asked=narrowed or queue.query)
    return Standing(
        queue=name,
        pk=str(thing.pk),
        waits=ITSELF in around,
        holder=str(hold.holder) if hold else "",
        mine=hold is not None and hold.holder_id == user.pk,
        since=hold.since if hold else None,
        here=rules.who_is_here(lookers(thing, user)),
        previous=_page(queue, around.get(BEFORE), narrowed),
        next=_page(queue, around.get(AFTER), narrowed),
        narrowed=narrowed,
        list_address=f"{queue.list_address.partition('?')[0]}?{narrowed}" if narrowed else queue.list_address,
    )


def lookers(thing: Model, user: Any) -> list[str]:
    """Who else has the page of a thing open now, by name."""
    fresh = Look.objects.filter(**named(thing), seen_at__gt=clock.real_now() - rules.LOOKS_FOR)
    return [str(one.viewer) for one in fresh.exclude(viewer=user).select_related("viewer").order_by("viewer__name")]


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
    colleague has.
    """
    if queue.listing is None or queue.href is None:
        return {ITSELF: None} if waiting.filter(pk=thing.pk).exists() else {}
    told = QueryDict(asked)
    parts = {part: told[name] for name, part in queue.parts.items() if name in told}
    free = _free(waiting, user)
    path = queue.href.path
    itself = waiting.order_by().filter(pk=thing.pk).annotate(side=Value(ITSELF)).values_list("side", path)
    beside = sides(queue.listing, thing, user=user, asked=told, parts=parts, among=free, path=path)
    return dict(itself.union(*beside, all=True) if beside else itself)
