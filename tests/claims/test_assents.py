"""An adult with an own account says «sí» to a claim filed for them, or does not (section 2, S3.12, S3.18, AC-05)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims import selectors, services
from claims.models import Assent, Claim, ClaimInvoice
from claims.services.assents import MOST_ASKED
from config.demo.samples import make_constancia_pdf
from memberships import selectors as memberships
from memberships.models import CoveredPerson, Member, MemberCoverage
from portal.errors import Conflict, RuleBroken, TooMany
from portal.notices.models import Notice
from portal.people import services as accounts
from portal.people.models import Consent, User
from portal.people.selectors import latest_text
from tests.factories import claims as a
from tests.factories import people
from tests.pages import once

pytestmark = pytest.mark.django_db


def a_couple() -> tuple[SimpleNamespace, User]:
    """A family whose second adult has an own account."""
    family = a.a_family()
    return family, people.member(party=family.adult.party)


def filed_for(family: SimpleNamespace, person: CoveredPerson) -> Claim:
    """The titular's draft for somebody of theirs, its first step answered."""
    claim, major = a.a_draft(family), family.plan.coverages.get(kind="major")
    told = {"choice": f"{person.pk}:{major.pk}", "condition": None, "pending": True}
    return services.change_claim(claim=claim, **told, by=family.user, at=a.AT)


def told_to(user: User) -> list[str]:
    rows = Notice.objects.filter(user=user, kind__startswith="claims/assent").order_by("pk")
    return [one.kind.removeprefix("claims/assent_") for one in rows]


def lacks(claim: Claim) -> list[str]:
    return [one.name for one in selectors.lacks_of(claim, at=a.AT)]


def test_filing_for_an_adult_with_an_account_waits_for_their_yes_on_the_pages_s3_12_ac_05() -> None:
    family, spouse = a_couple()
    claim = filed_for(family, family.adult)
    filer, theirs = people.signed_in(family.user), people.signed_in(spouse)
    page, asked = f"/tramites/borradores/{claim.pk}/documentos/", Assent.objects.get()
    assert told_to(spouse) == ["asked"]
    assert "Falta su «sí»" in filer.get(page).content.decode()
    pdf = SimpleUploadedFile("a.pdf", make_constancia_pdf(name="a", rfc="X", on=a.ON))
    refused = filer.post(page.replace("documentos/", "archivos/other/"), once() | {"files": pdf})
    assert (refused.status_code, "Espera el «sí»" in refused.content.decode()) == (422, True)
    assert "consent.sensitive-data" in lacks(claim)
    assert (
        f"Falta el «sí» de {family.adult.as_printed}"
        in filer.get(page.replace("documentos", "revisar")).content.decode()
    )
    own = f"/tramites/permisos/{asked.pk}/"
    assert own in theirs.get("/tramites/").content.decode() and own in theirs.get("/inicio/").content.decode()
    assert theirs.post(own, once()).status_code == 422, "never ticked beforehand"
    assert theirs.post(own, once() | {"consent": "on"}).status_code == 302
    kept = Consent.objects.get(user=spouse, text__kind="sensitive-data")
    assert (kept.owner, kept.proof) == (family.plan.party, "assent")
    assert told_to(family.user) == ["given"]
    assert "consent.sensitive-data" not in lacks(claim)
    assert "Facturas: XML y PDF" in filer.get(page).content.decode()
    assert "¿Retirar tu «sí»?" in theirs.post(f"{own}retirar/", once() | {"ask": "retirar"}).content.decode()
    assert theirs.post(f"{own}retirar/", once()).status_code == 302
    assert told_to(family.user) == ["given", "ended"]
    assert "Pedir su «sí»" in filer.get(page).content.decode()
    assert filer.post(page.replace("documentos", "permiso"), once()).status_code == 302
    assert told_to(spouse) == ["asked", "asked"]
    assert "Este permiso terminó" in theirs.get(own).content.decode()
    for stranger in (people.signed_in(family.user), people.signed_in(people.member())):
        assert {stranger.get(own).status_code, stranger.post(f"{own}retirar/", once()).status_code} == {404}


@pytest.mark.parametrize("who", ["titular", "child", "adult"])
def test_nobody_else_is_asked_whoever_has_no_account_signs_the_form(who: str) -> None:
    family = a.a_family()
    claim = filed_for(family, getattr(family, who))
    assert not selectors.needs_assent(claim, on=a.ON)
    assert (Assent.objects.count(), lacks(claim).count("consent.sensitive-data")) == (0, 0)


