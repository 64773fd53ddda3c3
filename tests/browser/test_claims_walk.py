"""A claim from its draft to the bank and on, at the telephone, everybody at a browser of their own (12.9, steps 2-10).

Twelve files and a session that ends, two things asked for, decided in part, looked at twice, paid, complemented,
raised on appeal; a small one by the published rules; a surgery's letter. `test_claims_story` is how a family comes in.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from config.demo import samples
from tests.browser import papers, paying
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.person import Person
from tests.papers import makers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME, RFC, POLICY = "Renata Olmos Vidal", "OOVR800309JK5", "GC-00900-01"
TELEPHONE: Any = {"width": 390, "height": 844}
CLABE = "012180098765499915"
ILLNESS, HOSPITAL = "Fractura de cadera", "Clínica del Sol Poniente"
ISSUER = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}
DOCUMENTS = ("claim_form", "medical_report", "official_id")
# What is claimed, and of each what is covered and why not more.
AMOUNTS = {"90000.00": ("90000.00", ""), "60000.00": ("40000.00", "above_agreed"), "2000.00": ("0.00", "not_medical")}
PAID = "$109,800.00"  # of 130,000.00 covered: less 8,000.00 of deductible, less 10 % of the rest


def test_a_claim_from_its_draft_to_the_bank_an_appeal_and_a_letter(house: House, enter: Enter) -> None:
    known = brings_family(house, policy=POLICY, name=NAME, rfc=RFC)
    family = at_the_telephone(enter())
    signs_in(family, known)
    draft = begins(family, "Padecimiento pendiente")
    brings_twelve_files(family)
    goes_on_after_the_session_ended(family, known, draft)
    registers_account(family)
    approves_account(at_the_telephone(enter("rebeca")))
    folio = sends(family, draft)
    delia, ulises = at_the_telephone(enter("delia")), at_the_telephone(enter("ulises"))
    asks_for_two_things(delia, folio)
    answers_both(family, folio)
    decides_in_part(delia, folio)
    family.go(f"/tramites/{folio}/").sees_not("Qué se decidió", PAID)
    confirms(ulises, folio, PAID)
    sees_each_line(family, folio)
    pays(house, enter, family, folio, PAID)
    complements(family, delia, ulises, folio)
    appeals(house, enter, family, delia, folio)
    a_small_one_approves_itself(family, ulises)
    a_surgery_gets_its_letter(family, at_the_telephone(enter("noemi")), delia, ulises)


def test_n18_without_a_network_nothing_typed_or_chosen_is_lost_and_one_folio_is_given(
    house: House, enter: Enter
) -> None:
    known = brings_family(house, policy="GC-00901-01", name="Sabina Ortiz Lemus", rfc="OILS800309QW7")
    family = at_the_telephone(enter())
    draft = f"/tramites/borradores/{runs(house, 'a_draft', email=known['email'])}/"
    signs_in(family, known)
    an_illness_is_kept_once_the_network_is_back(family, draft)
    the_whole_form_follows_a_field_that_is_on_its_way(family, draft)
    a_file_goes_up_once_the_network_is_back(family, draft)
    folio = is_sent_once_the_network_is_back(family, draft)
    told = house.rows(
        "SELECT folio FROM claims_claim WHERE filed_by_id = (SELECT id FROM people_user WHERE email = %s)",
        known["email"],
    )
    assert told == [(folio,)]


def test_the_desk_decides_without_javascript(house: House, enter: Enter) -> None:
    known = brings_family(house, policy="GC-00902-01", name="Tania Uribe Mora", rfc="UIMT800309RTA")
    folio = runs(house, "a_draft", email=known["email"], sent=True)
    delia = enter("delia", scripts=False)
    takes(delia, folio)
    registers_illness(delia)
    choose(delia, "condition", ILLNESS)
    delia.type(covered_2="1000").press("Emitir dictamen").press("Emitir dictamen", inside="main")
    delia.sees("Revisa esto para continuar").page.locator('select[name="why_2"]').select_option("above_agreed")
    delia.decide("Emitir dictamen").sees(f"Dictaminaste {folio}: cubierto en parte.")
    looks_again_if_drawn(enter("ulises", scripts=False), folio)
    family = enter(scripts=False)
    signs_in(family, known)
    family.go(f"/tramites/{folio}/").sees("Qué se decidió", "$4,500.00", "2 renglones")


# --- without a network ----------------------------------------------------------------------------------------------


def an_illness_is_kept_once_the_network_is_back(family: Person, draft: str) -> None:
    """A field: the page says what happened and keeps it by itself."""
    family.go(draft)
    said = family.page.locator("form[data-autosave] [data-draft-status]")
    family.context.set_offline(True)
    choose(family, "condition", "No lo sé")
    said.filter(has_text="Se fue la conexión").wait_for()
    assert family.faults.pop().endswith("net::ERR_INTERNET_DISCONNECTED")
    family.context.set_offline(False)
    said.filter(has_text="Guardado a las").wait_for()
    choose(family, "condition", "Padecimiento pendiente")
    family.press("Continuar")


def the_whole_form_follows_a_field_that_is_on_its_way(family: Person, draft: str) -> None:
    """One that came second would write an older answer over it."""
    page, held, sent = family.go(draft).page, list[Any](), list[Any]()

    def hold(route: Any) -> None:
        slow = "x-autosave" in route.request.headers
        (held if slow else sent).append(route)
        if not slow:
            route.continue_()

    page.route(f"**{draft}", hold)
    with page.expect_request(lambda request: "x-autosave" in request.headers):
        choose(family, "condition", "Padecimiento pendiente")
    page.get_by_role("button", name="Continuar", exact=True).click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert (len(held), sent) == (1, []), "the form waits"
    with page.expect_navigation():
        held[0].continue_()
    assert [one.request.method for one in sent] == ["POST"]
    page.unroute(f"**{draft}")


def a_file_goes_up_once_the_network_is_back(family: Person, draft: str) -> None:
    """A file: it waits in the list and goes up by itself, once."""
    family.go(f"{draft}documentos/").context.set_offline(True)
    given: Any = [{"name": "estudios.pdf", "mimeType": "text/plain", "buffer": page_of("estudios")}]
    family.page.locator('#other input[type="file"]:not([capture])').set_input_files(given)
    family.page.locator("#other [data-uploads]", has_text="Se fue la conexión").wait_for()
    assert family.faults.pop().endswith("net::ERR_INTERNET_DISCONNECTED")
    family.context.set_offline(False)
    family.page.locator("#guardados .file-row", has_text="estudios.pdf").wait_for()
    assert family.page.locator(".file-row", has_text="estudios.pdf").count() == 1


def is_sent_once_the_network_is_back(family: Person, draft: str) -> str:
    """The last button: the browser's own page says that there is no network; opened again the page is there."""
    family.go(f"{draft}revisar/").page.locator('[name="consent"]').check()
    family.context.set_offline(True)
    family.page.get_by_role("button", name="Enviar y generar folio").click()
    family.page.wait_for_url("chrome-error://**")
    family.faults.clear()
    family.context.set_offline(False)
    family.go(f"{draft}revisar/")
    return gets_folio(family)


