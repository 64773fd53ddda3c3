"""Several complements of one transfer: each is judged by itself, together they cover it (N11, ADR 0013)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from billing import selectors, services
from billing.models import Complement, ComplementDue, Invoice
from billing.services import complements
from config.demo.scenes import billing as billing_scene
from config.demo.uploads import upload_of
from portal.calendars import tasks
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt, TrustedCertificate
from portal.notices.models import Notice
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
LATER = a.PAID_AT + timedelta(hours=5)


def deposit(who: Any, number: int) -> list[Invoice]:
    """Invoices that one transfer paid."""
    invoices = [a.accepted(who) for _ in range(number)]
    a.bank_says(a.batch(who, invoices))
    return fresh(invoices)


def fresh(invoices: Sequence[Invoice]) -> list[Invoice]:
    return list(
        Invoice.objects.filter(pk__in=[one.pk for one in invoices]).select_related("transfer").order_by("folio")
    )


def rep(invoices: Sequence[Invoice], *, amount: Any = None, paid_on: Any = None, twice: bool = False) -> Any:
    """A REP of exactly these invoices; its Monto is what it pays of them unless another one is given."""
    rows = fresh(invoices)
    documents = [billing_scene.document_of(row) for row in rows]
    told = {
        "paid_on": paid_on or rows[0].paid_on,
        "amount": amount or sum(row.total for row in rows),
        "documents": documents,
    }
    return upload_of(
        "complemento.xml", billing_scene.complement_with(rows[0], told, issued_at=a.PAID_AT + timedelta(hours=1))
    )


def hand_in(who: Any, invoices: Sequence[Invoice], **told: Any) -> Complement:
    return a.hand_in(who, invoices, xml=rep(invoices, **told))


def states(invoices: Sequence[Invoice]) -> list[str]:
    return [row.payment_state for row in fresh(invoices)]


def page(who: Any, name: str, *args: Any) -> str:
    answer = people.signed_in(who.user).get(reverse(f"billing:{name}", args=args))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_one_complement_an_invoice_and_the_transfer_is_done_when_they_cover_it(trusted) -> None:
    who = a.doctor()
    one, two = deposit(who, 2)
    first = hand_in(who, [one])
    assert first.state == "accepted" and states([one, two]) == ["closed", "complement_due"]
    assert selectors.handed_in(one.transfer) == one.total
    mail = Notice.objects.get(user=who.user, kind="billing/complement_accepted")
    assert f"todavía falta el de {two.folio}" in mail.body
    shown = page(who, "payment", one.transfer_id)
    for said in (
        "Falta parte del complemento",
        "Lo que falta de tu complemento",
        f'Paga <span class="folio">{one.folio}',
    ):
        assert said in shown, said
    form = page(who, "complement", one.transfer_id)
    assert f'falta el de <span class="folio">{two.folio}' in form and one.uuid not in form and two.uuid in form
    assert f"<strong>{two.total}</strong>" in form  # Monto: what is left, not the whole deposit
    assert [row.invoice.folio for row in ComplementDue.objects.to_remind(on=two.complement_due.next_reminder_on)] == [
        two.folio
    ]
    late = rep([two])
    second = hand_in(who, [two])
    assert second.state == "accepted" and states([one, two]) == ["closed", "closed"]
    assert "No tienes que hacer nada más" in Notice.objects.filter(kind="billing/complement_accepted").latest("pk").body
    assert "Completo" in page(who, "payment", one.transfer_id)
    assert TaxReceipt.objects.live().filter(use="complement").count() == 2
    with pytest.raises(Conflict) as refused:
        a.hand_in(who, [two], xml=late)
    assert refused.value.code == "complement_present"


def test_one_for_two_invoices_and_another_for_the_third(trusted) -> None:
    who = a.doctor()
    one, two, three = deposit(who, 3)
    assert hand_in(who, [one, three]).state == "accepted"
    assert states([one, two, three]) == ["closed", "complement_due", "closed"]
    assert hand_in(who, [two]).state == "accepted"
    assert states([one, two, three]) == ["closed"] * 3


def test_no_invoice_of_the_transfer_is_paid_by_two_complements(trusted) -> None:
    who = a.doctor()
    one, two = deposit(who, 2)
    late, again = rep([one, two]), rep([one])
    hand_in(who, [one])
    for file in (late, again):
        with pytest.raises(services.FileRefused) as refused:
            a.hand_in(who, [one, two], xml=file)
        assert "document_unknown" in {finding.code for finding in refused.value.findings}
    assert Complement.objects.count() == 1 and states([one, two]) == ["closed", "complement_due"]


def test_a_complement_says_what_it_pays_and_no_more(trusted) -> None:
    who = a.doctor()
    one, two = deposit(who, 2)
    for amount in (one.total + two.total, one.total + 1, one.total - 1):
        with pytest.raises(RuleBroken):
            hand_in(who, [one], amount=amount)
    assert not Complement.objects.exists() and states([one, two]) == ["complement_due"] * 2


def test_while_one_is_in_review_the_other_is_still_asked_for(trusted) -> None:
    who, desk = a.doctor(), people.reviewer()
    one, two = deposit(who, 2)
    TrustedCertificate.objects.all().delete()
    waits = hand_in(who, [one])
    assert waits.state == "in_review"
    assert list(Invoice.objects.without_complement()) == [two]
    assert "Nos toca a nosotros" in page(who, "invoice", one.folio)
    assert "Subir complemento" in page(who, "invoice", two.folio)
    assert "Subir complemento" in page(who, "payment", one.transfer_id)
    late = rep([two])
    second = hand_in(who, [two])
    with pytest.raises(Conflict, match="en revisión"):
        a.hand_in(who, [two], xml=late)
    services.decide_complement(complement=second, accept=True, reason="", by=desk, at=LATER)
    assert states([one, two]) == ["complement_due", "closed"]
    services.decide_complement(complement=waits, accept=False, reason="No se comprueba", by=desk, at=LATER)
    assert list(Invoice.objects.without_complement()) == [one]
    assert hand_in(who, [one]).state == "in_review"


def test_a_cancelled_one_opens_its_own_invoices_alone(trusted) -> None:
    who = a.doctor()
    one, two, three = deposit(who, 3)
    first = hand_in(who, [one, two])
    hand_in(who, [three])
    services.cancel_complement(complement=first, reason="Lo dice el SAT", by=people.reviewer(), at=LATER)
    assert states([one, two, three]) == ["complement_due", "complement_due", "closed"]
    assert tasks.remind() == 2
    assert hand_in(who, [two]).state == "accepted"
    assert states([one, two, three]) == ["complement_due", "closed", "closed"]


def test_each_of_several_is_asked_to_be_cancelled_when_the_deposit_comes_back(trusted) -> None:
    who = a.doctor()
    one, two, three = deposit(who, 3)
    hand_in(who, [one, two])
    TrustedCertificate.objects.all().delete()
    hand_in(who, [three])
    a.bank_returns(one.transfer.batch)
    assert set(Complement.objects.values_list("state", flat=True)) == {"to_cancel"}
    assert states([one, two, three]) == ["payable"] * 3
    assert Notice.objects.filter(user=who.user, kind="billing/complement_to_cancel").count() == 2


def test_a_date_one_banking_day_beside_waits_for_a_person_who_sees_both(trusted) -> None:
    who = a.doctor()
    (one,) = deposit(who, 1)
    beside = one.paid_on - timedelta(days=1)
    issued = Invoice.objects.filter(pk=one.pk)
    issued.update(issued_on=beside - timedelta(days=3))
    complement = hand_in(who, [one], paid_on=beside)
    assert complement.state == "in_review"
    assert [finding["code"] for finding in complement.findings] == ["paid_on_beside"]
    desk = people.reviewer()
    answer = people.signed_in(desk).get(reverse("billing:complement_review", args=[complement.pk]))
    shown = answer.content.decode()
    assert "hay un día bancario entre las dos" in shown
    assert "¿De dónde sale este pago?" in shown and "¿De dónde sale la fecha en que se esperaba?" in shown
    services.decide_complement(complement=complement, accept=True, reason="", by=desk, at=LATER)
    assert states([one]) == ["closed"]


def test_two_at_once_for_different_invoices_both_stand_and_for_the_same_one_the_second_is_told() -> None:
    rows = [{"uuid": name, "total": "1.00"} for name in "ab"]
    said = [{"uuid": "B"}]
    assert not complements._moved(rows, rows, lambda: said)
    assert not complements._moved(rows, rows[1:], lambda: said)  # the other one was handed in meanwhile
    assert complements._moved(rows, rows[:1], lambda: said)  # this one was
    assert complements._moved(rows, [{**rows[0], "total": "2.00"}, rows[1]], lambda: said)
    assert complements._moved([], rows, lambda: said)
