"""What of a form is kept, and a page's form filled again, whatever it is made of."""

from __future__ import annotations

import pytest

from portal.resume import rules

PAGE = """<p>Ñandú</p>
<form method="get" action="/buscar/"><input name="note" value="de otro"></form>
<form method="post" action="/otra/"><input name="note" value="de otro"></form>
<textarea name="note">fuera</textarea>
<form method="post" action="/acto/?a=1"><input type="hidden" name="csrfmiddlewaretoken" value="nuevo">
<input type="hidden" name="idempotency_key" value="nueva"><input type="hidden" name="row" value="2">
<input name="name" value="antes" maxlength=9 required><input type="email" name="mail"><input type="password" name="pw">
<input type="file" name="paper"><input type="submit" name="act" value="Enviar">
<input name="nameless-not-kept" value="queda">
<textarea name="note" rows="3">vieja &amp; larga</textarea>
<input type="checkbox" name="many" value="a" checked><input type="checkbox" name="many" value="b">
<input type="checkbox" name="agreed">
<input type="radio" name="one" value="x" checked><input type="radio" name="one" value="y">
<select name="pick"><option value="" selected>Elige</option><option value="m">Eme</option></select>
<input name="twice" value=""><input name="twice" value=""><textarea name="empty">se va</textarea></form>
<select name="pick"><option value="m">fuera</option></select>"""
KEPT = {
    "idempotency_key": ["la-de-antes"],
    "row": ["2"],
    "name": ['Ana "María" <b>'],
    "mail": ["a@b.mx"],
    "act": ["no"],
    "note": ["uno\ndos </textarea>"],
    "many": ["b"],
    "agreed": ["on"],
    "one": ["y"],
    "pick": ["m"],
    "twice": ["primero", "segundo"],
    "empty": [],
    "pw": ["nunca"],
    "csrfmiddlewaretoken": ["viejo"],
}


def test_a_form_is_filled_as_it_was_and_nothing_else_changes() -> None:
    filled = rules.fill(PAGE, address="/pagina/", action="/acto/", kept=KEPT)
    assert filled is not None
    for there in (
        '<input name="name" value="Ana &quot;María&quot; &lt;b&gt;" maxlength="9" required>',
        '<input type="email" name="mail" value="a@b.mx">',
        '<input type="hidden" name="idempotency_key" value="la-de-antes">',
        '<input type="hidden" name="csrfmiddlewaretoken" value="nuevo">',
        '<textarea name="note" rows="3">\nuno\ndos &lt;/textarea&gt;</textarea>',
        '<input type="checkbox" name="many" value="a"><input type="checkbox" name="many" value="b" checked>',
        '<input type="checkbox" name="agreed" checked>',
        '<input type="radio" name="one" value="x"><input type="radio" name="one" value="y" checked>',
        '<option value="">Elige</option><option value="m" selected>Eme</option>',
        '<input name="twice" value="primero"><input name="twice" value="segundo">',
        '<input type="password" name="pw">',
        '<input type="submit" name="act" value="Enviar">',
        '<input name="nameless-not-kept" value="queda">',
        '<textarea name="empty">\n</textarea>',
        '<textarea name="note">fuera</textarea>',
        '<option value="m">fuera</option>',
        "<p>Ñandú</p>",
    ):
        assert there in filled, there
    assert filled.count('value="de otro"') == 2


def test_of_two_forms_of_one_address_the_one_with_the_same_hidden_values_is_filled() -> None:
    one = '<form method="post"><input type="hidden" name="row" value="{}"><input name="note"></form>'
    page = one.format(1) + one.format(2)
    filled = rules.fill(page, address="/lista/", action="/lista/", kept={"row": ["2"], "note": ["esto"]})
    assert filled == one.format(1) + one.format(2).replace('name="note"', 'name="note" value="esto"')


def test_what_was_not_kept_stays_as_the_page_has_it() -> None:
    page = '<form method="post"><textarea name="note">de la página</textarea><select name="pick"></select></form>'
    assert rules.fill(page, address="/a/", action="/a/", kept={"row": ["2"]}) == page


def test_a_page_without_that_form_stays_as_it_is() -> None:
    assert rules.fill(PAGE, address="/pagina/", action="/ninguna/", kept=KEPT) is None
    assert rules.fill('<form method="post"></form></textarea>', address="/a/", action="/a/", kept=KEPT) is not None


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "password1",
        "new_password",
        "contraseña",
        "clave",
        "code",
        "otp_code",
        "recovery_code",
        "current",
        "secret",
        "csrfmiddlewaretoken",
        "credential",
        "api_token",
        "mine",
    ],
)
def test_nothing_secret_is_kept(name: str) -> None:
    assert rules.worth_keeping([(name, ["x"]), ("note", ["y"])], secret={"mine"}) == {"note": ["y"]}


def test_what_nobody_typed_and_what_is_too_much_is_not_kept() -> None:
    assert rules.worth_keeping([("idempotency_key", ["k" * 20]), ("next", ["/"]), ("note", [" "])], secret=()) == {}
    assert rules.worth_keeping([("note", ["ñ" * rules.MAX_BYTES])], secret=()) == {}
    assert rules.worth_keeping([("idempotency_key", ["k"]), ("zip_code", ["44100"])], secret=()) == {
        "idempotency_key": ["k"],
        "zip_code": ["44100"],
    }