# --- who ------------------------------------------------------------------------------------------------------------


def brings_family(house: House, **told: str) -> dict[str, str]:
    """An insurer's certificate of this walk's own."""
    found: dict[str, str] = runs(house, "a_family", **told)
    return found


def runs(house: House, what: str, **told: Any) -> Any:
    """What one of `families` answers inside the portal."""
    return house.python(f"from tests.browser import families\nanswer = families.{what}(**{told!r})")


def at_the_telephone(person: Person) -> Person:
    """A narrow screen."""
    person.page.set_viewport_size(TELEPHONE)
    return person


def signs_in(person: Person, known: dict[str, str]) -> None:
    """By the form, with the password."""
    if "/entrar/" not in person.page.url:
        person.go("/entrar/")
    person.type(identifier=known["email"], password=known["password"]).press("Entrar al portal")


# --- a draft --------------------------------------------------------------------------------------------------------


def begins(family: Person, illness: str, what: str = "") -> str:
    """Whom, under which coverage, which illness; the major coverage stands first. Gives the draft's address."""
    family.go("/tramites/nuevo/").press("Empezar")
    draft = family.page.url
    choose(family, "choice", "mayores")
    choose(family, "condition", illness)
    if what:
        family.page.get_by_label(what).check()
    family.press("Continuar")
    return draft


