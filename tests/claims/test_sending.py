"""A family's draft: whom it is of, its files one by one, what lacks, and the one folio it gets (S3.11-S3.27, N4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from claims import listings, selectors, services
from claims.models import Claim, ClaimFile, Estimate, Submission
from claims.rules.papers import (
    MOST_LINES,
    InvoiceFile,
    check_amounts,
    check_lines,
    check_payable,
    lack_of,
    pair,
    uuids_in,
)
from claims.rules.seeing import sees_whole
from claims.rules.states import CLAIM, PAYMENT, ClaimState, PaymentState, claim_stand
from claims.services.papers import _place_file
from config.demo.samples import make_invoice_pdf
from memberships.models import Member, MemberCoverage, Share
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt
from portal.notices.models import Notice
from portal.papers.models import IssuedDocument, StoredFile
from portal.papers.rendering import html_of
from portal.people.models import Consent
from tests.factories import billing, people
from tests.factories import claims as a
from tests.factories import memberships as m
from tests.factories import policies as p

pytestmark = pytest.mark.django_db


def codes(claim: Claim) -> list[str]:
    return [one.name for one in selectors.lacks_of(claim, at=a.AT)]


# --- rules -----------------------------------------------------------------------------------------------------------


def test_a_pdf_goes_with_the_invoice_it_shows_then_with_its_name_then_with_the_one_that_is_left() -> None:
    one, two = InvoiceFile("1", ["u-1"], "Ábc.xml"), InvoiceFile("2", ["u-2"], "b.xml")
    cases: list[tuple[list[InvoiceFile], dict[str, str]]] = [
        ([InvoiceFile("p", ["u-2"], "abc.pdf")], {"2": "p"}),
        ([InvoiceFile("p", [], "abc.pdf"), InvoiceFile("q", [], "z.pdf")], {"1": "p", "2": "q"}),
        ([InvoiceFile("p", [], "x.pdf"), InvoiceFile("q", [], "z.pdf")], {}),
        ([InvoiceFile("p", ["other"], "b.pdf")], {}),
    ]
    assert [pair([one, two], pdfs) for pdfs, _found in cases] == [found for _pdfs, found in cases]
    assert uuids_in(["Folio: AAAAAAAA-0000-4000-8000-", "000000000001"]) == ["aaaaaaaa-0000-4000-8000-000000000001"]


def test_everything_that_can_lack_is_a_sentence_with_its_step() -> None:
    names = [
        "coverage",
        "account",
        "claim_form",
        "invoices",
        "invoice.2.pdf",
        "consent.sensitive-data",
        "files_pending",
    ]
    told = [lack_of(name) for name in names]
    assert [one.step for one in told] == ["who", "payment", "papers", "papers", "papers", "papers", "papers"]
    assert told[4].sentence == "Falta el PDF de la factura 2."
    assert told[2].sentence == "Falta: formato de trámite."


def test_a_claim_stands_with_its_money_once_a_decision_pays() -> None:
    assert claim_stand("decided", "payable") is PAYMENT.at(PaymentState.PAYABLE)
    assert claim_stand("decided", "none") is CLAIM.at(ClaimState.DECIDED)
    assert claim_stand("in_review", "none") is CLAIM.at(ClaimState.IN_REVIEW)


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        ({"is_affected": True}, True),
        ({"clinical": True}, True),
        ({"is_filer": True}, True),
        ({"is_filer": True, "has_account": True}, False),  # the adult opened an account
        ({"is_filer": True, "has_account": True, "assented": True}, True),  # and said «sí» to this claim
        ({"is_filer": True, "born_on": date(2008, 11, 25)}, False),  # filed for a minor, who is 18 by now
        ({"is_filer": True, "born_on": date(2008, 12, 2)}, True),  # who is not yet, wherever the filer is insured now
        ({"assented": True}, False),
        ({}, False),
    ],
)
def test_who_sees_a_claim_whole_ac_05(told: dict[str, Any], whole: bool) -> None:
    nobody = dict.fromkeys(("is_affected", "clinical", "is_filer", "has_account", "assented"), False)
    days = {"born_on": date(1980, 1, 1), "filed_on": a.ON, "on": date(2026, 12, 1)}
    assert sees_whole(**(nobody | days | told)) is whole


# --- whom ------------------------------------------------------------------------------------------------------------


def test_a_titular_files_for_everybody_others_for_themselves_s3_12_s3_13() -> None:
    family = a.a_family()
    choices = selectors.choices_of(family.user, on=a.ON)
    assert [(one.person, one.coverage.kind) for one in choices[:2]] == [
        (family.titular, "major"),
        (family.titular, "minor"),
    ]
    assert {one.person for one in choices} == {family.titular, family.adult, family.child}
    spouse = people.member(party=family.adult.party)
    assert selectors.who_are_asked(family.user, on=a.ON) == [family.adult.as_printed]
    assert {one.person for one in selectors.choices_of(family.user, on=a.ON)} == {one.person for one in choices}
    ended = a.ON - timedelta(days=10)  # a coverage that ended is asked of for as long as an expense may be old
    MemberCoverage.objects.filter(member__person=family.titular).update(until=ended)
    Member.objects.filter(person=family.titular).update(until=ended)
    assert family.titular in {one.person for one in selectors.choices_of(family.user, on=a.ON)}
    assert family.titular not in {
        one.person for one in selectors.choices_of(family.user, on=a.ON + timedelta(days=800))
    }
    own = selectors.choices_of(spouse, on=a.ON)
    assert {one.person for one in own} == {family.adult}
    assert selectors.payee_of(spouse) == family.adult.party
    assert selectors.payee_of(family.user) == family.titular.party
    with pytest.raises(RuleBroken, match="cobertura vigente"):
        services.start_claim(by=people.member(), at=a.AT)


def test_a_draft_changes_whom_it_is_of_while_it_has_no_files_and_its_kind_follows_the_coverage() -> None:
    family = a.a_family()
    claim, minor = a.a_draft(family), family.plan.coverages.get(kind="minor")
    theirs, foreign = p.a_condition(person=family.child), p.a_condition()
    told = {"claim": claim, "by": family.user, "at": a.AT, "pending": False}
    choice = f"{family.child.pk}:{minor.pk}"
    changed = services.change_claim(choice=choice, condition=theirs, **told)
    assert (changed.kind, changed.affected, changed.condition) == ("minor", family.child, theirs)
    assert claim.submissions.get().party == family.child.party
    pending = services.change_claim(choice=choice, condition=None, **(told | {"pending": True}))
    assert selectors.condition_standing(pending) == "pending"
    kept = a.a_file(changed, "other")
    wrong: list[tuple[str, str, Any]] = [
        ("not_a_choice", f"{a.a_family().child.pk}:{minor.pk}", None),
        ("not_theirs", choice, foreign),
        ("files_of_another", f"{family.titular.pk}:{minor.pk}", None),
    ]
    for code, other, condition in wrong:
        with pytest.raises(RuleBroken) as refused:
            services.change_claim(choice=other, condition=condition, **told)
        assert refused.value.code == code
    services.remove_file(claim=changed, item=kept, by=family.user, at=a.AT)
    moved = services.change_claim(choice=f"{family.titular.pk}:{minor.pk}", condition=None, **told)
    assert moved.affected == family.titular
    assert not ClaimFile.objects.filter(envelope__claim=claim).exists()


def test_conditions_are_offered_where_they_may_be_seen_else_those_of_ones_own_folios() -> None:
    family = a.a_family()
    for person in (family.child, family.adult):
        p.a_condition(person=person)
    assert len(selectors.conditions_for(family.user, family.child, on=a.ON)) == 1
    assert selectors.conditions_for(family.user, family.adult, on=a.ON) == []
    a.bare(family, affected=family.adult, condition=family.adult.conditions.get())
    assert len(selectors.conditions_for(family.user, family.adult, on=a.ON)) == 1


# --- files -----------------------------------------------------------------------------------------------------------


def test_each_file_is_judged_by_itself_and_an_invoice_finds_its_pdf_s3_20_n4() -> None:
    billing.trust()
    family = a.a_family()
    family.titular.rfc = a.RFC
    family.titular.save()
    claim, xml = a.a_draft(family), a.xml(family.titular)

    def add(name: str, content: bytes, document: str) -> ClaimFile:
        return services.add_file(
            claim=claim, upload=a.upload(name, content), document=document, by=family.user, at=a.AT
        )

    pdf = add("escaneo.pdf", make_invoice_pdf(xml=xml), "invoice_xml")
    assert pdf.document == "invoice_pdf"
    kept = add("F-1.xml", xml, "medical_report")  # what it is says its first bytes, wherever it was dropped
    (invoice,) = selectors.invoices_of(claim)
    assert (kept.document, invoice.total, invoice.pdf, invoice.issued_on) == (
        "invoice_xml",
        Decimal("1160.00"),
        pdf,
        date(2026, 11, 10),
    )
    assert add("F-1.xml", xml, "invoice_xml").pk == kept.pk
    with pytest.raises(RuleBroken, match="ya está en este trámite como «Factura [(]XML[)]»"):
        add("F-1.xml", xml, "payment_proof")
    foreign = {"rfc": "XIA190128J61", "name": "AJENA", "zip": "06600", "regime": "601"}
    with pytest.raises(RuleBroken) as wrong:
        add("otra.xml", a.xml(family.titular, receiver=foreign), "invoice_xml")
    assert wrong.value.code == "receiver_of_nobody"
    out = {"claim": claim, "item": kept, "by": family.user, "at": a.AT}
    services.remove_file(**out)
    assert selectors.invoices_of(claim) == []
    services.put_file_back(**out)
    assert selectors.invoices_of(claim) == [invoice]
    assert [one.pk for one in selectors.files_of(claim)] == [pdf.pk, kept.pk]
    services.remove_file(**out)
    assert "lines" not in add("F-1.xml", xml, "payment_proof").facts
    services.remove_file(**out)
    assert add("F-1.xml", xml, "invoice_xml").facts["lines"], "judged as what it is here, whatever it was before"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda family, claim: "unheard_of", "unknown_paper"),
        (
            lambda family, claim: Consent.objects.filter(text__kind="sensitive-data").delete() and "other",
            "consent_missing",
        ),
        (lambda family, claim: Submission.objects.update(closed_at=a.AT) and "other", "envelope_closed"),
    ],
)
def test_no_file_is_taken_without_consent_nor_once_it_was_sent(spoil: Callable[..., str], code: str) -> None:
    family = a.a_family()
    claim = a.a_draft(family)
    with pytest.raises(RuleBroken) as refused:
        document = spoil(family, claim)
        services.add_file(claim=claim, upload=a.upload("a.pdf", b"%PDF-"), document=document, by=family.user, at=a.AT)
    assert refused.value.code == code


def test_a_cfdi_that_is_used_or_here_already_is_refused_at_upload_and_names_nobody_n9() -> None:
    from claims.services.papers import _keep_invoice

    family, other = a.a_family(), a.a_family()
    used = a.sent(other)
    uuid = used.invoices.get().uuid
    claim = a.a_draft(family)

    def facts(uuid: str) -> dict[str, Any]:
        fields = {"Fecha": "2026-11-10T10:00:00", "Total": "10.00", "emisor_rfc": a.ISSUER["rfc"], "MetodoPago": "PPD"}
        return {"fields": fields, "tfd": {"uuid": uuid.upper()}, "issuer": {}, "lines": []}

    with pytest.raises(Conflict, match="ya se usó"):
        _keep_invoice(claim, a.a_file(claim, "invoice_xml", facts=facts(uuid)))
    fresh = "00000000-0000-4000-8000-00000000ffff"
    first, again = (a.a_file(claim, "invoice_xml", facts=facts(fresh)) for _ in range(2))
    _keep_invoice(claim, first)
    with pytest.raises(Conflict, match="ya está en este trámite"):
        _keep_invoice(claim, again)
    ClaimFile.objects.filter(pk=first.pk).update(removed_at=a.AT)
    _keep_invoice(claim, again)
    (invoice,) = selectors.invoices_of(claim)
    assert invoice.xml == again
    with pytest.raises(Conflict, match="ya está en este trámite"):
        services.put_file_back(claim=claim, item=first, by=family.user, at=a.AT)
    ClaimFile.objects.filter(pk=again.pk).update(removed_at=a.AT)
    services.put_file_back(claim=claim, item=first, by=family.user, at=a.AT)
    (invoice,) = selectors.invoices_of(claim)
    assert invoice.xml == first
    assert "invoice.1.payment_proof" in codes(claim)
    proof = a.a_file(claim, "payment_proof", facts={"uuids": [fresh]})
    a.a_file(claim, "payment_proof")
    services.remove_file(claim=claim, item=a.a_file(claim, "other"), by=family.user, at=a.AT)  # papers are sought anew
    assert selectors.invoices_of(claim)[0].payment_proof == proof


def test_what_an_invoice_is_of_asks_for_its_papers_and_can_be_corrected() -> None:
    family = a.a_family()
    claim = a.a_whole_draft(family)
    invoice = claim.invoices.get()
    services.correct_invoice(claim=claim, invoice=invoice, medicines=True, hospital=True, by=family.user, at=a.AT)
    assert codes(claim) == ["prescription", "itemised_bill"]
    a.a_file(claim, "payment_proof")
    services.remove_file(claim=claim, item=a.a_file(claim, "other"), by=family.user, at=a.AT)  # papers are sought anew
    assert claim.invoices.get().payment_proof is None, "what was paid at once needs no proof"


# --- sending ---------------------------------------------------------------------------------------------------------


def test_sending_gives_folio_lines_clock_promise_receipt_and_notice_once_s3_26_s3_27() -> None:
    family = a.a_family()
    claim = a.a_whole_draft(family, "600.00", "400.50")
    assert codes(claim) == []
    sent = services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)
    assert sent.folio.startswith("RB-2026-")
    assert (sent.state, sent.claimed, sent.submitted_at) == ("submitted", Decimal("1000.50"), a.AT)
    assert [(one.number, one.claimed) for one in sent.lines.order_by("number")] == [
        (1, Decimal("600.00")),
        (2, Decimal("400.50")),
    ]
    assert sent.promise_rule.startswith("claim.promise_hours")
    assert sent.promised_at is not None and sent.promised_at > a.AT + timedelta(days=10)
    assert sent.segments.get().until is None
    assert not Estimate.objects.filter(claim=sent).exists()
    receipt = IssuedDocument.objects.get(pk=sent.receipt_id)
    assert (receipt.party, receipt.folio, len(receipt.context["files"])) == (family.titular.party, sent.folio, 5)
    drawn = html_of(receipt)
    shown = [str(one["sha256"]) for one in receipt.context["files"]]
    for said in ("Mesa de trámites", f"/contacto/?folio={sent.folio}", "por <strong>$1,000.50", "data:image", *shown):
        assert said in drawn, said
    assert TaxReceipt.objects.live().get().party == family.titular.party
    assert Notice.objects.get(kind="claims/claim_sent").user == family.user
    with pytest.raises(Conflict, match=sent.folio):
        services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)


def test_an_invoice_that_another_used_meanwhile_is_named_and_nothing_is_sent_n9() -> None:
    family = a.a_family()
    claim, other = a.a_whole_draft(family), a.sent(a.a_family())
    TaxReceipt.objects.live().filter(uuid=other.invoices.get().uuid).update(uuid=claim.invoices.get().uuid)
    with pytest.raises(Conflict, match="«.*»: "):
        services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)
    claim.refresh_from_db()
    assert not claim.folio and not claim.lines.exists()


def test_what_lacks_is_the_guard_of_sending_and_nothing_is_stored() -> None:
    family = a.a_family()
    claim = a.a_draft(family)
    assert codes(claim) == [*a.DOCUMENTS, "invoices"]
    with pytest.raises(RuleBroken, match="Falta: formato de trámite"):
        services.submit_claim(claim=claim, consented=True, by=family.user, at=a.AT)
    whole = a.a_whole_draft(family)
    with pytest.raises(RuleBroken, match="de acuerdo"):
        services.submit_claim(claim=whole, consented=False, by=family.user, at=a.AT)
    assert Claim.objects.filter(state="draft").count() == 2


def test_an_estimate_is_frozen_at_sending_once_there_are_enough_decided_claims_n8() -> None:
    family = a.a_family()
    for place in range(25):
        minutes = {"elapsed_minutes": 600 + place, "decided_at": a.AT - timedelta(days=30 - place)}
        a.bare(family, state="decided", **minutes)
    sent = a.sent(family)
    assert (sent.estimate.cases, sent.estimate.p50_minutes, sent.estimate.p80_minutes) == (25, 612, 619)


def test_a_claim_is_withdrawn_before_it_is_decided_and_its_cfdi_is_free_again() -> None:
    family = a.a_family()
    sent = a.sent(family)
    later = a.AT + timedelta(hours=2)
    gone = services.withdraw_claim(claim=sent, by=family.user, at=later)
    assert (gone.state, gone.segments.get().until) == ("withdrawn", later)
    assert not TaxReceipt.objects.live().exists()
    with pytest.raises(Conflict):
        services.withdraw_claim(claim=sent, by=family.user, at=later)


def test_a_draft_of_somebody_who_is_not_of_the_policy_with_them_is_only_discarded_s3_13() -> None:
    family = a.a_family()
    claim = a.a_whole_draft(family, affected=family.adult)
    before = {"since": date(2020, 1, 1), "until": date(2020, 1, 2)}
    MemberCoverage.objects.filter(member__person=family.adult).update(**before)
    Member.objects.filter(person=family.adult).update(**before)
    told: dict[str, Any] = {"claim": claim, "by": family.user, "at": a.AT}
    invoice = claim.invoices.get()
    acts: list[Callable[[], Any]] = [
        lambda: services.submit_claim(consented=True, **told),
        lambda: services.add_files(uploads=[], document="other", **told),
        lambda: services.remove_file(item=invoice.xml, **told),
        lambda: services.correct_invoice(invoice=invoice, medicines=True, hospital=False, **told),
    ]
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "no_longer_theirs"
    client, page = people.signed_in(family.user), f"/tramites/borradores/{claim.pk}/"
    assert {client.get(f"{page}{step}/").status_code for step in ("documentos", "pago", "revisar")} == {409}
    shown = client.get(page).content.decode()
    assert ("Ya no puedes presentar" in shown, "Padecimiento" in shown) == (True, False)
    assert services.discard_claim(**told).state == "discarded"


def test_what_gives_no_lines_in_pesos_is_not_kept_m1() -> None:
    check_payable("I", "MXN")
    for told, code in ((("E", "MXN"), "credit_note_is_no_expense"), (("I", "USD"), "not_in_pesos")):
        with pytest.raises(RuleBroken) as refused:
            check_payable(*told)
        assert refused.value.code == code
    check_amounts([Decimal(0)])
    with pytest.raises(RuleBroken, match="menor que cero"):
        check_amounts([Decimal(5), Decimal("-0.01")])


def test_s3_24_s3_25_the_51st_file_and_a_byte_above_50_mb_are_refused_and_the_draft_keeps_its_own() -> None:
    family = a.a_family()
    claim = a.a_draft(family)
    out = a.a_file(claim, "other")
    services.remove_file(claim=claim, item=out, by=family.user, at=a.AT)
    for _ in range(49):
        a.a_file(claim, "other")
    StoredFile.objects.exclude(pk=out.file_id).update(size=1_000_000)

    def put_back(size: int) -> str:
        StoredFile.objects.filter(pk=out.file_id).update(size=size)
        try:
            services.put_file_back(claim=claim, item=out, by=family.user, at=a.AT)
        except RuleBroken as refused:
            return refused.message
        services.remove_file(claim=claim, item=out, by=family.user, at=a.AT)
        return ""

    room = 52_428_800 - 49_000_000
    assert put_back(room) == ""
    assert put_back(room + 1) == "Tus archivos pasan juntos de 50 MB. Quita uno o súbelo más ligero."
    a.a_file(claim, "other")
    assert put_back(1) == "Ya subiste 50 archivos, los más que caben. Quita uno que no haga falta."
    assert selectors.files_of(claim).count() == 50


def test_a_draft_goes_to_another_policy_without_invoices_that_were_judged_by_the_first_m10() -> None:
    family, other = a.a_family(), p.a_whole_policy()
    certificate = m.a_certificate(plan=other, titular=family.titular)
    stay = p.a_stay(membership=certificate, person=family.titular)
    coverage = other.coverages.get(kind="major")
    MemberCoverage.objects.create(member=stay, coverage=coverage, since=p.FIRST)
    claim = a.a_draft(family)
    mine = next(one for one in selectors.choices_of(family.user, on=a.ON) if one.coverage != coverage and one.is_self)
    told: dict[str, Any] = {"condition": None, "pending": False, "by": family.user, "at": a.AT}
    services.change_claim(claim=claim, choice=mine.key, **told)
    invoice = a.an_invoice(claim, "1.00")
    choice = f"{family.titular.pk}:{coverage.pk}"
    foreign = next(
        f"{one.person.pk}:{one.coverage.pk}"
        for one in selectors.choices_of(family.user, on=a.ON)
        if one.coverage.plan_id != mine.coverage.plan_id
    )
    assert foreign == choice
    with pytest.raises(RuleBroken, match="con otra póliza"):
        services.change_claim(claim=claim, choice=choice, **told)
    services.remove_file(claim=claim, item=invoice.xml, by=family.user, at=a.AT)
    changed = services.change_claim(claim=claim, choice=choice, **told)
    assert (changed.coverage, changed.invoices.count()) == (coverage, 0)
    with pytest.raises(Conflict, match="mientras subía"):
        _place_file(mine_before(changed, mine), invoice.pdf, None, "other", at=a.AT)  # type: ignore[arg-type]


def mine_before(claim: Claim, mine: Any) -> Claim:
    """The draft as it was read before it changed."""
    claim.coverage = mine.coverage
    return claim


def test_lines_are_as_many_as_one_form_decides_h4() -> None:
    check_lines(MOST_LINES - 1, 1)
    for there, more, told in ((0, MOST_LINES + 1, "Escríbenos"), (MOST_LINES, 1, "en otro trámite")):
        with pytest.raises(RuleBroken, match=told):
            check_lines(there, more)
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS > 2 * MOST_LINES + 10


def test_a_discarded_draft_takes_nothing_more() -> None:
    family = a.a_family()
    claim = a.a_draft(family)
    assert services.discard_claim(claim=claim, by=family.user, at=a.AT).state == "discarded"
    with pytest.raises(Conflict, match="descartó"):
        services.discard_claim(claim=claim, by=family.user, at=a.AT)
    assert not Claim.objects.drafts_of(family.user).exists()


def test_a_member_sees_their_own_an_analyst_what_was_sent_and_nobody_anothers_draft() -> None:
    family, other = a.a_family(), a.a_family()
    draft, sent = a.a_draft(family), a.bare(family, affected=family.child)
    assert set(Claim.objects.visible_to(family.user)) == {draft, sent}
    assert not Claim.objects.visible_to(other.user).exists()
    assert not Claim.objects.visible_to(people.reviewer()).exists()
    analyst = people.analyst()
    assert set(Claim.objects.visible_to(analyst)) == set(Claim.objects.for_desk(analyst)) == {sent}
    stay = p.a_stay(membership=family.certificate, kinship="child")
    people.Grant.objects.create(user=analyst, party=stay.person.party, role="member", since=people.LONG_AGO)
    kin = type(analyst).objects.get(pk=analyst.pk)
    assert not Claim.objects.visible_to(kin).exists() and not Claim.objects.for_desk(kin).exists(), "of their family"
    assert selectors.sees_all_of(family.user, sent, on=a.ON)
    of_age = a.bare(family, affected=family.adult)
    partner = people.member(party=family.adult.party)
    assert not selectors.sees_all_of(family.user, of_age, on=a.ON)
    assert set(listings.under_way(family.user).values_list("folio", "seen_person", "seen_kind")) == {
        (sent.folio, family.child.as_printed, "reimbursement"),
        (of_age.folio, "", ""),
    }
    of_partner = a.bare(family, affected=family.adult, filed_by=partner, payee=family.adult.party)
    of_child = a.bare(family, affected=family.child, filed_by=partner, payee=family.adult.party)
    seen = set(Claim.objects.of_member(family.user))
    assert (of_child in seen, of_partner in seen) == (True, False)
    stay = family.adult.stays.get()
    Share.objects.create(member=stay, what="clinical", by=partner, since=a.AT)
    assert of_partner in set(Claim.objects.of_member(family.user))
    assert selectors.sees_all_of(family.user, of_partner, on=a.ON)
