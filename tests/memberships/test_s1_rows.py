"""Rows S1.1-S1.26 on real pages: those that no other file has; and each row has a test by its name."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from memberships import services
from memberships.models import ImssSource, ReferenceScheme
from memberships.rules import imss
from portal import clock
from portal.notices.models import Notice
from tests.factories import memberships as a
from tests.factories import people
from tests.memberships.test_views import a_family, account, of
from tests.sources import ROOT

ROWS = range(1, 27)
PHONE, MAIL = "800 250 3300", "contacto@prosesol.org"
STORES = "7-Eleven|Walmart|Superama|Bodega Aurrera|Farmacias del Ahorro|Extra|Benavides|Waldo's|Círculo K"
BANKS = "Banamex|Banorte|BBVA|Santander|Banco Azteca|HSBC"


def test_every_row_of_S1_has_a_test_with_its_number_in_the_name() -> None:
    named = set[int]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M):
            for first, last in re.findall(r"s1_(\d+)(?:_to_(\d+))?(?!\d)", name, re.I):
                named |= set(range(int(first), int(last or first) + 1))
    assert set(ROWS) <= named, sorted(set(ROWS) - named)


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
def test_the_phone_and_mail_for_appointments_and_doubts_stand_once_and_are_on_each_page_S1_4_S1_23_S1_25() -> None:
    a.a_plan()
    anybody, titular = people.signed_in(None), people.signed_in(account(a_family(), "Fernanda"))
    pages = [(anybody, "offered"), (anybody, "pay"), (titular, "home")]
    for client, name in pages:
        shown = page(client, reverse(f"memberships:{name}"))
        assert PHONE in shown and f"mailto:{MAIL}" in shown and "en toda la república" in shown, name
    assert "¿Dudas con tu RFC?" in page(anybody, reverse("memberships:pay"))
    clerk = people.affiliator()
    for code, value in (("contact_phone", "55 1234 5678"), ("contact_mail", "hola@ejemplo.mx")):
        source = ImssSource.objects.get(code=code)
        services.set_imss_source(source=source, value=value, checked_on=clock.today(), by=clerk, at=clock.now())
    for client, name in pages:  # one row changed, every page
        shown = page(client, reverse(f"memberships:{name}"))
        assert "55 1234 5678" in shown and "mailto:hola@ejemplo.mx" in shown and PHONE not in shown, name


@pytest.mark.django_db
def test_afiliados_stands_on_the_public_page_and_leads_to_three_ways_to_pay_S1_19_S1_20(settings: Any) -> None:
    settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http://localhost:8099", "secreto de prueba"
    a.a_plan()
    anybody = people.signed_in(None)
    shown = page(anybody, reverse("memberships:offered"))
    assert ">Afiliados</h2>" in shown and f'href="{reverse("memberships:pay")}"' in shown
    ways = page(anybody, reverse("memberships:pay"))
    assert all(way in ways for way in ("Tienda", "Banco", "Con tarjeta de crédito o débito"))


@pytest.mark.django_db
def test_the_guide_asks_for_the_constancia_printed_and_sends_the_titular_alone_to_the_window_S1_6_S1_7_S1_11() -> None:
    family = a_family()
    titular = people.signed_in(account(family, "Fernanda"))
    for name in ("Leo", "Óscar", "Fernanda"):
        person = of(family, name)
        shown = page(titular, reverse("memberships:imss", args=[person.pk]))
        assert "Va solo quien es titular, en persona" in shown and "control de prestaciones" in shown, name
        assert "Sin Carnet, o si nunca te registraste en el IMSS, ve a la clínica (UMF) más cercana" in shown
        assert "de presentación (o «de prestación») de movimientos afiliatorios, impresa" in shown, "C16"
        assert all(label in shown for label in imss.PAPER_LABELS.values()), name
        paper = reverse("papers:document", args=[person.stays.get().constancia_id])
        assert "Imprime la constancia" in shown and f'href="{paper}"' in shown, name


def test_in_all_three_cases_what_was_printed_goes_to_the_first_visit_where_the_carnet_is_issued_S1_17() -> None:
    for path in imss.TO_WINDOW:
        told = imss.GUIDES[path].text
        assert re.search("mpr[ií]m", told) and "con los papeles" in told, path
    assert "tu Carnet" in imss.GUIDES[imss.Path.NOTHING_TO_DO].text, "S1.14"


@pytest.mark.django_db
def test_the_imss_s_own_page_and_phone_are_rows_with_the_day_last_checked_S1_12() -> None:
    family = a_family()
    titular = people.signed_in(account(family, "Fernanda"))
    assert "800 623 2323, opción 2" in page(titular, reverse("memberships:imss", args=[of(family, "Leo").pk]))
    assert ImssSource.objects.get(code="procedure").value.endswith("imss.gob.mx/tramites/imss03011")
    listed = page(people.signed_in(people.affiliator()), reverse("memberships:imss_sources"))
    assert "imss03011" in listed and "Nadie la ha revisado" in listed


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "places"), [("paynet", STORES), ("bank-base10", BANKS)], ids=["S1_21", "S1_22"])
def test_a_slip_names_where_it_is_paid_S1_21_S1_22(code: str, places: str) -> None:
    scheme = ReferenceScheme.objects.get(code=code)
    slip = services.make_slip(membership=a_family(), scheme=scheme, months=1, by=None, at=clock.now())
    shown = page(people.signed_in(None), slip.get_absolute_url()).replace("&#x27;", "'")
    for place in places.split("|"):
        assert place in shown, place
    assert slip.told_reference in shown


@pytest.mark.django_db
def test_every_payment_is_confirmed_by_one_mail_to_the_titular_alone_S1_24() -> None:
    family = a_family()
    users = {name: account(family, name) for name in ("Fernanda", "Elena")}
    told = {"membership": family, "amount": Decimal("350.00"), "source": people.a_party(), "means": "bank"}
    for _twice in range(2):
        services.receive_payment(**told, value_on=clock.today(), by=None, at=clock.now())
    (notice,) = Notice.objects.filter(user=users["Fernanda"], kind="memberships/payment_received")
    assert notice.by_mail and family.folio in notice.title and "350" not in notice.title + notice.body
    assert not Notice.objects.filter(user=users["Elena"], kind="memberships/payment_received").exists()
