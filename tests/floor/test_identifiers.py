"""RFC, CURP, NSS, RUT, CLABE: at least 100 vectors a kind, compared with python-stdnum and clabe (domain 2.1-2.5).

The vectors are generated: valid ones from a seeded table, then each fault that people make. Check digits are computed
here a second time, by another route than the product's.
"""

import importlib
import random
import re
import subprocess
import sys
from itertools import product

import clabe as clabe_package
import pytest
import stdnum.cl.rut
import stdnum.luhn
import stdnum.mx.curp
import stdnum.mx.rfc
from clabe.banks import BANKS as PACKAGE_BANKS
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Level
from portal.fiscal import standards
from portal.identifiers import BANKS, KINDS, bank_of, check, clabe, curp, guess_kind, mask

SEED = random.Random(20261122)
FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def digits(count):
    return "".join(SEED.choice("0123456789") for _ in range(count))


def letters(count, among="ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
    return "".join(SEED.choice(among) for _ in range(count))


def a_date():
    return f"{SEED.randrange(100):02d}{SEED.randrange(1, 13):02d}{SEED.randrange(1, 29):02d}"


def a_clabe(bank=None):
    body = (bank or SEED.choice(sorted(code for code, found in BANKS.items() if found.active))) + digits(14)
    total = sum(int(digit) * int(weight) % 10 for digit, weight in zip(body, "37137137137137137", strict=True))
    return body + str((10 - total % 10) % 10)


def an_rfc(person=True):
    body = (
        letters(4 if person else 3, "BCDFGHJKLMNPQRSTVWXYZ&Ñ") + a_date() + SEED.choice("123ABV") + SEED.choice("19AZ")
    )
    values = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    rest = sum(values.index(c) * w for c, w in zip(body.rjust(12), range(13, 1, -1), strict=True)) % 11
    return body + ("0" if rest == 0 else "A" if rest == 1 else str(11 - rest))


def a_curp(sex="H", state=None):
    body = letters(4, "BCDFGHJKLMNPQRSTVWXYZ") + a_date() + sex + (state or SEED.choice(sorted(curp.STATES)))
    body += letters(3, "BCDFGHJKLMNPQRSTVWXYZ") + SEED.choice("0123456789ABC")
    values = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return body + str((10 - sum(values.index(c) * w for c, w in zip(body, range(18, 1, -1), strict=True)) % 10) % 10)


def an_nss():
    body = digits(9) + SEED.choice("123456789")
    return body + stdnum.luhn.calc_check_digit(body)


def a_rut(size=None):
    body = str(SEED.randrange(10 ** ((size or SEED.randrange(1, 9)) - 1), 10 ** (size or 8)))
    return f"{body}-{stdnum.cl.rut.calc_check_digit(body)}"


VALID = {
    "clabe": [a_clabe() for _ in range(40)],
    "rfc": [an_rfc(number % 2 == 0) for number in range(40)],
    "curp": [a_curp("HMX"[number % 3]) for number in range(40)],
    "nss": [an_nss() for _ in range(40)],
    "rut": [a_rut(1 + number % 8) for number in range(40)],
}
EVERY_VALID = [(kind, value) for kind in KINDS for value in VALID[kind]]


@pytest.mark.parametrize(("kind", "value"), EVERY_VALID)
def test_a_right_one_is_valid_and_canonical(kind, value):
    answer = check(kind, value)
    assert (answer.valid, answer.canonical, answer.error, answer.warnings) == (True, value, None, ())


def spaced(kind, value):
    """The same identifier as people write it."""
    yield value.lower()
    yield f"  {value}\t"
    yield f"\u00a0{value}\u2009"
    if kind == "rut":
        body, verifier = value.split("-")
        yield f"{int(body):,}".replace(",", ".") + f"-{verifier}"
        yield body + verifier
        yield f"{body} - {verifier}"
        yield f"{body}\u2013{verifier}"
        yield f"000{body}-{verifier}"
    else:
        yield " ".join(value[place : place + 4] for place in range(0, len(value), 4))
        yield f"{value[:4]}-{value[4:10]}-{value[10:]}"
        yield f"{value[:3]}.{value[3:]}"
        yield f"{value[:4]}\u2013{value[4:]}"


@pytest.mark.parametrize(
    ("kind", "value", "typed"), [(k, v, t) for k in KINDS for v in VALID[k][:8] for t in spaced(k, v)], ids=ascii
)
def test_odd_spacing_dashes_dots_and_lower_case_are_put_in_order(kind, value, typed):
    assert check(kind, typed).canonical == value
    assert check(kind, typed).value == typed


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k in KINDS for v in VALID[k][:10]], ids=ascii)
def test_full_width_is_an_error_with_its_own_sentence(kind, value):
    answer = check(kind, value.translate(FULL_WIDTH))
    assert answer.error.code == f"{kind}_full_width"
    assert "ancho completo" in answer.error.message
    assert (answer.valid, answer.canonical) == (False, None)


