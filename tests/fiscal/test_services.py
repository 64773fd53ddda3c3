"""One UUID, one live use (MO-07); whom an administrator vouches for."""

from __future__ import annotations

import base64
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.demo import samples
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.fiscal import checks, selectors, services
from portal.fiscal.models import TaxReceipt, TrustedCertificate
from portal.history.models import AuditEvent
from tests.factories import papers, people
from tests.factories.threads import at_once

UUID = "6F35D3B5-3651-4370-BC2C-14CDBE384CD7"
pytestmark = pytest.mark.django_db


def claim(subject: Any, party: Any, by: Any, **changes: Any) -> TaxReceipt:
    values = {"uuid": UUID, "use": "invoice", "issuer_rfc": "IAÑL750210963", "total": Decimal("1305.00")}
    values |= {"issued_on": date(2026, 11, 20), "sha256": "a" * 64}
    return services.claim_receipt(subject=subject, party=party, by=by, at=clock.now(), **{**values, **changes})


@pytest.fixture
def who() -> tuple[Any, Any]:
    return people.a_person(), people.a_party()


def test_mo_07_a_second_live_use_is_a_conflict_that_does_not_say_whose(who: tuple[Any, Any]) -> None:
    by, party = who
    claim(party, party, by)
    with pytest.raises(Conflict) as refused:
        claim(by, people.a_party(name="OTRA PARTE"), by)
    assert refused.value.code == "receipt_used_before"
    assert "OTRA" not in refused.value.message
    assert party.name not in refused.value.message


def test_mo_07_letter_case_of_the_uuid_does_not_matter(who: tuple[Any, Any]) -> None:
    by, party = who
    claim(party, party, by, uuid=UUID.upper())
    with pytest.raises(Conflict):
        claim(party, party, by, uuid=UUID.lower())


def test_mo_07_a_released_use_serves_the_same_party_again_and_no_other(who: tuple[Any, Any]) -> None:
    by, party = who
    claim(party, party, by)
    assert services.release_receipt(subject=party, by=by, at=clock.now(), reason="devuelta") == 1
    assert services.release_receipt(subject=party, by=by, at=clock.now()) == 0
    with pytest.raises(Conflict):
        claim(by, people.a_party(), by)
    assert claim(by, party, by).released_at is None
    assert selectors.live_receipt(by) is not None
    assert selectors.live_receipt(party) is None


