"""Small promises about accounts, their credentials and the order of roles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.access import Permission, Role
from portal.errors import Conflict
from portal.people import selectors, services
from portal.people.models import ApiToken, Grant, Registration
from tests.factories import people
from tests.people.proofs import token_in_mail

pytestmark = pytest.mark.django_db


def test_a_credential_ends_in_real_time_whatever_the_demo_clock_says_AU_12() -> None:
    admin, insurer = people.administrator(), people.an_insurer()
    holder = people.user_with_role(Role.INSURER_API, insurer)
    ahead = clock.now() + timedelta(days=40)
    token, _secret = services.issue_token(
        name="órdenes",
        user=holder,
        party=insurer,
        scopes=["orders:write"],
        expires_at=clock.real_now() + timedelta(days=9),
        by=admin,
        at=ahead,
    )
    services.disable_person(user=holder, by=admin, at=ahead, reason="prueba")
    ended = ApiToken.objects.get(pk=token.pk).ended_at
    assert ended is not None
    assert ended <= clock.real_now()


def test_a_sign_up_is_confirmed_in_real_time() -> None:
    text = selectors.latest_text("portal-privacy")
    assert text is not None
    ahead = clock.now() + timedelta(days=40)
    services.register_person(
        role="physician",
        identifier=people.rfc_number(815),
        email="dra@ejemplo.mx",
        password="lluvia-en-la-sierra",
        text=text,
        ip="127.0.0.1",
        at=ahead,
    )
    services.confirm_email(token=token_in_mail("sign_up_confirm"), at=ahead)
    confirmed = Registration.objects.get().confirmed_at
    assert confirmed is not None
    assert confirmed <= clock.real_now()


def test_an_open_account_is_not_opened_again() -> None:
    admin, doctor = people.administrator(), people.physician()
    with pytest.raises(Conflict, match="ya está abierto"):
        services.enable_person(user=doctor, by=admin, at=clock.now(), reason="prueba")


def test_roles_come_oldest_first_so_that_the_first_party_never_changes() -> None:
    first, second = people.physician(), people.physician()
    helper = people.assistant_of(second)
    Grant.objects.create(
        user=helper, party=people.own_party(first), role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO - timedelta(1)
    )
    assert helper.party_ids(Permission.BILL_ORDERS) == [people.own_party(first).pk, people.own_party(second).pk]
