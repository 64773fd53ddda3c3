"""An approver enrols a passkey, signs in with it alone, and goes from the mail to a yes on a phone (AU-08, AU-09).

A virtual authenticator is the finger.
"""

from __future__ import annotations

import re
import time
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.person import Person
from tests.factories.threads import LONG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PHONE = {"width": 390, "height": 844}
ASKED = "Un lote de pagos espera tu autorización"
# A batch of two, of whom one changed their bank account since their last deposit and its 72 hours are over.
BATCH = """
import itertools, time
from django.db.models import F
from portal import clock
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount, Payable
from tests.factories import billing as a, people, treasury as situations
people._numbers = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
a._number = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
changed, usual = a.doctor(), a.doctor()
a.paid(changed)
situations.validated(usual, a.NOW)
change = situations.validated(changed, a.PAID_AT)
BankAccount.objects.filter(pk=change.pk).update(usable_from=F("decided_at"))
owed = [str(a.accepted(who).pk) for who in (changed, usual)]
batch = treasury.prepare_batch(
    payables=Payable.objects.filter(subject_id__in=owed), by=people.preparer(), at=clock.now()
)
leaving = batch.transfers.get(account=change)
answer = [str(batch.pk), leaving.last4, str(batch.total - leaving.amount)]
"""
ADDRESS, PASSWORD = "gabriel@ejemplo.mx", "la lluvia cae despacio sobre el patio"


def test_an_approver_enrols_a_passkey_and_signs_in_with_it_alone(house: House, enter: Enter) -> None:
    person = enter()
    finger(person)
    choose_a_password(house, person, ADDRESS, PASSWORD)
    person.go("/entrar/").type(identifier=ADDRESS, password=PASSWORD).press("Entrar al portal")
    person.is_at("/cuenta/seguridad/").sees("Falta tu llave de acceso")
    person.go("/mesa/pagos/").is_at("/cuenta/seguridad/")
    person.open("Agregar huella o llave")
    if "confirmar" in person.page.url:
        person.type(password=PASSWORD).press("Confirmar contraseña")
    person.type(name="Huella de mi portátil").press("Agregar llave").sees("rescate")
    person.go("/mesa/pagos/").is_at("/mesa/pagos/")
    sign_out(person)
    person.go("/entrar/").press("Entrar con huella o llave").is_at("/mesa/")
    factor = (
        "SELECT details->>'factor' FROM history_auditevent WHERE action = 'people.signed_in' ORDER BY id DESC LIMIT 1"
    )
    assert house.value(factor) == "passkey"
    sign_out(person)
    from_the_mail_to_a_yes_on_a_phone(house, person)


def from_the_mail_to_a_yes_on_a_phone(house: House, person: Person) -> None:
    """A changed account is seen first, its transfer taken out, the total that is left typed and authorised."""
    pk, last4, left = house.python(BATCH)
    person.page.set_viewport_size(PHONE)
    the_mail_about(person, f"/mesa/pagos/{pk}/")
    # Who made the batch here does not know at which port the portal of this test is.
    link = person.page.locator("main a", has_text=f"/mesa/pagos/{pk}/").first.get_attribute("href")
    person.go(urlsplit(str(link)).path).press("Entrar con huella o llave").is_at("/mesa/pagos/…/")
    person.sees("Qué mirar primero", "Cambió de cuenta bancaria: su último depósito fue a la que termina en")
    leaving = person.page.locator("tr", has_text=f"•••• {last4}")
    person._follow(leaving.get_by_role("link", name="Quitar del lote").click)
    person.type(reason="Nadie confirmó el cambio.").press("Quitar del lote").is_at("/mesa/pagos/…/")
    person.sees("Salió del lote", "Nadie confirmó el cambio.").sees_not("Cambió de cuenta bancaria")
    person.type(total=left).decide("Autorizar este total").sees("el lote quedó cerrado con el folio LP-")
    stands = "SELECT state, total, count FROM treasury_paymentbatch WHERE id = %s"
    assert house.rows(stands, pk) == [("approved", Decimal(left), 1)]
    back = "SELECT p.state, p.reason FROM treasury_payable p JOIN treasury_transferitem i ON i.payable_id = p.id "
    taken_out = "JOIN treasury_transfer t ON t.id = i.transfer_id WHERE t.batch_id = %s AND t.state = 'withdrawn'"
    assert house.rows(back + taken_out, pk) == [("open", "Nadie confirmó el cambio.")]


def the_mail_about(person: Person, path: str) -> None:
    """Open the mail to this approver that leads there: others ask for batches that were authorised since."""
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        rows = person.go("/_demo/buzon/").page.locator("tr", has_text=ASKED).filter(has_text=ADDRESS)
        for href in rows.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
            if path in person.fetch(href).decode():
                person.go(href)
                return
        time.sleep(0.3)
    raise AssertionError(f"no mail leads to {path}")


def finger(person: Person) -> None:
    """A platform authenticator that always says yes, in this browser only."""
    session = person.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def choose_a_password(house: House, person: Person, address: str, password: str) -> None:
    """Recovery gives a one-time secret by mail; it opens one page, where the lasting password is chosen (AU-01)."""
    person.go("/recuperar/").type(identifier=address)
    person._follow(person.page.locator("main form button[type=submit]").first.click)
    person.mail("Tu clave de un solo uso para entrar a Cauce", address)
    secret = re.search(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b", person.text)
    assert secret, person.text
    person.go("/entrar/").type(identifier=address, password=secret[0]).press("Entrar al portal")
    person.is_at("/entrar/elegir-contrasena/").type(password=password)
    person._follow(person.page.locator("main form button[type=submit]").first.click)


def sign_out(person: Person) -> None:
    """Leave by the menu of the account."""
    person.go("/cuenta/")
    with person.page.expect_navigation():
        person.page.locator('form[action="/salir/"]').first.evaluate("form => form.requestSubmit()")
