"""A scheduled event: its hospital by the adviser, its letter, the hospital's bill (S3.14, S3.15, S3.37)."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from claims import queues, selectors, services
from claims.models import Accumulator, Claim, Decision, Hospital
from claims.rules.scheduled import at_hospital, letter_until
from claims.rules.settlement import Figures
from claims.selectors import scheduled
from claims.services.scheduled import Billed
from claims.visibility import letter_standing
from memberships.models import MemberCoverage
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken, TooMany
from portal.folios.services import next_folio
from portal.help.models import ContactMessage
from portal.papers.models import IssuedDocument
from portal.papers.registry import standing_of
from portal.papers.rendering import html_of
from portal.treasury.models import Payable
from tests.claims.test_deciding import LATER, D, hold
from tests.claims.test_deciding import in_review as of_lines
from tests.claims.test_settlement import year
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db
PLANNED = a.ON + timedelta(days=20)
PAPERS = ("claim_form", "medical_report", "study_results", "official_id")


def a_hospital(family: SimpleNamespace, **changes: Any) -> Hospital:
    told = {"key": "H-1", "name": "Hospital del Valle", "city": "Toluca", "state": "México", "since": p.FIRST}
    return Hospital.objects.create(insurer=family.plan.party, changed_at=a.AT, **(told | changes))


def planned(family: SimpleNamespace, **told: Any) -> Claim:
    """A draft of a surgery, with the papers that it asks for."""
    claim = services.schedule_draft(claim=a.a_draft(family), scheduled=True, by=family.user, at=a.AT)
    for document in PAPERS:
        a.a_file(claim, document)
    asked = {"subtype": "surgery", "planned_on": PLANNED, "hospital": None, "unlisted": ""} | told
    return services.plan_event(claim=claim, by=family.user, at=a.AT, **asked)


def sent(family: SimpleNamespace) -> Claim:
    claim = planned(family, hospital=a_hospital(family))
    return services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)


def in_review() -> SimpleNamespace:
    """A surgery that an analyst took, with its registered illness."""
    next_folio(prefix="PR", at=a.AT)
    family, analyst = a.a_family(), people.analyst()
    claim = sent(family)
    services.begin_review(claim=claim, by=analyst, at=LATER)
    claim.refresh_from_db()
    condition = p.a_condition(person=claim.affected)
    return SimpleNamespace(family=family, analyst=analyst, claim=claim, condition=condition)


def decide(one: SimpleNamespace, authorised: str | None, **told: Any) -> Decision:
    hold(one.claim, one.analyst)
    amount = None if authorised is None else D(authorised)
    asked = {"condition": one.condition, "why": "", "note": "", "by": one.analyst, "at": LATER}
    return services.decide_event(claim=one.claim, authorised=amount, **(asked | told))


def test_what_a_family_pays_at_the_hospital_is_what_its_bucket_has_left() -> None:
    terms = year("8000", "0.10", "20000")
    first = at_hospital(terms, Figures(), D("50000"))
    assert (first.deductible_left, first.cap_left, first.family_pays) == (D("8000"), D("20000"), D("12200.00"))
    before = Figures(D("30000"), D("8000"), D("2200"), D("0"), D("19800"))
    later = at_hospital(terms, before, D("50000"))
    assert (later.deductible_left, later.cap_left, later.family_pays) == (D("0"), D("17800"), D("5000.00"))
    assert letter_until(date(2026, 11, 20), 30) == date(2026, 12, 20)


def test_an_event_is_sent_with_its_own_folio_papers_hospital_and_day_and_asks_for_no_invoice_s3_14_s3_15() -> None:
    family = a.a_family()
    draft = services.schedule_draft(claim=a.a_draft(family), scheduled=True, by=family.user, at=a.AT)
    assert {one.name for one in selectors.lacks_of(draft, at=a.AT)} == {"subtype", "hospital"}
    claim = sent(family)
    assert (claim.folio[:3], claim.kind_label, claim.claimed) == ("PR-", "Evento programado: cirugía", D("0"))
    assert "Recibimos este trámite." in " ".join(html_of(claim.receipt).split()), "it asks for no amount yet"
    with pytest.raises(RuleBroken, match="Ese día ya pasó"):
        planned(family, planned_on=a.ON - timedelta(days=1), hospital=a_hospital(family, key="H-2"))
    old = a_hospital(family, key="H-3", until=a.ON)
    with pytest.raises(RuleBroken, match="no tiene convenio"):
        planned(family, hospital=old)
    with pytest.raises(RuleBroken, match="facturas"):
        services.schedule_draft(claim=a.a_whole_draft(family), scheduled=True, by=family.user, at=a.AT)
    with pytest.raises(RuleBroken, match="Elige el hospital"):
        planned(family)


def test_only_a_draft_of_an_event_is_planned_and_minor_expenses_have_no_events_s3_14() -> None:
    family = a.a_family()
    draft = a.a_draft(family)
    with pytest.raises(Conflict) as reimbursed:
        services.plan_event(
            claim=draft, subtype="surgery", planned_on=PLANNED, hospital=None, unlisted="", by=family.user, at=a.AT
        )
    assert reimbursed.value.code == "not_an_event"
    minor = a.a_draft(family, coverage=family.plan.coverages.get(kind="minor"), kind="minor")
    with pytest.raises(RuleBroken, match="gastos menores"):
        services.schedule_draft(claim=minor, scheduled=True, by=family.user, at=a.AT)
    assert not Claim.objects.filter(kind="scheduled").exists()


def test_a_hospital_that_is_not_listed_is_asked_of_the_adviser_alone_who_adds_it_or_answers_s3_37() -> None:
    family, adviser, desk = a.a_family(), people.user_with_role(Role.SERVICE_ADVISER), people.support()
    claim = planned(family, unlisted="Clínica del Sol")
    message = ContactMessage.objects.get(kind="adviser_request")
    assert "Clínica del Sol" in message.body and claim.affected.as_printed not in message.body
    assert [one.name for one in selectors.lacks_of(claim, at=a.AT)] == ["hospital"]
    assert message in queues.to_answer(adviser, a.AT)
    assert not ContactMessage.objects.visible_to(desk).filter(pk=message.pk).exists(), "who answers the rest sees none"
    assert ContactMessage.objects.visible_to(family.user).filter(pk=message.pk).exists()
    again = {"subtype": "surgery", "planned_on": PLANNED, "hospital": None, "unlisted": "Clínica del Sol"}
    services.plan_event(claim=claim, by=family.user, at=a.AT, **again)
    assert ContactMessage.objects.count() == 1, "asked once"
    other = a_hospital(a.a_family(), key="H-9")
    with pytest.raises(RuleBroken, match="con esa aseguradora"):
        services.answer_adviser(message=message, answer="Sí", hospital=other, by=adviser, at=a.AT)
    added = services.keep_hospital(
        hospital=None,
        insurer=family.plan.party,
        since=p.FIRST,
        until=None,
        by=adviser,
        at=a.AT,
        key="H-7",
        name="Clínica del Sol",
        city="Puebla",
        state="Puebla",
    )
    services.answer_adviser(message=message, answer="Ya está en la lista.", hospital=added, by=adviser, at=a.AT)
    claim.refresh_from_db()
    assert (claim.hospital, selectors.lacks_of(claim, at=a.AT)) == (added, [])


def test_an_answer_of_the_adviser_changes_no_event_that_its_family_already_sent_s3_37() -> None:
    family, adviser = a.a_family(), people.user_with_role(Role.SERVICE_ADVISER)
    claim = planned(family, unlisted="Clínica del Sol")
    message = ContactMessage.objects.get(kind="adviser_request")
    chosen, late = a_hospital(family), a_hospital(family, key="H-2")
    services.plan_event(
        claim=claim, subtype="surgery", planned_on=PLANNED, hospital=chosen, unlisted="", by=family.user, at=a.AT
    )
    services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)
    services.answer_adviser(message=message, answer="Ya está en la lista.", hospital=late, by=adviser, at=a.AT)
    message.refresh_from_db()
    assert (Claim.objects.get().hospital, message.is_open) == (chosen, False)


def test_what_the_adviser_settled_without_a_hospital_lets_the_draft_go_on() -> None:
    family, adviser = a.a_family(), people.user_with_role(Role.SERVICE_ADVISER)
    claim = planned(family, unlisted="Clínica del Sol")
    message = ContactMessage.objects.get(kind="adviser_request")
    services.answer_adviser(message=message, answer="Va con pago directo.", hospital=None, by=adviser, at=a.AT)
    claim = Claim.objects.get(pk=claim.pk)
    assert selectors.lacks_of(claim, at=a.AT) == []
    assert services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT).folio


def test_a_letter_says_what_is_authorised_what_the_family_pays_and_until_when_and_expires_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = in_review()
    for amount, why, code in (
        ("0", "", "authorised_missing"),
        (None, "", "authorised_missing"),
        ("1", "excluded", "why_too_many"),
    ):
        with pytest.raises(RuleBroken) as refused:
            decide(one, amount, why=why)
        assert refused.value.code == code
    made = decide(one, "50000.00")
    claim = Claim.objects.get()
    assert (made.outcome, made.authorised, claim.state, claim.payment_state) == (
        "authorised",
        D("50000.00"),
        "decided",
        "none",
    )
    paper = IssuedDocument.objects.get(kind="claim_letter")
    assert (paper.context["valid_until"], paper.context["family_pays"]) == ("2026-12-20", "$12,200.00")
    assert not Accumulator.objects.exists() and not Payable.objects.exists()
    for day, standing in ((date(2026, 12, 20), "in_force"), (date(2026, 12, 21), "expired")):
        monkeypatch.setattr(clock, "today", lambda day=day: day)
        assert standing_of(paper) == standing
    page = people.signed_in(one.family.user).get(f"/tramites/{claim.folio}/").content.decode()
    assert all(said in page for said in ("$12,200.00", "Pagas en el hospital", "Le toca al hospital"))
    assert [scheduled.waits_for_hospital(claim, made, on=day) for day in (made.valid_until, date.max)] == [True, False]


def test_an_event_above_the_amount_is_looked_at_again_and_a_refusal_says_why() -> None:
    one, other = in_review(), people.analyst()
    made = decide(one, "150000.00")
    assert (made.second_look, made.final_at) == ("amount", None)
    hold(one.claim, other)
    shown = services.preview_decision(made).mark
    final = services.confirm_decision(decision=made, note="", shown=shown, by=other, at=LATER)
    assert (final.outcome, final.valid_until) == ("authorised", date(2026, 12, 20))
    next_folio(prefix="PR", at=a.AT)  # the fourth of the year is drawn
    second = in_review()
    refused = decide(second, None, why="excluded")
    assert (refused.outcome, refused.authorised, refused.document.kind) == ("not_covered", None, "claim_refusal")
    assert refused.note.startswith("Tu póliza excluye este gasto.")
    page = people.signed_in(second.family.user).get(f"/tramites/{second.claim.folio}/").content.decode()
    assert ("Tu póliza excluye" in page, "Aquí verás hasta cuánto" in page) == (True, False)


def test_the_hospitals_bill_is_a_further_decision_that_moves_accumulators_and_no_money() -> None:
    one = in_review()
    told: dict[str, Any] = {"claim": one.claim, "by": one.analyst, "at": LATER}
    bill = [
        Billed("Quirófano", a.ON, D("30000.00"), D("30000.00")),
        Billed("Teléfono", a.ON, D("200.00"), D("0.00"), "not_medical"),
    ]
    with pytest.raises(Conflict):
        services.record_bill(lines=bill, **told)
    decide(one, "40000.00")
    one.claim.refresh_from_db()
    with pytest.raises(RuleBroken):
        services.record_bill(lines=[], **told)
    to_come = Billed("Quirófano", LATER.date() + timedelta(days=1), D("30000.00"), D("30000.00"))
    with pytest.raises(RuleBroken, match="todavía no llega"):
        services.record_bill(lines=[to_come], **told)
    made = services.record_bill(lines=bill, **told)
    assert (made.of_bill, made.covered, made.deductible, made.coaseguro, made.paid) == (
        True,
        D("30000.00"),
        D("8000.00"),
        D("2200.00"),
        D("19800.00"),
    )
    assert Accumulator.objects.get().covered == D("30000.00")
    assert not Payable.objects.exists()
    with pytest.raises(RuleBroken) as above:
        services.record_bill(lines=[Billed("Honorarios", a.ON, D("10000.01"), D("10000.01"))], **told)
    assert above.value.code == "above_authorised"
    later = services.record_bill(lines=[Billed("Honorarios", a.ON, D("10000.00"), D("10000.00"))], **told)
    assert (later.deductible, later.paid) == (D("0.00"), D("9000.00"))
    assert selectors.last_decision(one.claim) == later, "what was billed stands on the letter"


def _post(client: Client, address: str, **data: str) -> Any:
    return client.post(address, once() | data)


def test_the_pages_of_an_event_from_the_first_step_to_the_bill() -> None:
    next_folio(prefix="PR", at=a.AT)
    family, analyst = a.a_family(), people.analyst()
    hospital = a_hospital(family)
    draft = a.a_draft(family)
    member, step = people.signed_in(family.user), f"/tramites/borradores/{draft.pk}/"
    choice = f"{draft.affected_id}:{draft.coverage_id}"
    said = _post(member, step, choice=choice, what="event", condition="")
    assert said["Location"] == f"{step}evento/"
    assert "Hospital del Valle" in member.get(f"{step}evento/").content.decode()
    assert _post(member, f"{step}evento/").status_code == 422
    day = (clock.today() + timedelta(days=10)).strftime("%d/%m/%Y")
    told = {"subtype": "surgery", "planned_on": day, "hospital": str(hospital.pk)}
    assert _post(member, f"{step}evento/", **told).status_code == 302
    papers = member.get(f"{step}documentos/").content.decode()
    assert ("Resultados de estudios" in papers, "Facturas: XML" in papers) == (True, False)
    for document in PAPERS:
        a.a_file(draft, document)
    assert "Hospital del Valle" in member.get(f"{step}revisar/").content.decode()
    assert _post(member, f"{step}revisar/", consent="on").status_code == 302
    claim = Claim.objects.get()
    assert member.get(f"{step}evento/")["Location"] == f"/tramites/{claim.folio}/"
    services.begin_review(claim=claim, by=analyst, at=LATER)
    hold(claim, analyst)
    desk, page = people.signed_in(analyst), f"/mesa/tramites/{claim.folio}/"
    shown = desk.get(page).content.decode()
    assert "Primero el padecimiento" in shown and f'action="{page}padecimiento/"' in shown
    illness = {"code": "S72", "name": "Fractura de cadera", "began_on": a.ON.strftime("%d/%m/%Y")}
    assert _post(desk, f"{page}padecimiento/", **illness)["Location"] == page
    assert "Se autoriza hasta" in desk.get(page).content.decode()
    condition = claim.affected.conditions.get()
    assert _post(desk, f"{page}evento/", authorised="x").status_code == 422
    assert _post(desk, f"{page}evento/", condition=str(condition.pk)).status_code == 422
    for status in (302, 409):
        assert _post(desk, f"{page}evento/", condition=str(condition.pk), authorised="90,000.00").status_code == status
    assert "Registrar la cuenta del hospital" in desk.get(page).content.decode()
    billed = {"concept_1": "Quirófano", "on_1": a.ON.strftime("%d/%m/%Y"), "claimed_1": "100.00"}
    assert _post(desk, f"{page}cuenta-del-hospital/", **billed).status_code == 422
    assert _post(desk, f"{page}cuenta-del-hospital/", covered_1="100.00", **billed).status_code == 302
    assert "la aseguradora paga $0.00" in desk.get(page).content.decode()


def test_the_advisers_pages_answer_and_keep_the_list_and_open_no_paper() -> None:
    family, adviser = a.a_family(), people.user_with_role(Role.SERVICE_ADVISER)
    planned(family, unlisted="Clínica del Sol")
    message = ContactMessage.objects.get(kind="adviser_request")
    client = people.signed_in(adviser)
    assert message.folio in client.get("/mesa/asesoria/").content.decode()
    assert "Clínica del Sol" in client.get(f"/mesa/asesoria/{message.folio}/").content.decode()
    new = {"key": "H-1", "name": "Clínica del Sol", "city": "Puebla", "state": "Puebla", "since": "01/01/2026"}
    assert _post(client, "/mesa/hospitales/nuevo/").status_code == 422
    for status in (302, 422):
        told = new | {"insurer": str(family.plan.party_id)}
        assert _post(client, "/mesa/hospitales/nuevo/", **told).status_code == status
    hospital = Hospital.objects.get()
    assert "Clínica del Sol" in client.get("/mesa/hospitales/").content.decode()
    assert client.get(f"/mesa/hospitales/{hospital.pk}/").status_code == 200
    assert _post(client, f"/mesa/asesoria/{message.folio}/", answer=" ").status_code == 422
    for status in (302, 409):
        told = {"answer": "Ya está.", "hospital": str(hospital.pk)}
        assert _post(client, f"/mesa/asesoria/{message.folio}/", **told).status_code == status
    assert scheduled.claim_of_request(message).hospital == hospital  # type: ignore[union-attr]
    assert client.get("/mesa/tramites/").status_code == 403
    assert people.signed_in(people.support()).get(f"/mesa/asesoria/{message.folio}/").status_code == 403


def test_an_event_is_never_decided_by_lines_which_would_say_an_amount_that_nobody_booked() -> None:
    one = in_review()
    hold(one.claim, one.analyst)
    told: dict[str, Any] = {"condition": one.condition, "told": {}, "note": "", "by": one.analyst, "at": LATER}
    with pytest.raises(Conflict) as refused:
        services.decide_claim(claim=one.claim, **told)
    assert refused.value.code == "is_an_event"
    assert not Decision.objects.exists()


def test_a_reimbursement_is_never_authorised_as_an_event() -> None:
    with pytest.raises(Conflict) as refused:
        decide(of_lines(), "1000.00")
    assert refused.value.code == "not_an_event"
    assert not Decision.objects.exists()


def test_an_appeal_of_a_letter_only_raises_it_and_both_letters_take_one_hospitals_bill() -> None:
    next_folio(prefix="PR", at=a.AT)
    one, other = in_review(), people.analyst()
    decide(one, "40000.00")
    one.claim.refresh_from_db()
    told: dict[str, Any] = {"by": one.analyst, "at": LATER}
    services.record_bill(claim=one.claim, lines=[Billed("Quirófano", a.ON, D("30000.00"), D("30000.00"))], **told)
    by = {"by": one.family.user, "at": LATER}
    reasons = "El presupuesto del hospital lleva también los honorarios."
    draft = services.start_appeal(claim=one.claim, reasons=reasons, **by)
    appeal = services.submit_claim(claim=draft, consented=True, **by)
    assert (appeal.claimed, appeal.lines.count()) == (D("0.00"), 0), "what was billed is not appealed line by line"
    services.begin_review(claim=appeal, by=other, at=LATER)
    raised = SimpleNamespace(claim=appeal, analyst=other, condition=one.condition)
    with pytest.raises(RuleBroken) as lowered:
        decide(raised, "39999.99")
    assert lowered.value.code == "appeal_only_raises"
    made = decide(raised, "50000.00")
    if made.final_at is None:
        hold(appeal, one.analyst)
        shown = services.preview_decision(made).mark
        services.confirm_decision(decision=made, note="", shown=shown, by=one.analyst, at=LATER)
    appeal.refresh_from_db()
    older, newer = (selectors.standing_decision(row) for row in (one.claim, appeal))
    assert [letter_standing(row.document) for row in (older, newer)] == ["replaced", "in_force"]
    page = Client().get(f"/verificar/{older.document.code}/").content.decode()
    assert "auténtico, pero sustituido por otro" in page and selectors.stands_below(older)
    more = [Billed("Honorarios", a.ON, D("20000.01"), D("20000.01"))]
    with pytest.raises(RuleBroken) as above:
        services.record_bill(claim=appeal, lines=more, by=other, at=LATER)
    assert above.value.code == "above_authorised"
    services.record_bill(claim=appeal, lines=[Billed("Honorarios", a.ON, D("20000.00"), D("20000.00"))], **told)
    with pytest.raises(RuleBroken):
        services.record_bill(claim=one.claim, lines=[Billed("Sala", a.ON, D("0.01"), D("0.01"))], **told)
    assert Accumulator.objects.get().covered == D("50000.00")


def test_a_bill_that_was_recorded_wrongly_is_withdrawn_by_two_people_and_then_its_letter_may_be_too() -> None:
    one, other = in_review(), people.analyst()
    decide(one, "40000.00")
    one.claim.refresh_from_db()
    lines = [Billed("Quirófano", a.ON, D("30000.00"), D("30000.00"))]
    made = services.record_bill(claim=one.claim, lines=lines, by=one.analyst, at=LATER)
    letter = selectors.standing_decision(one.claim)
    assert letter is not None and selectors.may_withdraw(one.claim)
    with pytest.raises(Conflict) as stands:
        services.ask_withdrawal(decision=letter, reason="Se capturó dos veces.", by=one.analyst, at=LATER)
    assert stands.value.code == "later_stands_on_it"
    for decision, state in ((made, "decided"), (letter, "in_review")):
        assert selectors.require_standing(one.claim) == decision
        asked = services.ask_withdrawal(decision=decision, reason="Se capturó dos veces.", by=one.analyst, at=LATER)
        hold(one.claim, other)
        services.answer_withdrawal(withdrawal=asked, agrees=True, note="", by=other, at=LATER)
        one.claim.refresh_from_db()
        decision.refresh_from_db()
        assert (one.claim.state, decision.document.is_in_force) == (state, False)
        assert Accumulator.objects.get().covered == D("0.00")
    assert not scheduled.bills_of(one.claim)


def test_a_draft_goes_with_no_hospital_of_another_insurer_nor_of_an_agreement_or_a_day_that_went_by() -> None:
    family = a.a_family()
    hospital = a_hospital(family)
    claim = planned(family, hospital=hospital)
    assert selectors.lacks_of(claim, at=a.AT) == []
    for change in ({"until": a.ON}, {"until": None, "insurer": a.a_family().plan.party}):
        Hospital.objects.filter(pk=hospital.pk).update(**change)
        claim = Claim.objects.get(pk=claim.pk)
        assert [one.name for one in selectors.lacks_of(claim, at=a.AT)] == ["hospital"]
        with pytest.raises(RuleBroken):
            services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)
    Hospital.objects.filter(pk=hospital.pk).update(insurer=family.plan.party)
    Claim.objects.filter(pk=claim.pk).update(planned_on=a.ON - timedelta(days=1))
    with pytest.raises(RuleBroken, match="Ese día ya pasó"):
        services.submit_claim(claim=Claim.objects.get(pk=claim.pk), consented=True, by=family.user, at=a.AT)


def test_the_adviser_is_not_asked_without_end_by_taking_the_event_back() -> None:
    family = a.a_family()
    claim = planned(family, unlisted="Clínica del Sol")
    told: dict[str, Any] = {"claim": claim, "by": family.user, "at": a.AT}
    where: dict[str, Any] = {"subtype": "surgery", "planned_on": PLANNED, "hospital": None, "unlisted": "Otra"}
    for _time in range(services.scheduled.MOST_ASKED - 1):
        services.schedule_draft(scheduled=False, **told)
        services.schedule_draft(scheduled=True, **told)
        services.plan_event(**where, **told)
    services.schedule_draft(scheduled=False, **told)
    services.schedule_draft(scheduled=True, **told)
    with pytest.raises(TooMany):
        services.plan_event(**where, **told)
    assert ContactMessage.objects.count() == services.scheduled.MOST_ASKED


def test_who_looks_again_at_a_letter_reads_its_own_figures_and_confirms_those() -> None:
    one, other = in_review(), people.analyst()
    made = decide(one, "150000.00")
    hold(one.claim, other)
    client, page = people.signed_in(other), f"/mesa/tramites/{one.claim.folio}/"
    shown = client.get(page).content.decode()
    assert [text in shown for text in ("Autorizado hasta", "$150,000.00", "$22,200.00", "que se pagan $0.00")] == [
        True,
        True,
        True,
        False,
    ]
    read = services.preview_decision(made).mark
    coverage = one.family.plan.coverages.get(kind="major")
    Accumulator.objects.create(
        person=one.claim.affected,
        coverage=coverage,
        condition=one.condition,
        year=coverage.terms.order_by("year__since").first().year.since,
        covered=D("8000.00"),
        deductible=D("8000.00"),
        of_deductible=D("8000.00"),
        of_rate=D("0.10"),
    )
    with pytest.raises(Conflict) as moved:
        services.confirm_decision(decision=made, note="", shown=read, by=other, at=LATER)
    assert moved.value.code == "figures_moved"
    again = services.preview_decision(made).mark
    assert services.confirm_decision(decision=made, note="", shown=again, by=other, at=LATER).final_at == LATER


def test_no_event_is_authorised_of_a_day_without_coverage_and_who_confirms_a_letter_is_told_so() -> None:
    one, other = in_review(), people.analyst()
    made = decide(one, "150000.00")
    read = services.preview_decision(made).mark
    MemberCoverage.objects.filter(member__person=one.claim.affected).update(until=PLANNED)
    assert services.preview_decision(made).mark == read, "as it was told before"
    hold(one.claim, other)
    with pytest.raises(RuleBroken) as confirmed:
        services.confirm_decision(decision=made, note="", shown=read, by=other, at=LATER)
    services.send_decision_back(decision=made, note="Ese día ya no tiene cobertura.", by=other, at=LATER)
    one.claim.refresh_from_db()
    with pytest.raises(RuleBroken) as decided:
        decide(one, "100.00")
    assert {confirmed.value.code, decided.value.code} == {"event_outside_policy"}
    assert not IssuedDocument.objects.filter(kind="claim_letter").exists()


def test_a_refusal_that_was_drawn_is_read_by_another_and_pays_nothing() -> None:
    for _before in range(2):  # the fourth of the year is drawn
        next_folio(prefix="PR", at=a.AT)
    one, other = in_review(), people.analyst()
    made = decide(one, None, why="excluded")
    shown = services.preview_decision(made)
    assert (made.second_look, shown.mark, shown.lines, shown.explanations) == ("sample", "no", [], [])
    hold(one.claim, other)
    final = services.confirm_decision(decision=made, note="", shown=shown.mark, by=other, at=LATER)
    assert (final.outcome, final.document.kind) == ("not_covered", "claim_refusal")
