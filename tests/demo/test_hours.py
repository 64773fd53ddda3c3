"""The world begins at whatever hour it is loaded: nothing of it is still to come, and everybody's home opens (D13)."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.apps import apps
from django.db.models import DateTimeField, Max
from django.test import Client

from config.demo import world
from config.demo.people import PEOPLE
from config.demo.scenes import practice
from portal import clock

# The minutes around midnight in central Mexico, where the date in UTC is another; ends of a month and of a year.
MOMENTS = ("2026-12-31T23:50:00-06:00", "2027-03-01T00:20:00-06:00")
# Instants that are meant to come.
AHEAD = {"expires_at", "expire_date", "usable_from", "valid_to", "leased_until", "not_before", "promised_at"} | {
    "p50_due",
    "p80_due",
}


def still_to_come() -> dict[str, datetime]:
    """The instants of what was done, by column, that lie after now."""
    latest = {
        f"{model._meta.label}.{field.name}": model._base_manager.aggregate(last=Max(field.name))["last"]
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, DateTimeField) and field.name not in AHEAD
    }
    assert len([instant for instant in latest.values() if instant]) > 30, "the world has rows"
    return {column: instant for column, instant in latest.items() if instant and instant > clock.now()}


@pytest.mark.django_db
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_world_loaded_around_midnight_has_no_future_and_every_home_opens(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if moment != MOMENTS[0]:  # the practice's forty invoices are of the same days as everybody's: once is enough
        monkeypatch.setattr(practice, "play", lambda cast: None)
    with time_machine.travel(datetime.fromisoformat(moment)):
        assert world.load()
        assert still_to_come() == {}
        for person in PEOPLE:
            client = Client()
            assert client.post(f"/_demo/entrar/{person.slug}/").status_code == 302
            assert client.get("/", follow=True).status_code == 200, person.slug
