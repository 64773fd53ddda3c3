"""A claim is decided line by line, shared by its buckets, looked at twice where rules ask, and paid (S3.32)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404

from claims import queues, selectors, services
from claims.models import Accumulator, AccumulatorEntry, Claim, Decision
from claims.rules.deciding import (
    REASONS,
    Outcome,
    SecondLook,
    Told,
    Why,
    check_told,
    explain_line,
    outcome_of,
    second_look,
)
from claims.rules.settlement import Figures, Settled
from claims.selectors import desk as desk_pages
from claims.selectors import pages, reach
from claims.selectors.payables import accepted_by, advice_lines, deciders_of
from memberships.models import CoverageTerms, MemberCoverage
from memberships.rules.policies import Scope
from portal import clock
from portal.access import Role
from portal.calendars.registry import entries_of
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio
from portal.history.models import AccessEvent
from portal.notices.models import Notice
from portal.papers.models import IssuedDocument
from portal.people.models import Grant, Party, User
from portal.treasury.models import LedgerLine, Payable
from portal.work import services as work
from portal.work.models import Hold, named
from tests.factories import claims as a
from tests.factories import people, treasury
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db
LATER = a.AT + timedelta(hours=3)
D = Decimal


def settled(claimed: str, not_covered: str = "0", **figures: str) -> Settled:
    told = Figures(**{name: D(value) for name, value in figures.items()})
    return Settled(D(claimed), D(0), D(not_covered), told)


def in_review(*amounts: str, **changes: Any) -> SimpleNamespace:
    """A claim that an analyst took, with a registered condition of the affected person."""
    family, analyst = a.a_family(), people.analyst()
    next_folio(prefix="RB", at=a.AT)  # the year's first is drawn for a second look
    if "affected" in changes:
        changes["affected"] = family.adult
    claim = a.sent(family, *amounts, **changes)
    services.begin_review(claim=claim, by=analyst, at=LATER)
    claim.refresh_from_db()
    return SimpleNamespace(family=family, analyst=analyst, claim=claim, condition=p.a_condition(person=claim.affected))


def hold(claim: Claim, by: Any) -> None:
    """Somebody took it, without what taking it tells."""
    told = {"queue": "claims.claims", "holder": by, "since": LATER}
    Hold.objects.update_or_create(**named(claim), defaults=told)


def confirm(made: Decision, by: Any, *, note: str = "") -> Decision:
    shown = services.preview_decision(made).mark
    return services.confirm_decision(decision=made, note=note, shown=shown, by=by, at=LATER)


def decide(one: SimpleNamespace, *covered: tuple[str, str], condition: Any = "", **more: Any) -> Decision:
    lines = list(one.claim.lines.order_by("number"))
    said = covered or tuple((str(line.claimed), "") for line in lines)
    told = {line.number: Told(line.claimed, D(amount), why) for line, (amount, why) in zip(lines, said, strict=True)}
    asked = {"note": "", "by": one.analyst, "at": LATER} | more
    hold(one.claim, asked["by"])
    return services.decide_claim(
        claim=one.claim, condition=one.condition if condition == "" else condition, told=told, **asked
    )


def test_a_line_is_told_with_a_reason_just_where_it_is_not_covered_whole() -> None:
    for one, code in (
        (Told(D(10), D(11)), "covered_out_of_range"),
        (Told(D(10), D(-1), "excluded"), "covered_out_of_range"),
        (Told(D(10), D(9)), "why_missing"),
        (Told(D(10), D(10), "excluded"), "why_too_many"),
    ):
        with pytest.raises(RuleBroken) as refused:
            check_told(1, one, reasons=set(Why))
        assert refused.value.code == code
    check_told(1, Told(D(10), D(9), "excluded"), reasons={"excluded"})


def test_what_a_decision_comes_to_and_who_looks_again() -> None:
    cases = [
        (settled("10", "10"), Outcome.NOT_COVERED),
        (settled("10", covered="10", deductible="10"), Outcome.NOTHING_TO_PAY),
        (settled("10", "1", covered="9", paid="9"), Outcome.PARTIAL),
        (settled("10", covered="10", paid="10"), Outcome.APPROVED),
    ]
    assert [outcome_of(one) for one, _outcome in cases] == [outcome for _one, outcome in cases]
    asked: dict[str, Any] = {"above": D(9), "folio": "RB-2026-000001"}
    assert second_look(cases[3][0], percent=0, **asked) is SecondLook.AMOUNT
    for told in (cases[0][0], cases[2][0]):
        assert second_look(told, percent=100, **asked) is SecondLook.SAMPLE, "refusals are drawn too"
    assert second_look(cases[2][0], percent=0, **asked) is SecondLook.NONE


def test_a_line_explains_each_peso_in_words() -> None:
    one = settled("1000", "100", covered="900", deductible="500", coaseguro="40", over_limit="60", paid="300")
    assert explain_line(one, REASONS[Why.ABOVE_AGREED], rate=D("0.1")) == (
        "Cubrimos $900.00 de $1,000.00: $500.00 son de tu deducible, $40.00 de tu coaseguro (10 %), $60.00 pasan de la "
        "suma asegurada, te corresponden $300.00. Pasa del precio convenido con la aseguradora; cubrimos hasta ese "
        "precio. La diferencia queda a tu cargo."
    )
    left_out = explain_line(settled("10", "10"), REASONS[Why.EXCLUDED], rate=D(0))
    assert left_out.startswith("No cubrimos estos $10.00. Tu póliza")
    assert "lo aclara: receta." in explain_line(settled("1", "1"), REASONS[Why.NO_PRESCRIPTION], rate=D(0))
    raised = Settled(D(10), D(4), D(0), Figures(D(6), paid=D(6)))
    assert explain_line(raised, None, rate=D(0)).startswith("Ya te habíamos cubierto $4.00.")
    assert explain_line(Settled(D(4), D(4), D(0), Figures()), None, rate=D(0)) == "Ya te habíamos cubierto $4.00."


def test_a_decision_moves_accumulators_books_money_paper_notice_and_clock_at_once() -> None:
    one = in_review("10000.00", "500.00")
    made = decide(one, ("10000.00", ""), ("0.00", "not_medical"))
    claim = Claim.objects.get()
    assert (made.outcome, made.covered, made.deductible, made.coaseguro, made.paid) == (
        "partial",
        D("10000.00"),
        D("8000.00"),
        D("200.00"),
        D("1800.00"),
    )
    assert (claim.state, claim.payment_state, claim.condition, claim.elapsed_minutes) == (
        "decided",
        "payable",
        one.condition,
        180,
    )
    bucket = Accumulator.objects.get()
    assert (bucket.covered, bucket.paid, bucket.condition, bucket.year) == (
        D("10000.00"),
        D("1800.00"),
        one.condition,
        p.FIRST,
    )
    assert AccumulatorEntry.objects.get().paid == D("1800.00")


def _an_analyst_of(party: Party) -> User:
    user = people.user_with_role(Role.MEMBER, party)
    Grant.objects.create(user=user, party=people.the_operator(), role=Role.CLAIMS_ANALYST, since=people.LONG_AGO)
    return User.objects.get(pk=user.pk)


def test_a_decision_that_pays_is_owed_booked_on_paper_and_told_and_bars_who_made_it() -> None:
    one = in_review("10000.00", "500.00")
    made = decide(one, ("10000.00", ""), ("0.00", "not_medical"))
    claim, owed = Claim.objects.get(), Payable.objects.get()
    assert (owed.amount, owed.reference, owed.party, owed.purpose) == (
        D("1800.00"),
        claim.folio,
        one.family.titular.party,
        "member_payments",
    )
    booked = {
        line.account.code: (line.amount, line.account.party_id) for line in LedgerLine.objects.select_related("account")
    }
    assert booked == {
        "claims_expense": (D("1800.00"), one.family.plan.party_id),
        "member_payable": (D("-1800.00"), one.family.titular.party_id),
    }
    paper = IssuedDocument.objects.get(kind="claim_benefits")
    assert (paper.party, paper.context["totals"]["paid"], len(paper.context["lines"])) == (
        one.family.titular.party,
        "1800.00",
        2,
    )
    assert IssuedDocument.objects.visible_to(one.analyst).filter(pk=paper.pk).exists()
    kin = _an_analyst_of(one.family.adult.party)
    assert not IssuedDocument.objects.visible_to(kin).filter(pk=paper.pk).exists(), "an analyst of the same family"
    assert {notice.kind for notice in Notice.objects.filter(kind__startswith="claims/")} == {
        "claims/claim_sent",
        "claims/claim_taken",
        "claims/claim_decided",
    }
    assert claim.segments.get().until == LATER
    assert [line.why for line in selectors.explained_lines(made)] == ["", "not_medical"]
    assert made.explanations[0]["result"] == "$1,800.00"
    assert deciders_of([owed]) == {(owed.pk, one.analyst.pk)}
    assert accepted_by([owed])[owed.pk]["by"] == str(one.analyst)
    assert advice_lines([owed])[0] == {"folio": claim.folio, "concept": "Reembolso", "amount": "1800.00"}
    with pytest.raises(Conflict):
        decide(one)


def test_the_second_claim_of_a_bucket_gets_what_the_first_left_and_the_order_changes_no_total() -> None:
    one = in_review("10000.00")
    decide(one)
    CoverageTerms.objects.update(deductible=D("12000.00"))  # a year mended later takes nothing back
    again = a.sent(one.family, "1000.00")
    services.begin_review(claim=again, by=one.analyst, at=LATER)
    again.refresh_from_db()
    second = decide(SimpleNamespace(claim=again, analyst=one.analyst, condition=one.condition))
    assert (second.deductible, second.coaseguro, second.paid) == (D("0.00"), D("100.00"), D("900.00"))
    assert Accumulator.objects.get().paid == D("2700.00")


def test_nothing_is_owed_where_nothing_is_paid_and_a_day_outside_the_coverage_covers_nothing() -> None:
    one = in_review("5000.00")
    MemberCoverage.objects.filter(member__person=one.family.titular).update(until=a.ON)
    made = decide(one)
    assert (made.outcome, made.not_covered, made.lines.get().why) == ("not_covered", D("5000.00"), "outside_policy")
    assert not Payable.objects.exists()
    assert not Accumulator.objects.exists()
    assert Claim.objects.get().payment_state == "none"


def test_a_decision_is_nobodys_own_of_a_claim_in_review_with_its_condition_and_every_line() -> None:
    one = in_review("100.00")
    other = p.a_condition()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("own_claim", {"by": one.family.user}),
        ("condition_missing", {"condition": None}),
        ("not_theirs", {"condition": other}),
    ]
    for code, asked in wrong:
        with pytest.raises(RuleBroken) as refused:
            decide(one, **asked)
        assert refused.value.code == code
    with pytest.raises(RuleBroken) as refused:
        hold(one.claim, one.analyst)
        services.decide_claim(claim=one.claim, condition=one.condition, told={}, note="", by=one.analyst, at=LATER)
    assert refused.value.code == "lines_missing"
    fresh = a.sent(one.family, "10.00")
    with pytest.raises(Conflict):
        decide(SimpleNamespace(claim=fresh, analyst=one.analyst, condition=one.condition))
    with pytest.raises(RuleBroken, match="tuyo o de tu familia"):
        services.begin_review(claim=fresh, by=one.family.user, at=LATER)
    services.begin_review(claim=one.claim, by=one.analyst, at=LATER)  # taken again nothing changes
    Hold.objects.all().delete()
    with pytest.raises(Conflict, match="Tómalo"):
        services.decide_claim(claim=one.claim, condition=one.condition, told={}, note="", by=one.analyst, at=LATER)
    assert not Decision.objects.exists()


def test_whoever_is_insured_in_the_same_certificate_neither_reads_takes_nor_decides_ac_05() -> None:
    one, partner = in_review("100.00"), people.analyst()
    people.Grant.objects.create(user=partner, party=one.family.adult.party, role="member", since=people.LONG_AGO)
    partner = type(partner).objects.get(pk=partner.pk)
    with pytest.raises(RuleBroken) as refused:
        decide(one, by=partner)
    assert refused.value.code == "own_claim"
    assert not Claim.objects.for_desk(partner).exists()
    with pytest.raises(Http404):
        reach.desk_claim(partner, one.claim.folio)


def test_no_reason_sends_a_family_to_a_door_that_is_closed_h5() -> None:
    """A decided claim takes no paper and keeps its invoices: whoever has one more writes."""
    assert {one for one in REASONS if "Contacto" not in REASONS[one].cure} == {Why.ABOVE_AGREED, Why.REPEATED}


def test_above_the_amount_another_analyst_looks_first_and_until_then_nothing_moves() -> None:
    one, other = in_review("150000.00"), people.analyst()
    made = decide(one)
    assert (made.second_look, made.final_at, Claim.objects.get().state) == ("amount", None, "second_look")
    assert not Accumulator.objects.exists()
    assert not Payable.objects.exists()
    with pytest.raises(RuleBroken) as own:
        confirm(made, one.analyst)
    assert own.value.code == "looks_twice"
    hold(one.claim, other)
    with pytest.raises(RuleBroken) as silent:
        services.send_decision_back(decision=made, note=" ", by=other, at=LATER)
    assert silent.value.code == "note_missing"
    services.send_decision_back(decision=made, note="Falta el estado de cuenta.", by=other, at=LATER)
    with pytest.raises(Conflict):
        confirm(made, other)
    one.claim.refresh_from_db()
    again = decide(one)
    hold(one.claim, other)
    with pytest.raises(Conflict, match="Las sumas de este dictamen cambiaron"):
        services.confirm_decision(decision=again, note="", shown="otra", by=other, at=LATER)
    final = confirm(again, other, note="De acuerdo")
    assert (final.number, final.paid, final.final_at) == (2, D("127800.00"), LATER)
    owed = Payable.objects.get()
    assert deciders_of([owed]) == {(owed.pk, one.analyst.pk), (owed.pk, other.pk)}
    assert accepted_by([owed])[owed.pk]["by"] == str(other)


def test_money_goes_from_payable_to_paid_and_back_where_the_bank_returns_it() -> None:
    one = in_review("10000.00", affected=None)
    patient = people.member(party=one.claim.affected.party)  # who opens an account later is paid nothing
    decide(one)
    owed = Payable.objects.get()
    transfer = SimpleNamespace(paid_on=a.ON)
    told: dict[str, Any] = {"payable": owed, "transfer": transfer, "by": one.analyst, "at": LATER}
    services.note_scheduled(**told)
    services.note_waits(reason="El banco no lo pagó", **told)
    services.note_scheduled(**told)
    assert Claim.objects.get().payment_state == "scheduled"
    doctor = treasury.physician()
    treasury.validated(doctor)
    transfer = treasury.locked(doctor, treasury.desk()).transfers.get()
    transfer.paid_on = a.ON
    services.note_paid(**(told | {"transfer": transfer}))
    paid = Claim.objects.get()
    assert (paid.payment_state, paid.transfer, paid.paid_on) == ("paid", transfer, a.ON)
    assert pages.paid_label(paid) == "Te pagamos"
    services.note_returned(reason="Cuenta cerrada", **(told | {"transfer": transfer}))
    back = Claim.objects.get()
    assert (back.payment_state, back.transfer, back.paid_on) == ("payable", None, None)
    assert pages.paid_label(back) == "Te corresponde"
    titles = {
        (notice.kind, notice.user_id): notice.title
        for notice in Notice.objects.filter(kind__in=("claims/claim_paid", "claims/claim_returned"))
    }
    assert titles == {
        ("claims/claim_paid", one.family.user.pk): f"{back.folio}: te pagamos",
        ("claims/claim_paid", patient.pk): f"{back.folio}: ya se pagó",
        ("claims/claim_returned", one.family.user.pk): f"{back.folio}: el banco devolvió el pago",
        ("claims/claim_returned", patient.pk): f"{back.folio}: el banco devolvió el pago",
    }


# --- the desk's pages ------------------------------------------------------------------------------------------------


def test_the_desk_takes_opens_decides_and_goes_on_and_every_reading_is_recorded() -> None:
    family, analyst = a.a_family(), people.analyst()
    next_folio(prefix="RB", at=a.AT)
    claim = a.sent(family, "10000.00", "500.00")
    condition = p.a_condition(person=claim.affected)
    client, page = people.signed_in(analyst), f"/mesa/tramites/{claim.folio}/"

    def post(address: str, **data: str) -> Any:
        return client.post(address, once() | data)

    assert claim.folio in client.get("/mesa/tramites/").content.decode()
    closed = client.get(page).content.decode()
    assert ("Abrirlo sin tomarlo" in closed, "Consulta 1" in closed) == (True, False)
    assert post(f"{page}abrir/").status_code == 422
    assert post(f"{page}abrir/", reason="Pregunta de la familia").status_code == 302
    opened = client.get(page).content.decode()
    assert ("Papeles" in opened, "Emitir dictamen" in opened) == (True, False)
    assert AccessEvent.objects.filter(by=analyst, reason="Pregunta de la familia").exists()
    papers = IssuedDocument.objects.visible_to(analyst)
    assert papers.filter(pk=claim.receipt_id).exists()
    work.take(queue=queues.CLAIMS, thing=claim, by=analyst, at=LATER)
    taken = client.get(page).content.decode()
    assert ("Consulta 1" in taken, "Emitir dictamen" in taken) == (True, True)
    assert post(f"{page}padecimiento/").status_code == 422
    other = {"code": "M54", "name": "Lumbalgia", "began_on": "01/07/2026"}
    assert post(f"{page}padecimiento/", **(other | {"began_on": "01/07/2099"})).status_code == 422
    assert post(f"{page}padecimiento/", **other).status_code == 302
    assert post(f"{page}padecimiento/", **(other | {"began_on": "02/07/2026"})).status_code == 409
    told = {"covered_1": "10000.00", "covered_2": "0", "why_2": "not_medical", "condition": str(condition.pk)}
    assert post(f"{page}dictamen/", covered_1="x").status_code == 422
    wrong = post(f"{page}dictamen/", **(told | {"why_2": ""}))
    assert (wrong.status_code, "Elige por qué" in wrong.content.decode()) == (422, True)
    assert "¿Emitir el dictamen" in post(f"{page}dictamen/", ask="emitir", **told).content.decode()
    waits = a.sent(family, "20.00")
    assert post(f"{page}dictamen/", **told)["Location"].startswith(f"/mesa/tramites/{waits.folio}/"), "the next one"
    decided = client.get(page).content.decode()
    assert ("Cubierto en parte" in decided, "Por pagar" in decided) == (True, True)
    family_page = people.signed_in(family.user).get(f"/tramites/{claim.folio}/").content.decode()
    assert "No es un gasto médico" in family_page
    assert "$1,800.00" in family_page


def test_the_condition_is_settled_first_and_until_then_no_decision_is_offered() -> None:
    family, analyst = a.a_family(), people.analyst()
    claim = a.sent(family, "900.00")
    client, page = people.signed_in(analyst), f"/mesa/tramites/{claim.folio}/"
    work.take(queue=queues.CLAIMS, thing=claim, by=analyst, at=LATER)
    unsettled = client.get(page).content.decode()
    assert ("Primero el padecimiento" in unsettled, "Emitir dictamen" in unsettled) == (True, False)
    client.post(f"{page}padecimiento/", once() | {"code": "M54", "name": "Lumbalgia", "began_on": "01/07/2026"})
    settled = client.get(page).content.decode()
    assert ("Primero el padecimiento" in settled, "Emitir dictamen" in settled) == (False, True)
    assert "Sin padecimiento" not in settled, "there is no way around it"
    refused = client.post(f"{page}dictamen/", once() | {"covered_1": "900.00"})
    assert (refused.status_code, "Elige el padecimiento" in refused.content.decode()) == (422, True)
    claim.coverage.scope = Scope.PERSON_YEAR
    assert not desk_pages.illnesses_of(claim)["needed"]


def test_the_next_claim_to_take_is_the_oldest_by_its_business_clock() -> None:
    """By its promise, which is stored anew whenever documents made the clock stand (section 5)."""
    family = a.a_family()
    paused = a.bare(family, submitted_at=a.AT - timedelta(days=20), promised_at=a.AT + timedelta(days=5))
    waits = a.bare(family, submitted_at=a.AT - timedelta(days=9), promised_at=a.AT + timedelta(days=1))
    for expected in (waits, paused):
        taken = people.signed_in(people.analyst()).post("/trabajo/tomar/", once() | {"cola": "claims.claims"})
        assert taken["Location"].startswith(f"/mesa/tramites/{expected.folio}/"), taken["Location"]
    for claim in (paused, waits):
        claim.refresh_from_db()
        assert claim.state == "in_review", "its family reads that a person looks at it"


def test_nobody_acts_on_a_claim_that_they_did_not_open_m5() -> None:
    page = f"/mesa/tramites/{a.bare(a.a_family()).folio}/"
    client = people.signed_in(people.analyst())
    acts = ("dictamen", "segunda-vista", "padecimiento")
    assert {client.post(f"{page}{act}/", once()).status_code for act in acts} == {409}


def test_a_second_person_confirms_or_sends_back_on_the_page() -> None:
    one, other = in_review("150000.00"), people.analyst()
    decide(one)
    client, page = people.signed_in(other), f"/mesa/tramites/{one.claim.folio}/"

    def post(address: str, **data: str) -> Any:
        return client.post(address, once() | data)

    post(f"{page}abrir/", reason="Segunda vista")
    assert "Confirmar decisión" not in client.get(page).content.decode(), "whoever confirms took it"
    hold(one.claim, other)
    shown = client.get(page).content.decode()
    assert all(told in shown for told in ("Confirmar decisión", "Apendicitis (K35)", "$127,800.00"))
    for wrong in ({"act": "back"}, {}, {"act": "confirm"}, {"act": "back", "note": "x" * 1001}):
        assert post(f"{page}segunda-vista/", **wrong).status_code == 422
    asked = post(f"{page}segunda-vista/", ask="confirmar").content.decode()
    assert "¿Confirmar que se pagan $127,800.00" in asked
    assert post(f"{page}segunda-vista/", act="back", note=f"Falta una factura.{'.' * 900}").status_code == 302
    assert post(f"{page}segunda-vista/", act="back", note="x").status_code == 409, "it was looked at already"
    hold(one.claim, other)
    assert "Falta una factura." in client.get(page).content.decode()
    decide(one, ("149000.00", "excluded"))
    mark = services.preview_decision(Decision.objects.get(ended_at=None)).mark
    hold(one.claim, other)
    assert post(f"{page}segunda-vista/", confirms=mark).status_code == 302
    assert Claim.objects.get().state == "decided"


def test_what_is_owed_has_its_day_its_figure_and_why_it_waits_and_what_is_sent_its_steps_to_come() -> None:
    one = in_review("10000.00")
    filer, analyst = one.family.user, one.analyst
    told = pages.claim_page(Claim.objects.get(), user=filer, at=LATER)
    ahead = [(step["title"], step["at"]) for step in told["events"] if step.get("next")]
    assert [title for title, _at in ahead] == ["Te respondemos", "Si se cubre ese día, te pagamos"]
    (answers,) = entries_of(filer, on=clock.date_in(LATER))
    assert answers.title == f"Respuesta de {Claim.objects.get().folio}, a más tardar"
    assert ahead[0][1] == Claim.objects.get().promised_at and ahead[1][1] > clock.date_in(ahead[0][1])
    decide(one, ("10000.00", ""))
    claim, owed = Claim.objects.get(), Payable.objects.get()
    told = pages.claim_page(claim, user=filer, at=LATER)
    figure = told["sum_figure"]
    assert (figure["inputs"][0], figure["result"]) == (["Reclamado", "$10,000.00"], told["amounts"][-1][1])
    assert told["amounts"][-1][0] == "Te corresponde", "nobody reads that they were paid before they were"
    (runs,) = told["told"].clocks
    assert (runs.what, runs.by, runs.late, "payment_days" in str(runs.figure)) == (
        "Te pagamos",
        owed.due_on,
        False,
        True,
    )
    (deposit,) = entries_of(filer, on=clock.date_in(LATER))
    assert (deposit.title, deposit.on) == (f"Depósito de {claim.folio}, a más tardar", owed.due_on)
    assert entries_of(analyst, on=clock.date_in(LATER)) == []
    step = told["events"][-1]
    assert (step["title"], step["at"], step["next"]) == ("Te pagamos", owed.due_on, True)
    assert "cuenta bancaria" in step["text"] and step["text"].endswith(".")
    late = pages.claim_page(claim, user=filer, at=LATER + timedelta(days=60))["told"].clocks[0]
    assert late.late
    anothers = pages.claim_page(claim, user=analyst, at=LATER)
    assert "cuenta bancaria" not in str(anothers.get("events", "")), "what keeps it is said to whoever filed"
