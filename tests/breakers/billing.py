"""What breaks the constraints of billing."""

from __future__ import annotations

from django.db import models

from billing.models import Bundle, BundleFile, Complement, ComplementDue
from tests.breakers import Breaker, changed, same
from tests.factories import billing
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY


def complement() -> models.Model:
    who = billing.doctor()
    invoice = billing.bare(who, paid_on=TODAY, complement_due_on=TODAY)
    return Complement.objects.create(
        party=who.party,
        transfer=invoice.transfer,
        state="accepted",
        xml=a.stored_pdf(who.party, who.user),
        uuid="x",
        handed_in_by=who.user,
        handed_in_at=NOW,
    )


def bundle() -> models.Model:
    who = billing.doctor()
    return Bundle.objects.create(party=who.party, opened_by=who.user, opened_at=NOW)


def stray() -> models.Model:
    return BundleFile.objects.create(bundle=bundle(), name="f.xml", why="Falta", added_at=NOW)


def complement_due() -> models.Model:
    return ComplementDue.objects.create(anchor=TODAY, due_on=TODAY, rolled_on=TODAY, due_rule="rep_due_day v1 · RMF")


BREAKERS: dict[str, Breaker] = {
    # billing (AC-09)
    "ended_complement_due_asks_nothing": changed(complement_due, ended_at=NOW, met_at=NOW),
    "one_open_bundle_per_physician": same(bundle),
    "bundle_file_is_placed_or_says_why": changed(stray, why=""),
    "removed_bundle_file_is_a_stray": Breaker(
        stray, lambda row: {"invoice": billing.bare(billing.doctor()), "why": "", "removed_at": NOW}
    ),
    "complement_state_known": changed(complement, state="lost", without=("complement_refused_says_why",)),
}