def choose(person: Person, field: str, words: str) -> None:
    """The first option that says these words."""
    select = person.page.locator(f'select[name="{field}"]')
    options = select.locator("option").all_inner_texts()
    select.select_option(label=next(one for one in options if words in one))


def page_of(title: str) -> bytes:
    """A page that stands for a paper of the family."""
    return samples.make_constancia_pdf(name=f"{NAME}: {title}", rfc=RFC, on=papers.today())


def invoice_of(amount: str, *, days_ago: int = 3) -> list[tuple[str, bytes]]:
    """An invoice's XML and its PDF, made out to the titular."""
    xml = samples.make_invoice(
        issuer=ISSUER,
        receiver={"rfc": RFC, "name": NAME.upper(), "zip": "06600", "regime": "605"},
        orders=[{"account": f"CUENTA-{amount}", "patient": NAME, "payable": amount}],
        components=[],
        issued_at=papers.now() - timedelta(days=days_ago),
        faults=["pue"],
    )
    return [(f"factura-{amount}.xml", xml), (f"factura-{amount}.pdf", samples.make_invoice_pdf(xml=xml))]


def drop(family: Person, slot: str, *files: tuple[str, bytes]) -> Person:
    """Files of one kind, each sent by itself."""
    given: Any = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files]
    family.page.locator(f'#{slot} input[type="file"]:not([capture])').set_input_files(given)
    return family.settled()


def brings_twelve_files(family: Person) -> None:
    """Pages, three invoices, a telephone's photograph; one comes twice and is told (S3.19-S3.24)."""
    family.sees("Antes del primer archivo")
    for box in family.page.locator('input[name^="text_"]').all():
        box.check()
    family.press("Aceptar y subir documentos")
    for slot in DOCUMENTS:
        drop(family, slot, (f"{slot}.pdf", page_of(slot)))
    for amount in AMOUNTS:
        drop(family, "invoice_xml", *invoice_of(amount))
    drop(family, "other", ("IMG_0031.HEIC", makers.photo(kind="HEIF")), ("estudios.pdf", page_of("estudios")))
    drop(family, "other", ("formato-otra-vez.pdf", page_of("claim_form")))
    family.sees("No guardamos", "ya está en este trámite como «Formato de trámite»")


def goes_on_after_the_session_ended(family: Person, known: dict[str, str], draft: str) -> None:
    """The session ends in the middle of the step; who comes in again is at the same step with the same files."""
    kept = sorted(family.page.locator("#guardados .file-row").all_inner_texts())
    family.context.clear_cookies(name=re.compile("session"))
    given: Any = [{"name": "receta.pdf", "mimeType": "text/plain", "buffer": page_of("receta")}]
    family.page.locator('#other input[type="file"]:not([capture])').set_input_files(given)
    family.page.wait_for_url(re.compile("/entrar/"))
    signs_in(family, known)
    assert family.page.url == f"{draft}documentos/", family.page.url
    assert sorted(family.page.locator("#guardados .file-row").all_inner_texts()) == kept


def registers_account(family: Person) -> None:
    """Where a family is paid: the step says that it lacks, and leads there (S3.18)."""
    family.open("Continuar").sees("Falta tu cuenta bancaria").open("Registrar mi cuenta bancaria")
    family.open("Registrar cuenta bancaria")
    closing = papers.today() - timedelta(days=20)
    told: Any = {"clabe": CLABE, "bank": "BBVA MEXICO", "holder": NAME.upper(), "rfc": RFC, "closing_on": closing}
    family.type(clabe=CLABE).upload({"statement": ("estado.pdf", samples.make_statement_pdf(**told))})
    family.press("Guardar cuenta bancaria").press("Enviar a revisión")


