"""What people call a thing, told as the record stores it: a folio, an account or a tracking key → the rows it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db.models import Model, Q

from portal.listing import search

MOST = 50  # things of one name: an account is unique within its insurer alone


def named(name: str) -> Q:
    """Records about anything that bears this name, in either case, or whose identifier it is."""
    found = Q(subject_id=name)
    for kind, ids in things(name).items():
        found |= Q(subject_type=kind, subject_id__in=ids)
    return found


def things(name: str) -> dict[str, list[str]]:
    """The keys of everything that bears a name, by kind (`app.model`).

    The names are those by which the apps' things are found. A folio names what bears it and what is bound to it: its
    payable, its complement; an order, which is only ever received and billed, the delivery that brought it and the
    invoices that bill it.
    """
    found: dict[str, list[str]] = {}
    for kind, ids in _called(name):
        known = found.setdefault(kind, [])
        known += [one for one in ids[:MOST] if one not in known]
    return {kind: ids for kind, ids in found.items() if ids}


def cut(name: str) -> list[str]:
    """The kinds of which more bear a name than `things` gives."""
    return sorted({kind for kind, ids in _called(name) if len(ids) > MOST})


def _called(name: str) -> Iterator[tuple[str, list[str]]]:
    """The keys that each code of each kind finds, one more than is given where there are more."""
    for kind in search.findables():
        for path, shape in search.codes(kind):
            if (wanted := shape(name)) is None:
                continue
            rows = apps.get_model(kind.model)._default_manager.filter(**{f"{path}__iexact": wanted}).order_by("pk")
            yield kind.model, [str(pk) for pk in rows.values_list("pk", flat=True).distinct()[: MOST + 1]]


def rows_of(name: str) -> list[Model]:
    """The things themselves, by kind, the oldest first."""
    return [
        row
        for kind, ids in things(name).items()
        for row in apps.get_model(kind)._default_manager.filter(pk__in=ids).order_by("pk")
    ]


def whole(rows: Iterable[Model]) -> list[Model]:
    """These things and what their apps say belongs to them (`Findable.belongs`): the payment of what is owed, the
    payments of a family. Each once, these things first.
    """
    found = {(row._meta.label_lower, row.pk): row for row in rows}
    named = list(found.values())
    for kind in search.findables():
        keys = [row.pk for row in named if row._meta.label_lower == kind.model]
        for more in kind.belongs(keys) if keys else ():
            found |= {(row._meta.label_lower, row.pk): row for row in more.order_by("pk")}
    return list(found.values())


def about(rows: Iterable[Model], *, through: str = "") -> Q:
    """Records about these things; `through` leads from what is asked to the record."""
    ids: dict[str, list[str]] = {}
    for row in rows:
        ids.setdefault(row._meta.label_lower, []).append(str(row.pk))
    found = Q(pk__in=[])
    for kind, these in ids.items():
        found |= Q(**{f"{through}subject_type": kind, f"{through}subject_id__in": these})
    return found
