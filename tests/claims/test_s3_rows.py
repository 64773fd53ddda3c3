"""Rows S3.1-S3.37 on real pages: those that no other file has; and each row has a test by its name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from claims import services
from portal.notices import mail
from portal.notices.models import Notice
from tests.factories import billing, people
from tests.factories import claims as a
from tests.pages import once
from tests.papers import makers
from tests.sources import ROOT

pytestmark = pytest.mark.django_db
ROWS = range(1, 38)


def test_every_row_of_s3_has_a_test_with_its_number_in_the_name() -> None:
    named = set[int]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M):
            named |= {int(number) for number in re.findall(r"s3_(\d+)(?!\d)", name, re.I)}
    assert set(ROWS) <= named, sorted(set(ROWS) - named)


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def test_the_door_asks_address_and_password_and_leads_to_recovery_registration_and_contact_s3_1() -> None:
    shown = page(Client(), "/entrar/")
    assert {name for name in ("identifier", "password") if f'name="{name}"' in shown} == {"identifier", "password"}
    doors = {"/recuperar/": "Recuperar acceso", "/registro/": "Registrarme", "/contacto/": "Contacto"}
    for address, words in doors.items():
        assert re.search(rf'href="{address}"[^>]*>{words}', shown), address


def test_an_insured_person_gets_a_secret_by_mail_chooses_a_password_and_changes_it_s3_6_s3_10_c6() -> None:
    user = a.a_family().user
    client = Client()
    assert client.post("/recuperar/", once() | {"identifier": user.email}).status_code == 200
    secret = mail.opened(Notice.objects.get(user=user, kind="recover"))["secret"]
    entered = client.post("/entrar/", once() | {"identifier": user.email, "password": secret})
    assert entered["Location"] == "/entrar/elegir-contrasena/", "it opens nothing else (C6)"
    chosen = "una frase que nadie adivina"
    assert client.post(entered["Location"], once() | {"password": chosen}).status_code == 302
    client.post("/entrar/", once() | {"identifier": user.email, "password": chosen})
    told = {"current": "otra", "password": "un tren pasa a las nueve"}
    assert client.post("/cuenta/contrasena/", once() | told).status_code == 422, "the current one is asked"
    assert client.post("/cuenta/contrasena/", once() | told | {"current": chosen}).status_code == 302
    notices = Notice.objects.filter(user=user, kind="password_changed")
    assert notices.exists() and chosen not in "".join(one.body for one in notices)


def test_an_xml_keeps_the_name_its_provider_gave_it_and_no_sign_is_refused_s3_22_s3_23_c7() -> None:
    billing.trust()
    family = a.a_family()
    claim, name = a.a_draft(family), "Fáctura Ñu & Cía. #1 ($%).xml"
    upload = a.upload(name, a.xml(family.titular, faults=["pue"]))
    kept = services.add_file(claim=claim, upload=upload, document="invoice_xml", by=family.user, at=a.AT)
    assert (kept.file.original_name, kept.file.came_as) == (name, "")
    odd = services.add_file(
        claim=claim, upload=a.upload("informe<final>.pdf", makers.pdf()), document="other", by=family.user, at=a.AT
    )
    shown = page(people.signed_in(family.user), f"/tramites/borradores/{claim.pk}/documentos/")
    assert "ctura" in shown and odd.file.display_name == "informe_final_.pdf"
    assert "informe_final_.pdf" in shown and "guardado como «informe&lt;final&gt;.pdf»" in shown, "in one line (C7)"


def test_home_leads_to_detail_and_both_lists_have_their_filters_s3_29_s3_30_s3_31() -> None:
    family = a.a_family()
    mine = a.bare(family)
    client = people.signed_in(family.user)
    home = page(client, "/inicio/")
    assert "Trámites actuales" in home and f"/tramites/{mine.folio}/" in home
    under_way = page(client, "/tramites/")
    assert "/tramites/historial/" in under_way
    for label in ("Tipo de trámite", "Folio o persona afectada", "Estado"):
        assert label in under_way, label
    over = a.bare(family, state="withdrawn", affected=family.child)
    for asked, there in ((over.folio, True), ("Leo", True), ("Fernanda", False)):
        assert (over.folio in page(client, f"/tramites/historial/?buscar={asked}").split("<main")[1]) is there, asked
