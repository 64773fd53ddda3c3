"""A family's year at the telephone (issue 11, story H): joining, a store, a card, a bank, who is late, a birthday.

Its house is its own, for its clock moves: what a year brings would change the days of every other story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.demo import samples
from tests.browser import looks, papers
from tests.browser.conftest import Enter
from tests.browser.house import House, a_house
from tests.browser.person import Person
from tests.copies import Run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TELEPHONE: Any = {"width": 390, "height": 844}
EMAIL, PASSWORD, RFC = "fernanda.ibarra@correo.example", "lluvia en la sierra azul", "IASF850412QX7"
PARTNER = ("partner", "Raúl", "Campos", "Nieto", date(1983, 2, 9), "male")
MOTHER = ("parent", "Olga", "Soto", "Vera", date(1955, 6, 3), "female")
LATE = "julian.cota@correo.example"
D, PRICE, FEE = Decimal, Decimal("480.00"), Decimal("12.00")
CLEARED = {"store_clearing": "mx-stores", "gateway_clearing": "mx-gateway"}
OF_FAMILIES = ("dues_receivable", "member_credit", "member_payable")
DECLINED, ASKED_AND_TWICE, APPROVED = "4000000000000028", "4000000000000150", "4000000000000010"
FAMILIES = """
from memberships import services
from memberships.models import Plan, ReferenceScheme
from portal import clock
from tests.factories import memberships as a
scheme, at, answer = ReferenceScheme.objects.get(code="bank-base10"), clock.now(), []
plan = Plan.objects.get(name="FAMILIAR TOTAL")
for number in range(6):
    told = {"state": "awaiting_payment", "joined_on": clock.today()}
    family = a.bare(plan=plan, folio=f"ME-2019-00000{number}", **told)
    answer.append(services.make_slip(membership=family, scheme=scheme, months=1, by=None, at=at).reference)
"""
CONDITION = """
from memberships import services
from memberships.models import CoveredPerson
from portal import clock
son = CoveredPerson.objects.get(as_printed="Iván Campos Ibarra")
told = {"code": "J45", "name": "Asma", "began_on": clock.today()}
answer = str(services.register_condition(person=son, by=None, at=clock.now(), **told).pk)
"""


@pytest.fixture(scope="module")
def house(run: Run, django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """A portal of this story's own, with the sample gateway of cards, since its clock moves."""
    looks.remember_in(run.folder / "looked-at")
    with django_db_blocker.unblock():
        run.world  # noqa: B018 - made here, where Django is set up
    with a_house(run, name=f"{run.name}_dues", gateway=True) as running:
        yield running


def test_a_family_joins_pays_and_is_covered_for_a_year(house: House, enter: Enter) -> None:
    first = next_month(papers.today())
    second, third = next_month(first), next_month(next_month(first))
    joined_on, adult_on = first + timedelta(days=2), third + timedelta(days=13)
    house.moves_to(joined_on)
    stood = books(house)
    fernanda, ramiro, elisa, stranger = enter(), enter("ramiro"), enter("elisa"), enter()
    joins(house, fernanda, turns_18=adult_on)
    folio = pays_at_a_store(house, fernanda, ramiro, on=joined_on)
    a_stranger_reads(stranger, is_welcomed(fernanda, folio), "vigente")
    late, card = is_affiliated(elisa, enter(), paid_on=joined_on)
    references = house.moves_to(second + timedelta(days=1), then=FAMILIES)
    pays_by_card(house, fernanda, folio)
    sees_the_ways_of_the_imss(fernanda)
    decides_what_a_bank_brought(house, ramiro, references, on=second + timedelta(days=1))
    assert house.moves_to(third + timedelta(days=11), then=CONDITION)
    was_late_and_never_suspended(house, ramiro, stranger, late, card, on=third + timedelta(days=10))
    becomes_an_adult(house, fernanda, on=adult_on)
    a_year_later_nothing_is_left(house, fernanda, ramiro, stood, on=first.replace(year=first.year + 1) - timedelta(1))


def at_the_telephone(person: Person) -> Person:
    """A narrow screen."""
    person.page.set_viewport_size(TELEPHONE)
    return person


