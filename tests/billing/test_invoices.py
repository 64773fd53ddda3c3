"""The assistant and its files, submission, review: real files, real examiner (S0.14-S0.23, N3, N14)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from billing import rules, selectors, services
from billing.models import CareOrder, Invoice, ReviewDecision
from billing.selectors import figures
from billing.services import invoices
from config.demo import samples
from config.demo.scenes import billing as billing_scene
from config.demo.uploads import upload_of
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt
from portal.fiscal.selectors import live_receipt
from portal.notices.models import Notice
from portal.papers.models import IssuedDocument, StoredFile
from portal.rulebook import services as rulebook
from portal.treasury.models import LedgerLine, Payable
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
LATER = a.NOW + timedelta(hours=1)


def attach(invoice: Invoice, who, *, xml=None, pdf=None, at=a.NOW):
    return services.attach_files(invoice=invoice, xml=xml, pdf=pdf, by=who.user, at=at)


# --- regime and draft ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "regime", "state", "isr", "local", "total"),
    [
        ("S0.20", "612", "", "130.00", "0.00", "1170.00"),
        ("S0.21", "626", "", "16.25", "0.00", "1283.75"),
        ("S0.22", "612", "JAL", "130.00", "39.00", "1131.00"),
        ("S0.23", "626", "JAL", "32.50", "39.00", "1228.50"),
    ],
)
def test_a_draft_shows_the_withholding_of_the_regime_and_where_it_comes_from(  # noqa: PLR0917
    db, source, regime, state, isr, local, total
) -> None:
    invoice = a.draft(a.doctor(regime=regime, state=state))
    assert (invoice.withheld_isr, invoice.withheld_local, invoice.total) == tuple(map(Decimal, (isr, local, total)))
    assert invoice.explanation["rules"][0]["source"] == source
    assert sum(row.amount for row in invoice.withholdings.all()) == invoice.base - invoice.total


def test_without_a_regime_there_is_no_draft(db) -> None:
    who = a.doctor(regime="")
    with pytest.raises(RuleBroken) as refused:
        a.draft(who)
    assert refused.value.code == "no_regime" and not Invoice.objects.exists()


@pytest.mark.parametrize(("regime", "state"), [("999", ""), ("612", "XXX")])
def test_an_unknown_regime_is_refused(db, regime, state) -> None:
    with pytest.raises(RuleBroken) as refused:
        a.doctor(regime=regime, state=state)
    assert refused.value.field == "regime"


def test_s0_3_the_name_asked_with_the_regime_is_the_partys_name_afterwards(db) -> None:
    who = a.doctor(regime="")
    told = {"party": who.party, "regime": "612", "state": "", "specialty": "", "by": who.user, "at": a.NOW}
    services.set_regime(**told, valid_from=a.TODAY, name="Lucía Nuevo Nombre", zip_code="45000")
    who.party.refresh_from_db()
    assert (who.party.name, who.party.zip_code) == ("LUCÍA NUEVO NOMBRE", "45000")
    services.set_regime(**(told | {"specialty": "Pediatría"}), valid_from=a.TODAY)
    assert who.party.scheme_assignments.count() == 1
    services.set_regime(**(told | {"regime": "626"}), valid_from=a.TODAY + timedelta(days=5))
    assert selectors.assignment_on(who.party, on=a.TODAY + timedelta(days=4)).regime == "612"
    assert selectors.assignment_on(who.party, on=a.TODAY + timedelta(days=5)).regime == "626"
    assert selectors.assignment_on(who.party, on=a.TODAY - timedelta(days=900)).regime == "612"
    with pytest.raises(RuleBroken) as refused:
        services.set_regime(**told, valid_from=a.TODAY)
    assert refused.value.field == "valid_from"


def test_s0_17_a_draft_holds_its_orders_and_nobody_can_bill_them_twice(db) -> None:
    who = a.doctor()
    mine = a.orders(who, 2)
    invoice = a.draft(who, of=mine)
    assert invoice.base == Decimal("2600.00") and not CareOrder.objects.to_invoice().exists()
    with pytest.raises(Conflict) as refused:
        a.draft(who, of=mine[:1])
    assert refused.value.code == "order_taken" and Invoice.objects.count() == 1
    services.discard_draft(invoice=invoice, by=who.user, at=a.NOW)
    assert CareOrder.objects.to_invoice().count() == 2
    assert a.draft(who, of=mine)


def test_a_draft_needs_own_available_orders_of_one_insurer(db) -> None:
    who, stranger = a.doctor(), a.doctor()
    order = a.orders(who)[0]
    for chosen in ([], a.orders(stranger)):
        with pytest.raises(RuleBroken) as refused:
            services.start_invoice(party=who.party, order_ids=[one.pk for one in chosen], by=who.user, at=a.NOW)
        assert refused.value.code == "no_orders"
    with pytest.raises(RuleBroken) as refused:
        a.draft(who, of=[order, *a.orders(who, payer=a.insurer("SEGUROS DOS"))])
    assert refused.value.code == "two_insurers"
    services.withdraw_order(order=order, reason="Error", by=people.reviewer(), at=a.NOW)
    with pytest.raises(RuleBroken):
        a.draft(who, of=[order])


# --- files -----------------------------------------------------------------------------------------------------------


def test_n3_a_wrong_xml_is_told_rule_by_rule_keeps_nothing_and_its_mended_one_is_accepted(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who, 2)
    xml, pdf = a.files(invoice, faults=["pue"])
    with pytest.raises(services.FileRefused) as refused:
        attach(invoice, who, xml=xml)
    assert any("PUE" in f.message and "PPD" in f.message + f.cure for f in refused.value.findings)
    assert {line["ok"] for line in refused.value.checklist} == {True, False}
    invoice.refresh_from_db()
    assert (invoice.xml, invoice.pdf, invoice.uuid) == (None, None, "")
    assert not StoredFile.objects.exists() and not TaxReceipt.objects.exists()

    xml, pdf = a.files(invoice)
    assert {finding.level for finding in attach(invoice, who, xml=xml, pdf=pdf)} == {"ok"}
    invoice.refresh_from_db()
    assert invoice.verdict == "accepted" and live_receipt(invoice).uuid.hex == invoice.uuid.replace("-", "")
    assert all(line["ok"] for line in invoice.facts["checklist"])

    # the PDF of another invoice
    other = samples.make_invoice_pdf(xml=billing_scene.files_for(a.draft(who), issued_at=a.NOW - timedelta(hours=2))[0])
    kept = invoice.pdf_id
    with pytest.raises(services.FileRefused) as refused:
        attach(invoice, who, pdf=upload_of("otra.pdf", other))
    assert [f.code for f in refused.value.findings if f.level == "error"] == ["pdf_of_another"]
    invoice.refresh_from_db()
    assert invoice.pdf_id == kept

    # another XML for the same draft: the earlier fiscal folio is free, the earlier PDF no longer counts
    first = invoice.uuid
    attach(invoice, who, xml=a.files(invoice)[0])
    invoice.refresh_from_db()
    assert invoice.uuid != first and invoice.pdf is None
    assert TaxReceipt.objects.live().count() == 1


def test_mo_07_a_discarded_drafts_files_serve_the_next_draft_and_a_live_uuid_serves_once(trusted) -> None:
    who = a.doctor()
    mine = a.orders(who)
    invoice = a.draft(who, of=mine)
    xml, pdf = billing_scene.files_for(invoice, issued_at=a.NOW - timedelta(hours=1))
    for _ in range(2):  # twice the same bytes is once
        attach(invoice, who, xml=upload_of("f.xml", xml), pdf=upload_of("f.pdf", pdf))
    services.discard_draft(invoice=invoice, by=who.user, at=a.NOW)
    again = a.draft(who, of=mine)
    attach(again, who, xml=upload_of("f.xml", xml), pdf=upload_of("f.pdf", pdf))
    again.refresh_from_db()
    assert again.verdict == "accepted" and TaxReceipt.objects.live().count() == 1
    assert StoredFile.objects.filter(purpose="invoice_xml").count() == 1
    copy = a.draft(who, of=a.orders(who, patient=mine[0].patient))
    with pytest.raises(RuleBroken):  # its account is another, so it is refused before its fiscal folio
        attach(copy, who, xml=upload_of("f.xml", xml))


def test_a_pdf_that_came_first_stays_when_its_xml_follows(trusted) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    xml, pdf = a.files(invoice)
    assert [finding.code for finding in attach(invoice, who, pdf=pdf)] == ["pdf_not_compared"]
    attach(invoice, who, xml=xml)
    invoice.refresh_from_db()
    assert invoice.pdf is not None
    assert services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW).folio


def test_c1_a_rate_accepted_with_a_warning_goes_to_review_and_its_figures_are_followed(trusted) -> None:
    """The draft was begun under the source's literal rates; the operator then activated those of the statute."""
    who = a.doctor(regime="626", state="JAL")
    invoice = a.draft(who)
    assert (invoice.scheme, invoice.total) == ("RESICO_JAL", Decimal("1228.50"))
    rulebook.activate_rule(
        code="withholding.RESICO_JAL_26", reason="Ley de ingresos", by=people.administrator(), at=a.NOW
    )
    expected, payer = a.expectation(invoice), invoice.insurer
    other = next(scheme for scheme in expected["schemes"] if scheme["enforcement"] == "accepted_with_warning")
    xml = samples.make_invoice(
        issuer={"rfc": who.party.rfc, "name": who.party.name, "regime": "626"},
        receiver={"rfc": payer.rfc, "name": payer.name, "zip": payer.zip_code, "regime": payer.fiscal_regime},
        orders=expected["orders"],
        components=other["components"],
        issued_at=a.NOW - timedelta(hours=1),
    )
    attach(invoice, who, xml=upload_of("f.xml", xml))
    invoice.refresh_from_db()
    assert (invoice.verdict, invoice.scheme, invoice.total) == ("review", "RESICO_JAL_26", Decimal("1218.75"))
    assert invoice.explanation["rules"][0]["code"] == "withholding.RESICO_JAL_26"


