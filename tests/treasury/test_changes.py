"""Stopping a change of account (N10): in review, during the hold, by screen, against the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock
from portal.access import Role
from portal.errors import Conflict
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.treasury import panels, selectors, services
from portal.treasury.models import BankAccount
from tests.factories import treasury as a
from tests.factories.treasury import NOW

from .test_views import browser, post, text

pytestmark = pytest.mark.django_db
HOLD = timedelta(hours=72)


def refreshed(*rows) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def test_a_change_stopped_during_its_hold_gives_the_old_account_back(doctor) -> None:
    people, old = a.desk(), a.validated(doctor)
    owed = a.payable(doctor)
    change = a.validated(doctor)
    at = NOW + HOLD - timedelta(seconds=1)
    with pytest.raises(Conflict, match="no se puede pagar ahora"):
        services.prepare_batch(payables=[owed], by=people.preparer, at=at)
    services.cancel_change(account=change, by=doctor.user, at=at)
    assert refreshed(old, change) == ["validated", "stopped"]
    assert (old.replaced_at, change.usable_from, change.replaced_at) == (None, None, at)
    assert selectors.my_account(party=doctor.party, purpose="digital_orders", at=at).current == old
    batch = services.prepare_batch(payables=[owed], by=people.preparer, at=at)
    assert batch.transfers.get().account == old
    assert Notice.objects.filter(user=doctor.user, kind="treasury/account_change_stopped").count() == 1
    event = AuditEvent.objects.get(action="treasury.account_change_stopped")
    assert (event.details["before"], event.details["hold_until"]) == (old.last4, (NOW + HOLD).isoformat())
    with pytest.raises(Conflict, match="ya no se puede detener"):
        services.cancel_change(account=change, by=doctor.user, at=at)


def test_a_change_under_way_is_told_at_home_beside_the_account_that_is_paid_until_then(doctor) -> None:
    old = a.validated(doctor)
    assert panels.account(doctor.user, NOW).text == f"BBVA MEXICO •••• {old.last4}. Validada."
    new = a.captured(doctor)
    told = panels.account(doctor.user, NOW)
    assert [one.title for one in told.items] == ["Falta enviar tu cuenta bancaria a revisión."]
    services.submit_account(account=new, by=doctor.user, at=NOW)
    told = panels.account(doctor.user, NOW)
    assert not told.items and told.text == (
        f"BBVA MEXICO •••• {old.last4}. Validada. "
        f"La nueva, BBVA MEXICO •••• {new.last4}: la está revisando una persona."
    )


def test_a_change_stopped_in_review_leaves_the_old_account_as_it_is(doctor) -> None:
    old, change = a.validated(doctor), a.in_review(doctor)
    services.cancel_change(account=change, by=doctor.user, at=NOW)
    assert refreshed(old, change) == ["validated", "stopped"]
    with pytest.raises(Conflict, match="ya cambió de estado"):
        services.review_account(account=change, decision="approved", by=a.desk().reviewer, at=NOW)


@pytest.mark.parametrize("moment", [HOLD, HOLD + timedelta(days=30)])
def test_a_change_whose_hold_is_over_is_not_stopped(doctor, moment) -> None:
    old, change = a.validated(doctor), a.validated(doctor)
    with pytest.raises(Conflict, match="terminó su plazo"):
        services.cancel_change(account=change, by=doctor.user, at=NOW + moment)
    assert refreshed(old, change) == ["replaced", "validated"]


def test_a_first_account_is_not_a_change(doctor) -> None:
    with pytest.raises(Conflict):
        services.cancel_change(account=a.in_review(doctor), by=doctor.user, at=NOW)


@pytest.mark.parametrize("ending", ["stopped", "stopped in its hold", "rejected"])
def test_after_a_change_that_came_to_nothing_another_one_can_follow(doctor, ending) -> None:
    old = a.validated(doctor)
    if ending == "rejected":
        first = services.review_account(
            account=a.in_review(doctor), decision="rejected", reason="No se lee.", by=a.desk().reviewer, at=NOW
        )
    else:
        first = a.in_review(doctor) if ending == "stopped" else a.validated(doctor)
        services.cancel_change(account=first, by=doctor.user, at=NOW)
    second = a.validated(doctor)
    assert (second.replaces, second.reviews_needed, second.usable_from) == (old, 2, NOW + HOLD)
    assert refreshed(old, first) == ["replaced", ending.split()[0]]
    services.cancel_change(account=second, by=doctor.user, at=NOW)
    assert refreshed(old) == ["validated"]


def test_two_changes_of_one_account_are_never_in_force() -> None:
    doctor = a.physician()
    old = a.validated(doctor)
    a.validated(doctor)
    other = a.captured(doctor)
    with pytest.raises(IntegrityError, match="one_change_in_force"), transaction.atomic():
        BankAccount.objects.filter(pk=other.pk).update(replaces=old, reviews_needed=2)


def test_a_stopped_account_was_never_usable(doctor) -> None:
    account = a.validated(doctor)
    with pytest.raises(IntegrityError, match="stopped_account_was_never_usable"), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(state="stopped", replaced_at=NOW)


# --- by screen ---------------------------------------------------------------------------------------------------


def test_the_owner_stops_it_on_the_page_and_both_moments_stay_in_the_history(doctor) -> None:
    old, change = a.validated(doctor), a.validated(doctor, clock.now().replace(microsecond=0))
    client = browser(doctor.user)
    assert "Detener el cambio" in text(client.get(reverse("treasury:my_account")))
    for _ in range(2):
        assert post(client, "cancel_change", change.pk, key="d" * 20).status_code == 302
    page = text(client.get(reverse("treasury:my_account")))
    assert "Detuviste el cambio." in page and "Detener el cambio" not in page
    assert (
        f"Se pidió cambiarla por •••• {change.last4}" in page and f"Se detuvo el cambio a •••• {change.last4}" in page
    )
    assert refreshed(old, change) == ["validated", "stopped"]
    post(client, "cancel_change", change.pk)
    assert "ya no se puede detener" in text(client.get(reverse("treasury:my_account")))
    page = text(browser(a.person("R", Role.REVIEWER)).get(reverse("treasury:account_review", args=[change.pk])))
    assert "Se detuvo el cambio" in page


def test_only_the_owner_stops_a_change_and_only_after_confirming_who_it_is(doctor) -> None:
    a.validated(doctor)
    change = a.in_review(doctor)
    assert "Detener el cambio" in text(browser(doctor.user).get(reverse("treasury:my_account")))
    assert post(browser(a.physician("Otro").user), "cancel_change", change.pk).status_code == 404
    assert post(browser(a.desk().reviewer), "cancel_change", change.pk).status_code == 403
    assistant = a.person("Asistente", Role.PHYSICIAN_ASSISTANT, doctor.party)
    assert post(browser(assistant), "cancel_change", change.pk).status_code == 403
    client = browser(doctor.user)
    session = client.session
    del session["demo"]
    session.update({"factor": "passkey", "fresh_at": 0, "consents_at": clock.real_now().timestamp()})
    session.save()
    assert reverse("people:confirm_it_is_you") in post(client, "cancel_change", change.pk)["Location"]
    assert refreshed(change) == ["in_review"]
