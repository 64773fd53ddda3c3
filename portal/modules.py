"""Modules of a fixed name: where an app says as plain data what a room above it, or the roof, reads of every app."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import AppConfig, apps


def named(name: str) -> Iterator[tuple[AppConfig, ModuleType]]:
    """(app, its module `<app>.<name>`) of each installed app that has one, in the order of the settings."""
    for app in apps.get_app_configs():
        place = f"{app.name}.{name}"
        if find_spec(place):
            yield app, import_module(place)
