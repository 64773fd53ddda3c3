"""Every mail, rendered once: plain words, dates as people say them, a sheet that fits a telephone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from billing.sign_up import ASSISTANT
from portal.imports.rules import Told, tell
from portal.notices import rules
from tests.sources import ROOT

MAILS = ROOT / "templates" / "emails"
KINDS = sorted(str(path.relative_to(MAILS).with_suffix("")) for path in MAILS.rglob("*.txt") if path.stem != "layout")
DAY, AT = date(2026, 12, 5), datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
CONTEXT = {
    "folio": "FA-2026-000004",
    "folios": "FA-2026-000004",
    "due": DAY,
    "due_on": DAY,
    "count": 2,
    "minutes": 60,
    "hours": 24,
    "days": 7,
    "secret": "K7QF-22MX",
    "promised": DAY,
    "falls": DAY,
    "over": False,
    "pays": True,
    "yours": True,
    "what": "Agregaste una llave de acceso.",
    "limit": 100,
    "answer": "Ya quedó.",
    "reason": "Es de otra persona.",
    "credit": True,
    "account": SimpleNamespace(last4="9016", usable_from=AT),
    "before": SimpleNamespace(last4="1111"),
    "paid_before": True,
    "batch": SimpleNamespace(folio="LP-2026-000002"),
    "amount": Decimal("1350.00"),
    "on": DAY,
    "how": "el código que te dio tu aseguradora",
    "opened": "ves tus órdenes y puedes facturarlas",
    "helper": ASSISTANT,
    "steps": [("Falta tu complemento.", "Escribe en él $900.00.")],
    "title": "Órdenes",
    "ready": True,
    "keep_until": DAY,
    "why": "",
    "queue": "Facturas por revisar",
    "notices": [SimpleNamespace(title="FA-2026-000004: la aceptamos")] * 2,
    "work": [("Facturas por revisar", 3)],
    "transfer": SimpleNamespace(
        batch=SimpleNamespace(folio="LP-2026-000002"),
        paid_on=DAY,
        returned_on=DAY,
        reason="Cuenta cerrada.",
        amount=Decimal("1350.00"),
        currency="MXN",
        last4="9016",
    ),
}
UNPLAIN = re.compile(r"[<>{}]|&\w+;|\d{4}-\d{2}-\d{2}|\d/\d{1,2}/\d|!|\b(favor|dicho|dicha|usted|None)\b")
HEAVY = 30  # words: a sentence longer than this is read twice


# What a mail says in several ways: its own words of each.
WHY = "El archivo trae 3 renglones y se anunciaron 4. Revísalo y súbelo otra vez."
WAYS: dict[str, list[dict[str, Any]]] = {
    "import_ready": [{"what": str(what), **tell(what, new=3000, wrong=1000, why=WHY)} for what in Told],
    "invited_in_vain": [ASSISTANT.said_in_vain(why) for why in ("desk", "closed", "team")],
    "billing/orders_arrived": [{"count": count} for count in (1, 2)],
    "billing/orders_wait": [{"count": count} for count in (1, 2)],
}


@pytest.mark.parametrize(("kind", "way"), [(kind, way) for kind in KINDS for way in WAYS.get(kind, [{}])])
def test_a_mail_says_it_in_plain_words(kind: str, way: dict[str, Any]) -> None:
    text = render_to_string(f"emails/{kind}.txt", CONTEXT | way).strip()
    subject, body = text.split("\n", 1)
    assert re.fullmatch(r"Asunto: .{10,70}", subject), subject
    assert not subject.endswith(".")
    assert not UNPLAIN.search(text), UNPLAIN.search(text)
    sentences = re.split(r"(?<=[.:])\s", " ".join(body.split()))
    assert max(len(sentence.split()) for sentence in sentences) <= HEAVY, sentences


def test_what_became_of_a_long_file_is_said_in_words_of_its_own() -> None:
    told = {way["what"]: render_to_string("emails/import_ready.txt", CONTEXT | way) for way in WAYS["import_ready"]}
    assert len({text.split("\n")[0] for text in told.values()}) == len({*told.values()}) == len(Told)
    assert [what for what, text in told.items() if "aplicarlo" in text] == [Told.READ]
    assert [what for what, text in told.items() if WHY in text] == [Told.REFUSED]


def test_the_last_day_is_said_with_its_weekday() -> None:
    text = render_to_string("emails/billing/complement_reminder.txt", CONTEXT)
    assert "(a más tardar el 5 dic 2026)" in text and "el sábado 5 de diciembre de 2026" in text


def test_the_sheet_of_a_mail_has_no_width_that_a_telephone_lacks() -> None:
    page = render_to_string(
        "emails/layout.html",
        {
            "title": "FA-2026-000004: te pagamos",
            "paragraphs": rules.paragraphs("Uno.\n\nDos."),
            "url": "https://cauce.example/x/",
            "label": "Ver el depósito",
            "base_url": "https://cauce.example",
        },
    )
    assert set(re.findall(r'width="([^"]+)"', page)) == {"100%"}
    assert page.count("https://cauce.example/x/") == 2, "the button, and the address to copy"
