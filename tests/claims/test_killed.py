"""A draft is filled, sent, asked about, answered and decided by processes that end at any statement (N18).

Nothing half is left, nothing that was kept is lost, and done again there is one folio, clock, paper and notice.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from claims import services
from claims.models import (
    AccumulatorEntry,
    Claim,
    ClaimDue,
    ClaimFile,
    ClaimInvoice,
    ClaimLine,
    ClaimMessage,
    ClockSegment,
    Decision,
    DocumentRequest,
    RequestItem,
    Submission,
)
from claims.rules.deciding import SecondLook, Told
from portal import queue
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt
from portal.folios.models import IssuedFolio
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.papers import services as papers
from portal.papers.models import IssuedDocument, StoredFile
from portal.treasury.models import LedgerTransaction, Payable
from portal.work.models import Hold
from tests.claims.test_deciding import LATER, hold
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.memberships.test_killed import ends_whole
from tests.papers import makers

pytestmark = pytest.mark.django_db
COUNTED = (
    *(AccumulatorEntry, ClaimDue, ClaimInvoice, ClaimLine, ClaimMessage, ClockSegment, Decision, Hold),
    *(IssuedDocument, IssuedFolio, LedgerTransaction, Notice, Payable, RequestItem, StoredFile),
)


def standing() -> list[Any]:
    """What stands of claims: how many rows of each kind, and where each thing is."""
    claims = Claim.objects.order_by("pk").values_list("state", "payment_state", "claimed", "promised_at", "condition")
    files = ClaimFile.objects.order_by("pk").values_list("file__verdict", "removed_at", "asked", "document")
    envelopes = Submission.objects.order_by("pk").values_list("closed_at", flat=True)
    asked = DocumentRequest.objects.order_by("pk").values_list("state", flat=True)
    used = TaxReceipt.objects.live().count()
    acts = AuditEvent.objects.filter(action__startswith="claims.").count()
    return [*(model.objects.count() for model in COUNTED), [*claims], [*files], [*envelopes], [*asked], used, acts]


def ends(act: Callable[[], Any], *, apart: bool = False) -> None:
    """The same of claims; once more is refused or changes nothing."""

    def again() -> None:
        with suppress(Conflict, RuleBroken):
            act()

    ends_whole(again, standing=standing, points=6, apart=apart)


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A family with a whole draft, an analyst; large files wait for the drain, no decision for a second person."""
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 10)
    monkeypatch.setattr("claims.services.deciding._second_look", lambda *_given, **_named: SecondLook.NONE)
    family = a.a_family()
    return SimpleNamespace(family=family, user=family.user, analyst=people.analyst(), claim=a.a_whole_draft(family))


def sent(one: SimpleNamespace) -> Claim:
    return services.submit_claim(claim=one.claim, consented=True, by=one.user, at=a.AT)


def taken(one: SimpleNamespace) -> Claim:
    claim = sent(one)
    services.begin_review(claim=claim, by=one.analyst, at=LATER)
    hold(claim, one.analyst)
    return claim


def test_n18_a_file_that_is_kept_and_one_that_the_drain_examines_are_there_whole_or_not_at_all(
    one: SimpleNamespace,
) -> None:
    told = {"claim": one.claim, "document": "other", "by": one.user, "at": a.AT}
    ends(lambda: services.add_file(upload=a.upload("grande.pdf", makers.pdf()), **told), apart=True)
    (item,) = ClaimFile.objects.filter(file__verdict="pending")
    ends(lambda: services.remove_file(claim=one.claim, item=item, by=one.user, at=a.AT))
    ends(lambda: services.put_file_back(claim=one.claim, item=item, by=one.user, at=a.AT))
    assert queue.drain(StoredFile, lambda row: papers.examine_waiting(file=row, at=a.AT)) is not None
    item.refresh_from_db()
    assert item.facts["uuids"] == [] and item.file.verdict == "accepted"


def test_n18_a_choice_of_a_draft_is_kept_whole(one: SimpleNamespace) -> None:
    draft, minor = a.a_draft(one.family), one.family.plan.coverages.get(kind="minor")
    choice = f"{one.family.child.pk}:{minor.pk}"
    told = {"claim": draft, "choice": choice, "condition": None, "pending": True, "by": one.user, "at": a.AT}
    services.change_claim(**told)
    draft.refresh_from_db()
    assert (draft.affected, draft.submissions.get().party) == (one.family.child, one.family.child.party)


def test_n18_sending_gives_one_folio_however_often_its_process_ends(one: SimpleNamespace) -> None:
    ends(lambda: sent(one))
    assert [*Claim.objects.exclude(folio="").values_list("folio", flat=True)] == [
        *IssuedFolio.objects.filter(voided_at=None).values_list("folio", flat=True)
    ]


def test_n18_what_is_asked_and_answered_moves_state_clock_day_and_paper_together(one: SimpleNamespace) -> None:
    claim = taken(one)
    things = [("prescription", "lacks", ""), ("medical_report", "unsigned", "")]
    ends(lambda: services.ask_documents(claim=claim, things=things, reason="", by=one.analyst, at=LATER))
    request = DocumentRequest.objects.get()
    for item in request.items.all():
        services.note_answer(item=item, note="No hubo.", by=one.user, at=LATER)
    ends(lambda: services.complete_request(request=request, by=one.user, at=LATER))
    assert Claim.objects.get(pk=claim.pk).state == "in_review"


def test_n18_a_decision_moves_figures_money_paper_and_notice_together_and_so_does_its_withdrawal_by_the_filer(
    one: SimpleNamespace,
) -> None:
    other = a.a_whole_draft(one.family, "20000.00")
    claim, condition = taken(one), p.a_condition(person=one.family.titular)
    told = {line.number: Told(line.claimed, line.claimed) for line in claim.lines.all()}
    asked = {"claim": claim, "condition": condition, "told": told, "note": "", "by": one.analyst, "at": LATER}
    ends(lambda: services.decide_claim(**asked))
    assert Decision.objects.get().final_at == LATER
    back = services.submit_claim(claim=other, consented=True, by=one.user, at=a.AT)
    ends(lambda: services.withdraw_claim(claim=back, by=one.user, at=LATER))
