"""What the team page promises: an assistant never reads the bank account, on any page, list, export or paper (B10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from config import matrix
from portal.access import Permission, Role
from portal.papers.models import IssuedDocument
from portal.people.models import Grant
from portal.treasury.models import BankAccount, Transfer
from tests.factories import people
from tests.security.conftest import World, undone
from tests.security.test_lists import shown
from tests.security.test_objects import Address, addresses, comes_past_the_door
from tests.security.things import everything

pytestmark = pytest.mark.django_db
OWNERS_PAGES = 3
BANKS = "api:bank"  # the catalogue of banks names every one of them


def secrets_of(world: World) -> list[str]:
    """Bank names and last digits of every account and deposit of the physician, as a page would say them."""
    party = world.party()
    rows = [*BankAccount.objects.filter(party=party), *Transfer.objects.filter(party=party)]
    assert rows, "the physician has an account"
    assert all(row.bank_name and row.last4 for row in rows)
    return sorted({row.bank_name for row in rows} | {row.last4 for row in rows} | {row.clabe for row in rows})


def paths_of(world: World) -> list[str]:
    """Every address that lets an assistant in: without an object, of the objects of this world, the papers.

    And one that does not: whom the door turns away reads the same sentence at each (`tests/access/test_matrix.py`).
    """
    things, party = everything(world), world.party()
    plain = [
        f"/{one.path}"
        for one in (Address(name, path, matrix.entry_of(view)) for name, path, view in matrix.routes())
        if "<" not in one.path and not one.name.startswith("admin") and comes_past_the_door("assistant", one)
    ]
    named = [
        one.to(things[one.name].args)
        for one in addresses()
        if one.name in things and one.name != BANKS and comes_past_the_door("assistant", one)
    ]
    kept = [reverse("papers:document", args=[row.pk]) for row in IssuedDocument.objects.filter(party=party)]
    paid = Transfer.objects.filter(party=party, state="paid")
    assert paid, "something was paid"
    deposits = [reverse(f"billing:{page}", args=[row.pk]) for row in paid for page in ("payment", "complement")]
    return [*plain, *named, *kept, *deposits, reverse("desk:audit")]


def told(answer: Any) -> str:
    """What is read: the words of a page, the whole of anything else."""
    text = answer.whole.decode(errors="replace")
    if "html" in answer.headers.get("Content-Type", ""):
        text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def leaks(text: str, secrets: list[str]) -> list[str]:
    return [one for one in secrets if re.search(rf"(?<![\w.-]){re.escape(one)}(?![\w.-])", text)]


def test_no_page_that_an_assistant_opens_names_the_bank_account_B10(world: World) -> None:
    """A file is asked for where a list is shown: a page without one has none.

    The owner reads the first few that show it, so that looking for it is known to find it.
    """
    secrets, opened, files, owners = secrets_of(world), 0, 0, 0
    for path in paths_of(world):
        page = undone(world.clients["assistant"], "get", path)
        file = [undone(world.clients["assistant"], "get", f"{path}?formato=csv")] if shown(page) else []
        assert not [one for answer in (page, *file) for one in leaks(told(answer), secrets)], path
        opened, files = opened + (page.status_code == 200), files + len(file)
        if owners < OWNERS_PAGES:
            owners += bool(leaks(told(undone(world.clients["owner"], "get", path)), secrets))
    assert opened > 30 and files > 2, "the assistant opens pages, and takes lists away"
    assert owners >= OWNERS_PAGES, "the owner reads it at home, on a deposit and on the account's page"


def test_the_payment_advice_is_for_whoever_manages_the_account_B10(world: World) -> None:
    advice = IssuedDocument.objects.filter(party=world.party(), kind="payment-advice")[0]
    path = reverse("papers:document", args=[advice.pk])
    assert undone(world.clients["owner"], "get", path).status_code == 200
    assert undone(world.clients["preparer"], "get", path).status_code == 200
    assert undone(world.clients["assistant"], "get", path).status_code == 404
    deposit = reverse("billing:payment", args=[Transfer.objects.get(advice=advice).pk])
    pages = {who: undone(world.clients[who], "get", deposit).whole.decode() for who in ("owner", "assistant")}
    assert path in pages["owner"] and path not in pages["assistant"], "nobody is led to a page that refuses them"


def test_an_account_of_ones_own_opens_no_other_ones_B10(world: World) -> None:
    """A physician who bills for another one too manages their own account only."""
    secrets, stranger, party = secrets_of(world), world.users["stranger"], world.party()
    assert stranger is not None
    Grant.objects.create(user=stranger, party=party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    stranger.__dict__.pop("live_grants", None)
    assert party.pk in stranger.party_ids(Permission.SEE_OWN_BILLING)
    own = {row.bank_name for row in BankAccount.objects.filter(party=people.own_party(stranger))}
    deposit = Transfer.objects.filter(party=party, state="paid")[0]
    paths = [
        reverse("billing:home"),
        reverse("billing:payments"),
        reverse("billing:statement"),
        reverse("billing:payment", args=[deposit.pk]),
        reverse("treasury:my_account"),
    ]
    for path in paths:
        answer = undone(world.clients["stranger"], "get", path)
        assert not set(leaks(told(answer), secrets)) - own, path
    advice = reverse("papers:document", args=[deposit.advice_id])
    assert undone(world.clients["stranger"], "get", advice).status_code == 404
