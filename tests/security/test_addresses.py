"""Addresses that no honest page links to are answered like any other that does not exist (AC-02, UP-03)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from config import matrix
from tests.factories import people

pytestmark = pytest.mark.django_db
NAMED = {
    path: entry
    for _name, path, view in matrix.routes()
    if re.search(r"<(?:str|slug):", path) and (entry := matrix.entry_of(view))
}
FILLED = {"uuid": "0198c0de-0000-7000-8000-000000000000", "int": "1", "str": "%00", "slug": "%00"}


def filled(path: str, text: str) -> str:
    return "/" + re.sub(r"<(\w+):\w+>", lambda found: {**FILLED, "str": text, "slug": text}[found[1]], path)


def test_a_name_that_no_column_can_hold_is_a_page_that_does_not_exist() -> None:
    """Each address is asked with a name that nobody has, and then with those that no column can hold.

    One person asks whom the door lets in: whom it turns away is answered before the name is looked at. So is a method
    that is not taken, to a name that nobody has too. A NUL is refused before anybody and any method is looked at: each
    method tries one of both names.
    """
    makers = (people.physician, people.reviewer, people.preparer, people.approver, people.support, people.administrator)
    makers += (people.member, people.collector, people.analyst, people.adviser)
    who = [(user.permissions, people.signed_in(user)) for user in (make() for make in makers)]
    broken, asked = [], 0
    for path, entry in NAMED.items():
        browser = next((client for held, client in who if not entry.permissions or held & entry.permissions), None)
        assert browser is not None, f"nobody here comes in at {path}"
        browser = Client() if entry.kind == "public" else browser
        browser.raise_request_exception = False
        for method, nul in (("get", "%00"), ("post", "a%00b")):
            ask = getattr(browser, method)
            wanted = ask(filled(path, "x9-nadie")).status_code
            texts = () if wanted == 405 else ("%ED%A0%80", "x" * 3_000, "%E2%80%AE")
            answers = {text: ask(filled(path, text)).status_code for text in texts}
            broken += [
                f"{method} {path} {t[:8]}: {got}, not {wanted}"
                for t, got in answers.items()
                if got not in {404, wanted}
            ]
            asked += len(texts)
            if (got := ask(filled(path, nul)).status_code) != 404:
                broken.append(f"{method} {path} {nul}: {got}, not 404")
    assert not broken, "\n".join(broken)
    assert len(NAMED) > 10 and asked > 100


def test_a_number_larger_than_any_row_is_answered_like_one_that_no_row_has() -> None:
    browser = people.signed_in(people.administrator())
    browser.raise_request_exception = False
    numbered = sorted({path for _name, path, _view in matrix.routes() if "<int:" in path})
    for path in numbered:
        huge, absent = (filled(re.sub(r"<int:\w+>", number, path), "x") for number in ("9" * 25, "987654"))
        for method in ("get", "post"):
            ask = getattr(browser, method)
            assert ask(huge).status_code == ask(absent).status_code >= 400, huge
    assert len(numbered) > 5
