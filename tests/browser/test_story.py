"""The main job, end to end, as four people at four browsers (S0.2-S0.29).

A physician registers, proves a CLABE, bills two digital orders with one CFDI, is paid in a batch and hands in the
payment complement. The statement, the invoice and the complement are refused once each, mended and accepted.
"""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from tests.browser import papers, paying
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.papers import Doctor
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ELISA = Doctor("Elisa Gómez Téllez", "GOTE880315AB1", "elisa@correo.example", "06700", "012180098765432105")
VALLE = "ASEGURADORA DEL VALLE"
NET = "$2,317.50"  # 2 575.00 of two orders less 10 % ISR


def test_the_main_job_end_to_end(house: House, enter: Enter) -> None:
    physician = enter()
    register(house, physician)
    sign_in_and_say_regime(physician)
    prove_account(house, physician)
    reviewer = enter("rebeca")
    approve_account(reviewer)
    orders_arrive(house, enter)
    orders_are_imported(reviewer)
    told = bill_two_orders(house, physician)
    folio = physician.page.locator(".folio-big").inner_text()
    review_returns_then_accepts(house, physician, reviewer, folio, told)
    preparer, approver = enter("pablo"), enter("aurora")
    pay(preparer, approver, folio)
    read_payment_advice(physician, folio)
    hand_in_complement(physician, told, folio)
    books_are_whole(house)
    every_mail_is_read(enter(), folio)


# --- the physician comes in ------------------------------------------------------------------------------------------


def register(house: House, physician: Person) -> None:
    """Sign-up by RFC without any order; the link of the mail makes the account (S0.2, S0.3)."""
    physician.go("/registro/?tipo=physician")
    physician.type(rfc="gote 880315 ab1", email=ELISA.email, password=ELISA.password).press("Registrarme")
    physician.sees("Para registrarte hace falta que aceptes el aviso de privacidad.")
    physician.type(password=ELISA.password).page.get_by_label("Leí el aviso de privacidad").check()
    physician.press("Registrarme")
    assert house.value("SELECT count(*) FROM people_user WHERE email = %s", ELISA.email) == 0
    physician.mail("Confirma tu correo para entrar a Cauce", ELISA.email)
    link = physician.page.locator("main a[href*='/confirmar/']").first
    physician.go(str(link.get_attribute("href")))
    physician.press("Confirmar mi correo").sees("Tu correo quedó confirmado.")


def sign_in_and_say_regime(physician: Person) -> None:
    """The RFC is the user's name; the first thing asked is to prove it (AC-11), then the regime (S0.2, S0.28)."""
    physician.go("/entrar/").type(identifier=ELISA.rfc, password=ELISA.password).press("Entrar al portal")
    physician.is_at("/medico/").sees("Acredita que tu RFC es tuyo").go("/medico/regimen/")
    physician.press("Guardar régimen").sees("Revisa esto para continuar", "Elige tu régimen fiscal.")
    physician.type(name=ELISA.name, zip_code=ELISA.zip_code).choose("regime", "612").press("Guardar régimen")


def prove_account(house: House, physician: Person) -> None:
    """CLABE and statement are judged at once: an old one is refused with its cure, a fresh one passes (S0.4, S0.5)."""
    physician.go("/cuenta/bancaria/").open("Registrar cuenta bancaria")
    physician.type(clabe=ELISA.clabe[:-1] + "9").upload({"statement": ("estado.pdf", ELISA.statement(days_old=20))})
    physician.press("Guardar cuenta bancaria").sees("Revisa esto para continuar")
    physician.type(clabe=ELISA.clabe).upload({"statement": ("estado-viejo.pdf", ELISA.statement(days_old=190))})
    physician.press("Guardar cuenta bancaria").sees("Qué revisamos", "3 meses")
    other = ELISA.statement(days_old=20, layout="other_clabe")
    physician.type(clabe=ELISA.clabe).upload({"statement": ("estado-ajeno.pdf", other)})
    physician.press("Guardar cuenta bancaria").sees("Qué revisamos", "CLABE")
    mine = "treasury_bankaccount a JOIN people_party p ON p.id = a.party_id WHERE p.rfc = %s"
    assert house.value(f"SELECT count(*) FROM {mine}", ELISA.rfc) == 0, "a refused statement leaves nothing"
    physician.type(clabe=ELISA.clabe).upload({"statement": ("estado.pdf", ELISA.statement(days_old=20))})
    physician.press("Guardar cuenta bancaria").is_at("/cuenta/bancaria/")
    physician.press("Enviar a revisión").sees("La está revisando una persona")
    assert house.value(f"SELECT a.state FROM {mine}", ELISA.rfc) == "in_review"
    stored = house.value(f"SELECT a.clabe FROM {mine}", ELISA.rfc)
    assert ELISA.clabe not in str(stored), "the CLABE is kept encrypted"


