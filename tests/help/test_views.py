"""Contact and guides as everybody meets them (S3.7)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import html

from portal import clock
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.design import dates
from portal.help import rules
from portal.help.models import ContactMessage
from portal.notices.models import Notice
from portal.rulebook.rules import draft_of
from portal.rulebook.selectors import rule_on
from portal.rulebook.services import publish_rule
from tests.factories.people import administrator, preparer, reviewer, signed_in, support
from tests.guards import guards_asleep
from tests.pages import once

pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "complaint",
    "name": "Ana Pérez",
    "email": "ana@ejemplo.mx",
    "subject_folio": "FA-2026-000001",
    "body": "No llega.",
}


@pytest.mark.parametrize("guide", rules.GUIDES.values(), ids=lambda guide: guide.slug)
def test_guides_are_read_without_signing_in(client, guide):
    answer = client.get(reverse("help:guide", args=[guide.slug]))
    assert answer.status_code == 200
    assert guide.title in answer.content.decode()


def test_the_index_names_every_guide_and_an_unknown_one_is_not_found(client):
    shown = client.get(reverse("help:index")).content.decode()
    assert all(guide.title in shown for guide in rules.GUIDES.values())
    assert client.get("/ayuda/nada/").status_code == 404


def test_anybody_writes_and_receives_a_folio_by_mail_s3_7(client):
    answer = client.post(reverse("help:contact"), {**TYPED, **once()}, follow=True)
    message = ContactMessage.objects.get()
    assert message.folio.startswith("QS-")
    assert message.folio in answer.content.decode()
    notice = Notice.objects.get(address="ana@ejemplo.mx")
    assert message.folio in notice.title
    office = calendars.calendar("mx-office")
    assert message.due_on == calendar_rules.due_after_business_days(office, clock.date_in(message.created_at), 10)
    assert message.due_rule.startswith("contact.answer_days v1 · ")
    assert (message.user, message.state) == (None, "open")


def test_two_clicks_of_somebody_without_a_session_give_one_folio(client):
    sent = {**TYPED, **once()}
    for _click in range(2):
        assert client.post(reverse("help:contact"), sent)["Location"] == reverse("help:sent")
    shown = client.get(reverse("help:sent")).content.decode()
    parts = (ContactMessage.objects.get().folio, "Enviado", "Te respondemos a más tardar el", "Copiar", "Escríbenos")
    assert all(said in shown for said in parts)
    other = client.post(reverse("help:contact"), {**sent, "body": "Otra cosa."})
    assert (other.status_code, ContactMessage.objects.count()) == (409, 1)


@pytest.mark.parametrize("field", sorted(TYPED))
def test_every_field_is_required(client, field):
    answer = client.post(reverse("help:contact"), {**TYPED, **once(), field: ""})
    assert answer.status_code == 422
    assert not ContactMessage.objects.exists()


def test_text_nobody_can_see_is_refused(client):
    assert client.post(reverse("help:contact"), {**TYPED, **once(), "name": "\u202eana"}).status_code == 422


def test_the_sixth_message_in_an_hour_waits(client, still_clock):
    for _ in range(5):
        assert client.post(reverse("help:contact"), {**TYPED, **once()}).status_code == 302
    answer = client.post(reverse("help:contact"), {**TYPED, **once()})
    assert answer.status_code == 429
    assert ContactMessage.objects.count() == 5


def test_the_folio_page_belongs_to_its_session(client):
    assert client.get(reverse("help:sent")).status_code == 302


def test_only_the_writer_and_the_desk_see_a_message():
    writer = preparer()
    mine = signed_in(writer)
    mine.post(reverse("help:contact"), {**TYPED, **once()})
    url = reverse("help:message", args=[ContactMessage.objects.get().folio])
    assert mine.get(url).status_code == 200
    assert signed_in(preparer()).get(url).status_code == 404
    assert signed_in(reviewer()).get(url).status_code == 404
    assert signed_in(support()).get(url).status_code == 200
    assert mine.post(url, {"answer": "yo"}).status_code == 404


def test_the_desk_answers_once_and_the_writer_is_told(client):
    client.post(reverse("help:contact"), {**TYPED, **once()})
    message = ContactMessage.objects.get()
    url, desk = reverse("help:message", args=[message.folio]), signed_in(support())
    assert desk.post(url, {"answer": "Ya salió."}).status_code == 302
    again = desk.post(url, {"answer": "Otra."})
    assert again.status_code == 422
    message.refresh_from_db()
    assert (message.state, message.answer) == ("answered", "Ya salió.")
    assert "Ya salió." in Notice.objects.get(address="ana@ejemplo.mx", kind="contact_answered").body


def test_the_day_of_the_answer_says_where_it_comes_from_as_every_figure_does(client):
    client.post(reverse("help:contact"), {**TYPED, **once()})
    message = ContactMessage.objects.get()
    shown = html.fromstring(signed_in(support()).get(reverse("help:message", args=[message.folio])).content)
    (told,) = shown.xpath("//details[@class='figure']")
    assert told.xpath("summary")[0].text == "¿De dónde sale esta fecha?"
    facts = dict(zip(*(told.xpath(f".//{tag}/text()") for tag in ("dt", "dd")), strict=True))
    assert facts["Días hábiles"] == "10"
    assert facts["Resultado"] == dates.short(message.due_on)
    told.drop_tree()
    assert "contact.answer_days" not in shown.text_content(), "a code stands where a person reads"


def test_the_longest_source_a_rule_may_have_fits_beside_the_date_it_gave(client):
    on = clock.today()
    draft = replace(draft_of(rule_on("contact.answer_days", on=on)), source="x" * 120, valid_from=on)
    publish_rule(draft=draft, reason="El acuerdo", by=administrator(), at=clock.now())
    assert client.post(reverse("help:contact"), {**TYPED, **once()}).status_code == 302
    assert ContactMessage.objects.get().due_rule.endswith("x" * 120)


def test_the_list_is_the_desks(client):
    url = reverse("help:messages")
    assert client.get(url).status_code == 302
    assert signed_in(preparer()).get(url).status_code == 403
    client.post(reverse("help:contact"), {**TYPED, **once()})
    desk = signed_in(support())
    assert ContactMessage.objects.get().folio in desk.get(url).content.decode()
    exported = b"".join(desk.get(url + "?formato=csv&estado=open")).decode()
    assert ContactMessage.objects.get().folio in exported
    assert ContactMessage.objects.get().folio not in desk.get(url + "?estado=vencido").content.decode()
    late = ContactMessage.objects.get()
    with guards_asleep(ContactMessage):
        past = clock.date_in(late.created_at) - timedelta(days=1)
        ContactMessage.objects.update(due_on=past, anchor=past, rolled_on=past)
    assert late.folio in desk.get(url + "?estado=vencido").content.decode(), "complaints whose day has passed (S3.7)"
