"""The published rules approve, never reject, and say why a person looks; the draw goes to a second one (domain 6)."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import date, timedelta
from typing import Any

import pytest

from claims import services
from claims.models import AutomaticAnswer, Claim, Decision, QualityCheck
from claims.selectors.payables import accepted_by, deciders_of
from claims.tasks import judge_sent
from portal import clock
from portal.fiscal.models import TaxReceipt
from portal.folios.services import next_folio
from portal.help import services as contact
from portal.listing import search
from portal.rulebook import selectors as rulebook
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount, Payable
from tests.claims.test_deciding import LATER, D, confirm, hold
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def numbers(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Numbers of the rules as a test says them; nobody is drawn unless it does."""
    said: dict[str, Any] = {"claim.qa_percent": 0}
    in_force = rulebook.rule_on

    def rule_on(code: str, *, on: date) -> Any:
        rule = in_force(code, on=on)
        return replace(rule, value=said[code]) if code in said else rule

    monkeypatch.setattr(rulebook, "rule_on", rule_on)
    return said


def small(amount: str = "900.00", *, family: Any = None, **changes: Any) -> Claim:
    """A sent claim of a registered illness, whose payee's account is validated."""
    family = family or a.a_family()
    if account := BankAccount.objects.filter(party=family.titular.party, state="in_review").first():
        treasury.review_account(account=account, decision="approved", by=people.reviewer(), at=a.AT)
    condition = p.a_condition(person=family.titular)
    return a.sent(family, amount, **({"condition": condition} | changes))


def judged(claim: Claim) -> AutomaticAnswer:
    answer = services.judge_sent_claim(claim=claim, at=LATER)
    assert answer is not None
    claim.refresh_from_db()
    return answer


def test_a_small_claim_in_order_is_approved_by_the_published_rules_and_its_family_reads_so() -> None:
    claim = small()
    assert services.judge_sent_claim(claim=claim, at=LATER) is not None
    assert services.judge_sent_claim(claim=claim, at=LATER) is None, "asked once"
    made = Decision.objects.get()
    assert (made.by, made.final_at, made.covered, made.author) == (None, LATER, D("900.00"), "las reglas publicadas")
    claim.refresh_from_db()
    assert claim.state == "decided"
    page = people.signed_in(claim.filed_by).get(f"/tramites/{claim.folio}/").content.decode()
    assert "Lo aprobaron las reglas publicadas" in page
    assert "Monto que se aprueba solo" in page


def test_a_person_pays_what_the_rules_approved_and_nobody_is_barred(numbers: dict[str, Any]) -> None:
    numbers["claim.auto_amount"] = "50000.00"
    claim = small("20000.00")
    judged(claim)
    owed = Payable.objects.get(reference=claim.folio)
    assert deciders_of([owed]) == set()
    assert accepted_by([owed])[owed.pk]["by"] == "las reglas publicadas"


def reasons(claim: Claim) -> set[str]:
    """Why a person looks at a claim, which waits where it was."""
    answer = judged(claim)
    assert (answer.outcome, answer.decision, claim.state) == ("person", None, "submitted")
    return set(answer.because)


def test_what_keeps_a_claim_from_being_approved_by_itself_goes_to_a_person_with_every_reason() -> None:
    family = a.a_family()
    assert reasons(small("1500.01", family=family)) == {"amount"}
    assert reasons(small(family=family, condition=None, condition_pending=True)) == {"condition"}
    doubtful = small("700.00", family=family)
    item = doubtful.invoices.get().xml
    item.findings = [{"code": "x", "level": "warn", "message": "x"}]
    item.save(update_fields=["findings"])
    assert reasons(doubtful) == {"files", "invoices"}
    late = a.a_whole_draft(family, "610.00", condition=doubtful.condition)
    late.invoices.update(issued_on=p.FIRST - timedelta(days=5))
    assert reasons(services.submit_claim(claim=late, consented=True, by=family.user, at=a.AT)) == {"coverage"}


