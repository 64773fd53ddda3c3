"""Who has to move, since when, and what the next person reads: physician, reviewer, administrator (N2, N8, N14)."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import checks, queues, rules, selectors, services
from billing.models import ComplementDue, Invoice, InvoiceWithholding
from portal import clock
from portal.calendars import services as calendars
from portal.design import dates
from portal.errors import Finding, Level, RuleBroken
from portal.fiscal import findings as fiscal
from portal.fiscal.facts import CfdiFacts
from portal.fiscal.models import TrustedCertificate
from portal.fiscal.rules.common import date_findings
from portal.fiscal.sentences import OF_EXPENSES
from portal.rulebook import selectors as rulebook
from portal.rulebook.replay import recount
from portal.rulebook.replay import replay as simulate
from portal.rulebook.rules import draft_of
from tests.factories import billing as a
from tests.factories import people

LATER = a.NOW + timedelta(hours=1)


def page(user, name: str, *args, room: str = "billing", **query) -> str:
    answer = people.signed_in(user).get(reverse(f"{room}:{name}", args=args), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


# --- who has the ball ------------------------------------------------------------------------------------------------


def test_an_invoice_says_who_has_to_move_and_since_when(trusted) -> None:
    who = a.doctor()
    sent = a.submitted(who)
    today = dates.long(a.TODAY)
    assert re.search(
        rf"Nos toca a nosotros, desde el <time[^>]*>{today}</time>\.", page(who.user, "invoice", sent.folio)
    )
    services.accept_invoice(invoice=sent, by=people.reviewer(), at=LATER)
    a.batch(who, [sent])
    assert "Tu pago está en camino, desde el" in page(who.user, "invoice", sent.folio)


def test_a_complement_in_review_is_ours_to_move_and_nobody_is_reminded_of_it(trusted) -> None:
    who = a.doctor()
    invoice = a.paid(who)
    assert "Subir complemento" in page(who.user, "invoice", invoice.folio)
    due = invoice.complement_due_on
    TrustedCertificate.objects.all().delete()
    made = a.hand_in(who, [invoice])
    assert made.state == "in_review"
    said = page(who.user, "invoice", invoice.folio)
    assert "Nos toca a nosotros: revisamos tu complemento" in said and "Subir complemento" not in said
    assert "Nos falta tu complemento" not in page(who.user, "home")
    assert not Invoice.objects.overdue(on=due + timedelta(days=30)).exists()
    assert not ComplementDue.objects.to_remind(on=due + timedelta(days=30)).exists()
    assert calendars.remind(due=invoice.complement_due, on=due + timedelta(days=30), at=a.NOW) is False
    services.decide_complement(complement=made, accept=False, reason="Otro", by=people.reviewer(), at=LATER)
    assert ComplementDue.objects.to_remind(on=due + timedelta(days=30)).get().invoice == invoice
    assert calendars.remind(due=invoice.complement_due, on=due + timedelta(days=30), at=a.NOW) is True


# --- the reviewer ----------------------------------------------------------------------------------------------------


def test_n14_a_decision_leads_to_the_next_invoice_that_waits_and_the_last_one_to_the_queue(trusted) -> None:
    who, other = a.doctor(), a.doctor()
    first, second, third = a.submitted(who), a.submitted(other), a.submitted(who)
    desk = people.signed_in(people.reviewer())

    def decide(name: str, invoice: Invoice, **data) -> str:
        told = {"idempotency_key": uuid.uuid4().hex, **data}
        return desk.post(reverse(f"billing:{name}", args=[invoice.folio]), told)["Location"]

    after = [reverse("billing:review", args=[one.folio]) for one in (second, third)]
    assert decide("accept", first) == after[0]
    assert decide("give_back", second, reasons=["illegible_pdf"]) == after[1]
    assert decide("accept", third) == queues.INVOICES.list_address


@pytest.mark.django_db
def test_the_desk_finds_invoices_by_physician_account_and_patient_and_by_day() -> None:
    who = a.doctor()
    draft = a.draft(who)
    order = draft.lines.get().order
    Invoice.objects.filter(pk=draft.pk).update(
        state="submitted",
        folio="FA-2020-009999",
        submitted_at=a.NOW,
        submitted_by=who.user,
        review_due_on=a.TODAY,
        review_due_rule=a.REVIEW_RULE,
    )
    desk = people.reviewer()
    day = f"{a.TODAY:%Y-%m-%d}"
    for asked in (
        {"buscar": who.party.name[:5].lower()},
        {"buscar": who.party.rfc[:8]},
        {"buscar": order.account},
        {"buscar": "nunez  pena"},
        {"buscar": "NÚÑEZ"},
        {"desde": day, "hasta": day},
        {"estado": "submitted", "buscar": "FA-2020-0099"},
    ):
        assert "FA-2020-009999" in page(desk, "reviews", **asked), asked
    for asked in ({"buscar": "nadie"}, {"hasta": f"{a.TODAY - timedelta(days=1):%Y-%m-%d}"}):
        assert "FA-2020-009999" not in page(desk, "reviews", **asked), asked
    assert order.account in page(desk, "desk_orders", buscar=who.party.rfc)


@pytest.mark.django_db
def test_a_list_adds_up_what_its_filters_leave() -> None:
    who = a.doctor()
    a.bare(who)
    a.bare(
        who,
        base=Decimal("500.00"),
        withheld_isr=Decimal("50.00"),
        total=Decimal("450.00"),
        state="returned",
        decided_at=a.NOW,
    )
    assert "$1,350.00" in page(who.user, "invoices")
    assert "$1,350.00" not in page(who.user, "invoices", estado="returned")


YOURS = re.compile(r"\b(tu|tus|te|súbel[oa]|sube|descárgal[oa]|una persona)\b", re.IGNORECASE)


def kept() -> list[tuple[str, str, str]]:
    """What a stored file of billing may carry: code, message, cure. Errors refuse, so they never reach the desk, and
    what is only said of a family's expense is never said of a physician's invoice.
    """
    told = [
        (code, one.level, one.message, one.cure) for code, one in fiscal.FINDINGS.items() if code not in OF_EXPENSES
    ]
    told += [(code, *row) for code, row in checks.FINDINGS.items()]
    return [(code, message, cure) for code, level, message, cure in told if level not in {Level.ERROR, Level.OK}]


@pytest.mark.parametrize(("code", "message", "cure"), kept())
def test_what_the_machine_tells_the_physician_is_told_to_the_reviewer_in_third_person(code, message, cure) -> None:
    (told,) = rules.for_reviewer([Finding(code, Level.REVIEW, message, cure)])
    assert not YOURS.search(told.message) and not YOURS.search(told.cure), told


# --- the regime from a day -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_s0_20_a_regime_is_told_with_the_day_it_begins_and_a_planned_one_is_shown_until_then() -> None:
    who = a.doctor()
    browser = people.signed_in(who.user)
    first = clock.today() + timedelta(days=20)
    told = {"regime": "626", "state": "", "specialty": "", "name": who.party.name, "zip_code": "44100"}

    def post(**more):
        return browser.post(reverse("billing:regime"), told | {"idempotency_key": uuid.uuid4().hex} | more)

    assert post(valid_from=f"{first:%Y-%m-%d}").status_code == 302
    assert selectors.scheme_for(who.party, on=first - timedelta(days=1)).code == "PF"
    assert selectors.scheme_for(who.party, on=first).code == "RESICO"
    said = page(who.user, "regime")
    assert "Tu cambio está programado" in said and "RESICO" in said
    early = post(regime="612", valid_from=f"{first - timedelta(days=1):%Y-%m-%d}")
    assert early.status_code == 422 and "Escribe esa fecha o una posterior" in early.content.decode()
    assert post(regime="612", valid_from=f"{first:%Y-%m-%d}").status_code == 302
    assert selectors.scheme_for(who.party, on=first).code == "PF"
    assert "Tu cambio está programado" not in page(who.user, "regime")
    far = post(valid_from=f"{clock.today() + timedelta(days=400):%Y-%m-%d}")
    assert far.status_code == 422 and "hasta con un año" in far.content.decode()
    assert post(valid_from="mañana").status_code == 422


@pytest.mark.django_db
def test_a_plan_may_not_reach_further_than_a_year() -> None:
    who = a.doctor()
    with pytest.raises(RuleBroken) as refused:
        services.set_regime(
            party=who.party,
            regime="626",
            state="",
            specialty="",
            valid_from=a.TODAY + timedelta(days=367),
            by=who.user,
            at=a.NOW,
        )
    assert refused.value.field == "valid_from"


# --- dates where the clock is ahead ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("2026-11-22T23:59:59", False),
        ("2026-11-23T00:00:01", False),
        ("2026-11-23T01:04:59", False),
        ("2026-11-23T01:06:00", True),
        ("2026-11-24T00:30:00", True),
    ],
)
def test_domain_1_1_quintana_roo_is_an_hour_ahead_and_its_invoice_after_midnight_is_not_of_the_future(
    written, refused
) -> None:
    facts = CfdiFacts("Comprobante", "x", "4.0", header={"Fecha": written})
    codes = [one.code for one in date_findings(facts, {"on": date(2026, 11, 22)})]
    assert codes == (["issued_in_future"] if refused else [])


# --- the simulator ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_n2_c1_a_rule_that_waits_is_replayed_over_the_papers_of_its_physicians_and_says_who_loses() -> None:
    """RESICO in Jalisco: the source's 2.5 % + 3 % against the statute's 1.25 % + 3 %: 1.25 % of the base apart."""
    who = a.doctor(regime="626", state="JAL")
    a.bare(
        who,
        scheme="RESICO_JAL",
        withheld_isr=Decimal("25.00"),
        withheld_local=Decimal("30.00"),
        total=Decimal("945.00"),
    )
    a.bare(a.doctor(), scheme="PF")
    waiting = next(rule for rule in rulebook.versions("withholding.RESICO_JAL_26") if not rule.active)
    told = simulate(draft_of(waiting))
    assert (told.read, told.total) == (1, Decimal("-7.50"))  # 12.50 less ISR, 20.00 more local tax
    assert told.people == [(who.party.name, Decimal("7.50"), False)]
    literal = rulebook.rule_on("withholding.RESICO_JAL", on=date(2025, 6, 1))
    parts = [{"component": "ISR", "rate": "0.012500"}, {"component": "LOCAL", "rate": "0.030000"}]
    statute = simulate(replace(draft_of(literal), value=literal.value | {"components": parts}))
    assert statute.total == Decimal("12.50")  # 1.25 % of 1,000.00
    said = page(people.administrator(), "rule", "withholding.RESICO_JAL_26", room="rulebook")
    assert "Si hubiera regido antes" in said and who.party.name in said and "Cobraría $7.50 menos" in said


def test_n2_everything_computed_by_a_rule_comes_out_the_same_when_computed_again(trusted) -> None:
    who = a.doctor(regime="612", state="JAL")
    sent = a.submitted(who, 2)
    a.draft(who)  # nothing of a draft is settled
    found = recount("withholding.PF_JAL")
    assert (found.read, found.differing) == (2, ())
    assert "ninguna cambia" in page(people.administrator(), "rule", "withholding.PF_JAL", room="rulebook")
    row = InvoiceWithholding.objects.filter(invoice=sent, component="LOCAL")
    row.update(amount=Decimal("78.01"))
    assert recount("withholding.PF_JAL").differing == (sent.folio,)
    row.update(amount=Decimal("52.00"), rate=Decimal("0.020000"))  # adds up, but no version says so
    assert recount("withholding.PF_JAL").differing == (sent.folio,)
    assert "no salen igual" in page(people.administrator(), "rule", "withholding.PF_JAL", room="rulebook")
    assert recount("rep_due_day") is None


@pytest.mark.django_db
def test_the_reviewers_menu_opens_what_waits_and_stays_marked_on_the_whole_list() -> None:
    desk = people.reviewer()
    home = page(desk, "reviews")
    assert re.search(r'<a [^>]*href="/mesa/facturas/\?estado=submitted"[^>]*aria-current="page"', home)


@pytest.mark.django_db
def test_what_is_wrong_with_a_delivery_is_said_by_the_columns_of_the_file() -> None:
    who = a.doctor()
    made = a.deliver([a.row(who), a.row(who, coaseguro=Decimal("1.00"))])
    said = page(people.reviewer(), "delivery", made.pk)
    assert "importe_a_pagar" in said and re.search(r'<th scope="row">2</th>', said)
    assert ">payable<" not in said and "desde la primera" in said
