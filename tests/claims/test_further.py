"""What follows a folio: complements, appeals, and who may begin them (S3.16, S3.17, section 5 of the story)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from claims import queues, selectors, services
from claims.models import Accumulator, Claim, Decision
from portal.errors import Conflict, RuleBroken
from portal.papers.models import IssuedDocument
from portal.treasury.models import Payable
from tests.claims.test_deciding import LATER, D, decide, hold, in_review
from tests.factories import claims as a
from tests.factories import people
from tests.pages import once

pytestmark = pytest.mark.django_db
WHY = "El segundo renglón es la consulta del 3 de noviembre, con receta."
AFTER = LATER + timedelta(days=1)


def decided(*covered: tuple[str, str], amounts: tuple[str, ...] = ("20000.00", "1000.00")) -> SimpleNamespace:
    """A claim of two lines, decided by an analyst; another analyst stands by."""
    one = in_review(*amounts)
    one.decision = decide(one, *(covered or (("20000.00", ""), ("0.00", "not_medical"))))
    one.claim.refresh_from_db()
    one.other = people.analyst()
    return one


def appealed(one: SimpleNamespace, *, at: Any = AFTER) -> Claim:
    draft = services.start_appeal(claim=one.claim, reasons=WHY, by=one.family.user, at=at)
    return services.submit_claim(claim=draft, consented=True, by=one.family.user, at=at)


def answer(one: SimpleNamespace, appeal: Claim, *covered: tuple[str, str], by: Any = None) -> Decision:
    services.begin_review(claim=appeal, by=by or one.other, at=AFTER)
    appeal.refresh_from_db()
    told = SimpleNamespace(claim=appeal, analyst=by or one.other, condition=one.condition)
    return decide(told, *covered, at=AFTER)


def test_an_appeal_keeps_its_folio_raises_lines_alone_and_settles_the_difference() -> None:
    one = decided()
    appeal = appealed(one)
    assert (appeal.stage, appeal.parent, appeal.reasons, appeal.claimed) == ("appeal", one.claim, WHY, D("21000.00"))
    assert appeal.folio not in {"", one.claim.folio}
    assert (appeal.affected, appeal.coverage, appeal.condition) == (
        one.claim.affected,
        one.claim.coverage,
        one.condition,
    )
    with pytest.raises(RuleBroken) as lowered:
        answer(one, appeal, ("19999.99", "excluded"), ("0.00", "not_medical"))
    assert lowered.value.code == "appeal_only_raises"
    made = answer(one, appeal, ("20000.00", ""), ("1000.00", ""))
    assert (made.already, made.covered, made.not_covered, made.paid) == (
        D("20000.00"),
        D("1000.00"),
        D("0.00"),
        D("900.00"),
    )
    assert made.label == "Apelación concedida"
    assert [row.already for row in made.lines.order_by("line__number")] == [D("20000.00"), D("0.00")]
    assert Accumulator.objects.get().covered == D("21000.00")
    assert Payable.objects.count() == 2
    again = appealed(SimpleNamespace(claim=Claim.objects.get(pk=appeal.pk), family=one.family))
    assert selectors.covered_before(again) == {1: D("20000.00"), 2: D("1000.00")}, "an appeal's decision is one too"
    assert selectors.who_decided_before(again) == {one.analyst.pk, one.other.pk}


def test_an_appeal_is_decided_by_another_person_and_is_in_their_queue_alone() -> None:
    one = decided()
    appeal = appealed(one)
    assert appeal not in queues.to_decide(one.analyst, AFTER)
    assert appeal in queues.to_decide(one.other, AFTER)
    with pytest.raises(RuleBroken) as own:
        services.begin_review(claim=appeal, by=one.analyst, at=AFTER)
    assert own.value.code == "own_decision_appealed"
    made = answer(one, appeal, ("20000.00", ""), ("0.00", "not_medical"))
    assert (made.label, made.paid, made.outcome) == ("Se confirma la decisión", D("0.00"), "not_covered")
    paper = IssuedDocument.objects.get(pk=made.document_id)
    assert (paper.kind, paper.context["appeal_until"]) == ("claim_refusal", "2027-01-20")


def test_one_appeal_is_open_per_decision_within_its_days_and_only_of_a_decision() -> None:
    one = decided()
    last = one.decision.final_at + timedelta(days=60)
    told: dict[str, Any] = {"claim": one.claim, "by": one.family.user}
    for said, at, code in (("corto", AFTER, "reasons_missing"), (WHY, last + timedelta(days=1), "appeal_too_late")):
        with pytest.raises(RuleBroken) as refused:
            services.start_appeal(reasons=said, at=at, **told)
        assert refused.value.code == code
    begun = services.start_appeal(reasons=WHY, at=last, **told)
    assert services.start_appeal(reasons=f"{WHY} Y otra.", at=last, **told) == begun, "a begun one is gone on with"
    first = appealed(one)
    with pytest.raises(Conflict, match=first.folio):
        services.start_appeal(reasons=WHY, at=AFTER, **told)
    with pytest.raises(IntegrityError), transaction.atomic():
        a.bare(one.family, parent=one.claim, stage="appeal", reasons=WHY)
    services.withdraw_claim(claim=first, by=one.family.user, at=AFTER)
    assert services.start_appeal(reasons=WHY, at=AFTER, **told)
    waits = a.sent(one.family, "10.00")
    with pytest.raises(Conflict) as early:
        services.start_appeal(claim=waits, reasons=WHY, by=one.family.user, at=AFTER)
    assert early.value.code == "not_decided"


def test_a_complement_keeps_person_coverage_and_condition_and_asks_less_paper_s3_16() -> None:
    one = decided()
    told: dict[str, Any] = {"claim": one.claim, "by": one.family.user, "at": AFTER}
    draft = services.start_complement(**told)
    assert services.start_complement(**told) == draft
    assert [lack.name for lack in selectors.lacks_of(draft, at=AFTER)] == ["claim_form", "invoices"]
    late = AFTER + timedelta(days=200)
    assert "medical_report" in {lack.name for lack in selectors.lacks_of(draft, at=late)}, "the folio's is old by then"
    child = next(one for one in selectors.choices_of(one.family.user, on=a.ON) if one.person == one.person)
    other = f"{one.family.child.pk}:{child.coverage.pk}"
    asked: dict[str, Any] = {"pending": True, "condition": None, "by": one.family.user, "at": AFTER}
    with pytest.raises(RuleBroken) as refused:
        services.change_claim(claim=draft, choice=other, **asked)
    assert refused.value.code == "not_of_its_folio"
    kept = services.change_claim(claim=draft, choice=f"{draft.affected_id}:{draft.coverage_id}", **asked)
    assert (kept.condition, kept.condition_pending) == (one.condition, False)
    a.a_file(draft, "claim_form")
    a.an_invoice(draft, "500.00")
    sent = services.submit_claim(claim=draft, consented=True, by=one.family.user, at=AFTER)
    made = answer(one, sent, by=one.analyst)
    assert (sent.stage, made.paid, made.already) == ("complement", D("450.00"), D("0.00"))
    withdrawn = a.bare(one.family, state="withdrawn")
    with pytest.raises(Conflict):
        services.start_complement(claim=withdrawn, by=one.family.user, at=AFTER)


def test_a_complement_of_a_folio_whose_illness_nobody_knows_yet_says_its_own_s3_16_s3_17() -> None:
    family = a.a_family()
    told: dict[str, Any] = {"by": family.user, "at": AFTER}
    draft = services.start_complement(claim=a.bare(family), **told)
    choice = f"{draft.affected_id}:{draft.coverage_id}"
    kept = services.change_claim(claim=draft, choice=choice, condition=None, pending=True, **told)
    assert (kept.condition, kept.condition_pending) == (None, True)


def test_a_folio_is_followed_by_whoever_files_for_its_person_and_sees_it_ac_05() -> None:
    one = decided()
    stranger = a.a_family().user
    opened = people.member(party=one.family.adult.party)
    for act in (
        lambda by: services.start_complement(claim=one.claim, by=by, at=AFTER),
        lambda by: services.start_appeal(claim=one.claim, reasons=WHY, by=by, at=AFTER),
    ):
        for by in (stranger, opened):
            with pytest.raises(Http404):
                act(by)
    of_adult = a.bare(one.family, affected=one.family.adult)
    one.family.user.__dict__.pop("live_grants", None)
    assert not selectors.may_follow_up(one.family.user, of_adult, on=a.ON), (
        "whoever sees no more of it does not follow it"
    )
    a.an_assent(of_adult, by=opened)
    assert selectors.may_follow_up(one.family.user, of_adult, on=a.ON)
    assert services.start_complement(claim=of_adult, by=one.family.user, at=AFTER).assents.get().given_at is None
    assert not selectors.may_follow_up(one.family.user, a.a_draft(one.family), on=a.ON)


def test_an_appeal_takes_papers_and_no_invoice() -> None:
    one = decided()
    draft = services.start_appeal(claim=one.claim, reasons=WHY, by=one.family.user, at=AFTER)
    with pytest.raises(RuleBroken) as refused:
        services.add_file(
            claim=draft, upload=a.upload("f.xml", b"<x/>"), document="invoice_xml", by=one.family.user, at=AFTER
        )
    assert refused.value.code == "appeal_takes_no_invoice"
    a.a_file(draft, "other")
    assert selectors.lacks_of(draft, at=AFTER) == []
    Claim.objects.filter(pk=draft.pk).update(reasons="")
    draft.refresh_from_db()
    assert [one.name for one in selectors.lacks_of(draft, at=AFTER)] == ["reasons"]


def test_the_pages_lead_from_a_folio_to_what_follows_it_and_back() -> None:
    one = decided()
    client, page = people.signed_in(one.family.user), f"/tramites/{one.claim.folio}/"

    def post(address: str, **data: str) -> Any:
        return client.post(address, once() | data)

    shown = client.get(page).content.decode()
    assert ("Presentar un complemento" in shown, "Apelar la decisión" in shown) == (True, True)
    assert client.get(f"{page}apelar/").status_code == 200
    assert post(f"{page}apelar/", reasons="no").status_code == 422
    begun = post(f"{page}apelar/", reasons=WHY)
    draft = Claim.objects.get(stage="appeal")
    step = f"/tramites/borradores/{draft.pk}/"
    assert begun["Location"] == f"{step}documentos/"
    assert "Facturas: XML" not in client.get(f"{step}documentos/").content.decode()
    assert WHY in client.get(step).content.decode()
    assert post(step, reasons="no").status_code == 422
    assert post(step, reasons=f"{WHY} Y más.").status_code == 302
    checked = client.get(f"{step}revisar/").content.decode()
    assert ("Y más." in checked, one.claim.folio in checked) == (True, True)
    assert post(f"{step}revisar/", consent="on").status_code == 302
    draft.refresh_from_db()
    parent = client.get(page).content.decode()
    assert (draft.folio in parent, "Apelar la decisión" in parent) == (True, False)
    assert one.claim.folio in client.get(f"/tramites/{draft.folio}/").content.decode()
    assert "Hoy esta decisión no se apela" in client.get(f"{page}apelar/").content.decode()
    assert post(f"{page}apelar/", reasons=WHY).status_code == 409
    complement = post(f"{page}complemento/")
    assert complement["Location"] == f"/tramites/borradores/{Claim.objects.get(stage='complement').pk}/"
    assert one.condition.name in client.get(complement["Location"]).content.decode()
    assert people.signed_in(a.a_family().user).get(f"{page}apelar/").status_code == 404
    desk = people.signed_in(one.other)
    desk.post(f"/mesa/tramites/{draft.folio}/abrir/", once() | {"reason": "Apelación"})
    review = desk.get(f"/mesa/tramites/{draft.folio}/").content.decode()
    assert ("Por qué apela" in review, one.claim.folio in review) == (True, True)


def test_whoever_decided_what_was_sent_back_may_look_at_what_a_colleague_decided_instead() -> None:
    one = in_review("150000.00")
    other = people.analyst()
    first = decide(one)
    assert one.claim in queues.to_look(other, LATER) and one.claim not in queues.to_look(one.analyst, LATER)
    hold(one.claim, other)
    services.send_decision_back(decision=first, note="Falta la receta.", by=other, at=LATER)
    one.claim.refresh_from_db()
    decide(one, by=other)
    assert one.claim in queues.to_look(one.analyst, LATER), "with two analysts nobody else is left"
    assert one.claim not in queues.to_look(other, LATER)


def test_one_expense_is_in_one_open_appeal_also_through_the_appeal_of_an_appeal() -> None:
    one = decided()
    first = appealed(one)
    answer(one, first, ("20000.00", ""), ("100.00", "above_agreed"))
    first.refresh_from_db()
    told: dict[str, Any] = {"reasons": WHY, "by": one.family.user, "at": AFTER}
    begun = services.start_appeal(claim=one.claim, **told)
    second = appealed(SimpleNamespace(claim=first, family=one.family))
    with pytest.raises(Conflict, match=second.folio):
        services.submit_claim(claim=begun, consented=True, by=one.family.user, at=AFTER)
    with pytest.raises(Conflict, match=second.folio):
        services.start_appeal(claim=one.claim, **told)


def test_an_appeal_that_is_begun_again_while_it_is_sent_waits_for_it_in_the_same_order() -> None:
    one = decided()
    told: dict[str, Any] = {"claim": one.claim, "reasons": WHY, "by": one.family.user, "at": AFTER}
    draft = services.start_appeal(**told)
    orders = []
    acts = (
        lambda: services.start_appeal(**told),
        lambda: services.submit_claim(claim=draft, consented=True, by=one.family.user, at=AFTER),
    )
    for act in acts:
        with CaptureQueriesContext(connection) as queries:
            act()
        held = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
        envelope = next(at for at, sql in enumerate(held) if 'FROM "claims_submission"' in sql)
        folio = next(at for at, sql in enumerate(held) if str(one.claim.pk) in sql and 'FROM "claims_claim"' in sql)
        orders.append(envelope < folio)
    assert orders == [True, True]