def next_month(day: date) -> date:
    """The first of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# --- 1. a family joins -----------------------------------------------------------------------------------------------


def joins(house: House, fernanda: Person, *, turns_18: date) -> None:
    """From the public page to the first payment; left at the third step and gone on with another day (S1.1, S1.10)."""
    at_the_telephone(fernanda).go("/membresias/").sees("FAMILIAR TOTAL").open("Afiliarme")
    signs_up(fernanda)
    fernanda.go("/membresia/afiliarse/")
    fernanda.page.get_by_label("FAMILIAR TOTAL").check()
    fernanda.press("Guardar y seguir")
    says_who(fernanda, "Fernanda", "Ibarra", "Soto", date(1985, 4, 12), "female")
    fernanda.type(rfc=RFC, phone="33 1234 5678", street="Hidalgo 8", neighbourhood="Centro", zip_code="44100")
    fernanda.type(municipality="Guadalajara", region="Jalisco").press("Guardar y seguir")
    adds(fernanda, *PARTNER)
    leaves_and_comes_back(fernanda)
    adds(fernanda, "child", "Iván", "Campos", "Ibarra", turns_18.replace(year=turns_18.year - 18), "male")
    adds(fernanda, *MOTHER)
    fernanda.open("Seguir").sees("Raúl Campos Nieto", "Iván Campos Ibarra", "Olga Soto Vera", "44100")
    fernanda.press("Afiliar a mi familia").sees("aceptes el aviso de privacidad")
    fernanda.page.locator('[name="consent"]').check()
    fernanda.press("Afiliar a mi familia").sees("Falta el primer pago")
    fernanda.go("/membresia/").sees("Iván Campos Ibarra", "menor de edad")


def signs_up(person: Person) -> None:
    """By RFC, confirmed from the mail."""
    person.open("Registrarme").type(rfc=RFC, email=EMAIL, password=PASSWORD)
    person.page.get_by_label("Leí el aviso de privacidad").check()
    person.press("Registrarme").mail("Confirma tu correo para entrar a Cauce", EMAIL)
    person.go(str(person.page.locator("main a[href*='/confirmar/']").first.get_attribute("href")))
    person.press("Confirmar mi correo")
    signs_in(person)


def signs_in(person: Person) -> None:
    """With the address that was confirmed."""
    person.go("/entrar/").type(identifier=EMAIL, password=PASSWORD).press("Entrar al portal")


def says_who(person: Person, *told: Any) -> None:
    """One person as a form asks for them: name, two surnames, birth, sex."""
    name, first, second, born, sex = told
    person.type(given_name=name, first_surname=first, second_surname=second)
    person.type(born_on_0=str(born.day), born_on_1=str(born.month), born_on_2=str(born.year))
    person.page.locator('select[name="sex"]').select_option(sex)


def adds(person: Person, kinship: str, *told: Any) -> None:
    """Somebody of the family, at the third step."""
    fold = person.page.locator("details", has_text="Agregar a una persona")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    person.page.locator('select[name="kinship"]').select_option(kinship)
    says_who(person, *told)
    person.press("Agregar").sees("Agregamos a esa persona", " ".join(told[:3]))


def leaves_and_comes_back(person: Person) -> None:
    """Who is in is still in."""
    person.context.clear_cookies()  # another telephone
    signs_in(person)
    person.go("/membresia/").open("Seguir con la afiliación")
    assert person.page.locator('[name="street"]').input_value() == "Hidalgo 8"
    person.press("Guardar y seguir").sees("Raúl Campos Nieto")


# --- 2. a store's slip, the card, a stranger's telephone -------------------------------------------------------------


def pays_at_a_store(house: House, fernanda: Person, ramiro: Person, *, on: date) -> str:
    """A slip with its barcode; the network's file pays it by itself (S1.21, S1.22). The membership's folio."""
    makes_slip(fernanda, "Hacer mi primer pago", "paynet")
    slip = house.rows("SELECT reference, amount FROM memberships_slip WHERE code = %s", code_of(fernanda))[0]
    fernanda.sees("$480.00", "Ficha de pago").waits("Descargar la ficha en PDF")
    takes_in(ramiro, "mx-stores", "tiendas.txt", samples.make_store_file([slip], on=on))
    fernanda.waits("Pagada")
    folio = re.search(r"ME-\d{4}-\d+", fernanda.go("/membresia/").sees("Vigente", "Recibo").text)
    assert folio
    return folio[0]


def makes_slip(person: Person, opens: str, scheme: str, months: int = 1) -> None:
    """So many months, where they are paid."""
    person.go("/membresia/").open(opens)
    person.page.locator('select[name="scheme"]').select_option(scheme)
    person.page.locator('select[name="months"]').select_option(str(months))
    person.press("Seguir")


def code_of(person: Person) -> str:
    """The code in the address of a slip or an attempt."""
    return str(person.page.url.rstrip("/").rsplit("/", 1)[1])


def takes_in(ramiro: Person, account: str, name: str, content: bytes) -> None:
    """A file of movements is read, looked at and applied."""
    ramiro.go(f"/mesa/cobranza/archivos/nuevo/?cuenta={account}").upload({"file": (name, content)})
    ramiro.press("Leer el archivo").sees("Qué trae").decide("Aplicar y contabilizar")


def is_welcomed(fernanda: Person, folio: str) -> str:
    """The mail with cards and constancias; what her card's code leads to (S1.2, S1.3, S1.5)."""
    fernanda.mail(f"{folio}: tu membresía ya está vigente", EMAIL).sees("credencial", "constancia")
    fernanda.go("/membresia/").open_about("Fernanda Ibarra Soto")
    return card_of(fernanda)