def approves_account(reviewer: Person) -> None:
    """A reviewer, as every account."""
    reviewer.go("/mesa/cuentas/").open_row(NAME.upper()).press("Aprobar cuenta bancaria")


def sends(family: Person, draft: str) -> str:
    """Every file's name, the tick, the folio, its receipt; a reload sends nothing twice (S3.18, S3.26, S3.27)."""
    family.go(f"{draft}revisar/").sees("IMG_0031", "estudios.pdf", "$152,000.00", NAME)
    folio = gets_folio(family)
    family.page.reload()
    family.sees(folio).waits("Descargar")
    return folio


def gets_folio(family: Person) -> str:
    """Sent, from the page on which everything is checked."""
    family.page.locator('[name="consent"]').check()
    family.press("Enviar y generar folio")
    return family.page.locator(".folio-big").inner_text()


# --- the desk -------------------------------------------------------------------------------------------------------


def takes(analyst: Person, folio: str) -> None:
    """Nobody reads a claim that they did not take."""
    analyst.go(f"/mesa/tramites/?buscar={folio}").open_row(folio).press("Tomarlo")


def asks_for_two_things(delia: Person, folio: str) -> None:
    """Both at once, each with why and what exactly (N14)."""
    takes(delia, folio)
    delia.page.locator("summary", has_text="Pedir documentos").click()
    for document, why, detail in (
        ("medical_report", "unsigned", "La segunda hoja."),
        ("prescription", "lacks", "La del bastón."),
    ):
        delia.page.locator(f'select[name="why_{document}"]').select_option(why)
        delia.type(**{f"detail_{document}": detail})
    delia.press("Pedir documentos").sees(folio)


def answers_both(family: Person, folio: str) -> None:
    """One with a file, the other with why there is none; one alone is not enough."""
    family.go("/inicio/").open_about(folio)
    if "pendientes" not in family.page.url:
        family.go(f"/tramites/{folio}/pendientes/")
    family.sees("La segunda hoja.", "La del bastón.")
    drop(family, "pedido-1", ("informe-firmado.pdf", page_of("informe firmado")))
    family.open("Revisar y enviar").sees("Falta algo para enviarlo")
    family.go(f"/tramites/{folio}/pendientes/")
    note = family.page.locator('#pedido-2 [name="note"]')
    note.fill("El bastón no lleva receta.")
    family.page.locator("#pedido-2 [data-draft-status]", has_text="Guardado a las").wait_for()
    family.open("Revisar y enviar").sees("El bastón no lleva receta.").press("Ya completé lo solicitado")
    family.sees(folio)


def decides_in_part(delia: Person, folio: str) -> None:
    """The illness first, then each line, with the catalogue's reason for what is not covered (S3.32)."""
    takes(delia, folio)
    delia.sees("El bastón no lleva receta.")
    registers_illness(delia)
    choose(delia, "condition", ILLNESS)
    for number, (covered, why) in enumerate(AMOUNTS.values(), 1):
        delia.type(**{f"covered_{number}": covered})
        delia.page.locator(f'select[name="why_{number}"]').select_option(why)
    delia.decide("Emitir dictamen").sees(f"Dictaminaste {folio}", "Espera la segunda vista")


def registers_illness(delia: Person) -> None:
    """Where it is new to the insurer: settled before anything is decided."""
    delia.sees("Primero el padecimiento")  # its form stands open, and nothing else is offered
    began = papers.today() - timedelta(days=40)
    delia.type(code="S72", name=ILLNESS, began_on=began.isoformat()).press("Registrar padecimiento")