def approve_account(reviewer: Person) -> None:
    """A reviewer compares the statement's picture with the CLABE (S0.7)."""
    reviewer.is_at("/mesa/").go("/mesa/cuentas/").open_row(ELISA.name.upper())
    a_page_is_drawn(reviewer)
    reviewer.sees(ELISA.rfc, "Fecha de corte").press("Aprobar cuenta bancaria")
    reviewer.go("/mesa/cuentas/").sees_not(ELISA.name.upper())


def a_page_is_drawn(person: Person) -> None:
    """The viewer shows the first page as a picture."""
    picture = person.page.locator(".viewer-pages img").first
    picture.scroll_into_view_if_needed()
    person.page.wait_for_function("image => image.complete && image.naturalWidth > 300", arg=picture.element_handle())


# --- orders ----------------------------------------------------------------------------------------------------------


def orders_arrive(house: House, enter: Enter) -> None:
    """The insurer's system sends two orders and one that is wrong; the same key again changes nothing (N4)."""
    token = credential(enter("adriana"))
    orders = [
        papers.order("VA-9001", ELISA, "Ángela Peña Ñáñez", "1500.00", "225.00"),
        papers.order("VA-9002", ELISA, "Martín Güemes Cruz", "1400.00", "100.00"),
    ]
    wrong = papers.order("VA-9003", ELISA, "Sin Suma", "1000.00", "100.00") | {"payable": "1000.00"}
    body = {"control": {"rows": 3, "payable": "3575.00"}, "orders": [*orders, wrong]}
    system = enter(looks=False)

    def send(key: str, data: Any, secret: str = token) -> Any:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
        return system.context.request.post("/api/v1/ordenes/", data=data, headers=headers)

    assert send("entrega-1", body, "cauce_nadie").status == 401
    first = send("entrega-1", body)
    assert first.status == 201, first.text()
    told = first.json()
    assert (told["rows"], told["accepted"], [error["row"] for error in told["errors"]]) == (3, 2, [3]), told["errors"]
    assert send("entrega-1", body).json() == told, "the same key answers the same"
    assert send("entrega-1", {**body, "orders": orders}).status == 409
    assert house.value("SELECT count(*) FROM billing_careorder WHERE physician_rfc = %s", ELISA.rfc) == 2


def credential(administrator: Person) -> str:
    """Administration gives the insurer's system a credential; its secret is shown once."""
    administrator.go("/mesa/credenciales/nueva/")
    administrator.page.locator("select[name=party]").select_option(label=VALLE)
    administrator.type(name="Sistema de órdenes", email="ordenes@valle.example", person="Berta Cano Luz")
    administrator.page.get_by_label("Enviar órdenes de atención").check()
    administrator.press("Hacer la credencial").sees("Copia la clave ahora")
    secret = re.search(r"cauce_[\w-]{40,}", administrator.text)
    assert secret, administrator.text
    administrator.go("/mesa/credenciales/").sees("Sistema de órdenes").sees_not(secret[0])
    return secret[0]


def orders_are_imported(reviewer: Person) -> None:
    """A second delivery by CSV: totals that do not match keep everything out, and are mended where they stand (N4)."""
    rows = [papers.order("VA-9010", ELISA, "Rosa Íñiguez Paz", "900.00", "0.00")]
    reviewer.go("/mesa/ordenes/importar/")
    reviewer.page.get_by_label("Aseguradora").select_option(label=VALLE)
    reviewer.type(rows="1", payable="901.00").upload({"file": ("ordenes.csv", papers.orders_csv(rows))})
    reviewer.press("Importar órdenes").sees("no coinciden", "Rosa Íñiguez Paz")
    reviewer.type(payable="900.00").press("Corregir los totales").sees("Los totales coinciden")
    reviewer.press("Aplicar").sees("Entraron todas las órdenes")
    reviewer.go("/mesa/ordenes/").sees("VA-9001", "VA-9002", "VA-9010")


