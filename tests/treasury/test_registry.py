"""What apps declare to treasury: checked when they do, asked by whoever owes, books or registers an account."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.access import Permission, Role
from portal.papers.models import IssuedDocument
from portal.people.models import Grant, Party, User
from portal.treasury import registry, selectors, services
from portal.treasury.models import Payable
from portal.treasury.rules import LedgerCode, Line
from tests.factories import people
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TEST, TODAY

from .test_returns import paid
from .test_views import browser, text

REWARDS = registry.AccountPurpose(
    code="rewards", label="Premios", sentence="Aquí recibes premios.", held_with=Permission.MANAGE_OWN_TEAM
)
BONUS = replace(TEST, kind="bonus", purpose=REWARDS.code, see=Permission.MANAGE_OWN_TEAM)


@pytest.fixture(autouse=True)
def _undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is declared for that test."""
    for name in ("_purposes", "_codes", "_kinds"):
        monkeypatch.setattr(registry, name, copy(getattr(registry, name)))


@pytest.mark.parametrize(
    ("declare", "why"),
    [
        (lambda: registry.register_purpose(replace(REWARDS, code="Premios 1")), "names no purpose"),
        (lambda: registry.register_purpose(replace(REWARDS, code="digital_orders")), "two apps declare"),
        (lambda: registry.register_purpose(replace(REWARDS, sentence="")), "says nothing"),
        (lambda: registry.register_ledger(LedgerCode("", "Nada")), "names no account"),
        (lambda: registry.register_ledger(LedgerCode("bank", "Otro banco")), "two apps declare"),
        (lambda: registry.register_payable(replace(TEST, kind="Bono!")), "names no kind"),
        (lambda: registry.register_payable(replace(TEST, tells=True)), "two apps declare"),
        (lambda: registry.register_payable(replace(TEST, kind="bonus", purpose="nobody")), "goes to an account for"),
        (lambda: registry.register_payable(replace(TEST, kind="bonus", liability="nothing")), "no account kept for a"),
        (lambda: registry.register_payable(replace(TEST, kind="bonus", liability="bank")), "no account kept for a"),
        (lambda: registry.register_payable(replace(TEST, kind="bonus", see=Permission.SEE_DESK)), "seen by others"),
    ],
)
def test_what_is_declared_wrong_stops_the_start(declare: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        declare()


def test_a_declaration_stands_for_every_app_and_the_same_one_again_is_no_other() -> None:
    for _ in range(2):
        registry.register_purpose(REWARDS)
        registry.register_ledger(LedgerCode("bank", "Banco"))
    registry.register_payable(BONUS)
    assert (registry.purpose("rewards"), registry.payable_kind("bonus")) == (REWARDS, BONUS)
    owed = [Payable(kind=kind, reference=kind, amount=1) for kind in ("bonus", "bonus", "test")]
    assert (registry.called(owed[:2]), registry.called(owed), registry.called(owed, one=True)) == (
        "facturas",
        "pagos",
        "pago",
    )
    assert registry.barred_people(owed) == set() and not registry.are_told(owed)
    assert [line["folio"] for line in registry.advice_lines(owed)] == ["bonus", "bonus", "test"]
    assert registry.next_steps(owed) == [TEST.next_step] * 2


@pytest.mark.django_db
def test_what_no_app_declared_is_neither_owed_nor_booked_nor_an_account_for(doctor) -> None:
    who: Any = {"party": doctor.party, "by": None, "at": NOW}
    owed = {"amount": Decimal(1), "currency": "MXN", "reference": "x", "due_on": TODAY, "due_rule": "r"}
    with pytest.raises(ValueError, match="no app declared «gift»"):
        services.open_payable(**who, **owed, kind="gift", subject=doctor.party)
    with pytest.raises(ValueError, match="no app declared «gift»"):
        services.capture_account(**who, purpose="gift", clabe=a.clabe(1), upload=None)
    for line, why in (
        (Line("gift", Decimal(1), "MXN"), "no app declared «gift»"),
        (Line("physician_payable", Decimal(1), "MXN"), "is kept for a party"),
        (Line("care_expense", Decimal(1), "MXN", doctor.party.pk), "is kept without a party"),
    ):
        with pytest.raises(ValueError, match=why):
            services.post_entry(
                kind="t",
                lines=[line, Line("bank", Decimal(-1), "MXN")],
                subject=doctor.party,
                at=NOW,
                on=TODAY,
                by=None,
            )
    assert not Payable.objects.exists()


@pytest.mark.django_db
def test_b10_see_own_payments_decides_who_sees_what_is_owed_and_its_advice(doctor, people) -> None:
    a.validated(doctor)
    transfer = paid(doctor, people)
    helper = a.person("Ayuda", Role.PHYSICIAN_ASSISTANT, doctor.party)
    stranger, unproved = a.physician("Otra Persona"), a.physician("Sin Acreditar")
    Party.objects.filter(pk=unproved.party.pk).update(rfc_proof="", rfc_proved_at=None)
    unproved.user = User.objects.get(pk=unproved.user.pk)
    a.payable(unproved)
    for user, seen in (
        (doctor.user, 1),
        (helper, 0),
        (stranger.user, 0),
        (unproved.user, 0),
        (people.reviewer, 0),
        (people.preparer, 2),
        (people.auditor, 2),
    ):
        assert Payable.objects.visible_to(user).count() == seen, user
        advice = IssuedDocument.objects.visible_to(user).filter(pk=transfer.advice_id)
        assert advice.exists() == bool(seen), user
    assert Permission.SEE_OWN_BILLING in helper.permissions, "billing's permission opens neither"


@pytest.mark.django_db
def test_s0_8_an_account_says_what_it_alone_is_for_and_each_purpose_has_its_own(doctor) -> None:
    first, rewards = a.validated(doctor), f"{reverse('treasury:my_account')}?uso=rewards"
    client, ending = browser(doctor.user), f"•••• {first.last4}"  # its dots, or a year could be taken for it
    alone = text(client.get(reverse("treasury:my_account")))
    assert registry.purpose(a.PURPOSE).sentence in alone and ending in alone and "Premios" not in alone
    registry.register_purpose(REWARDS)
    page = text(client.get(reverse("treasury:my_account")))
    assert ending in page and "Premios" in page
    other = client.get(rewards)
    assert REWARDS.sentence in text(other) and ending not in text(other)
    capture = f"{reverse('treasury:capture_account')}?uso=rewards"
    assert f'href="{capture}"' in other.content.decode()
    assert REWARDS.sentence in text(client.get(capture)) and "Cambiar de cuenta" not in text(client.get(capture))
    for unknown in ("nobody", "", "digital_orders' --"):
        assert client.get(reverse("treasury:my_account"), {"uso": unknown}).status_code == 404
    registry._purposes["rewards"] = replace(REWARDS, held_with=Permission.SEE_DESK)
    assert client.get(rewards).status_code == 404, "an account of somebody else's work"


@pytest.mark.django_db
def test_who_acts_for_several_parties_reaches_the_account_of_each_and_first_the_one_that_is_owed(doctor) -> None:
    second, third, user = people.a_party(name="SEGUNDA"), people.a_party(name="TERCERA"), doctor.user
    for party in (second, third):
        Grant.objects.create(user=user, party=party, role=Role.MEMBER, since=clock.today())
    user = User.objects.get(pk=user.pk)
    client, page, member = browser(user), reverse("treasury:my_account"), REWARDS.code
    registry.register_purpose(replace(REWARDS, held_with=Permission.SEE_OWN_MEMBERSHIP))
    found = [(one.purpose.code, one.party_id, one.is_only) for one in selectors.uses_of(user)]
    assert {("digital_orders", doctor.party.pk, True), (member, second.pk, False), (member, third.pk, False)} <= {
        *found
    }
    assert (member, doctor.party.pk) not in {one[:2] for one in found}, "no member there"
    for owed, asked, whose in (
        (False, "", doctor.party),
        (False, f"?uso={member}", second),
        (True, f"?uso={member}", third),
        (True, f"?uso={member}&persona={second.pk}", second),
        (True, f"?uso={member}&persona={doctor.party.pk}", None),
        (True, f"?uso={member}&persona=x", None),
    ):
        if owed and not third.payables.exists():
            a.payable(SimpleNamespace(party=third))
            third.payables.update(purpose=member)
        capture = client.get(reverse("treasury:capture_account") + asked)
        assert (whose is None) == (capture.status_code == 404), asked
        assert whose is None or f"a nombre de {whose.name}." in text(capture), asked
    tabs = client.get(page).content.decode()
    assert f"persona={third.pk}" in tabs and "TERCERA" in tabs and f"persona={doctor.party.pk}" not in tabs
    assert selectors.page_of(user, purpose=member, party_id=second.pk).endswith(f"persona={second.pk}")
    assert selectors.page_of(user, purpose="digital_orders", party_id=doctor.party.pk) == page
    assert selectors.page_of(user, purpose=member, party_id=doctor.party.pk) == f"{page}?uso={member}"


@pytest.mark.django_db
def test_the_pages_of_an_account_and_a_team_stand_under_the_person_s_own_and_old_addresses_lead_there() -> None:
    for old, new in (
        ("/medico/cuenta-bancaria/", reverse("treasury:my_account")),
        ("/medico/cuenta-bancaria/nueva/", reverse("treasury:capture_account")),
        ("/medico/equipo/", reverse("people:team")),
    ):
        assert new.startswith(("/cuenta/bancaria/", "/cuenta/equipo/"))
        for asked in ("", "?uso=digital_orders"):
            moved = Client().get(old + asked)
            assert (moved.status_code, moved.headers["Location"]) == (301, new + asked)
        assert Client().post(old).status_code == 405
