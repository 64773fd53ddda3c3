"""What is to be typed is true today: the scheme in force, the amount of an order, every datum of a complement."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import selectors, services
from billing.models import Invoice
from billing.selectors import assistant, deposits
from billing.services import invoices
from config.demo import samples
from config.demo.uploads import upload_of
from portal.errors import Conflict
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.rulebook import selectors as rulebook
from portal.rulebook import services as rules_services
from portal.rulebook.rules import draft_of
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
LATER = a.NOW + timedelta(hours=1)


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def page(who, name: str, *args, **query) -> str:
    return text(people.signed_in(who.user).get(reverse(f"billing:{name}", args=args), query))


def change_regime(who, regime: str, *, state: str = "", at=LATER) -> None:
    services.set_regime(
        party=who.party, regime=regime, state=state, specialty="", valid_from=a.TODAY, by=who.user, at=at
    )


# --- the scheme of today ---------------------------------------------------------------------------------------------


def test_a_draft_without_xml_follows_a_change_of_regime_and_says_what_it_was_before(db) -> None:
    who = a.doctor()
    draft = a.draft(who)
    change_regime(who, "626")
    draft.refresh_from_db()
    assert (draft.scheme, draft.total) == ("RESICO", Decimal("1283.75"))
    assert draft.withholdings.get().rule_code == "withholding.RESICO"
    said = page(who, "draft", draft.pk)
    assert "Cambió tu retención" in said and "$1,170.00" in said and "$1,283.75" in said and "0.012500" in said
    assert "$1,283.75" in page(who, "invoices")
    change_regime(who, "612", at=LATER + timedelta(minutes=1))  # back again: nothing is different from the beginning
    assert "Cambió tu retención" not in page(who, "draft", draft.pk)


def test_what_an_xml_fixed_does_not_follow_a_change_of_regime(trusted) -> None:
    who = a.doctor()
    draft = a.with_files(who)
    change_regime(who, "626")
    services.follow_scheme(invoice=draft, by=who.user, at=LATER)
    draft.refresh_from_db()
    assert (draft.scheme, draft.total) == ("PF", Decimal("1170.00"))
    assert "Cambió tu retención" not in page(who, "draft", draft.pk)


def test_telling_the_same_regime_again_changes_no_draft_and_records_nothing_of_it() -> None:
    who = a.doctor()
    draft = a.draft(who)
    services.set_regime(
        party=who.party, regime="612", state="", specialty="Pediatría", valid_from=a.TODAY, by=who.user, at=LATER
    )
    assert not AuditEvent.objects.filter(action="billing.draft_followed").exists()
    draft.refresh_from_db()
    assert (draft.scheme, draft.total) == ("PF", Decimal("1170.00"))


def test_a_regime_that_changes_while_the_xml_is_examined_keeps_nothing_of_it(trusted, monkeypatch) -> None:
    who = a.doctor()
    draft = a.draft(who)
    xml, _pdf = a.files(draft)
    keep = invoices.keep_files

    def later(**said):
        change_regime(who, "626")
        keep(**said)

    monkeypatch.setattr(invoices, "keep_files", later)
    with pytest.raises(Conflict, match="Sube otra vez el XML"):
        services.attach_files(invoice=draft, xml=xml, pdf=None, by=who.user, at=LATER)
    draft.refresh_from_db()
    assert (draft.xml_id, draft.uuid, draft.scheme) == (None, "", "RESICO")


def dearer(on):
    """Publish 20 % for PF from a day on, as the administrator would."""
    now = rulebook.rule_on("withholding.PF", on=on)
    draft = replace(
        draft_of(now), value=now.value | {"components": [{"component": "ISR", "rate": "0.200000"}]}, valid_from=on
    )
    return rules_services.publish_rule(
        draft=draft, seen_version=now.version, reason="Reforma de prueba", by=people.administrator(), at=a.NOW
    )


def test_n2_a_rule_changed_since_the_draft_began_shows_at_once_and_its_version_stays_with_the_xml(
    trusted,
) -> None:
    """The code is the same, PF; only its version and rate are others."""
    who = a.doctor()
    draft = a.draft(who)
    assert draft.withholdings.get().rule_version == 1
    dearer(a.TODAY)
    said = page(who, "draft", draft.pk)
    assert "Cambió tu retención" in said and "$1,040.00" in said and "0.200000" in said
    xml = samples.make_invoice(
        issuer={"rfc": who.party.rfc, "name": who.party.name, "regime": "612"},
        receiver={
            "rfc": draft.insurer.rfc,
            "name": draft.insurer.name,
            "zip": draft.insurer.zip_code,
            "regime": draft.insurer.fiscal_regime,
        },
        orders=a.expectation(draft)["orders"],
        components=[{"component": "ISR", "rate": "0.200000"}],
        issued_at=a.NOW - timedelta(hours=1),
    )
    services.attach_files(invoice=draft, xml=upload_of("f.xml", xml), pdf=None, by=who.user, at=a.NOW)
    draft.refresh_from_db()
    kept = draft.withholdings.get()
    assert (draft.total, kept.rate, kept.rule_version) == (Decimal("1040.00"), Decimal("0.200000"), 2)
    assert draft.explanation["rules"][0]["version"] == 2


# --- what an order comes to ------------------------------------------------------------------------------------------


def test_s0_14_an_order_shows_the_amount_to_invoice_after_its_withholding_with_its_rule(db) -> None:
    who = a.doctor(regime="612", state="JAL")
    order = a.orders(who)[0]
    said = page(who, "order", order.pk)
    for word in ("Cuánto facturar hoy", "$1,300.00", "$130.00", "$39.00", "$1,131.00", "S0.22", "De dónde sale"):
        assert word in said, word
    a.draft(who, of=[order])
    assert "Cuánto facturar hoy" not in page(who, "order", order.pk)
    untold = a.doctor(regime="")
    assert "Cuánto facturar hoy" not in page(untold, "order", a.orders(untold)[0].pk)


def test_s0_15_what_orders_come_to_is_rounded_order_by_order(db) -> None:
    who = a.doctor(regime="626")
    now = assistant.to_invoice(who.party, [Decimal("100.40")] * 3, on=a.TODAY)
    assert (now.withheld.base, now.withheld.amount_of("ISR")) == (Decimal("301.20"), Decimal("3.78"))  # 1.255 → 1.26
    assert now.withheld.payable == Decimal("297.42")
    assert assistant.to_invoice(who.party, [], on=a.TODAY) is None


# --- what a complement must say --------------------------------------------------------------------------------------


def test_n11_every_datum_that_the_complement_is_held_to_stands_on_the_page(trusted) -> None:
    """A REP made of nothing but what the page shows is accepted by the machine."""
    who = a.doctor(regime="612", state="JAL")
    paid = a.paid(who)
    said = page(who, "complement", paid.transfer_id)
    for word in (
        "CP01 Pagos",
        paid.insurer.name,
        paid.insurer.zip_code,
        "601 General de Ley",
        "84111506",
        "XXX",
        paid.uuid,
        ">1131.00<",
        ">1300.00<",
        ">130.00<",
        "0.100000",
        "03 Transferencia",
    ):
        assert word in said, word
    made = _only_what_is_said(who, paid)
    assert a.hand_in(who, [paid], xml=upload_of("rep.xml", made)).state == "accepted"


def _only_what_is_said(who, paid) -> bytes:
    """A REP of a paid invoice, made of the data of its page."""
    link = selectors.next_link(paid)
    return samples.make_complement(
        issuer={"rfc": who.party.rfc, "name": who.party.name, "regime": "612"},
        receiver={
            "rfc": paid.insurer.rfc,
            "name": paid.insurer.name,
            "zip": paid.insurer.zip_code,
            "regime": paid.insurer.fiscal_regime,
        },
        payments=[
            {
                "paid_on": paid.paid_on,
                "amount": paid.transfer.amount,
                "documents": [
                    {
                        "uuid": link.uuid,
                        "number": link.number,
                        "balance_before": link.balance_before,
                        "paid": link.paid,
                        "balance_after": link.balance_after,
                        "base": link.base,
                        "components": [{"component": "ISR", "rate": link.isr_rate}],
                    }
                ],
            }
        ],
        issued_at=a.PAID_AT + timedelta(hours=1),
    )


def test_n11_a_share_of_an_invoice_carries_its_share_of_base_and_isr(db) -> None:
    who = a.doctor()
    invoice = a.bare(who, paid_on=a.TODAY, complement_due_on=a.TODAY)
    link = selectors.next_link(invoice)
    assert (link.number, link.base, link.isr, link.balance_before) == (
        1,
        Decimal("1000.00"),
        Decimal("100.00"),
        Decimal("900.00"),
    )
    assert link.isr_rate == ""  # made by hand, without its rule row
    rows = dict((label, value) for label, value, _ in deposits._taxes([link]))
    assert rows == {"ISR retenido (001)": "100.00", "IVA exento (002), base": "1000.00"}


def test_a_deposit_gives_what_a_bank_asks_to_find_it(trusted) -> None:
    who = a.doctor()
    paid = a.paid(who)
    said = page(who, "payment", paid.transfer_id)
    assert paid.transfer.tracking in said and paid.transfer.batch.folio in said and "Clave de rastreo" in said
    assert paid.folio in page(who, "payments", buscar=paid.transfer.tracking[:12])


@pytest.mark.parametrize(
    ("days", "said", "unsaid"),
    [
        (0, "a más tardar el", "vencido"),
        (-1, "cuanto antes: se esperaba el", "a más tardar el"),
    ],
)
def test_the_day_a_complement_is_due_still_counts_and_the_next_is_late(db, days, said, unsaid) -> None:
    from portal import clock

    who = a.doctor()
    due = clock.today() + timedelta(days=days)
    invoice = a.bare(who, paid_on=a.TODAY, complement_due_on=due)
    shown = page(who, "payment", invoice.transfer_id)
    assert said in shown and unsaid not in shown.split("<main")[1]
    assert ("Vencido" in page(who, "home")) is (days < 0)


def test_a_mail_about_a_complement_names_its_invoices(trusted) -> None:
    who = a.doctor()
    one, two = a.accepted(who), a.accepted(who)
    a.bank_says(a.batch(who, [one, two]))
    a.hand_in(who, [Invoice.objects.get(pk=one.pk), Invoice.objects.get(pk=two.pk)])
    mail = Notice.objects.get(user=who.user, kind="billing/complement_accepted")
    assert one.folio in mail.title and two.folio in mail.title
    paid = Notice.objects.filter(user=who.user, key__startswith="paid:")
    assert paid.count() == 1 and not Notice.objects.filter(kind="treasury/paid").exists()  # one payment, one mail
