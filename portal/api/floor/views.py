"""Calls on the saved views of a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.api.answers import Answer
from portal.api.calls import Asked, acts, at, shows
from portal.design.forms import Form
from portal.listing import selectors, services
from portal.listing.columns import Listing
from portal.listing.forms import ViewForm
from portal.listing.models import SavedView
from portal.listing.registry import listings

READ, WRITE = "portal:read", "portal:write"


class ViewTold(Answer):
    """A saved view: `path` and `query` are the list's page and what it is asked, `is_default` whether it opens so."""

    id = s.UUIDField()
    listing = s.CharField()
    name = s.CharField()
    path = s.CharField()
    query = s.CharField()
    is_default = s.BooleanField()


class ViewsTold(Answer):
    """What you saved of a list."""

    views = ViewTold(many=True)


class OpensForm(Form):
    """Whether the list opens with the view from now on."""

    is_default = forms.BooleanField(label="Abrir siempre la lista con esta vista", required=False)


def _listing(asked: Asked, name: str) -> Listing:
    found = listings().get(name)
    if found is None or found.filters is None or not found.is_open_to(asked.by):
        raise Http404
    return found


def _views(asked: Asked, name: str) -> dict[str, Any]:
    return {"views": selectors.views_of(asked.by, _listing(asked, name).name)}


def _view(asked: Asked, pk: UUID) -> SavedView:
    return get_object_or_404(SavedView, pk=pk, user_id=asked.by.pk)


RESOURCES = (
    at(
        "listas/<str:name>/vistas/",
        "views",
        shows(_views, "Tus vistas de una lista", scope=READ, answers=ViewsTold),
        acts(
            services.save_view,
            "Guardar una vista de una lista",
            scope=WRITE,
            find=_listing,
            thing="listing",
            takes=ViewForm,
            answers=ViewTold,
            status=201,
            example={"name": "Las de Ana", "path": "/mesa/personas/", "query": "buscar=ana"},
        ),
    ),
    at(
        "listas/vistas/<uuid:pk>/abrir/",
        "open_with",
        acts(
            services.open_with,
            "Abrir siempre una lista con una vista",
            scope=WRITE,
            find=_view,
            thing="view",
            takes=OpensForm,
            answers=ViewTold,
            example={"is_default": True},
        ),
    ),
    at(
        "listas/vistas/<uuid:pk>/quitar/",
        "forget_view",
        acts(services.forget_view, "Quitar una vista guardada", scope=WRITE, find=_view, thing="view"),
    ),
)