@pytest.mark.parametrize("kind", KINDS)
def test_digits_of_other_alphabets_invisible_and_odd_characters_are_errors(kind):
    value = VALID[kind][0]
    last = max(place for place, letter in enumerate(value) if letter.isdigit())
    assert check(kind, value[:last] + "\u0663" + value[last + 1 :]).error.code == f"{kind}_foreign_digits"
    assert check(kind, value[:3] + "\u200b" + value[3:]).error.code == f"{kind}_characters"
    assert "U+202E" in check(kind, value[:3] + "\u202e" + value[3:]).error.message
    assert check(kind, value[:3] + "日" + value[3:]).error.code == f"{kind}_characters"
    assert check(kind, "").error.code == f"{kind}_empty"
    assert check(kind, " - ").error.code == f"{kind}_empty"
    assert check(kind, value * 30).error.code == f"{kind}_length"


def changed(value, place):
    """The value with one digit replaced by the next one."""
    return value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]


@pytest.mark.parametrize("kind", ["clabe", "nss", "rut", "curp"])
def test_one_wrong_digit_is_always_found(kind):
    for value in VALID[kind]:
        for place, letter in enumerate(value):
            if letter.isdigit() and not (kind == "curp" and place < 17):
                assert not check(kind, changed(value, place)).valid, (value, place)


def test_a_wrong_rfc_check_digit_is_only_a_warning_since_real_ones_fail_it():
    for value in VALID["rfc"]:
        wrong = value[:-1] + ("1" if value[-1] != "1" else "2")
        answer = check("rfc", wrong)
        assert answer.valid
        assert [found.code for found in answer.warnings] == ["rfc_check_digit"]
        assert answer.warnings[0].level is Level.WARNING
    assert check("rfc", "AAA010101AAA").valid


def swaps(value):
    """Every way to exchange two different neighbouring digits."""
    for place in range(len(value) - 1):
        a, b = value[place], value[place + 1]
        if a.isdigit() and b.isdigit() and a != b:
            yield abs(int(a) - int(b)), value[:place] + b + a + value[place + 2 :]


def test_a_clabe_misses_exactly_the_swaps_of_neighbours_that_differ_by_five():
    tried = 0
    for value in VALID["clabe"]:
        for difference, swapped in swaps(value):
            tried += 1
            assert check("clabe", swapped).valid == (difference == 5), (value, swapped)
    assert tried > 400


def test_a_swap_in_a_rut_is_always_found():
    tried = 0
    for value in VALID["rut"]:
        body, verifier = value.split("-")
        for _difference, swapped in swaps(body):
            tried += 1
            assert check("rut", f"{swapped}-{verifier}").error.code == "rut_check_digit", (value, swapped)
    assert tried > 100


def test_an_nss_misses_only_the_swap_of_nine_and_zero():
    for value in VALID["nss"]:
        for difference, swapped in swaps(value):
            assert check("nss", swapped).valid == (difference == 9), swapped


@pytest.mark.parametrize(
    ("cut", "code", "said"),
    [
        (1, "clabe_too_short", "A esta CLABE le falta un dígito: lleva 18 y escribiste 17."),
        (3, "clabe_too_short", "A esta CLABE le faltan 3 dígitos: lleva 18 y escribiste 15."),
        (2, "clabe_is_card", "Escribiste 16 dígitos: ese es el número de una tarjeta, no una CLABE."),
        (7, "clabe_is_account", "Escribiste 11 dígitos: parece tu número de cuenta bancaria, no una CLABE."),
        (8, "clabe_is_account", "Escribiste 10 dígitos: parece tu número de cuenta bancaria, no una CLABE."),
        (-1, "clabe_too_long", "A esta CLABE le sobra un dígito: lleva 18 y escribiste 19."),
        (-2, "clabe_too_long", "A esta CLABE le sobran 2 dígitos: lleva 18 y escribiste 20."),
    ],
)
def test_a_clabe_of_the_wrong_length_says_what_it_is(cut, code, said):
    for value in VALID["clabe"][:10]:
        typed = value[: 18 - cut] if cut > 0 else value + "7" * -cut
        error = check("clabe", typed).error
        assert (error.code, error.message) == (code, said)
        assert error.cure


