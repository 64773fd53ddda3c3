"""A draft rule is tried on the last invoices before it is published (N2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from billing.models import Invoice
from portal.rulebook import selectors as rulebook
from portal.rulebook.replay import replay
from portal.rulebook.rules import draft_of
from tests.factories import billing as a

pytestmark = pytest.mark.django_db


def test_n2_a_draft_rule_is_replayed_over_the_last_invoices_without_changing_them(scene) -> None:
    now = rulebook.rule_on("withholding.PF", on=a.TODAY)
    dearer = replace(draft_of(now), value=now.value | {"components": [{"component": "ISR", "rate": "0.200000"}]})
    told = replay(dearer)
    assert told.read == 2 and told.total == Decimal("-200.00")
    assert {line.label for line in told.changed} == {scene.sent.folio, scene.paid.folio}
    assert Invoice.objects.get(pk=scene.sent.pk).total == Decimal("900.00")
