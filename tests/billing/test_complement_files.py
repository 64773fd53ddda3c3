"""Complements one by one: each sent by itself, taken out before anybody decides, and put back (UX D5, ADR 0013)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing import selectors, services
from billing.models import Complement, ComplementDecision, Invoice
from portal import clock
from portal.errors import Conflict
from portal.fiscal.selectors import live_receipt
from portal.history.models import AuditEvent
from portal.papers.models import DraftFile, StoredFile
from tests.factories import billing as a
from tests.factories import people

from .pages import post, text, url
from .test_complements_add_up import rep
from .test_undo import in_review

pytestmark = pytest.mark.django_db
SOON = a.PAID_AT + timedelta(hours=3)


def test_what_nobody_decided_is_taken_out_and_put_back_as_one_of_its_own() -> None:
    who, invoice, complement, _again = in_review()
    told: dict[str, Any] = {"by": who.user, "at": SOON}
    for _ in range(2):
        gone = services.withdraw_complement(complement=complement, **told)
        assert (gone.state, gone.payments.filter(live=True).exists(), live_receipt(gone)) == ("withdrawn", False, None)
    assert AuditEvent.objects.filter(action="billing.complement_withdrawn").count() == 1
    assert invoice in Invoice.objects.without_complement() and not Complement.objects.to_review().exists()
    stored = StoredFile.objects.count()
    back = services.put_complement_back(complement=complement, **told)
    assert (back.state, back.uuid) == ("in_review", complement.uuid) and back != complement
    assert services.put_complement_back(complement=complement, **told) == back == selectors.standing_complement(gone)
    assert StoredFile.objects.count() == stored and Complement.objects.to_review().get() == back


def test_what_somebody_decided_is_not_taken_out() -> None:
    who, _invoice, complement, _again = in_review()
    decided = {"accept": True, "reason": "", "by": people.reviewer(), "at": SOON}
    services.decide_complement(complement=complement, **decided, undo_for=timedelta(seconds=30))
    with pytest.raises(Conflict, match="ya decidió y todavía lo puede deshacer"):
        services.withdraw_complement(complement=complement, by=who.user, at=SOON)
    services.apply_complement_decision(decision=ComplementDecision.objects.get(), at=SOON + timedelta(minutes=1))
    with pytest.raises(Conflict, match="ya tiene respuesta"):
        services.withdraw_complement(complement=complement, by=who.user, at=SOON)


def test_on_screen_each_complement_is_a_request_of_its_own_and_a_bad_one_costs_no_good_one(trusted: None) -> None:
    who = a.doctor()
    one, two = (a.accepted(who) for _ in range(2))
    a.bank_says(a.batch(who, [one, two]))
    rows = list(Invoice.objects.filter(pk__in=[one.pk, two.pk]).order_by("folio"))
    owner, deposit, files = people.signed_in(who.user), rows[0].transfer_id, [rep([row]).read() for row in rows]

    def send(name: str, content: bytes, key: str = "") -> Any:
        return post(owner, "complement", deposit, key=key, files=SimpleUploadedFile(name, content))

    page = text(owner.get(url("complement", deposit)))
    assert f'data-upload="{url("complement", deposit)}"' in page and page.count("data-upload-part") == 4
    refused = send("otro.xml", b"<?xml version='1.0'?><nada/>")
    assert refused.status_code == 422 and "data-upload-answer" in refused.content.decode()
    key = uuid.uuid4().hex
    answers = [send("uno.xml", files[0], key) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {f"{url('complement', deposit)}#guardados"}
    assert Complement.objects.count() == 1
    page = text(owner.get(url("complement", deposit)))
    assert "uno.xml" in page and "Aceptado" in page and "/quitar/" not in page and rows[1].folio in page
    assert send("dos.xml", files[1]).status_code == 302
    page = text(owner.get(url("complement", deposit)))
    assert "Este depósito ya tiene su complemento" in page and "dos.xml" in page and "data-upload=" not in page


def test_on_screen_it_is_taken_out_and_put_back_by_its_own_people_alone() -> None:
    who, invoice, complement, again = in_review()
    owner, ids = people.signed_in(who.user), (complement.transfer_id, complement.pk)
    for name, sees, lacks in (
        ("withdraw_complement", "Deshacer", "está en revisión"),
        ("put_complement_back", "está en revisión", "Deshacer"),
    ):
        key = uuid.uuid4().hex
        answers = [post(owner, name, *ids, key=key) for _ in range(2)]
        assert {answer["Location"] for answer in answers} == {f"{url('complement', ids[0])}#guardados"}
        page = text(owner.get(url("complement", ids[0])))
        assert sees in page and lacks not in page and complement.xml.display_name in page
    for other in (people.physician(), people.reviewer()):
        assert post(people.signed_in(other), "withdraw_complement", *ids).status_code in {403, 404}
    assert post(owner, "withdraw_complement", ids[0], uuid.uuid4()).status_code == 404
    services.withdraw_complement(complement=Complement.objects.to_review().get(), by=who.user, at=clock.now())
    a.hand_in(who, [invoice], xml=again)
    other = Complement.objects.to_review().get()
    Complement.objects.filter(pk=other.pk).update(uuid=str(uuid.uuid4()))  # another of the same deposit
    refused = post(owner, "put_complement_back", *ids)
    assert refused.status_code == 409 and "ya tiene un complemento en revisión" in text(refused)


def test_what_goes_to_a_reviewer_is_looked_at_once_more_changed_or_sent_once() -> None:
    """A complement whose seal nobody could check: kept, shown with what it says, taken out and back, sent (UX D5)."""
    who = a.doctor()
    invoice = a.paid(who)
    owner, deposit, content = people.signed_in(who.user), invoice.transfer_id, a.complement_xml([invoice]).read()
    check, page = url("check_complement", deposit), url("complement", deposit)

    def send(field: str) -> Any:
        return post(owner, "complement", deposit, **{field: SimpleUploadedFile("rep.xml", content)})

    assert owner.get(check)["Location"] == page, "nothing was chosen yet"
    assert send("xml")["Location"] == check and not Complement.objects.exists()
    looked = text(owner.get(check))
    told = (invoice.folio, "Folio fiscal", "rep.xml", "y deja $0.00", f'href="{page}#guardados"')
    assert all(said in looked for said in told), looked
    again = send("files")
    assert again.status_code == 409 and "espera que lo envíes" in text(again)
    for name, sees in (("remove_kept_complement", "Deshacer"), ("put_kept_complement_back", "Revisar y enviar")):
        assert post(owner, name, deposit)["Location"] == f"{page}#guardados" and sees in text(owner.get(page))
    post(owner, "remove_kept_complement", deposit)
    assert send("files")["Location"] == f"{page}#guardados" and check in text(owner.get(page))
    key = uuid.uuid4().hex
    answers = [post(owner, "check_complement", deposit, key=key)["Location"] for _ in range(2)]
    sent = Complement.objects.to_review().get()
    assert answers == [url("complement_sent", deposit, sent.pk)] * 2
    confirmed = text(owner.get(answers[0]))
    told = ("Recibimos tu complemento", sent.uuid, invoice.folio, "Te avisamos por correo", "/contacto/?folio=LP-")
    assert [said for said in told if said not in confirmed] == []
    services.withdraw_complement(complement=sent, by=who.user, at=SOON)
    assert owner.get(answers[0])["Location"] == url("payment", deposit), "a page of before says what stands"
    assert not DraftFile.objects.exists() and owner.get(check)["Location"] == page


def test_a_complement_whose_deposit_has_one_meanwhile_is_not_sent_and_says_why() -> None:
    who = a.doctor()
    invoice = a.paid(who)
    owner, deposit, xml = people.signed_in(who.user), invoice.transfer_id, a.complement_xml([invoice])
    assert post(owner, "complement", deposit, xml=SimpleUploadedFile("rep.xml", xml.read())).status_code == 302
    a.hand_in(who, [invoice])
    refused = post(owner, "check_complement", deposit)
    assert refused.status_code == 409 and "ya tiene un complemento en revisión" in text(refused)
    assert Complement.objects.count() == 1 and "rep.xml" in text(refused)