@pytest.mark.parametrize("kind", ["rfc", "curp", "nss"])
def test_too_short_and_too_long_say_by_how_much(kind):
    for value in VALID[kind][:10]:
        assert check(kind, value[:-1]).error.code in {f"{kind}_too_short", f"{kind}_without_homoclave"}
        assert check(kind, value + "1").error.code == f"{kind}_too_long"
        assert f"escribiste {len(value) + 1}." in check(kind, value + "1").error.message


def test_a_curp_that_lacks_one_says_character():
    assert check("curp", VALID["curp"][0][:-1]).error.message == (
        "A esta CURP le falta un carácter: lleva 18 y escribiste 17."
    )
    assert "2 caracteres" in check("curp", VALID["curp"][0][:-2]).error.message


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("clabe", "03218000011835971A", "clabe_characters"),
        ("clabe", "0" * 18, "clabe_zeros"),
        ("clabe", "032180000118359710", "clabe_check_digit"),
        ("nss", "0" * 11, "nss_zeros"),
        ("nss", "1234567890A", "nss_characters"),
        ("rfc", "GODA800101", "rfc_without_homoclave"),
        ("rfc", "GOD800101", "rfc_without_homoclave"),
        ("rfc", "GODA801301AB1", "rfc_date"),
        ("rfc", "GODA800230AB1", "rfc_date"),
        ("rfc", "GODA010229AB1", "rfc_date"),
        ("rfc", "GODA800101AB-", "rfc_too_short"),
        ("rfc", "GODA800101ABC", "rfc_shape"),
        ("rfc", "GODA800101ABÑ", "rfc_shape"),
        ("rfc", "G0DA800101AB1", "rfc_shape"),
        ("rfc", "hola", "rfc_too_short"),
        ("curp", "GODA800101HDFRRN0", "curp_too_short"),
        ("curp", "GODA800101QDFRRN01", "curp_sex"),
        ("curp", "GODA800101HZZRRN01", "curp_state"),
        ("curp", "GODA801301HDFRRN01", "curp_date"),
        ("curp", "GODA000229HDFRRN01", "curp_date"),
        ("curp", "GODA800101HDFAEN01", "curp_shape"),
        ("curp", "1ODA800101HDFRRN01", "curp_shape"),
        ("rut", "12345678", "rut_check_digit"),
        ("rut", "12.345.678", "rut_without_verifier"),
        ("rut", "12345678-", "rut_without_verifier"),
        ("rut", "-5", "rut_without_verifier"),
        ("rut", "5", "rut_without_verifier"),
        ("rut", "12345678-X", "rut_shape"),
        ("rut", "12345678-55", "rut_shape"),
        ("rut", "1234A678-5", "rut_shape"),
        ("rut", "123456789-2", "rut_too_long"),
        ("rut", "0-0", "rut_zeros"),
        ("rut", "K", "rut_without_verifier"),
    ],
)
def test_each_fault_has_its_code_its_cause_and_its_cure(kind, value, code):
    answer = check(kind, value)
    assert (answer.valid, answer.canonical, answer.error.code) == (False, None, code)
    assert answer.error.level is Level.ERROR
    assert answer.error.message.endswith(".")
    assert answer.error.cure.endswith(".")


def test_a_birthday_on_29_february_00_is_possible_in_one_century():
    assert check("rfc", "GODA000229AB1").valid
    assert check("curp", fixed_curp("GODA000229HDFRRNA")).valid


def fixed_curp(body):
    values = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return body + str(-sum(values.index(c) * w for c, w in zip(body, range(18, 1, -1), strict=True)) % 10)


def test_generic_rfcs_are_valid_with_a_warning():
    for generic in ("XAXX010101000", "xexx-010101-000"):
        answer = check("rfc", generic)
        assert answer.valid
        assert [found.code for found in answer.warnings] == ["rfc_generic"]