def card_of(reader: Person) -> str:
    """What the code says on the card that a person's page leads to."""
    href = reader.page.locator("a", has_text="para imprimir").get_attribute("href")
    return papers.qr_of(reader.paper(str(href)))


def a_stranger_reads(stranger: Person, address: str, standing: str) -> None:
    """What the code of a card says today, and nothing of whom it is (C17a)."""
    at_the_telephone(stranger).go(address).sees(standing).sees_not("Ibarra", "Cota", RFC, EMAIL)


# --- 3. the next month by card ---------------------------------------------------------------------------------------


def pays_by_card(house: House, fernanda: Person, folio: str) -> None:
    """Declined, then asked by the bank (3-D Secure), its event told twice: one payment, one receipt (S1.20)."""
    plays_a_card(fernanda, "Pagar mensualidad", DECLINED).waits("Rechazado por el banco")
    plays_a_card(fernanda, "Pagar mensualidad", ASKED_AND_TWICE).press("Sí, lo reconozco").waits("Pagado")
    paid = "FROM memberships_duespayment p JOIN memberships_membership m ON m.id = p.membership_id"
    assert house.rows(f"SELECT count(*), count(p.receipt_id) {paid} WHERE m.folio = %s AND means = 'card'", folio) == [
        (1, 1)
    ]
    fernanda.mail(f"{folio}: recibimos tu pago", EMAIL)


def plays_a_card(person: Person, opens: str, card: str, months: int = 1) -> Person:
    """From the family's page to the gateway's, where a sample card is chosen."""
    makes_slip(person, opens, "card", months)
    person.press("Ir a pagar")
    person.page.locator(f'[name="card"][value="{card}"]').check()
    return person.press("Pagar")


# --- 4. the IMSS -----------------------------------------------------------------------------------------------------


def sees_the_ways_of_the_imss(fernanda: Person) -> None:
    """Three answers give the mother's path; the son's six papers are ticked (S1.6-S1.17)."""
    fernanda.go("/membresia/").open_about("Olga Soto Vera").open("Seguir con el IMSS")
    fernanda.choose("rights", "yes").choose("clinic", "right").choose("has_card", "no").press("Ver qué sigue")
    fernanda.sees("Ir a la ventanilla")
    fernanda.go("/membresia/").open_about("Iván Campos Ibarra").open("Seguir con el IMSS")
    boxes = fernanda.page.locator('[name="ticked"]').all()
    assert len(boxes) == 6
    for box in boxes:
        box.check()
    fernanda.press("Guardar papeles").sees("Ya están completos")


