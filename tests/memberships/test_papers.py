"""A person's papers: card, the operator's constancia and the IMSS's own; who gets them, and which one is void."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.desk import subjects
from memberships import services
from memberships.models import ImssConstancia, Member, Membership
from portal import clock, ids
from portal.errors import Conflict
from portal.notices.models import Enclosure, Notice
from portal.once.rules import FIELD
from portal.papers.models import StoredFile
from portal.papers.registry import standing_of
from portal.papers.rendering import html_of
from portal.papers.rules import Standing
from tests.factories import people
from tests.memberships.test_views import a_family, account
from tests.papers import makers

pytestmark = pytest.mark.django_db


def stay(family: Membership, name: str) -> Member:
    rows = Member.objects.select_related("person__party", "card", "constancia", "membership")
    return rows.get(membership=family, person__given_name=name)


def post(client: Any, page: str, member: Member, **sent: Any) -> Any:
    return client.post(reverse(page, args=[member.pk]), {FIELD: f"k-{ids.uuid7()}", **sent})


def issued(name: str, *, words: str = "Constancia de") -> SimpleUploadedFile:
    """A PDF of the IMSS that names somebody."""
    return SimpleUploadedFile("imss.pdf", makers.pdf(f"{words} {name}"), content_type="application/pdf")


def test_a_card_and_our_constancia_say_no_identifier_and_whose_they_are_C16_C17a() -> None:
    family = a_family()
    for name in ("Fernanda", "Leo"):
        one = stay(family, name)
        assert one.card is not None and one.constancia is not None
        assert one.card.party == one.constancia.party == one.person.party, "2.12: what is of one person is theirs"
        told = {"folio", "plan", "name", "kinship"}
        assert set(one.card.context) == told | {"barcode"}
        assert set(one.constancia.context) == told | {"operator", "since_on"}
        said = html_of(one.constancia)
        assert "expide solo el IMSS" in " ".join(said.split()) and one.person.as_printed in said
        assert "Nacimiento" not in html_of(one.card)
    whole = subjects.whole(subjects.rows_of(family.folio))
    assert {one.card_id for one in whole if isinstance(one, Member)} == {one.card_id for one in family.members.all()}, (
        "an auditor's file of the folio has everybody's papers"
    )


def test_the_imss_s_own_pdf_follows_by_mail_to_whoever_may_see_it_that_day_AC_05_S1_5() -> None:
    family, clerk = a_family(), people.affiliator()
    users = {name: account(family, name) for name in ("Fernanda", "Elena")}
    desk, sees = people.signed_in(clerk), {name: people.signed_in(one) for name, one in users.items()}
    for name, readers in (("Leo", {"Fernanda"}), ("Elena", {"Elena"})):
        one = stay(family, name)
        got = post(desk, "memberships:imss_constancia", one, file=issued(f"{name} Luna"))
        assert got.status_code == 302, got.context["imss"].errors
        kept = ImssConstancia.objects.get(person=one.person)
        told = Notice.objects.filter(kind="memberships/imss_constancia", key__endswith=str(kept.pk))
        assert {str(row.user) for row in told} == {str(users[reader]) for reader in readers}, name
        assert set(Enclosure.objects.filter(notice__in=told).values_list("file", flat=True)) == {kept.file_id}
        paper = reverse("papers:download", args=[kept.file_id])
        found = {reader for reader, client in sees.items() if client.get(paper).status_code == 200}
        assert found == readers and desk.get(paper).status_code == 200
        for role, status in (("collector", 404), ("auditor", 200)):
            at_desk = people.signed_in(getattr(people, role)())
            assert at_desk.get(paper).status_code == status, "CURP and NSS are masked for collections"
            shown = at_desk.get(reverse("memberships:member_papers", args=[one.pk])).content.decode()
            assert (paper in shown) == (status == 200)
        assert people.signed_in(people.member()).get(paper).status_code == 404
        page = sees[min(readers)].get(reverse("memberships:person", args=[one.person_id])).content.decode()
        assert paper in page and reverse("papers:picture", args=[one.card_id]) in page
        assert paper in desk.get(reverse("memberships:member_papers", args=[one.pk])).content.decode()
    leo = stay(family, "Leo")
    assert post(desk, "memberships:imss_constancia", leo, file=issued("Leo Luna")).status_code == 302
    assert ImssConstancia.objects.filter(person=leo.person).count() == 1, "the same bytes are one"
    wrong = post(desk, "memberships:imss_constancia", leo, file=issued("Rosa Pérez"))
    assert wrong.status_code == 422 and "no dice el nombre" in wrong.content.decode()
    assert StoredFile.objects.filter(purpose="imss_constancia").count() == 2, "nothing of it is kept"
    assert post(desk, "memberships:imss_constancia", leo, file=issued("Leo Luna", words="Otra de")).status_code == 302
    assert ImssConstancia.objects.get(person=leo.person, replaced_at=None).file.sha256 != kept.file.sha256
    older = post(desk, "memberships:imss_constancia", leo, file=issued("Leo Luna"))
    assert older.status_code == 409 and "más nuevo" in older.content.decode()


def test_what_the_desk_has_before_the_first_payment_goes_with_the_welcome_C16() -> None:
    family = a_family()
    Membership.objects.filter(pk=family.pk).update(state="awaiting_payment")
    user, leo = account(family, "Fernanda"), stay(family, "Leo")
    desk = people.signed_in(people.affiliator())
    assert post(desk, "memberships:imss_constancia", leo, file=issued("Leo Luna")).status_code == 302
    assert not Notice.objects.filter(kind="memberships/imss_constancia").exists()
    family.changes.all().update(undone_at=clock.now())
    family.refresh_from_db()
    services.receive_payment(
        membership=family,
        amount=family.plan.prices.get().amount,
        value_on=clock.today(),
        source=leo.person,
        means="bank",
        by=None,
        at=clock.now(),
    )
    went = Enclosure.objects.filter(notice__user=user, notice__kind="memberships/activated")
    kept = ImssConstancia.objects.get()
    assert kept.file_id in set(went.values_list("file", flat=True))


def test_a_card_issued_anew_voids_the_one_before_and_twice_is_once() -> None:
    family, desk = a_family(), people.signed_in(people.affiliator())
    user, leo = account(family, "Fernanda"), stay(family, "Leo")
    address, sent = reverse("memberships:reissue_card", args=[leo.pk]), {FIELD: "one-card-only", "reason": "La perdió."}
    assert "¿Cambiar la credencial" in desk.post(address, {**sent, "ask": "1"}).content.decode()
    assert desk.post(address, {**sent, FIELD: "no-reason-here", "reason": ""}).status_code == 422
    assert {desk.post(address, sent).status_code for _twice in range(2)} == {302}
    now, old = stay(family, "Leo"), leo.card
    assert old is not None and now.card is not None and now.card != old
    old.refresh_from_db()
    assert (standing_of(old), standing_of(now.card)) == (Standing.VOIDED, Standing.IN_FORCE)
    notice = Notice.objects.get(user=user, kind="memberships/member_papers")
    assert notice.enclosures.get().document_id == now.card_id and "Leo" not in notice.title + notice.body
    services.end_member(member=now, by=user, at=clock.now())
    late = post(desk, "memberships:imss_constancia", now, file=issued("Leo Luna"))
    assert late.status_code == 409 and "ya no es de la familia" in late.content.decode()
    assert not StoredFile.objects.filter(purpose="imss_constancia").exists()
    with pytest.raises(Conflict, match="no tiene una credencial"):
        services.reissue_card(member=now, reason="Otra", by=people.affiliator(), at=clock.now())
    for other in (user, people.member()):
        assert people.signed_in(other).post(address, sent).status_code in {403, 404}
    assert (
        reverse("memberships:imss_constancia", args=[now.pk])
        not in desk.get(reverse("memberships:member_papers", args=[now.pk])).content.decode()
    ), "who left gets no more papers"