@pytest.mark.parametrize("rfc", ["CCM650122I06", "ccm-650122-i06", "GODA8001010B1", "GODA800101ZZA", "GODA80010100A"])
def test_a_homoclave_that_the_algorithm_does_not_make_is_a_warning(rfc):
    answer = check("rfc", rfc)
    assert (answer.valid, answer.canonical) == (True, rfc.replace("-", "").upper())
    (found,) = [found for found in answer.warnings if found.code == "rfc_homoclave"]
    assert (found.level, answer.canonical[-3:] in found.message) == (Level.WARNING, True)


def test_the_shape_of_an_rfc_is_that_of_the_schema_of_the_sat():
    """t_RFC of tdCFDI.xsd, which is read here from the package, against ours, on every homoclave of two alphabets."""
    cfd = standards.package_folder() / "transform/schemas/www.sat.gob.mx/sitio_internet/cfd"
    schema = cfd / "tipoDatos/tdCFDI/tdCFDI.xsd"
    pattern = re.search(r'name="t_RFC">.*?<xs:pattern value="([^"]+)"', schema.read_text(encoding="utf-8"), re.DOTALL)
    theirs = re.compile(pattern[1].replace("&amp;", "&"))
    letters = "0159AIVWZ&Ñ"
    for homoclave in ("".join(three) for three in product(letters, repeat=3)):
        for beginning in ("GODA800101", "GOD800101"):
            assert check("rfc", beginning + homoclave).valid is bool(theirs.fullmatch(beginning + homoclave)), homoclave


def test_a_rude_beginning_is_a_warning():
    assert "rfc_word" in [found.code for found in check("rfc", "PEDO800101AB1").warnings]
    assert check("rfc", "PEDX800101AB1").canonical
    assert [found.code for found in check("curp", fixed_curp("MEAR800101HDFRRN0")).warnings] == ["curp_word"]


def test_enye_and_ampersand_are_letters_of_an_rfc_however_they_are_composed():
    composed = check("rfc", "ÑUÑ&800101AB1")
    assert composed.valid
    assert check("rfc", "n\u0303uÑ&800101ab1").canonical == composed.canonical


def test_very_low_ruts_are_people_too():
    assert check("rut", "1-9").canonical == "1-9"
    assert check("rut", "19").canonical == "1-9"
    assert check("rut", "12.345.678-5").canonical == "12345678-5"
    assert check("rut", "76086428-5").canonical == "76086428-5"


def test_a_retired_bank_and_an_unknown_one_are_warnings():
    told = {"032": "clabe_retired_bank", "642": "clabe_retired_bank", "999": "clabe_unknown_bank"}
    for code, warned in told.items():
        answer = check("clabe", a_clabe(code))
        assert answer.valid
        assert [found.code for found in answer.warnings] == [warned]
    assert bank_of("012" + "0" * 15).name == "BBVA MEXICO"
    assert bank_of("999" + "0" * 15) is None


@pytest.mark.parametrize(
    ("code", "name", "day"),
    [("143", "CIBANCO", "10 oct 2025"), ("131", "FAMSA", "30 jun 2020"), ("102", "ACCENDO BANCO", "28 sep 2021")],
)
def test_a_bank_without_licence_warns_with_the_date(code, name, day):
    answer = check("clabe", a_clabe(code))
    (found,) = answer.warnings
    assert (answer.valid, found.code, found.level) == (True, "clabe_retired_bank", Level.WARNING)
    assert found.message == f"{name} perdió su licencia el {day}: sus cuentas bancarias ya no reciben pagos."
    assert found.cure == "Usa la CLABE de una cuenta bancaria en otro banco."


def test_a_bank_that_merely_merged_says_nothing_of_a_licence():
    assert "licencia" not in check("clabe", a_clabe("032")).warnings[0].message
    assert check("clabe", a_clabe("012")).warnings == ()


@pytest.mark.parametrize(
    "typed", ["CL12345678-5", "cl 12.345.678-5", "CL-12345678-5", " CL: 12.345.678-5", "Cl.123456785"]
)
def test_the_country_before_a_rut_is_dropped(typed):
    assert check("rut", typed).canonical == "12345678-5"
    assert guess_kind(typed) == "rut"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CL", "rut_shape"),
        ("CL12345678-4", "rut_check_digit"),
        ("CL12.345.678", "rut_without_verifier"),
        ("CLCL12345678-5", "rut_shape"),
        ("MX12345678-5", "rut_shape"),
    ],
)
def test_a_country_mends_no_other_fault_of_a_rut(typed, code):
    assert check("rut", typed).error.code == code