# --- 5. a bank's file ------------------------------------------------------------------------------------------------


def decides_what_a_bank_brought(house: House, ramiro: Person, refs: list[str], *, on: date) -> None:
    """Zeros, a blank, O for 0 and two in one pay by themselves; one short and one double wait for a person (2.9)."""
    told = [
        ("PAGO", f"000{refs[0]}", PRICE),
        ("PAGO", f"{refs[1][:6]} {refs[1][6:]}", PRICE),
        ("PAGO", refs[2].replace("0", "O"), PRICE),
        (f"PAGO {refs[3]} Y {refs[4]}", "", PRICE * 2),
        ("PAGO", refs[5], D("401.00")),
        ("PAGO", refs[0], D("503.00")),
    ]
    rows = [(on, text, reference, f"BNK{number}", amount) for number, (text, reference, amount) in enumerate(told)]
    takes_in(ramiro, "mx-collections", "banco.csv", samples.make_bank_csv(rows))
    house.comes_to(5, "SELECT count(*) FROM memberships_slip WHERE reference = ANY(%s) AND state = 'paid'", refs)
    ramiro.go("/mesa/cobranza/?estado=matched").sees("$960.00")
    confirms(ramiro, "$401.00")
    double = confirms(ramiro, "$503.00")
    ramiro.go(double).press("Deshacer").sees("el depósito espera otra vez")
    ramiro.page.locator("summary", has_text="No es de nadie").click()
    ramiro.page.locator('[name="comment"]').fill("La familia dice que no es suyo.")
    ramiro.press("Apartar depósito").sees("Depósito apartado")
    assert (
        house.value("SELECT count(*) FROM memberships_slip WHERE reference = %s AND state = 'cancelled'", refs[5]) == 1
    )


def confirms(ramiro: Person, amount: str) -> str:
    """A deposit pays what is proposed; its address."""
    ramiro.go("/mesa/cobranza/").open_row(amount)
    address = ramiro.page.url
    ramiro.waits("Asignar depósito").press("Asignar depósito").sees("Depósito asignado")
    return address


# --- 6. who does not pay ---------------------------------------------------------------------------------------------


def is_affiliated(elisa: Person, julian: Person, *, paid_on: date) -> tuple[str, str]:
    """Entered at the desk with his first month, invited to an account: his folio, and what his card's code says."""
    elisa.go("/mesa/afiliaciones/nueva/").page.get_by_label("Plan", exact=True).select_option(label="FAMILIAR TOTAL")
    elisa.type(email=LATE, paid_on=paid_on.isoformat())
    told = {"given_name": "Julián", "first_surname": "Cota", "second_surname": "Arce", "curp": "COAJ900514HJCTRL01"}
    elisa.type(**{f"t-{name}": text for name, text in told.items()})
    elisa.type(**{"t-born_on_0": "14", "t-born_on_1": "5", "t-born_on_2": "1990"})
    elisa.page.locator('select[name="t-sex"]').select_option("male")
    elisa.press("Afiliar familia").sees("Julián Cota Arce", "Vigente")
    folio = re.search(r"ME-\d{4}-\d+", elisa.text)
    assert folio
    elisa.page.locator('[name="person"]').select_option(label="Julián Cota Arce")
    elisa.type(email=LATE).press("Mandar invitación")
    takes_the_account(julian)
    elisa.open("Julián Cota Arce")
    return folio[0], card_of(elisa)


