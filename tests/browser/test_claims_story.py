"""A family's expense at the telephone: registering, an adult's «sí», papers, folio, and what each sees (S3).

With and without JavaScript the same people do the same.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from config.demo import samples
from tests.browser import papers
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POLICY, PASSWORD = "gc 00417 02", "lluvia en la sierra azul"
TELEPHONE: Any = {"width": 390, "height": 844}
ISSUER = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}


@pytest.mark.parametrize(("scripts", "who"), [(True, "Irene Solano Vega"), (False, "Abril Nava Quiroz")])
def test_a_family_registers_files_and_follows_at_the_telephone(
    house: House, enter: Enter, scripts: bool, who: str
) -> None:
    insured = at_the_telephone(enter(scripts=scripts))
    email = f"{who.split(maxsplit=1)[0].lower()}@correo.example"
    registers(house, insured, who=who, email=email)
    tobias = at_the_telephone(enter("tobias", scripts=scripts))
    if scripts:
        asks_for_a_yes(tobias, who)
        says_yes(insured)
        tobias.go(tobias.page.url).sees("Facturas: XML y PDF")
    else:
        begins(tobias, "Tobías Meza Arce")
    brings_papers(tobias, who if scripts else "Tobías Meza Arce", scripts=scripts)
    folio = sends(tobias)
    if scripts:
        sees_it_until_it_is_taken_back(tobias, insured, folio)
    assert house.value("SELECT count(*) FROM claims_claim WHERE folio = %s", folio) == 1


def at_the_telephone(person: Person) -> Person:
    """A narrow screen."""
    person.page.set_viewport_size(TELEPHONE)
    return person


def registers(house: House, person: Person, *, who: str, email: str) -> None:
    """First with a wrong name, then right: the page says the same, the mail what follows (S3.2-S3.5)."""
    born = house.value("SELECT born_on FROM memberships_coveredperson WHERE as_printed = %s", who)
    for name, subject in ((f"{who} Otra", "No encontramos un certificado"), (who.upper(), "elige tu contraseña")):
        person.go("/registro/").open("Persona asegurada").type(policy=POLICY, name=name, email=email)
        says_born(person, born)
        for box in person.page.locator('input[name^="text_"]').all():
            box.check()
        person.press("Registrarme").sees("en minutos te llega un correo")
        person.mail(subject, email)
    secret = re.search(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b", person.text)
    assert secret, person.text
    person.go("/entrar/").type(identifier=email, password=secret[0]).press("Entrar al portal")
    says_born(person.type(password=PASSWORD), born - timedelta(days=1))
    person.press("Guardar contraseña").sees("no es la fecha de nacimiento")
    says_born(person.type(password=PASSWORD), born)
    person.press("Guardar contraseña").sees("Entra con ella")
    person.go("/entrar/").type(identifier=email, password=PASSWORD).press("Entrar al portal")
    person.is_at("/inicio/").sees("Registrar trámite", "Descarga de formatos", "Red médica", "Contáctanos")


def says_born(person: Person, born: Any) -> None:
    """A day in three boxes."""
    person.type(born_on_0=str(born.day), born_on_1=str(born.month), born_on_2=str(born.year))


def begins(filer: Person, whom: str) -> None:
    """The first step: of whom, under which coverage (S3.12, S3.13)."""
    filer.go("/tramites/nuevo/").press("Empezar")
    options = filer.page.locator('select[name="choice"] option').all_inner_texts()
    filer.page.locator('select[name="choice"]').select_option(label=next(one for one in options if whom in one))
    filer.page.locator('select[name="condition"]').select_option("pending")
    filer.press("Continuar")


def asks_for_a_yes(filer: Person, whom: str) -> None:
    """An adult with an own account: nothing of theirs comes in before their «sí» (AC-05)."""
    begins(filer, whom)
    filer.sees("Falta su «sí»", whom).sees_not("Facturas: XML y PDF")


def says_yes(insured: Person) -> None:
    """Their page, from the home on."""
    insured.go("/inicio/").sees("Quieren presentar un trámite por ti").open("Decidir")
    insured.press("Dar mi «sí»").sees("marca la casilla")
    insured.page.locator('[name="consent"]').check()
    insured.press("Dar mi «sí»").sees("Diste tu «sí»")


def brings_papers(filer: Person, whom: str, *, scripts: bool) -> None:
    """What the kind asks for, one at a time; an invoice with its XML and PDF together (S3.19-S3.24)."""
    for place, slot in enumerate(("claim_form", "medical_report", "official_id")):
        paper = samples.make_constancia_pdf(
            name=f"{whom} {slot}", rfc=f"N{scripts}", on=papers.today() - timedelta(place)
        )
        drop(filer, slot, [(f"{slot}.pdf", paper)], scripts=scripts)
    xml = samples.make_invoice(
        issuer=ISSUER,
        receiver={"rfc": "XAXX010101000", "name": whom.upper(), "zip": "06600", "regime": "616"},
        orders=[{"account": f"CONSULTA-{scripts}", "patient": whom, "payable": "1160.00"}],
        components=[],
        issued_at=papers.now().replace(tzinfo=None) - timedelta(days=3),
        faults=["pue"],
    )
    drop(filer, "invoice_xml", [("AAA&1.xml", xml), ("AAA&1.pdf", samples.make_invoice_pdf(xml=xml))], scripts=scripts)
    filer.sees("$1,160.00", "AAA&1.xml")


def drop(filer: Person, slot: str, files: list[tuple[str, bytes]], *, scripts: bool) -> None:
    """Each by itself with a script, all in one form without."""
    given: Any = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files]
    filer.page.locator(f'#{slot} input[type="file"]:not([capture])').set_input_files(given)
    if scripts:
        filer.settled()
        filer.page.locator(f"#estado-{slot}", has_text="Listo").wait_for()
    else:
        filer.press("Subir", inside=f"#{slot}")


def sends(filer: Person) -> str:
    """Account, every file's name, the tick, the folio; a reload sends nothing twice (S3.18, S3.26, S3.27)."""
    filer.open("Continuar").sees("CLABE").open("Continuar").sees("AAA&1.xml", "claim_form.pdf")
    filer.page.locator('[name="consent"]').check()
    filer.press("Enviar y generar folio")
    folio = filer.page.locator(".folio-big").inner_text()
    filer.page.reload()
    filer.sees(folio)
    return folio


def sees_it_until_it_is_taken_back(filer: Person, insured: Person, folio: str) -> None:
    """Whole while the «sí» holds, then folio, state and amounts; the insured person keeps all (AC-05)."""
    filer.go(f"/tramites/{folio}/").sees("Lo que ha pasado", "claim_form.pdf")
    insured.go(f"/tramites/{folio}/").sees("Lo que ha pasado").open("Verlo o retirarlo")
    insured.decide("Retirar mi «sí»").sees("Este permiso terminó")
    filer.go(f"/tramites/{folio}/").sees(folio, "$1,160.00").sees_not("Lo que ha pasado", "claim_form.pdf")
    insured.go("/tramites/").sees(folio)