# --- compared with the libraries -----------------------------------------------------------------------------------


def test_the_bank_table_agrees_with_the_clabe_package():
    # The package still lists CIBanco, which lost its licence on 2025-10-10.
    assert {code for code, bank in BANKS.items() if bank.active} == set(PACKAGE_BANKS) - {"143"}
    assert all(code == bank.code and len(code) == 3 and code.isdigit() for code, bank in BANKS.items())
    assert len(BANKS) > 95


def test_clabe_agrees_with_the_package_but_for_retired_banks():
    for value in VALID["clabe"]:
        assert clabe_package.validate_clabe(value)
        assert clabe_package.compute_control_digit(value[:17]) == clabe.check_digit(value)
    # The package refuses what old accounts still carry: 032 IXE.
    assert not clabe_package.validate_clabe("032180000118359719")
    assert check("clabe", "032180000118359719").valid


def test_rfc_agrees_with_stdnum_but_where_it_is_too_wide_or_too_narrow():
    for value in VALID["rfc"]:
        assert stdnum.mx.rfc.is_valid(value, validate_check_digits=True), value
    # It takes 10 characters without homoclave, which bills nothing.
    assert stdnum.mx.rfc.is_valid("GODA800101")
    assert not check("rfc", "GODA800101").valid
    # With check digits on it refuses the generics, which every receipt to the public carries.
    assert not stdnum.mx.rfc.is_valid("XAXX010101000", validate_check_digits=True)
    assert check("rfc", "XAXX010101000").valid


def test_curp_agrees_with_stdnum_but_for_sex_x_and_its_word_list():
    for value in VALID["curp"]:
        # stdnum does not know sex X, issued since 2023.
        assert stdnum.mx.curp.is_valid(value) == (value[10] != "X"), value
    rude = fixed_curp("MEAR800101HDFRRN0")
    assert not stdnum.mx.curp.is_valid(rude)
    assert check("curp", rude).valid


def test_rut_agrees_with_stdnum_but_for_low_and_full_width_ones():
    for value in VALID["rut"]:
        low = len(value.replace("-", "")) < 8
        assert stdnum.cl.rut.is_valid(value) == (not low), value
    assert stdnum.cl.rut.is_valid("１２３４５６７８-5")
    assert not check("rut", "１２３４５６７８-5").valid


def test_nss_agrees_with_luhn_but_for_zeros():
    assert all(stdnum.luhn.is_valid(value) for value in VALID["nss"])
    assert stdnum.luhn.is_valid("0" * 11)


# --- the sign-in box, masks, robustness ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("ana@ejemplo.mx", "email"),
        ("GODA800101AB1", "rfc"),
        ("goda-800101-ab1", "rfc"),
        ("12.345.678-5", "rut"),
        ("12345678-k", "rut"),
        ("1-9", "rut"),
        ("", None),
        ("ana", None),
        ("GODA800101AB1XXXX", None),
        ("-", None),
    ],
)
def test_the_sign_in_box_guesses_what_was_typed(typed, kind):
    assert guess_kind(typed) == kind


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("clabe", "032180000118359719", "•••• 9719"),
        ("clabe", "971", "••••"),
        ("rfc", "GODA800101AB1", "GODA•••••••••"),
        ("curp", "GODA800101HDFRRN01", "GODA••••••••••••••"),
        ("nss", "12345678903", "••••••••903"),
        ("rut", "12345678-5", "•••••678-5"),
        ("rut", "1-9", "•••"),
    ],
)
def test_a_mask_hides_what_identifies(kind, value, shown):
    assert mask(kind, value) == shown


def test_an_unknown_kind_is_a_bug():
    for call in (check, mask):
        with pytest.raises(ValueError, match="unknown identifier kind"):
            call("ssn", "1")


@given(kind=st.sampled_from(KINDS), text=st.text(max_size=70))
def test_any_text_has_an_answer_and_only_ascii_or_enye_is_stored(kind, text):
    answer = check(kind, text)
    assert answer.valid == (answer.error is None) == (answer.canonical is not None)
    if answer.canonical:
        assert answer.canonical.replace("Ñ", "").isascii()
        assert check(kind, answer.canonical).canonical == answer.canonical
    guess_kind(text)


def test_importing_needs_no_django():
    code = "import sys, portal.identifiers; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    importlib.import_module("portal.identifiers")