def test_domain_1_2_an_invoice_follows_the_regime_of_its_own_date(trusted) -> None:
    """Issued two days ago as 612; since yesterday its physician is RESICO, and the draft was begun today."""
    who = a.doctor()
    services.set_regime(
        party=who.party,
        regime="626",
        state="",
        specialty="",
        valid_from=a.TODAY - timedelta(days=1),
        by=who.user,
        at=a.NOW,
    )
    invoice = a.draft(who)
    assert (invoice.scheme, invoice.total) == ("RESICO", Decimal("1283.75"))
    xml, pdf = billing_scene.files_for(invoice, issued_at=a.NOW - timedelta(days=2))
    attach(invoice, who, xml=upload_of("f.xml", xml), pdf=upload_of("f.pdf", pdf))
    invoice.refresh_from_db()
    assert (invoice.verdict, invoice.scheme, invoice.total) == ("accepted", "PF", Decimal("1170.00"))
    # while a file was judged, the invoice was sent: nothing of it changes any more
    services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW)
    with pytest.raises(Conflict) as refused:
        invoices.keep_files(invoice=invoice, xml=None, pdf=None, by=who.user, at=a.NOW, replacing=True)
    assert refused.value.code == "sent"


def test_nothing_to_attach_is_refused(db) -> None:
    who = a.doctor()
    with pytest.raises(RuleBroken) as refused:
        attach(a.draft(who), who)
    assert refused.value.code == "no_file"


