"""Whose a family's CFDI is, when it counts as used, and what is only kept (issue 12, 1; N9)."""

from __future__ import annotations

from typing import Any

import pytest

from claims import services
from claims.models import Claim, ClaimFile
from portal.fiscal.models import TaxReceipt
from portal.people.models import User
from tests.factories import claims as a
from tests.factories import people

pytestmark = pytest.mark.django_db
CFDI, REP = "00000000-0000-4000-8000-00000000abcd", "00000000-0000-4000-8000-00000000dcba"


def a_draft_of(claim: Claim, **told: Any) -> Claim:
    """A whole draft with one invoice that is paid later, and its proof of payment, which names a REP."""
    for document in a.DOCUMENTS:
        a.a_file(claim, document)
    proof: ClaimFile = a.a_file(claim, "payment_proof", kind="xml", facts={"uuids": [CFDI], "tfd": {"uuid": REP}})
    a.an_invoice(claim, "500.00", uuid=CFDI, method="PPD", payment_proof=proof, **told)
    return claim


def by_the_adult(family: Any, spouse: User) -> Claim:
    a.agrees(spouse, family.plan.party)
    a.an_account(family.adult.party, spouse)
    return a_draft_of(services.start_claim(by=spouse, at=a.AT))


def in_use() -> list[tuple[str, Any]]:
    return [(str(one.uuid), one.party_id) for one in TaxReceipt.objects.live()]


def test_a_cfdi_is_the_titulars_whoever_files_free_again_once_withdrawn_and_a_rep_is_kept_alone_n9() -> None:
    family = a.a_family()
    spouse, titular = people.member(party=family.adult.party), family.titular.party_id
    draft = by_the_adult(family, spouse)
    assert (draft.affected, draft.payee, in_use()) == (family.adult, family.adult.party, []), "a draft uses nothing"
    sent = services.submit_claim(claim=draft, consented=True, by=spouse, at=a.AT)
    assert in_use() == [(CFDI, titular)], "the REP may pay several invoices: it is kept, not used"
    services.withdraw_claim(claim=sent, by=spouse, at=a.AT)
    assert in_use() == []
    again = a_draft_of(a.a_draft(family, affected=family.adult))
    again.submissions.update(party=family.adult.party)
    a.an_assent(again, by=spouse)
    services.submit_claim(claim=again, consented=True, by=family.user, at=a.AT)
    assert in_use() == [(CFDI, titular)], "a second try, by another of the family, meets no other party's"
