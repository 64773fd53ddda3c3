"""Help where it is needed: hard words, the folio that contact takes along, what is accessible (scorecard 28)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from portal.access import Role
from portal.design.words import WORDS, Word, words_in
from portal.help import services
from tests.factories import billing as a
from tests.factories import people
from tests.factories.people import signed_in
from tests.factories.treasury import NOW

pytestmark = pytest.mark.django_db
HARD = {"clabe", "ppd", "complemento", "folio-fiscal", "retencion", "coaseguro"}


@pytest.fixture
def world() -> SimpleNamespace:
    a.trust()
    who = a.doctor()
    (order,) = a.orders(who, 1)
    return SimpleNamespace(user=who.user, order=order, invoice=a.submitted(who, of=[order]))


def opened(page: Any) -> dict[str, str]:
    """The hard words that a page opens in its place, with their paragraphs."""
    found = html.fromstring(page.content).xpath("//section[contains(@class,'hard-words')]//details")
    return {one.findtext("summary"): " ".join(one.find("p").text_content().split()) for one in found}


def test_each_hard_word_on_a_page_opens_its_paragraph_in_place(world) -> None:
    doctor, desk = signed_in(world.user), signed_in(people.reviewer())
    pages = {
        reverse("billing:order", args=[world.order.pk]): {"coaseguro", "retencion"},
        reverse("billing:invoice", args=[world.invoice.folio]): {"folio-fiscal", "retencion"},
        reverse("people:account"): set(),
        "/cuenta/bancaria/": {"clabe"},
        reverse("listing:search"): {"folio-fiscal"},
    }
    for page, expected in pages.items():
        told = opened(doctor.get(page, follow=True))
        assert {WORDS[slug].label for slug in expected} <= set(told), page
        assert all(WORDS[slug].text in told[WORDS[slug].label] for slug in expected)
    assert "Folio fiscal" in opened(desk.get(reverse("billing:complements")))
    assert set(WORDS) == HARD


def test_a_word_is_found_where_it_is_read_and_not_inside_an_address() -> None:
    found = lambda text: [word.slug for word in words_in(text)]  # noqa: E731
    assert found('<p>Sube tu COMPLEMENTO y la Retención</p><a href="/clabe/">banco</a>') == ["complemento", "retencion"]
    assert found("<p>apply PPDS</p><p>xclabe</p>") == ["ppd"]
    assert found('<p>Referencia: <span class="folio">0DMP-PPDS</span></p>') == []
    assert found("") == []
    assert Word("x", "X", "a.c", "").seen.search("<p>abc") is None


def test_contact_knows_the_folio_of_the_page_and_the_desk_is_led_to_it(world) -> None:
    folio = world.invoice.folio
    page = html.fromstring(signed_in(world.user).get(reverse("billing:invoice", args=[folio])).content)
    (contact,) = page.xpath("//footer//a[starts-with(@href,'/contacto/')]/@href")
    assert contact == f"/contacto/?folio={folio}"
    form = signed_in(world.user).get(contact).context["form"]
    assert form["subject_folio"].value() == folio
    home = html.fromstring(signed_in(world.user).get(reverse("people:account")).content)
    assert home.xpath("//footer//a[starts-with(@href,'/contacto/')]/@href") == ["/contacto/"]

    def about(subject: str, by: Any) -> str:
        message = services.leave_message(
            kind="question", name="Ana", email="a@ejemplo.mx", subject_folio=subject, body="¿Y?", by=world.user, at=NOW
        )
        shown = html.fromstring(signed_in(by).get(reverse("help:message", args=[message.folio])).content)
        return str((shown.xpath("//main//h2//a/@href") or [""])[0])

    assert about(folio, world.user) == reverse("billing:invoice", args=[folio])
    both = people.user_with_role(Role.SUPPORT)
    assert about(folio, both) == ""  # support has no page of an invoice: no link that ends in 404
    assert about("mi factura", both) == ""
    people.Grant.objects.create(
        user=both, party=people.the_operator(), role=people.Role.REVIEWER, since=people.LONG_AGO
    )
    both.__dict__.pop("live_grants", None)
    assert about(folio, both) == reverse("billing:review", args=[folio])


def test_what_is_accessible_is_told_to_anybody_from_every_page(client) -> None:
    page = client.get("/accesibilidad/")
    assert page.status_code == 200 and "WCAG 2.2" in page.content.decode()
    assert b'href="/accesibilidad/"' in client.get("/ayuda/").content