def confirms(ulises: Person, folio: str, amount: str = "") -> None:
    """The figures that a second person reads are the ones that become final."""
    takes(ulises, folio)
    ulises.sees(amount).decide("Confirmar decisión").sees(folio)


def sees_each_line(family: Person, folio: str) -> None:
    """What is paid of each line, with a sentence, and where the sum comes from (S3.34)."""
    family.go(f"/tramites/{folio}/").sees(PAID, "Qué se decidió", "3 renglones")
    family.page.get_by_text("¿De dónde sale").first.click()


def pays(house: House, enter: Enter, family: Person, folio: str, amount: str) -> None:
    """A batch of two people and the bank's answer: the family is owed nothing any more."""
    pablo, aurora = (at_the_telephone(enter(slug)) for slug in ("pablo", "aurora"))
    batch, row = paying.prepare_and_send(pablo, aurora, folio, amount)
    assert CLABE in row.values(), row
    paying.apply_answer(pablo.go(batch), paying.answer_of(row, amount, reference=f"BNK{folio[-6:]}"), amount)
    family.go(f"/tramites/{folio}/").sees("Te pagamos", "El banco te pagó")
    assert owed(house) == [(2, 0)], "owed once, paid once"


def owed(house: House) -> list[tuple[Any, ...]]:
    """How many lines stand in what is owed to the family, and their sum."""
    return house.rows(
        "SELECT count(*), sum(l.amount) FROM treasury_ledgerline l JOIN treasury_ledgeraccount a ON a.id = l.account_id"
        " JOIN people_party p ON p.id = a.party_id WHERE p.name = %s AND a.code = 'member_payable'",
        NAME.upper(),
    )


# --- what follows ---------------------------------------------------------------------------------------------------


def complements(family: Person, delia: Person, ulises: Person, folio: str) -> str:
    """One more invoice of the same illness: a folio of its own, the deductible is used up already (S3.16)."""
    family.go(f"/tramites/{folio}/").press("Presentar un complemento").sees(ILLNESS).press("Continuar")
    for slot in ("claim_form", "medical_report", "official_id"):
        if family.page.locator(f"#{slot}").count():
            drop(family, slot, (f"{slot}-2.pdf", page_of(f"{slot} del complemento")))
    drop(family, "invoice_xml", *invoice_of("5000.00"))
    family.open("Continuar").open("Continuar")
    more = gets_folio(family)
    assert more != folio
    takes(delia, more)
    delia.sees(folio).decide("Emitir dictamen").sees(f"Dictaminaste {more}")
    looks_again_if_drawn(ulises, more)
    family.go(f"/tramites/{more}/").sees("$4,500.00", folio)
    return more


def looks_again_if_drawn(analyst: Person, folio: str) -> None:
    """One of ten folios is drawn for a second look; which ones is told by the folio itself."""
    if analyst.house.value("SELECT state FROM claims_claim WHERE folio = %s", folio) == "second_look":
        confirms(analyst, folio)


def appeals(house: House, enter: Enter, family: Person, barred: Person, folio: str) -> None:
    """Neither who decided nor who looked answers it; only the difference is owed (S3.17)."""
    family.go(f"/tramites/{folio}/").open("Apelar la decisión").press("Continuar").sees("Revisa esto para continuar")
    family.type(reasons="El precio acordado es el de mi carátula: la prótesis entra completa.").press("Continuar")
    family.open("Continuar").sees("El precio acordado", folio)
    appeal = gets_folio(family)
    barred.go(f"/mesa/tramites/{appeal}/").sees_not("Emitir dictamen")
    teresa, ursula = (an_analyst(house, enter, name) for name in ("Teresa Rubio Sanz", "Úrsula Vela Prado"))
    takes(teresa, appeal)
    teresa.sees("Por qué apela", "El precio acordado")
    teresa.type(covered_2="60000.00").page.locator('select[name="why_2"]').select_option("")
    teresa.decide("Emitir dictamen").sees(f"Dictaminaste {appeal}")
    looks_again_if_drawn(ursula, appeal)
    family.go(f"/tramites/{appeal}/").sees("$18,000.00", folio)