def test_claiming_and_releasing_are_each_told_once_to_history(who: tuple[Any, Any]) -> None:
    by, party = who
    claim(party, party, by)
    services.release_receipt(subject=party, by=by, at=clock.now())
    told = AuditEvent.objects.filter(action__startswith="fiscal.").order_by("id").values_list("action", flat=True)
    assert list(told) == ["fiscal.receipt_claimed", "fiscal.receipt_released"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"released_at": "now"}, "receipt_released_by_somebody"),
        ({"total": Decimal("-1.00")}, "receipt_total_not_negative"),
    ],
)
def test_the_database_keeps_receipts_honest(who: tuple[Any, Any], changes: dict[str, Any], name: str) -> None:
    by, party = who
    receipt = claim(party, party, by)
    changed = {key: clock.now() if value == "now" else value for key, value in changes.items()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        TaxReceipt.objects.filter(pk=receipt.pk).update(**changed)


def test_mo_07_only_a_use_before_is_told_as_a_use_before(who: tuple[Any, Any]) -> None:
    """Another fault of the row is a bug and is never excused with «ya se usó»."""
    by, party = who
    with pytest.raises(IntegrityError, match="receipt_total_not_negative"), transaction.atomic():
        claim(party, party, by, total=Decimal("-1.00"))
    assert not TaxReceipt.objects.exists()
    assert claim(party, party, by).released_at is None


@pytest.mark.parametrize(
    ("other_party", "released", "name"), [(False, False, "one_uuid_one_live_use"), (True, True, "one_uuid_one_party")]
)
def test_the_database_keeps_one_live_use_and_one_party(
    who: tuple[Any, Any], other_party: bool, released: bool, name: str
) -> None:
    by, party = who
    claim(party, party, by)
    if released:
        services.release_receipt(subject=party, by=by, at=clock.now())
    row = TaxReceipt(
        uuid=uuid.UUID(UUID),
        use="invoice",
        subject_type="x",
        subject_id="1",
        issuer_rfc="X",
        total=0,
        party=people.a_party() if other_party else party,
        claimed_by=by,
        claimed_at=clock.now(),
    )
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save(force_insert=True)


def test_an_administrator_adds_an_authority_and_its_seals_become_known() -> None:
    admin = people.administrator()
    unknown = checks.invoice(papers.invoice(), papers.expected_invoice(trust=selectors.trust_store()))
    for der in samples.trust_der():
        services.add_certificates(content=der, by=admin, at=clock.now())
    known = checks.invoice(papers.invoice(), papers.expected_invoice(trust=selectors.trust_store()))
    assert (unknown.verdict, known.verdict) == ("review", "accepted")
    kinds = set(TrustedCertificate.objects.values_list("kind", "rfc"))
    assert kinds == {("ca", ""), ("pac", "PDC200101AB1")}


def test_the_shipped_authorities_of_the_sat_are_trusted() -> None:
    assert len(selectors.trust_store()) == len(selectors.shipped()) >= 10


def test_a_folder_of_certificates_is_trusted(settings: Any, tmp_path: Any) -> None:
    (tmp_path / "pac.cer").write_bytes(samples.trust_der()[1])
    (tmp_path / "leeme.txt").write_text("nada")
    settings.TRUST_DIR = str(tmp_path)
    assert base64.b64encode(samples.trust_der()[1]).decode() in selectors.trust_store()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"hola", "not_a_certificate"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA", "private_key"),
        (b"0" * 600_000, "too_large"),
    ],
)
def test_what_is_no_certificate_is_refused_with_a_cure(content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.add_certificates(content=content, by=None, at=clock.now())
    assert refused.value.code == code
    assert TrustedCertificate.objects.count() == 0


def test_a_certificate_is_trusted_once_and_can_be_withdrawn_once() -> None:
    admin, der = people.administrator(), samples.trust_der()[0]
    row = services.add_certificates(content=der, by=admin, at=clock.now())[0]
    with pytest.raises(RuleBroken, match="ya están"):
        services.add_certificates(content=der, by=admin, at=clock.now())
    services.withdraw_certificate(certificate=row, by=admin, at=clock.now(), reason="robada")
    with pytest.raises(Conflict):
        services.withdraw_certificate(certificate=row, by=admin, at=clock.now())
    assert base64.b64encode(der).decode() not in selectors.trust_store()
    assert services.add_certificates(content=der, by=admin, at=clock.now())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"withdrawn_at": "now"}, "certificate_withdrawn_by_somebody"),
        ({"valid_to": "start"}, "certificate_ends_after_start"),
        ({"copy": True}, "one_live_row_per_certificate"),
    ],
)
def test_the_database_keeps_certificates_honest(changes: dict[str, Any], name: str) -> None:
    row = services.add_certificates(content=samples.trust_der()[0], by=None, at=clock.now())[0]
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        if changes.pop("copy", False):
            row.pk = uuid.uuid4()
            row.save(force_insert=True)
        values = {"now": clock.now(), "start": row.valid_from}
        TrustedCertificate.objects.filter(pk=row.pk).update(**{key: values[value] for key, value in changes.items()})


def test_a_receipt_reads_as_people_read_it() -> None:
    shown = selectors.receipt_view(checks.invoice(papers.invoice(), papers.expected_invoice()).facts)
    assert shown["total"] == Decimal("1595.00")
    assert [(tax["label"], tax["amount"]) for tax in shown["withheld"]] == [
        ("ISR retenido", Decimal("183.33")),
        ("IMPUESTO CEDULAR 3.00 %", Decimal("55.00")),
    ]
    assert shown["issuer"]["rfc"] == "IAÑL750210963"


@pytest.mark.django_db(transaction=True)
def test_mo_07_fifty_at_once_one_wins() -> None:
    by, party = people.a_person(), people.a_party()
    answers = at_once([lambda: claim(party, party, by)] * 50)
    assert [one.code for one in answers if isinstance(one, Conflict)] == ["receipt_used_before"] * 49
    assert [one for one in answers if isinstance(one, TaxReceipt)] == [TaxReceipt.objects.live().get()]