# --- the invoice -----------------------------------------------------------------------------------------------------


def bill_two_orders(house: House, physician: Person) -> dict[str, Any]:
    """The assistant tells every datum; a PUE invoice is refused with its cure, the right one passes (S0.11-S0.18)."""
    physician.go("/medico/").open("Facturar").sees("VA-9001", "VA-9002", "VA-9010")
    for account in ("VA-9001", "VA-9002"):
        physician.page.get_by_label(f"Elegir {account}", exact=True).check()
    physician.sees("2 órdenes · ", "retención", "recibes")
    physician.press("Facturar las elegidas").is_at("/medico/facturas/borradores/…/")
    told = papers.read_assistant(physician)
    assert {order["account"] for order in told["orders"]} == {"VA-9001", "VA-9002"}
    assert (told["data"]["Método de pago"][:3], told["data"]["Uso del CFDI"][:3]) == ("PPD", "G03")
    physician.sees("Importe de las órdenes $2,575.00", "ISR retenido (10 %) −$257.50", f"Total de la factura {NET}")
    physician.page.get_by_text("¿De dónde sale este número?").first.click()
    physician.sees("Regla withholding.PF, versión 1 · fuente S0.20")
    hers = "SELECT count(*) FROM papers_storedfile f JOIN people_party p ON p.id = f.party_id WHERE p.rfc = %s"
    files = house.value(hers, ELISA.rfc)
    xml, pdf = papers.invoice(ELISA, told, faults=["pue"])
    physician.send_files(("factura.xml", xml), ("factura.pdf", pdf))
    physician.sees("No guardamos este archivo", "PUE", "PPD")
    assert house.value(hers, ELISA.rfc) == files + 1, "the right PDF stays, the wrong XML does not"
    xml, pdf = papers.invoice(ELISA, told)
    physician.send_files(("factura.xml", xml), ("factura.pdf", pdf))
    physician.sees("Tu factura pasa todas las reglas.", "4. Envía tu factura").sees_not("No guardamos este archivo")
    physician.press("Enviar a revisión").sees("Recibimos tu factura")
    return told


def review_returns_then_accepts(
    house: House, physician: Person, reviewer: Person, folio: str, told: dict[str, Any]
) -> None:
    """Split view with the page's picture; all reasons at once; mended; accepted (S0.20, S0.22)."""
    reviewer.go(f"/mesa/facturas/?buscar={folio}").open_row(folio)
    a_page_is_drawn(reviewer)
    reviewer.page.locator("summary", has_text="Devolver").click()
    reviewer.press("Devolver para corregir").sees("Revisa esto para continuar")
    reviewer.page.locator("details.decision-way[open] input[name=reasons]").first.check()
    reviewer.page.locator("details.decision-way[open] [name=note]").fill("La cuenta VA-9001 lleva otra descripción.")
    reviewer.press("Devolver para corregir")
    reviewer.sees(f"Devolviste {folio}")
    physician.go("/medico/").sees("corregir", folio).open_about(folio)
    if "borradores" not in physician.page.url:
        physician.open("Corregir factura")
    physician.sees("Qué hay que corregir", "La cuenta VA-9001 lleva otra descripción.")
    xml, pdf = papers.invoice(ELISA, told)
    physician.send_files(("factura-2.xml", xml), ("factura-2.pdf", pdf))
    physician.sees("Tu factura pasa todas las reglas.").press("Enviar a revisión")
    reviewer.go(f"/mesa/facturas/{folio}/").press("Aceptar factura").sees(f"Aceptaste {folio}")
    assert house.value("SELECT state FROM billing_invoice WHERE folio = %s", folio) == "accepted"


# --- the money -------------------------------------------------------------------------------------------------------


