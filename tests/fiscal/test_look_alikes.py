"""One expense told twice is seen, in whatever vertical it stands (N9, domain 6)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing import services as billing
from portal import clock
from portal.fiscal import selectors, services
from portal.fiscal.models import TaxReceipt
from portal.fiscal.rules.look_alikes import Receipt, pairs, why
from portal.names import word_key
from portal.rulebook.rules import draft_of
from portal.rulebook.selectors import rule_on
from portal.rulebook.services import publish_rule
from tests.factories import billing as a
from tests.factories import people

DAY = date(2027, 1, 8)
FIRST = Receipt("a" * 32, "a" * 64, "XAMA620210DQ5", Decimal("875.00"), DAY, frozenset({word_key("Rosa Núñez")}))
OTHER = replace(FIRST, uuid="b" * 32, sha256="b" * 64)
ROSA = frozenset({word_key("NUÑEZ ROSA")})


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (replace(OTHER, patients=frozenset({word_key("Otra Persona")})), []),
        (replace(OTHER, uuid=FIRST.uuid, total=Decimal("9.00")), ["same_cfdi"]),
        (replace(OTHER, uuid="", sha256=FIRST.sha256, patients=frozenset()), ["same_file"]),
        (replace(OTHER, issued_on=DAY + timedelta(days=3), patients=ROSA), ["look_alike"]),
        (replace(OTHER, issued_on=DAY - timedelta(days=3), patients=ROSA | {"otra"}), ["look_alike"]),
        (replace(OTHER, issued_on=DAY + timedelta(days=4)), []),
        (replace(OTHER, total=Decimal("875.01")), []),
        (replace(OTHER, issuer_rfc="ABC010101AB1"), []),
        (replace(OTHER, issuer_rfc=""), []),
        (replace(OTHER, issued_on=None), []),
        (replace(OTHER, total=None), []),
        (replace(OTHER, patients=frozenset()), []),
        (FIRST, ["same_cfdi", "same_file", "look_alike"]),
    ],
)
def test_n9_what_two_receipts_have_in_common_none_of_the_four_missing(other: Receipt, reasons: list[str]) -> None:
    assert why(FIRST, other, days=3) == why(other, FIRST, days=3) == reasons
    without = replace(FIRST, total=None, issuer_rfc="", patients=frozenset())
    assert "look_alike" not in why(without, replace(without, uuid="c", sha256="c"), days=3)


def test_n9_each_pair_is_told_once_in_order() -> None:
    stranger = replace(OTHER, uuid="c", sha256="c", total=Decimal("1.00"))
    assert pairs([FIRST, OTHER, stranger, replace(stranger, uuid="d")], days=3) == [
        (0, 1, ["look_alike"]),
        (2, 3, ["same_file", "look_alike"]),
    ]
    assert pairs([FIRST], days=3) == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Rosa Núñez", "nunez rosa"),
        ("  NUÑEZ,  rosa ", "nunez rosa"),
        ("O’Farrill-Peña, Ana", "ana ofarrill pena"),
        ("Ma. Rosa", "ma rosa"),
        ("—", ""),
    ],
)
def test_n9_a_patient_is_the_same_words_in_any_order(name: str, key: str) -> None:
    assert word_key(name) == key


def claim(subject: Any, party: Any, **changes: Any) -> TaxReceipt:
    told = {
        "uuid": uuid.uuid4(),
        "use": "invoice",
        "issuer_rfc": party.rfc,
        "total": Decimal("875.00"),
        "issued_on": DAY,
        "sha256": uuid.uuid4().hex * 2,
        "patients": ["Rosa Núñez", "Ana"],
        "by": subject,
        "at": clock.now(),
    }
    return services.claim_receipt(subject=subject, party=party, **told | changes)


@pytest.mark.django_db
def test_n9_receipts_of_other_things_are_found_by_bytes_or_by_issuer_total_and_patient() -> None:
    party = people.a_party()
    mine, near, far, same_bytes, released = (people.a_person() for _ in range(5))
    assert selectors.look_alikes(mine, user=mine, on=DAY) == []
    first = claim(mine, party)
    assert first.patients == ["ana", "nunez rosa"]
    claim(near, party, issued_on=DAY + timedelta(days=3), patients=["ROSA NÚÑEZ"])
    claim(far, party, issued_on=DAY + timedelta(days=4))
    claim(same_bytes, party, sha256=first.sha256, total=Decimal("1.00"))
    claim(released, party)
    services.release_receipt(subject=released, by=mine, at=clock.now())

    def found(subject: Any) -> dict[str, list[str]]:
        told = selectors.look_alikes(subject, user=mine, on=DAY)
        assert all((one.label, one.href) == ("", "") for one in told)  # nobody said where such a thing is seen
        return {one.receipt.subject_id: one.reasons for one in told}

    alike = "mismo emisor, total y paciente, con pocos días de diferencia"
    assert found(mine) == {str(near.pk): [alike], str(same_bytes.pk): ["es el mismo archivo"]}
    assert found(far) == {str(near.pk): [alike]}
    TaxReceipt.objects.filter(pk=first.pk).update(sha256="", patients=[])
    assert found(mine) == {}
    draft = draft_of(rule_on("look_alike.days", on=DAY))
    wider = replace(draft, value=4, valid_from=clock.today(), valid_to=None)
    publish_rule(draft=wider, reason="Acuerdo", by=people.administrator(), at=clock.now())
    TaxReceipt.objects.filter(pk=first.pk).update(patients=["ana"])
    today = clock.today()
    assert {one.receipt.subject_id for one in selectors.look_alikes(mine, user=mine, on=today)} == {str(far.pk)}


@pytest.mark.django_db
def test_n9_a_reviewer_sees_what_an_invoice_looks_like_and_is_led_only_where_they_may_go() -> None:
    a.trust()
    who = a.doctor()
    first, second = a.submitted(who), a.submitted(who)
    draft = a.with_files(who)
    desk, page = people.signed_in(people.reviewer()), f"/mesa/facturas/{first.folio}/"
    told = TaxReceipt.objects.get(subject_id=str(first.pk))
    assert (told.issued_on, told.sha256, told.patients) == (first.issued_on, first.xml.sha256, ["maria nunez pena"])
    shown = desk.get(page).content.decode()
    assert "Se parece a otro comprobante" in shown and f'href="/mesa/facturas/{second.folio}/">' in shown
    assert shown.count("Otro trámite, que no puedes abrir") == 1 and str(draft.pk) not in shown
    assert selectors.look_alikes(first, user=who.user, on=a.TODAY)[-1].href == f"/medico/facturas/{second.folio}/"
    for other in (second, draft):
        services.release_receipt(subject=other, by=who.user, at=a.NOW)
    assert "Se parece a otro comprobante" not in desk.get(page).content.decode()
    # an invoice that came back takes its folio fiscal again, with all that is compared
    back = billing.return_invoice(invoice=first, reasons=["illegible_pdf"], note="", by=people.reviewer(), at=a.NOW)
    assert selectors.live_receipt(back) is None