def test_a_yes_is_given_once_ended_once_and_goes_with_whom_the_draft_is_of() -> None:
    family, spouse = a_couple()
    claim = filed_for(family, family.adult)
    text, told = selectors.text_of(claim), {"by": spouse, "at": a.AT}
    assert text is not None
    asked = Assent.objects.get()
    assert services.ask_assent(claim=claim, by=family.user, at=a.AT) == asked, "one that is open stays"
    first = services.give_assent(assent=asked, text=text, **told)
    assert services.give_assent(assent=asked, text=text, **told).given_at == first.given_at
    major = family.plan.coverages.get(kind="major")
    change: dict[str, Any] = {"claim": claim, "condition": None, "pending": True, "by": family.user, "at": a.AT}
    services.change_claim(choice=f"{family.child.pk}:{major.pk}", **change)
    for act in (
        lambda: services.end_assent(assent=asked, **told),
        lambda: services.give_assent(assent=asked, text=text, **told),
    ):
        with pytest.raises(Conflict, match="ya terminó"):
            act()
    back = services.change_claim(choice=f"{family.adult.pk}:{major.pk}", **change)
    assert Assent.objects.open().get().given_at is None, "asked anew"
    services.discard_claim(claim=back, by=family.user, at=a.AT)
    with pytest.raises(Conflict, match="terminó"):
        services.ask_assent(claim=back, by=family.user, at=a.AT)


def test_a_new_text_or_a_consent_taken_back_asks_for_the_yes_again_pr_01() -> None:
    family, spouse = a_couple()
    claim = filed_for(family, family.adult)
    text = selectors.text_of(claim)
    assert text is not None
    given = services.give_assent(assent=Assent.objects.get(), text=text, by=spouse, at=a.AT)
    newer = accounts.publish_consent_text(kind=text.kind, body="Otro.", by=None, at=a.AT, owner=family.plan.party)
    assert (latest_text(text.kind), latest_text(text.kind, family.plan.party)) == (text, newer)
    assert selectors.waits_for_assent(claim, on=a.ON)
    again = services.ask_assent(claim=claim, by=family.user, at=a.AT)
    assert again is not None and again != given
    with pytest.raises(RuleBroken, match="cambió"):
        services.give_assent(assent=again, text=text, by=spouse, at=a.AT)
    newer.to = family.plan.party
    services.give_assent(assent=again, text=newer, by=spouse, at=a.AT)
    assert not selectors.waits_for_assent(claim, on=a.ON)
    accounts.withdraw_consent(by=spouse, consent=Consent.objects.get(user=spouse, text=newer), at=a.AT)
    assert selectors.waits_for_assent(claim, on=a.ON) and not selectors.sees_all_of(family.user, claim, on=a.ON)


def test_a_whole_draft_waits_where_the_adult_opens_an_account_and_is_sent_with_their_yes() -> None:
    family = a.a_family()
    claim = a.a_whole_draft(family, affected=family.adult)
    spouse = people.member(party=family.adult.party)
    told: dict[str, Any] = {"claim": claim, "consented": True, "by": family.user, "at": a.AT}
    with pytest.raises(RuleBroken, match="Falta el «sí»"):
        services.submit_claim(**told)
    filer, page = people.signed_in(family.user), f"/tramites/borradores/{claim.pk}/"
    name = selectors.files_of(claim)[0].file.display_name
    for step in ("documentos", "revisar"):
        assert name not in filer.get(f"{page}{step}/").content.decode(), "of an adult with an account nothing is shown"
    by_api = filer.get(f"/api/v1/tramites/borradores/{claim.pk}/").json()
    assert [by_api[one] for one in ("files", "invoices", "condition")] == [[], [], ""]
    asked = services.ask_assent(claim=claim, by=family.user, at=a.AT)
    text = selectors.text_of(claim)
    assert asked is not None and text is not None
    services.give_assent(assent=asked, text=text, by=spouse, at=a.AT)
    sent = services.submit_claim(**told)
    assert services.end_assent(assent=asked, by=spouse, at=a.AT).ended_at
    assert "Pedir su «sí»" in filer.get(f"/tramites/{sent.folio}/").content.decode()
    assert filer.post(f"{page}permiso/", once())["Location"] == f"/tramites/{sent.folio}/"