def test_a_look_alike_anywhere_is_for_a_person_n9() -> None:
    family = a.a_family()
    first, second = small("777.00", family=family), small("778.00", family=family)
    sums = {one: TaxReceipt.objects.get(subject_id=str(one.invoices.get().pk)) for one in (first, second)}
    TaxReceipt.objects.filter(pk=sums[second].pk).update(sha256=sums[first].sha256)
    assert reasons(second) == {"duplicates"}
    assert reasons(first) == {"duplicates"}, "whoever came first too: nobody knows which is right"
    assert reasons(small("777.00", family=family)) == {"duplicates"}, "same issuer, total and patient, days apart"
    desk, page = people.signed_in(people.analyst()), f"/mesa/tramites/{second.folio}/"
    desk.post(f"{page}abrir/", once() | {"reason": "Duplicado"})
    shown = desk.get(page).content.decode()
    assert "Se parece a otro comprobante" in shown and "es el mismo archivo" in shown, "the desk reads it"


def test_the_desks_search_says_where_a_claim_stands_and_not_whose_it_is() -> None:
    claim, analyst = small("777.00"), people.analyst()
    told = ("Trámites de la mesa", claim.folio, claim.desk_label, f"/mesa/tramites/{claim.folio}/")
    for typed in (claim.folio, claim.invoices.get().uuid):
        found = [(group.label, *astuple(row)) for group in search.search(analyst, typed) for row in group.rows]
        assert found == [told], typed
    assert search.search(analyst, claim.affected.as_printed) == [], (
        "by name nobody's claim is found before it is opened"
    )


def test_an_open_complaint_or_an_account_that_is_not_validated_is_for_a_person_and_the_desk_reads_it() -> None:
    family = a.a_family()
    said = {"name": "F", "email": "f@e.mx", "subject_folio": "", "body": "No contestan", "by": family.user, "at": a.AT}
    contact.leave_message(kind="complaint", **said)
    claim = a.sent(family, "500.00", condition=p.a_condition(person=family.titular))
    assert reasons(claim) == {"complaint", "account"}
    assert reasons(small("600.00", family=family)) == {"complaint"}
    desk, page = people.signed_in(people.analyst()), f"/mesa/tramites/{claim.folio}/"
    desk.post(f"{page}abrir/", once() | {"reason": "Revisión"})
    told = "La cuenta bancaria no está validada; quien lo presentó tiene una queja abierta."
    assert told in desk.get(page).content.decode()


def test_a_certificate_has_so_many_approvals_in_twelve_months(numbers: dict[str, Any]) -> None:
    family = a.a_family()
    numbers["claim.auto_per_year"] = 1
    assert judged(small("100.00", family=family)).outcome == "approve"
    assert judged(small("101.00", family=family)).because == ["often"]
    assert judged(small("102.00")).outcome == "approve", "another certificate has its own"
    later = services.judge_sent_claim(claim=small("103.00", family=family), at=LATER + timedelta(days=367))
    assert later is not None and later.outcome == "approve"


def test_a_drawn_approval_waits_for_a_person_who_agrees_or_sends_it_to_review(numbers: dict[str, Any]) -> None:
    numbers["claim.qa_percent"] = 100
    first, second, analyst = small(), small("800.00"), people.analyst()
    for claim in (first, second):
        judged(claim)
        assert claim.state == "second_look"
        hold(claim, analyst)
    assert not Payable.objects.exists()
    one, other = (Decision.objects.get(claim=claim) for claim in (first, second))
    assert (one.second_look, one.quality_check.seed, one.quality_check.percent) == ("sample", "2026", 100)
    confirm(one, analyst)
    services.send_decision_back(decision=other, note="La receta es de otra persona.", by=analyst, at=LATER)
    second.refresh_from_db()
    assert second.state == "in_review"
    assert dict(QualityCheck.objects.values_list("decision__claim__folio", "agreed")) == {
        first.folio: True,
        second.folio: False,
    }
    assert one.claim.folio.startswith("RB-")


def test_who_took_it_decides_and_the_rules_are_asked_no_more() -> None:
    taken, waits = small(), small("300.00")
    hold(taken, people.analyst())
    assert services.judge_sent_claim(claim=taken, at=LATER) is None
    clock.now()
    assert judge_sent() == 1
    waits.refresh_from_db()
    assert waits.state == "decided"
    assert judge_sent() == 0
    assert next_folio(prefix="RB", at=a.AT)
