"""Starting over: everything goes, the same world comes back, the record is whole again."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Model, Q
from django.test import Client
from django.urls import reverse

from billing.models import Invoice
from config.demo import services
from portal import clock
from portal.history import selectors as history
from portal.history.models import AuditEvent
from portal.history.services import seal_events
from portal.papers.models import StoredFile
from portal.people.models import User

# What a worker adds once the world stands: the tests' world has its papers drawn already (tests/copies.py).
DRAWN: dict[type[Model], Q] = {
    StoredFile: Q(purpose__startswith="issued-"),
    AuditEvent: Q(action="papers.document_rendered") | Q(details__purpose__startswith="issued-"),
}


@pytest.mark.django_db(transaction=True)
def test_starting_over_brings_the_same_world_back_all_that_ships_and_the_clock_to_today(demo_world: None):
    before = (User.objects.count(), Invoice.objects.count())
    # Also what a migration fills: rules, texts, schemes, links, accounts.
    kept = stored()
    services.move_clock(days=30, by=None)
    Invoice.objects.filter(state="submitted").update(verdict="review")
    seal_events()
    client = Client()
    client.post("/_demo/entrar/lucia/")
    assert client.post(reverse("demo:start_over")).status_code == 302
    assert (User.objects.count(), Invoice.objects.count()) == before
    now = stored()
    assert not {model for model, count in kept.items() if now[model] < count}
    assert not Invoice.objects.filter(state="submitted", verdict="review").exists()
    assert abs((clock.now() - clock.real_now()).total_seconds()) < 60
    seal_events()
    assert history.verify(at=clock.real_now()).fault is None
    assert client.get(reverse("billing:home")).status_code == 302, "the old session is gone"


def stored() -> dict[type[Model], int]:
    """How many rows of each model stand, whatever a worker has drawn of them."""
    models = (model for model in apps.get_models() if model._meta.managed)
    return {model: model._default_manager.exclude(DRAWN.get(model, Q(pk__in=[]))).count() for model in models}