@pytest.mark.parametrize("content", [b"<nope", b"<?xml version='1.0'?><a/>", b""])
def test_an_xml_that_is_no_invoice_is_refused_in_words(db, content) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    with pytest.raises(RuleBroken) as refused:
        attach(invoice, who, xml=upload_of("f.xml", content))
    assert refused.value.message.endswith(".") and not StoredFile.objects.exists()


def test_n4_a_pdf_too_big_to_judge_at_once_is_refused_in_words(db) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    with pytest.raises(RuleBroken, match="5 MB") as refused:
        attach(invoice, who, pdf=upload_of("f.pdf", b"%PDF-1.7\n" + b" " * (5 * 1024 * 1024)))
    assert refused.value.code == "too_big" and not StoredFile.objects.exists()


# --- submission and review -------------------------------------------------------------------------------------------


def test_an_incomplete_invoice_is_not_sent_and_is_told_everything_that_lacks(db) -> None:
    who = a.doctor()
    order = a.orders(who)[0]
    invoice = a.draft(who, of=[order])
    services.withdraw_order(order=order, reason="Error", by=people.reviewer(), at=a.NOW)
    with pytest.raises(RuleBroken) as refused:
        services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW)
    assert refused.value.code == "incomplete"
    assert all(word in refused.value.message for word in ("XML", "PDF", order.account))
    assert Invoice.objects.get().folio == ""


def test_a_sent_invoice_has_folio_receipt_and_orders_and_is_accepted_once_by_another(trusted) -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.submitted(who, 2)
    assert invoice.folio.startswith("FA-") and invoice.receipt.folio == invoice.folio
    assert set(CareOrder.objects.values_list("state", flat=True)) == {"invoiced"}
    assert Notice.objects.get(kind="billing/invoice_submitted").user == who.user
    # twice, and too late for files or discarding
    for act in (
        lambda: services.submit_invoice(invoice=invoice, by=who.user, at=LATER),
        lambda: services.discard_draft(invoice=invoice, by=who.user, at=LATER),
        lambda: attach(invoice, who, xml=upload_of("f.xml", b"<a/>")),
        lambda: services.withdraw_order(order=CareOrder.objects.order_by("pk")[0], reason="x", by=by, at=LATER),
    ):
        with pytest.raises(RuleBroken):
            act()
    # nobody decides their own: who sent it, nor who bills for that physician, nor who sent it and bills no more
    colleague, former = people.assistant_of(who.user), people.reviewer()
    Invoice.objects.filter(pk=invoice.pk).update(submitted_by=former)
    for person in (who.user, colleague, former):
        with pytest.raises(RuleBroken) as refused:
            services.accept_invoice(invoice=invoice, by=person, at=LATER)
        assert refused.value.code == "own_invoice"

    _it_promises_its_answer(invoice)
    invoice = services.accept_invoice(invoice=invoice, by=by, at=LATER)
    assert (invoice.state, invoice.payment_state) == ("accepted", "payable")
    payable = Payable.objects.get()
    assert (payable.amount, payable.reference) == (invoice.total, invoice.folio)
    due = selectors.payment_due(on=a.TODAY)
    assert (payable.due_on, payable.due_rule) == (due.on, due.rule)
    assert sum(LedgerLine.objects.values_list("amount", flat=True)) == 0
    assert selectors.reviewers_of([payable]) == {(payable.pk, by.pk)}
    assert selectors.advice_lines([payable])[0]["amount"] == str(invoice.total)
    for act in (services.accept_invoice, services.return_invoice, services.reject_invoice):
        more = {} if act is services.accept_invoice else {"reasons": ["illegible_pdf"], "note": ""}
        with pytest.raises(RuleBroken):
            act(invoice=invoice, by=by, at=LATER, **more)
    assert Payable.objects.count() == 1 and ReviewDecision.objects.count() == 1


