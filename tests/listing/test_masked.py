"""A masked column is its mask on the page and in every file; who may opens one value with a reason (AD-01, PR-08)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from openpyxl import load_workbook

from portal.history.selectors import accesses
from portal.listing import as_json, opening, views
from portal.listing.registry import listings
from portal.listing.selection import Selection
from portal.treasury.listings import ACCOUNTS
from portal.treasury.models import BankAccount
from tests.factories import people
from tests.factories import treasury as a

pytestmark = pytest.mark.django_db
LIST, WHY = reverse("treasury:account_reviews"), "La pide quien llamó por su pago."


@pytest.fixture
def account(db: None) -> BankAccount:
    return a.in_review(a.physician())


def place(account: BankAccount, *, name: str = ACCOUNTS.name, column: str = "last4") -> str:
    return reverse("listing:open", args=[name, column, account.pk])


def test_page_and_files_show_the_mask_and_only_the_page_leads_to_the_whole(account: BankAccount) -> None:
    reviewer = people.reviewer()
    browser, mask = people.signed_in(reviewer), f"•••• {account.last4}"
    page = browser.get(LIST).content.decode()
    assert mask in page and place(account) in page and account.clabe not in page
    csv = b"".join(browser.get(f"{LIST}?formato=csv").streaming_content).decode("utf-8-sig")
    xlsx = b"".join(browser.get(f"{LIST}?formato=xlsx").streaming_content)
    cells = [str(cell) for row in load_workbook(io.BytesIO(xlsx)).worksheets[0].values for cell in row]
    told = as_json(Selection(ACCOUNTS, reviewer, QueryDict()))
    assert mask in csv and mask in cells and told["rows"][0]["last4"] == mask
    assert not any(account.clabe in text for text in (csv, *cells, str(told)))


def test_one_value_is_opened_with_a_reason_that_is_recorded(account: BankAccount) -> None:
    reviewer = people.reviewer()
    browser = people.signed_in(reviewer)
    asked = browser.get(place(account)).content.decode()
    assert "Para qué lo abres" in asked and account.clabe not in asked
    refused = browser.post(place(account), {"reason": "  "})
    assert refused.status_code == 422 and account.clabe not in refused.content.decode()
    assert not accesses().filter(subject_id=str(account.pk)).exists(), "nothing was read yet"
    opened = browser.post(place(account), {"reason": WHY})
    assert account.clabe in opened.content.decode() and opened["Cache-Control"] == "no-store"
    reading: Any = accesses().get(subject_id=str(account.pk))
    assert (reading.what, reading.by, reading.reason, reading.party_id) == (
        "read",
        reviewer,
        f"CLABE: {WHY}",
        account.party_id,
    )


def test_who_may_not_open_it_finds_nothing_and_sees_no_way_there(account: BankAccount, monkeypatch) -> None:
    reviewer = people.signed_in(people.reviewer())
    for path in (
        place(account, name="nobody"),
        place(account, column="holder"),
        place(account, column="nobody"),
        reverse("listing:open", args=[ACCOUNTS.name, "last4", people.a_party().pk]),
    ):
        assert reviewer.get(path).status_code == 404
    for other in (people.preparer(), people.physician(), people.administrator()):
        assert people.signed_in(other).get(place(account)).status_code == 404
        (shown,) = [one for one in ACCOUNTS.columns if one.masked]
        assert opening.opens(ACCOUNTS, shown, other) is shown
    monkeypatch.setattr(views, "OPENED", 1)
    statuses = [reviewer.post(place(account), {"reason": WHY}).status_code for _ in range(2)]
    assert statuses == [200, 429] and accesses().filter(subject_id=str(account.pk)).count() == 1


def test_every_masked_column_of_the_house_says_where_it_stands() -> None:
    masked = [(one, column) for one in listings().values() for column in one.columns if column.masked]
    assert {(one.name, column.name) for one, column in masked} == {(ACCOUNTS.name, "last4"), ("conditions", "sealed")}
    assert all(reverse(column.masked.page) and not column.total and column.href is None for _, column in masked)