def pay(preparer: Person, approver: Person, folio: str) -> None:
    """Prepare, approve by another person, one numbered file, the bank's answer previewed and applied (S0.23)."""
    batch, row = paying.prepare_and_send(preparer, approver, folio, NET)
    assert ELISA.clabe in row.values() and "2317.50" in row.values(), row
    wrong = paying.answer_of(row, "$2,317.51", reference="BNK0000001")
    preparer.go(batch).upload({"result": ("respuesta.csv", wrong)}).press("Leer la respuesta")
    preparer.sees("Revisa esto para continuar")
    paying.apply_answer(preparer, paying.answer_of(row, NET, reference="BNK0000001"), NET)
    preparer.go(batch).sees("Pagada")


def read_payment_advice(physician: Person, folio: str) -> None:
    """The advice as PDF: total and folio inside; its QR leads to the public page that says it is valid (S0.23, N9)."""
    physician.go("/medico/pagos/").open_row(NET).waits("Descargar aviso de pago").sees(folio)
    href = physician.page.get_by_role("link", name="Descargar aviso de pago").get_attribute("href")
    pdf = physician.paper(str(href))
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert folio in text and "2,317.50" in text, text
    address = papers.qr_of(pdf)
    assert f"{physician.house.address}/verificar/" in address
    physician.go(address).sees("Documento auténtico y vigente")
    physician.upload({"archivo": ("aviso.pdf", pdf)}).press("Comparar PDF").sees("El PDF es el original")
    physician.go(address).upload({"archivo": ("aviso.pdf", pdf + b"\n%")}).press("Comparar PDF").sees(
        "El PDF fue alterado"
    )


def hand_in_complement(physician: Person, told: dict[str, Any], folio: str) -> None:
    """The chain of balances is policed: a wrong one is refused with its cure, the right one closes (S0.24-S0.26)."""
    physician.go("/medico/pagos/").open_row(NET).open("Subir complemento")
    wrong = papers.complement(ELISA, physician, told, faults=["other_balance"])
    right = papers.complement(ELISA, physician, told)
    physician.send_files(("complemento.xml", wrong)).sees("No guardamos este archivo", "saldo")
    physician.send_files(("complemento.xml", right)).sees("Este depósito ya tiene su complemento", "Aceptado")
    physician.sees_not("No guardamos este archivo", "Te toca a ti", "Arrastra aquí")
    physician.go(f"/medico/facturas/{folio}/").sees_not("Subir complemento")
    physician.go("/medico/estado-de-cuenta/").sees(f"Pagado 1 factura {NET}", "Sin complemento 0 facturas")


# --- what is left ----------------------------------------------------------------------------------------------------


def books_are_whole(house: House) -> None:
    """The physician is owed nothing, every transaction sums to zero, nobody touched the audit."""
    lines = house.rows(
        "SELECT count(*), sum(l.amount), max(l.amount) FROM treasury_ledgerline l"
        " JOIN treasury_ledgeraccount a ON a.id = l.account_id JOIN people_party p ON p.id = a.party_id"
        " WHERE p.rfc = %s",
        ELISA.rfc,
    )
    assert lines == [(2, Decimal(0), papers.amount(NET))], "owed once, paid once"
    torn = "SELECT transaction_id FROM treasury_ledgerline GROUP BY transaction_id, currency HAVING sum(amount) <> 0"
    assert house.rows(torn) == []
    states = house.rows(
        "SELECT i.state, i.payment_state FROM billing_invoice i JOIN people_party p ON p.id = i.party_id"
        " WHERE p.rfc = %s",
        ELISA.rfc,
    )
    assert states == [("accepted", "closed")]
    house.manage("audit-verify")


def every_mail_is_read(reader: Person, folio: str) -> None:
    """Each step wrote to the physician, and the mailbox shows it."""
    for subject in (
        "Tu cuenta bancaria quedó validada",
        "Llegaron 2 órdenes para facturar",
        "Llegó una orden para facturar",
        f"{folio}: recibimos tu factura",
        f"{folio}: corrige tu factura",
        f"{folio}: aceptamos tu factura",
        f"Te depositamos {NET} el",
        f"{folio}: aceptamos tu complemento de pago",
    ):
        text = reader.mail(subject, ELISA.email).text
        assert ELISA.clabe not in text and "Ángela Peña" not in text, "mails carry a folio, never data (PR-08)"