def _it_promises_its_answer(invoice: Invoice) -> None:
    promised = selectors.review_due(on=a.TODAY)
    assert (invoice.review_due_on, invoice.review_due_rule) == (promised.on, promised.rule)
    told = figures.review_due(invoice)
    assert told["result"] == dates.short(promised.on) and told["rules"][0]["code"] == "invoice.review_days"
    assert figures.review_due(Invoice()) == {}
    assert invoice.drawn is rules.is_drawn(str(invoice.pk), percent=10)


def test_n14_a_return_says_why_frees_the_uuid_and_a_better_pdf_alone_mends_it(trusted) -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.submitted(who)
    with pytest.raises(RuleBroken) as refused:
        services.return_invoice(invoice=invoice, reasons=[], note="", by=by, at=LATER)
    assert refused.value.field == "reasons"
    invoice = services.return_invoice(invoice=invoice, reasons=["illegible_pdf"], note="", by=by, at=LATER)
    folio = invoice.folio
    assert live_receipt(invoice) is None and not invoice.is_mended
    assert [s[:6] for s in invoice.decisions.get().sentences] == ["El PDF"]
    with pytest.raises(RuleBroken, match="corregido"):
        services.submit_invoice(invoice=invoice, by=who.user, at=LATER)
    expected = invoice.uuid
    pdf = samples.make_invoice_pdf(xml=b"".join(_read(invoice.xml)))
    attach(invoice, who, pdf=upload_of("mejor.pdf", pdf), at=LATER + timedelta(minutes=1))
    invoice = services.submit_invoice(invoice=invoice, by=who.user, at=LATER + timedelta(minutes=2))
    assert (invoice.folio, invoice.state, str(live_receipt(invoice).uuid)) == (folio, "submitted", expected)
    assert IssuedDocument.objects.get() == invoice.receipt and invoice.receipt.is_in_force  # it says the same
    # rejected: the orders and the fiscal folio are free again
    services.reject_invoice(
        invoice=invoice, reasons=["other"], note="No es una consulta", by=by, at=LATER + timedelta(hours=1)
    )
    assert live_receipt(invoice) is None and CareOrder.objects.to_invoice().count() == 1
    assert Notice.objects.filter(user=who.user, kind="billing/invoice_rejected").exists()
    again = a.draft(who, of=list(CareOrder.objects.order_by("pk")), at=LATER + timedelta(hours=2))
    assert again.state == "draft" and Invoice.objects.get(folio=folio).state == "rejected"


def _read(file):
    from portal.papers.selectors import open_file

    return open_file(file)


def test_the_assistants_sheet_is_a_paper_with_the_data_as_shown(db) -> None:
    who = a.doctor()
    invoice = a.draft(who)
    document = services.issue_invoice_sheet(invoice=invoice, by=who.user, at=a.NOW)
    shown = str(document.context)
    assert all(word in shown for word in ("PPD", "99", invoice.insurer.rfc, "1,170.00", "María Núñez Peña"))


def test_a_file_for_an_xml_that_changed_meanwhile_is_refused(trusted) -> None:
    who = a.doctor()
    invoice = a.with_files(who)
    stale = Invoice.objects.get(pk=invoice.pk)
    pdf = samples.make_invoice_pdf(xml=b"".join(_read(invoice.xml)))
    Invoice.objects.filter(pk=invoice.pk).update(uuid="00000000-0000-4000-8000-000000000000")
    with pytest.raises(Conflict) as refused:
        attach(stale, who, pdf=upload_of("f.pdf", pdf))
    assert refused.value.code == "xml_moved"
