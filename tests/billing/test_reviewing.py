"""The review page: what fails first, line against line, what changed since a return, the lane of clean ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billing import rules, services
from billing.models import Invoice, ReviewDecision
from billing.selectors import clean, comparing
from portal import clock
from portal.design.reviewing import Way, differences_first, fact
from portal.errors import Conflict, Finding, Level
from portal.fiscal.models import TaxReceipt
from portal.rulebook.rules import draft_of
from portal.rulebook.selectors import rule_on
from portal.rulebook.services import publish_rule
from portal.work import selectors as work
from tests.factories import billing as a
from tests.factories import people

from .pages import post, text, url

D = Decimal
LATER = a.NOW + timedelta(hours=1)
ONE, TWO = ("CTA-1", "Ana Ruiz", D("100.00")), ("CTA-2", "Luis Paz", D("50.00"))


@pytest.mark.parametrize(
    ("orders", "concepts", "fits", "over"),
    [
        ([ONE], [("Consulta. Cuenta CTA-1. Paciente Ana Ruiz", D("100.00"))], [True], 0),
        ([ONE], [("Consulta. Cuenta CTA-1.", D("99.99"))], [False], 0),
        ([ONE], [("Consulta de Ana Ruiz", D("100.00"))], [False], 1),
        ([ONE, TWO], [("Cuentas CTA 1 y CTA 2", D("150.00"))], [True, True], 0),
        ([ONE, TWO], [("Cuentas CTA 1 y CTA 2", D("149.00"))], [False, False], 0),
        ([ONE], [("CTA-1 primera parte", D("60.00")), ("CTA-1 segunda parte", D("40.00"))], [True], 0),
        ([TWO], [("CTA-25", D("50.00")), ("CTA-2", D("50.00"))], [True], 1),
        ([ONE], [], [False], 0),
    ],
)
def test_s0_16_s0_17_each_order_stands_against_the_concepts_that_carry_its_account(
    orders, concepts, fits, over
) -> None:
    billed, left = rules.hold_orders(orders, concepts)
    assert [one.fits for one in billed] == fits and len(left) == over
    assert [one.account for one in billed] == [order[0] for order in orders]


def test_facts_differ_by_their_letters_and_digits_and_those_that_do_stand_first() -> None:
    same, other = fact("Nombre", "MARÍA NÚÑEZ", "Maria Nunez"), fact("Código postal", "06600", "01000", why="Otro")
    told = fact("RFC", "x", "y", same=True, why="no se dice")
    assert (same.differs, other.differs, other.why, told.differs, told.why) == (False, True, "Otro", False, "")
    assert differences_first([same, told, other]) == [other, same, told]
    assert Way("Aceptar").bound == []


def test_the_gravest_finding_stands_first_and_a_clean_invoice_has_none() -> None:
    found = [Finding(level, level, "x") for level in (Level.OK, Level.WARNING, Level.REVIEW, Level.NOT_CHECKED)]
    assert [one.level for one in rules.gravest_first(found)] == ["review", "warning", "not_checked", "ok"]
    assert rules.is_clean(found[:1], verdict="accepted") and rules.is_clean([], verdict="accepted")
    assert not rules.is_clean(found[:1], verdict="review")
    assert not any(rules.is_clean([one], verdict="accepted") for one in found[1:])


def test_n14_what_a_physician_will_read_is_each_known_reason_and_the_note() -> None:
    said = rules.read_sentences(["illegible_pdf", "nothing"], " Hoja dos ")
    assert said == [rules.REASON_LABELS[rules.ReturnReason.ILLEGIBLE_PDF], "Hoja dos"]
    assert rules.read_sentences([], " ") == []


def test_only_what_a_corrected_invoice_says_otherwise_is_shown() -> None:
    before, now = {"Total": "10", "Fecha": "1", "PDF": "a"}, {"Total": "11", "Fecha": "1", "Concepto 2": "b"}
    assert rules.changed(before, now) == [("Total", "10", "11"), ("Concepto 2", "", "b"), ("PDF", "a", "")]


@pytest.mark.parametrize(
    ("clean", "drawn", "alike", "why"),
    [
        (True, False, False, ""),
        (False, False, False, "algo que mirar"),
        (True, True, False, "sorteada"),
        (True, False, True, "otro comprobante"),
    ],
)
def test_what_may_be_accepted_by_its_line(clean: bool, drawn: bool, alike: bool, why: str) -> None:
    if not why:
        return rules.check_unopened(clean=clean, drawn=drawn, alike=alike)
    with pytest.raises(Conflict, match=why):
        rules.check_unopened(clean=clean, drawn=drawn, alike=alike)


@pytest.mark.django_db
def test_the_page_holds_the_invoice_against_what_we_have_and_says_what_differs(trusted) -> None:
    sent, desk = a.submitted(a.doctor(state="JAL"), 2), people.signed_in(people.reviewer())
    page = text(desk.get(url("review", sent.folio)))
    for caption in ("Órdenes contra conceptos", "Esquema contra retenciones", "Quién factura a quién y cómo"):
        assert caption in page
    assert "Distinto" not in page and "Otro importe" not in page and "Regla en conflicto" in page
    assert "No lo retiene" not in page and page.count("10 %, $260.00") == 2, "the scheme's and the CFDI's"
    assert page.index("Regla en conflicto") < page.index("Órdenes contra conceptos") < page.index("pagina/1")
    assert "Se responde a más tardar el" in page and "Regla invoice.review_days, v" in page
    facts = sent.facts
    facts["receiver"]["zip"], facts["fields"]["Total"] = "99999", "1.00"
    facts["concepts"].append({"description": "Otra cosa", "amount": "5.00"})
    facts["concepts"][0]["amount"], facts["local_withheld"] = "7.00", []
    Invoice.objects.filter(pk=sent.pk).update(facts=facts)
    page = text(desk.get(url("review", sent.folio)))
    for word in ("Distinto", "Otro importe", "Ninguna orden lo pide", "No lo retiene", "99999", "$1.00"):
        assert word in page, word
    Invoice.objects.filter(pk=sent.pk).update(facts={}, pdf=None)
    page = text(desk.get(url("review", sent.folio)))
    assert "No la nombra" in page and "Esquema contra retenciones" not in page


@pytest.mark.django_db
def test_the_sentence_is_seen_before_it_leaves_and_rejecting_stands_apart(trusted) -> None:
    sent, desk = a.bare(a.doctor()), people.signed_in(people.reviewer())
    page = text(desk.get(url("review", sent.folio)))
    assert "Devolver o rechazar" not in page and "Así lo lee el médico:" in page
    assert 'id="devolver_note"' in page and 'id="rechazar_note"' in page
    for name, question in (("give_back", "devolver_factura"), ("reject", "rechazar_factura")):
        asked = post(desk, name, sent.folio, ask=question, reasons=["illegible_pdf"], note="Hoja dos")
        page = text(asked)
        assert asked.status_code == 200 and "El PDF no se lee bien." in page and "<li>Hoja dos</li>" in page
    assert not ReviewDecision.objects.exists()


@pytest.mark.django_db
def test_a_corrected_invoice_comes_first_to_who_returned_it_and_shows_what_changed(trusted) -> None:
    who, by, colleague = a.doctor(), people.reviewer(), people.reviewer()
    waits, sent = a.bare(who), a.submitted(who)
    told = {"reasons": ["other"], "note": "El PDF es de otro mes."}
    back = services.return_invoice(invoice=sent, by=by, at=LATER, **told)
    assert back.returned_by == by and ReviewDecision.objects.get().seen["Folio fiscal"] == sent.uuid
    xml, pdf = a.files(back, at=LATER)
    services.attach_files(invoice=back, xml=xml, pdf=pdf, by=who.user, at=LATER)
    again = services.submit_invoice(invoice=Invoice.objects.get(pk=back.pk), by=who.user, at=LATER)
    assert not again.clean, "who returned it looks at it again"
    # Days of work from any day of the week: both are due on one, so that the older comes first.
    Invoice.objects.filter(pk=waits.pk).update(review_due_on=again.review_due_on)

    def first(person) -> str:
        return work.items(person, at=clock.now())[0].title

    assert first(by) == f"Factura {again.folio}" and first(colleague) == f"Factura {waits.folio}"
    assert work.takeable(by, at=clock.now())[0][1] == again
    page = text(people.signed_in(by).get(url("review", again.folio)))
    assert "Por qué se devolvió" in page and "El PDF es de otro mes." in page and str(by) in page
    assert page.index("Qué cambió desde entonces") < page.index("Lo que no cambió") < page.index("Órdenes contra")
    changed = {one.label for one in comparing.changes(again, ReviewDecision.objects.get().seen)}
    assert {"Folio fiscal", "Fecha"} <= changed and "Subtotal" not in changed
    Invoice.objects.filter(pk=again.pk).update(facts=sent.facts, uuid=sent.uuid, pdf=sent.pdf)
    assert "sin cambiar lo que dicen sus archivos" in text(people.signed_in(by).get(url("review", again.folio)))


@pytest.mark.django_db
def test_clean_invoices_are_accepted_by_their_line_and_the_others_are_opened_first(trusted) -> None:
    who, by = a.doctor(), people.reviewer()
    good, other = (a.submitted(who, of=a.orders(who, patient=name)) for name in ("Ana Ruiz", "Luis Paz"))
    dirty, drawn = a.bare(who), a.bare(who, clean=True, drawn=True)
    assert good.clean and other.clean
    Invoice.objects.filter(pk__in=[good.pk, other.pk]).update(drawn=False)
    desk = people.signed_in(by)
    page = text(desk.get(url("clean")))
    assert good.folio in page and drawn.folio in page and dirty.folio not in page
    assert "Sorteada: ábrela" in page and "3 de 3" in page
    assert good.folio in text(desk.get(url("reviews"), {"hallazgos": "sin"}))
    assert good.folio not in text(desk.get(url("reviews"), {"hallazgos": "con"}))
    for folio in (drawn.folio, dirty.folio):
        assert post(desk, "accept_unopened", folio).status_code == 409
    for _twice in range(2):
        assert post(desk, "accept_unopened", good.folio, key="u" * 20)["Location"] == url("clean")
    assert Invoice.objects.get(pk=good.pk).state == "accepted"
    assert post(people.signed_in(who.user), "accept_unopened", other.folio).status_code == 403
    # The other one's receipt now has the bytes of the first one's.
    TaxReceipt.objects.filter(subject_id=str(other.pk)).update(sha256=TaxReceipt.objects.get(subject_id=good.pk).sha256)
    assert clean.alike([other], on=a.TODAY) == {str(other.pk)}
    assert "Se parece a otra: ábrela" in text(desk.get(url("clean")))
    assert post(desk, "accept_unopened", other.folio).status_code == 409
    # Issued four days apart: alike by the days that the rule has today, not by those of when it was issued.
    before = a.TODAY - timedelta(days=30)
    TaxReceipt.objects.filter(subject_id=str(other.pk)).update(sha256="", issued_on=before, patients=["ana"])
    near = {"issued_on": before - timedelta(days=4), "patients": ["ana"]}
    TaxReceipt.objects.filter(subject_id=str(good.pk)).update(**near, total=other.total)
    Invoice.objects.filter(pk=other.pk).update(issued_on=before)
    assert "Se parece a otra: ábrela" not in text(desk.get(url("clean")))
    wider = replace(draft_of(rule_on("look_alike.days", on=before)), value=4, valid_from=clock.today(), valid_to=None)
    publish_rule(draft=wider, reason="Acuerdo", by=people.administrator(), at=clock.now())
    assert "Se parece a otra: ábrela" in text(desk.get(url("clean")))
    assert post(desk, "accept_unopened", other.folio).status_code == 409
    Invoice.objects.update(clean=False)
    assert "Ninguna factura sin hallazgos" in text(desk.get(url("clean")))


# --- the detail page -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_invoices_page_says_whose_turn_by_when_what_lacks_and_the_one_act() -> None:
    who = a.doctor()
    sent, owing = a.bare(who), a.bare(who, paid_on=a.TODAY, complement_due_on=a.TODAY)
    back = a.bare(who, state="returned", decided_at=a.NOW)
    ReviewDecision.objects.create(
        invoice=back, reviewer=people.reviewer(), outcome="returned", reasons=["other"], note="Otra hoja", at=a.NOW
    )
    owner = people.signed_in(who.user)
    expected = {
        sent: ["Nos toca a nosotros", "Te respondemos: a más tardar el", "Regla invoice.review_days, v"],
        owing: ["Te toca a ti", "se esperaba el", "Vencido", "Ver los datos para emitirlo", "Subir complemento"],
        back: ["Te toca a ti", "Corrígela y envíala otra vez.", "Otra hoja", "Corregir factura"],
    }
    for invoice, words in expected.items():
        page = text(owner.get(url("invoice", invoice.folio)))
        assert [word for word in words if word not in page] == [], invoice.state
        assert f'href="/contacto/?folio={invoice.folio}"' in page, "the contact form knows the folio"
        assert page.count('class="btn primary"') == (invoice != sent), "one act"