def an_analyst(house: House, enter: Enter, name: str) -> Person:
    """Somebody of the desk who is none of the demo's."""
    person = at_the_telephone(enter())
    cookie, session = runs(house, "an_analyst", name=name)
    person.context.add_cookies([{"name": cookie, "value": session, "url": house.address}])
    return person


def a_small_one_approves_itself(family: Person, ulises: Person) -> None:
    """By the published rules, whose reasons the page tells: the coaseguro alone is left to the family (S3.32)."""
    begins(family, ILLNESS)
    for slot in DOCUMENTS:
        drop(family, slot, (f"{slot}-3.pdf", page_of(f"{slot} de la consulta")))
    drop(family, "invoice_xml", *invoice_of("900.00"))
    family.open("Continuar").open("Continuar")
    folio = gets_folio(family)
    family.go(f"/tramites/{folio}/")
    until_judged(family, folio)
    looks_again_if_drawn(ulises, folio)
    family.go(f"/tramites/{folio}/").sees("$810.00", "Lo aprobaron las reglas publicadas.")


def until_judged(family: Person, folio: str) -> None:
    """The rules look at it each quarter of a minute; they say every reason for a person, of which there is none."""
    query = "SELECT a.because FROM claims_automaticanswer a JOIN claims_claim c ON c.id = a.claim_id WHERE c.folio = %s"
    family._waits(lambda: bool(family.house.rows(query, folio)), 120)
    assert family.house.rows(query, folio) == [([],)], family.house.log()


def a_surgery_gets_its_letter(family: Person, noemi: Person, delia: Person, ulises: Person) -> None:
    """A hospital that is not listed is the adviser's; the letter says what the family pays there, and is true."""
    begins(family, ILLNESS, what="Programar una atención que todavía no pasa")
    day = papers.today() + timedelta(days=20)
    family.page.locator('select[name="subtype"]').select_option("surgery")
    family.type(planned_on=day.isoformat(), unlisted=HOSPITAL).press("Continuar")
    for slot in ("claim_form", "medical_report", "study_results", "official_id"):
        drop(family, slot, (f"{slot}-4.pdf", page_of(f"{slot} de la cirugía")))
    family.open("Continuar").sees("Elige el hospital, o espera la respuesta de asesoría de servicio.")
    check = family.page.url
    adds_hospital(noemi)
    family.go(check).sees(HOSPITAL)
    folio = gets_folio(family)
    assert folio.startswith("PR-")
    takes(delia, folio)
    delia.type(authorised="50000.00").decide("Emitir dictamen").sees(f"Dictaminaste {folio}")
    looks_again_if_drawn(ulises, folio)
    family.go(f"/tramites/{folio}/").waits("Carta de autorización", "$50,000.00", "$5,000.00")
    reads_letter(family)


def adds_hospital(noemi: Person) -> None:
    """The adviser reads the question, adds the hospital and answers with it."""
    noemi.go("/mesa/asesoria/").open_row(NAME)
    asked = noemi.page.url
    noemi.press("Tomarlo").sees(HOSPITAL)
    noemi.open("agrégalo")
    choose(noemi, "insurer", "ASEGURADORA DEL VALLE")
    since = papers.today() - timedelta(days=90)
    noemi.type(key="H-900", name=HOSPITAL, city="Puebla", state="Puebla", since=since.isoformat())
    noemi.press("Guardar hospital").go(asked)
    choose(noemi, "hospital", HOSPITAL)
    noemi.type(answer="Ya tiene convenio: lo agregamos a tu trámite.").press("Enviar respuesta")


def reads_letter(family: Person) -> None:
    """Its QR leads to the public page, which says that it is valid and until when (N9)."""
    letter = family.page.locator("a", has_text="Carta de autorización").first.get_attribute("href")
    address = papers.qr_of(family.paper(str(letter)))
    family.go(address).sees("Documento auténtico y vigente")