def takes_the_account(julian: Person) -> None:
    """With the secret of the mail, once; from then on with his own password (2.12)."""
    secret = re.search(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b", julian.mail("Te dieron acceso a Cauce", LATE).text)
    assert secret, julian.text
    at_the_telephone(julian).go("/entrar/").type(identifier=LATE, password=secret[0]).press("Entrar al portal")
    julian.type(password=PASSWORD).press("Guardar contraseña").sees("Entra con ella")


def was_late_and_never_suspended(
    house: House, ramiro: Person, stranger: Person, folio: str, card: str, *, on: date
) -> None:
    """Reminded, suspended on the 12th; a deposit of the 11th comes in, and the suspension never was (2.10)."""
    told = f"SELECT kind FROM notices_notice n JOIN people_user u ON u.id = n.user_id WHERE u.email = '{LATE}'"
    kinds = [kind.rpartition("/")[2] for (kind,) in house.rows(f"{told} ORDER BY n.id")]
    assert {"dues_reminder", "dues_late"} & {*kinds[: kinds.index("suspended")]}, kinds
    a_stranger_reads(stranger.mail(f"{folio}: tu membresía está suspendida", LATE), card, "suspendido")
    assert books(house)["dues_receivable"] == PRICE * 3  # two months of his, the one that Fernanda has not paid yet
    row = (on, f"PAGO {folio}", "", "BNK90", PRICE * 2)
    takes_in(ramiro, "mx-collections", "banco-2.csv", samples.make_bank_csv([row]))
    confirms(ramiro, "$960.00")
    a_stranger_reads(stranger.mail(f"{folio}: tu membresía nunca dejó de estar vigente", LATE), card, "vigente")


# --- 7. a son turns 18 -----------------------------------------------------------------------------------------------


def becomes_an_adult(house: House, fernanda: Person, *, on: date) -> None:
    """What is clinical of him is on his titular's page until the day before, and not on that day (AC-05)."""
    fernanda.go("/membresia/").sees("Iván cumple 18 años").open_about("Iván Campos Ibarra").sees("Asma")
    house.moves_to(on)
    fernanda.go("/membresia/").open_about("Iván Campos Ibarra").sees("Lo clínico").sees_not("Asma")
    fernanda.mail("Alguien de tu familia cumplió 18 años", EMAIL)


# --- 8. a year later -------------------------------------------------------------------------------------------------


def a_year_later_nothing_is_left(
    house: House, fernanda: Person, ramiro: Person, stood: dict[str, Decimal], *, on: date
) -> None:
    """Paid ahead by card; both networks settle what they owe, and the books end where they began (2.10)."""
    plays_a_card(fernanda, "Pagar mensualidad", APPROVED, months=10).waits("Pagado")
    house.moves_to(on)
    fernanda.go("/membresia/").sees("Vigente")
    assert fernanda.data()["Se debe"] == fernanda.data()["Saldo a favor"] == "$0.00"
    owed = {code: amount - stood[code] for code, amount in books(house).items() if code in CLEARED}
    rows = [(on, f"LIQUIDACION {code}", "", f"RED{code}", amount - FEE) for code, amount in owed.items()]
    takes_in(ramiro, "mx-collections", "banco-3.csv", samples.make_bank_csv(rows))
    for code, amount in owed.items():
        settles(ramiro, f"${amount - FEE:,.2f}", CLEARED[code])
    assert books(house) == stood


def settles(ramiro: Person, amount: str, account: str) -> None:
    """The lump sum of a network, less what it kept."""
    ramiro.go("/mesa/cobranza/").open_row(amount).page.locator("summary", has_text="Es de una red de cobro").click()
    ramiro.page.locator('[name="settles"]').select_option(account)
    ramiro.type(fee=str(FEE)).press("Registrar liquidación").sees("Liquidación registrada")


def books(house: House) -> dict[str, Decimal]:
    """What networks owe and what waits, of everybody; what families owe and have, of the families of this story."""
    lines = "treasury_ledgerline l JOIN treasury_ledgeraccount a ON a.id = l.account_id"
    ours = (
        "a.party_id IN (SELECT p.party_id FROM memberships_coveredperson p"
        " JOIN memberships_membership m ON m.titular_id = p.id WHERE m.email = ANY(%s))"
    )
    every = f"SELECT a.code, sum(l.amount) FROM {lines} WHERE a.code = ANY(%s) OR a.code = ANY(%s) AND {ours}"
    everybodys = [*CLEARED, "unmatched_deposits"]
    found = dict(house.rows(f"{every} GROUP BY a.code", everybodys, list(OF_FAMILIES), [EMAIL, LATE]))
    return {code: found.get(code, D(0)) for code in (*everybodys, *OF_FAMILIES)}