def test_texts_are_accepted_whole_and_stand_where_no_version_does() -> None:
    family = a.a_family()
    claim, insurer = a.a_draft(family), family.plan.party
    Consent.objects.filter(user=family.user, proof="claim").update(owner=None)  # to another, or to nobody named
    told: dict[str, Any] = {"claim": claim, "by": family.user, "at": a.AT}
    owed = selectors.lacking_consents(claim, on=a.ON)
    assert [(one.kind, one.to) for one in owed] == [("insurer-privacy", insurer), ("sensitive-data", insurer)]
    with pytest.raises(RuleBroken, match="Falta aceptar"):
        services.accept_texts(texts=owed[:1], **told)
    services.accept_texts(texts=owed, **told)
    assert selectors.lacking_consents(claim, on=a.ON) == []
    services.load_shipped_texts(at=a.AT)
    assert selectors.lacking_consents(claim, on=a.ON) == []
    own = accounts.publish_consent_text(kind="insurer-privacy", body="El nuestro.", by=None, at=a.AT, owner=insurer)
    accounts.publish_consent_text(
        kind="sensitive-data", body="De otra.", by=None, at=a.AT, owner=people.an_insurer(name="OTRA")
    )
    assert selectors.lacking_consents(claim, on=a.ON) == [own], (
        "an insurer's own version is asked of its families alone"
    )
    given = Consent.objects.get(user=family.user, text__kind="sensitive-data", owner=insurer, withdrawn_at=None)
    accounts.withdraw_consent(by=family.user, consent=given, at=a.AT)
    assert {one.kind for one in selectors.lacking_consents(claim, on=a.ON)} == {"insurer-privacy", "sensitive-data"}
    assert "consent.sensitive-data" in lacks(claim)


def test_who_left_the_policy_asks_for_what_was_spent_while_they_were_in_it() -> None:
    family = a.a_family()
    left = a.ON - timedelta(days=30)
    Member.objects.filter(person=family.titular).update(until=left)
    MemberCoverage.objects.filter(member__person=family.titular).update(until=left)
    claim, before = filed_for(family, family.child), left - timedelta(days=1)
    for on, theirs in ((before, True), (left, False), (a.ON, False)):
        assert memberships.files_expense_of(family.user, family.child, on) is theirs, on
    for document in a.DOCUMENTS:
        a.a_file(claim, document)
    late = a.an_invoice(claim, "10.00", on=left)
    sending: dict[str, Any] = {"claim": claim, "consented": True, "by": family.user, "at": a.AT}
    with pytest.raises(RuleBroken, match="ya no estaba en tu póliza contigo"):
        services.submit_claim(**sending)
    upload = a.upload("f.xml", a.xml(family.child))
    with pytest.raises(RuleBroken) as refused:
        services.add_file(claim=claim, upload=upload, document="invoice_xml", by=family.user, at=a.AT)
    assert refused.value.code == "expense_of_another_titular"
    ClaimInvoice.objects.filter(pk=late.pk).update(issued_on=before)
    sent = services.submit_claim(**sending)
    assert selectors.sees_all_of(family.user, sent, on=a.ON), "what they filed for a child they read"


def test_a_no_is_not_asked_again_by_itself_and_nobody_is_asked_without_end() -> None:
    family, spouse = a_couple()
    claim = filed_for(family, family.adult)
    services.end_assent(assent=Assent.objects.get(), by=spouse, at=a.AT)
    major = family.plan.coverages.get(kind="major")
    told: dict[str, Any] = {"choice": f"{family.adult.pk}:{major.pk}", "condition": None, "by": family.user, "at": a.AT}
    services.change_claim(claim=claim, pending=False, **told)
    assert told_to(spouse) == ["asked"], "a field that is saved asks nobody who said no"
    for _time in range(MOST_ASKED - 1):
        services.end_assent(assent=services.ask_assent(claim=claim, by=family.user, at=a.AT), by=spouse, at=a.AT)
    with pytest.raises(TooMany):
        services.ask_assent(claim=claim, by=family.user, at=a.AT)
    assert len(told_to(spouse)) == MOST_ASKED


def test_what_was_withdrawn_asks_for_nobodys_yes_any_more() -> None:
    family = a.a_family()
    claim = a.sent(family, "100.00", affected=family.adult)
    spouse = people.member(party=family.adult.party)
    services.ask_assent(claim=claim, by=family.user, at=a.AT)
    asked = selectors.asked_of(spouse).get()
    services.withdraw_claim(claim=claim, by=family.user, at=a.AT)
    assert not selectors.asked_of(spouse).exists()
    with pytest.raises(Conflict):
        services.give_assent(assent=asked, text=selectors.text_of(claim), by=spouse, at=a.AT)
