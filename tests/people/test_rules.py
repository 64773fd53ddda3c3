"""What holds for secrets, passwords, sessions, factors and scopes, at their very edges (AU-01…AU-12, C6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.errors import RuleBroken
from portal.people import rules

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("length", "staff", "code"),
    [
        (7, False, "password_too_short"),
        (8, False, None),
        (11, True, "password_too_short"),
        (12, True, None),
        (128, False, None),
        (129, False, "password_too_long"),
        (129, True, "password_too_long"),
    ],
)
def test_a_password_has_8_characters_at_the_desk_12_and_never_more_than_128_AU_04_C6(
    length: int, staff: bool, code: str | None
) -> None:
    if code is None:
        rules.check_password_shape("x" * length, staff=staff)
        return
    with pytest.raises(RuleBroken) as refused:
        rules.check_password_shape("x" * length, staff=staff)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("password", "own", "about"),
    [
        ("xaxx010101000", ["XAXX010101000"], True),
        ("XAXX-010101-000!", ["XAXX010101000"], True),
        ("anaperez12345", ["anaperez"], True),  # five letters beside it are too few
        ("anaperez123456", ["anaperez"], False),
        ("Anápérez1", ["anaperez"], True),
        ("mi-ana-de-1990", ["ana"], False),  # shorter than four letters is nobody's name
        ("portalcauce", [], True),
        ("Contraseña123", [], True),
        ("cauce1234", [], False),
        ("lluvia en la sierra", ["dra@ejemplo.mx"], False),
        ("", ["ana"], False),
    ],
)
def test_a_password_is_not_made_of_who_one_is_AU_04(password: str, own: list[str], about: bool) -> None:
    assert rules.about_you(password, own) is about


@pytest.mark.parametrize(
    ("password", "house"),
    [
        ("cauce portal 2026", True),
        ("C4uc3P0rt4l2026", True),
        ("contraseña123", True),
        ("MédicoSeguro!2026", True),
        ("factura pagos", True),
        ("p@ssw0rd!", True),
        ("cauce de agua clara", False),
        ("ventana-azul-de-otoño-7", False),
        ("20261122 nada mío", False),
    ],
)
def test_a_password_is_not_made_of_the_words_of_the_house_AU_04(password: str, house: bool) -> None:
    assert rules.about_you(password, []) is house


@pytest.mark.parametrize("password", [" " * 12, "\u200b" * 9 + "abc", " a b      c", "\u3164" * 12, "\t" * 12])
def test_a_password_of_blanks_is_refused_AU_04(password: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_password_shape(password, staff=False)
    assert refused.value.code == "password_blank"


def test_a_secret_is_read_as_people_type_it_AU_01() -> None:
    assert rules.plain_secret(" o1l-i u ") == "0111V"
    assert rules.plain_secret("7F3K-21QX") == rules.plain_secret("7f3k 21qx") == "7F3K21QX"
    assert rules.digest("7F3K21QX") != rules.digest("7F3K21QY")


@pytest.mark.parametrize(
    ("rested", "age", "staff", "over"),
    [
        (15 * MINUTE, timedelta(hours=1), True, False),
        (15 * MINUTE + SECOND, timedelta(hours=1), True, True),
        (30 * MINUTE, timedelta(hours=1), False, False),
        (30 * MINUTE + SECOND, timedelta(hours=1), False, True),
        (MINUTE, timedelta(hours=12), False, False),
        (MINUTE, timedelta(hours=12) + SECOND, False, True),
        (-MINUTE, timedelta(hours=1), False, False),
        (-MINUTE - SECOND, timedelta(hours=1), False, True),
    ],
)
def test_a_session_rests_15_minutes_at_the_desk_30_elsewhere_and_lives_12_hours_AU_12(
    rested: timedelta, age: timedelta, staff: bool, over: bool
) -> None:
    assert rules.session_over(began=NOW - age, seen=NOW - rested, at=NOW, staff=staff) is over


@pytest.mark.parametrize(
    ("factor", "others", "desk", "money"),
    [
        ("password", True, False, False),
        ("totp", True, True, False),
        ("recovery", True, True, False),
        ("passkey", True, True, True),
        ("demo", True, True, True),
        ("", True, False, False),
    ],
)
def test_what_a_session_proved_is_enough_for_whom_AU_08(factor: str, others: bool, desk: bool, money: bool) -> None:
    assert rules.factor_is_enough(factor, staff=False, passkey_only=False) is others
    assert rules.factor_is_enough(factor, staff=True, passkey_only=False) is desk
    assert rules.factor_is_enough(factor, staff=True, passkey_only=True) is money


@pytest.mark.parametrize(
    ("scopes", "life", "code"),
    [
        ([], timedelta(days=1), "no_scope"),
        (["orders:write", "todo"], timedelta(days=1), "unknown_scope"),
        (["payments:act"], timedelta(minutes=15) + SECOND, "acting_too_long"),
        (["payments:act", "billing:read"], timedelta(minutes=15), "acting_alone"),
        (["orders:read"], timedelta(0), "token_life"),
        (["orders:read"], timedelta(days=366) + SECOND, "token_life"),
        (["payments:act"], timedelta(0), "token_life"),
    ],
)
def test_a_credential_opens_something_known_for_a_while_AU_08(scopes: list[str], life: timedelta, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_scopes(scopes, life=life, own=rules.ACTING_SCOPE in scopes)
    assert refused.value.code == code


def test_scopes_are_sorted_and_named_once_and_the_longest_lives_are_allowed_AU_08() -> None:
    asked = ["orders:write", "orders:read", "orders:write"]
    assert rules.check_scopes(asked, life=timedelta(days=366)) == ["orders:read", "orders:write"]
    assert rules.check_scopes(["payments:act"], life=timedelta(minutes=15), own=True) == ["payments:act"]


def test_no_organisations_credential_acts_on_payments_MO_05() -> None:
    assert rules.ACTING_SCOPE not in rules.scopes_for(own=False) and rules.ACTING_SCOPE in rules.scopes_for(own=True)
    with pytest.raises(RuleBroken) as refused:
        rules.check_scopes(["payments:act"], life=timedelta(minutes=15))
    assert refused.value.code == "acting_is_own"


def test_an_address_is_shown_so_that_only_its_owner_knows_it_AU_11() -> None:
    assert rules.mask_email("lucia@ejemplo.mx") == "l•••••@ejemplo.mx"


@pytest.mark.parametrize("typed", [" DRA@Ejemplo.MX ", "dra@ejemplo.mx"])
def test_an_address_has_one_form_AU_06(typed: str) -> None:
    assert rules.clean_email(typed) == "dra@ejemplo.mx"


@pytest.mark.parametrize("typed", ["a@localhost", "a@b", "a@b.", "@ejemplo.mx", "ejemplo.mx", "a b@ejemplo.mx"])
def test_an_address_without_a_whole_domain_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken, match="no está completo") as refused:
        rules.clean_email(typed)
    assert refused.value.field == "email"
