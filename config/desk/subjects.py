"""What people call a thing, told as the record stores it: a folio, an account or a tracking key → the rows it names."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Q

from portal.listing import search

MOST = 50  # things of one name: an account is unique within its insurer alone


def named(name: str) -> Q:
    """Records about anything that bears this name, in either case, or whose identifier it is.

    The names are those by which the apps' things are found. A folio names what bears it and what is bound to it: its
    payable, its complement; an order, which is only ever received and billed, the delivery that brought it and the
    invoices that bill it.
    """
    found = Q(subject_id=name)
    for kind in search.findables():
        for path, shape in search.codes(kind):
            if (wanted := shape(name)) is None:
                continue
            rows = apps.get_model(kind.model)._default_manager.filter(**{f"{path}__iexact": wanted}).order_by("pk")
            if ids := [str(pk) for pk in rows.values_list("pk", flat=True).distinct()[:MOST]]:
                found |= Q(subject_type=kind.model, subject_id__in=ids)
    return found
