"""Keeping a list's filters and order under a name, forgetting them, and choosing how the list opens."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser as User  # people stands above this room
from django.db import transaction
from django.http import QueryDict
from django.urls import Resolver404, resolve

from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.listing.columns import Listing
from portal.listing.models import QUERY_LENGTH, SavedView
from portal.listing.paging import AFTER, BEFORE, FORMAT, VIEW
from portal.listing.selectors import MOST_VIEWS


@transaction.atomic
def save_view(
    *, listing: Listing, name: str, path: str, query: str, is_default: bool, by: User, at: datetime
) -> SavedView:
    """Keep how this person narrowed and sorted a list; the same name again replaces what it stood for.

    Raises RuleBroken for a page that does not exist, too long an address, or more than `MOST_VIEWS`.
    """
    _check_page(path)
    kept = _kept(query)
    _one_after_the_other(by)
    own = SavedView.objects.filter(user_id=by.pk, listing=listing.name)
    others = list(own.exclude(name=name).order_by("pk"))
    if len(others) >= MOST_VIEWS:
        raise RuleBroken(
            f"Ya guardaste {MOST_VIEWS} vistas de esta lista. Quita una y guarda esta.", code="too_many_views"
        )
    if is_default:
        own.update(is_default=False)
    view, _ = SavedView.objects.update_or_create(
        user_id=by.pk,
        listing=listing.name,
        name=name,
        defaults={"path": path, "query": kept, "is_default": is_default},
        create_defaults={"path": path, "query": kept, "is_default": is_default, "created_at": at},
    )
    record(action="listing.view_saved", subject=view, by=by, at=at, details={"list": listing.name})
    return view


def _one_after_the_other(by: User) -> None:
    """Two pages of one person may save at once: the second waits, so that one view alone is how a list opens."""
    get_user_model()._default_manager.select_for_update(no_key=True).get(pk=by.pk)


def _check_page(path: str) -> None:
    try:
        known = not urlsplit(path).netloc and path.startswith("/") and bool(resolve(path))
    except (Resolver404, ValueError):
        known = False
    if not known:
        raise RuleBroken("Esa página no existe. Abre la lista y guarda la vista desde ahí.", code="no_such_page")


def _kept(query: str) -> str:
    """The filters and the order of an address: no place in the list, no file, no other view."""
    asked = QueryDict(query, mutable=True)
    for name in (AFTER, BEFORE, FORMAT, VIEW):
        asked.pop(name, None)
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        kept.setlist(name, [value for value in values if value])
    if len(kept.urlencode()) > QUERY_LENGTH:
        raise RuleBroken("La vista es demasiado larga. Quita un filtro y guárdala.", code="view_too_long")
    return kept.urlencode()


@transaction.atomic
def open_with(*, view: SavedView, is_default: bool, by: User, at: datetime) -> SavedView:
    """Let a list open with this view from now on, or with everything again. Raises Conflict for one taken away."""
    _one_after_the_other(by)
    own = SavedView.objects.filter(user_id=view.user_id, listing=view.listing)
    if not own.filter(pk=view.pk).exists():
        raise Conflict("Esa vista ya no está. Abre la lista y mira cuáles guardas.", code="view_gone")
    own.update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default"])
    record(action="listing.view_chosen", subject=view, by=by, at=at, details={"default": is_default})
    return view


@transaction.atomic
def forget_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Take a saved view away; once more changes nothing."""
    _one_after_the_other(by)
    if not SavedView.objects.filter(pk=view.pk).exists():
        return
    record(action="listing.view_forgotten", subject=view, by=by, at=at, details={"list": view.listing})
    view.delete()
