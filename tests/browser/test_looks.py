"""The look that every screen gets finds what it is there to find: a page of faults, and the same page without them."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Enter
from tests.browser.heard import heard, tabbed
from tests.browser.looks import WAYS, dealt, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GOOD = """<!doctype html><html lang="es-MX"><head><meta charset="utf-8"><title>Pagos · Cauce</title>
<meta name="viewport" content="width=device-width"><style>
:root { color-scheme: light dark; } body { background: #fff; color: #222; margin: 1rem; }
a { color: #00439c; display: inline-block; padding: .5rem; } a:focus, input:focus { outline: 3px solid #00439c; }
.card { background: rgb(0 0 0 / 5%); } input { background: #fff; color: #222; display: block; height: 2rem; }
::placeholder { color: #555; opacity: 1; } .small { display: none; }
@media (max-width: 40rem) { .small { display: block; } .tiny { font-size: 8px; padding: 0; } }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #eee; } a { color: #9cc4ff; } a:focus { outline-color: #9cc4ff; }
  .card { background: rgb(255 255 255 / 10%); } input { background: #222; color: #eee; } ::placeholder { color: #bbb; }
}</style></head>
<body><main><h1>Pagos</h1><div class="card"><p>Lo que se te pagó.</p></div>
<form><label for="q">Buscar</label><input id="q" name="q" placeholder="Folio">
<label for="mes">Mes</label><input id="mes" name="mes" value="Julio"></form>
<p><a href="/">Volver al inicio</a></p></main></body></html>"""

TWO_SMALL = '<a href="/" style="font-size:8px;padding:0">Uno</a><a href="/a" style="font-size:8px;padding:0">Dos</a>'
TINY = '<a class="tiny" href="/">Uno</a><a class="tiny" href="/a">Dos</a>'
# What is spoilt: by which words it is replaced, and what is said about it.
FAULTS = {
    "a word on a tinted ground": (".card {", ".card { color: #808080;", "too pale (light, desk)"),
    "a word in the dark": ("color: #eee; } a {", "color: #555; } a {", "too pale (dark, phone)"),
    "a word in the light": ("#fff; color: #222; margin", "#fff; color: #999; margin", "too pale (light, phone)"),
    "what a field says": ("#fff; color: #222; display", "#fff; color: #aaa; display", "too pale (light, desk)"),
    "a hint inside a field": ("::placeholder { color: #555", "::placeholder { color: #bbb", "too pale (light, desk)"),
    "a hint in the dark": ("::placeholder { color: #bbb", "::placeholder { color: #444", "too pale (dark, desk)"),
    "a field without a name": ('<label for="mes">Mes</label>', "", "axe (light, desk) label"),
    "a picture without words": ("Lo que se", '<img src="data:,">Lo que se', "axe (light, desk) image-alt"),
    "a picture without words on a phone": (
        "Lo que se",
        '<img class="small" src="data:,">Lo que se',
        "axe (dark, phone) image-alt",
    ),
    "targets too small": ("Volver al inicio</a>", f"Volver al inicio</a> {TWO_SMALL}", "axe (light, desk) target-size"),
    "targets too small on a phone": (
        "Volver al inicio</a>",
        f"Volver al inicio</a> {TINY}",
        "axe (dark, phone) target-size",
    ),
    "too wide for a phone": ("margin: 1rem;", "margin: 1rem; min-width: 40rem;", "wider than 320"),
    "a broken folio": (
        "Lo que se te pagó.",
        '<b style="display:inline-block;width:7rem">Lo que se pagó de RB-2026-000012.</b>',
        "a folio is broken",
    ),
    "two first headings": ("<h1>Pagos</h1>", "<h1>Pagos</h1><h1>Más</h1>", "2 h1"),
    "a title without the product": ("<title>Pagos · Cauce", "<title>Pagos", "titled «Pagos»"),
    "another language": ('lang="es-MX"', 'lang="en"', "no language"),
    "no way on": ("<main>", "<main></main><div>", "a dead end"),
    "an id twice": ("<p>Lo que", '<p id="q">Lo que', "ids twice"),
    "a name that leads nowhere": ('<label for="q">', '<label for="r">', "for names nothing: r"),
    "a link into nothing": ('<a href="/">', '<a href="#nada">', "leads nowhere: #nada"),
    "a focus that nobody sees": ("input:focus { outline: 3px", "input:focus { outline: 0", "no focus to see"),
    "an order of its own": ('name="q"', 'name="q" tabindex="3"', "out of order"),
    "an error told nowhere": ('name="q"', 'name="q" aria-invalid="true"', "an error that is not told at its field"),
}


def test_a_page_as_it_should_be_has_no_fault_and_each_fault_is_found(enter: Enter) -> None:
    person = enter(looks=False)
    person.page.set_content(GOOD)
    assert look(person.page, WAYS) == []
    missed = []
    for what, (right, wrong, said) in FAULTS.items():
        assert right in GOOD, what
        person.page.set_content(GOOD.replace(right, wrong, 1))
        found = look(person.page, WAYS)
        if not any(said in fault for fault in found):
            missed.append(f"{what}: {found}")
    assert not missed, "\n".join(missed)


HEARD = {
    "a nameless field": ('<label for="mes">Mes</label>', "", "takes the focus without a name"),
    "a thing without a role": ("Lo que se", '<span tabindex="0">Más</span> Lo que se', "says not what it is"),
    "a nameless table": ("Lo que se", "<table><tr><th scope=col>Mes<tr><td>Julio</table>Lo que se", "a table without"),
    "a nameless dialog": ("Lo que se", '<div role="dialog"><p>Sí</p></div>Lo que se', "a dialog without a name"),
    "an interruption": ("Lo que se", '<p aria-live="assertive">Listo</p>Lo que se', "interrupts and is no alert"),
    "no foot": ("<footer>", "<div>", "0 contentinfo"),
}


def test_a_page_is_heard_as_it_is_meant_and_each_fault_is_found(enter: Enter) -> None:
    """Names, roles, places and what changes by itself, in the tree that screen readers read."""
    person = enter(looks=False)
    page = GOOD.replace("<body>", "<body><header>Cauce</header>").replace("</body>", "<footer>Ayuda</footer></body>")
    person.page.set_content(page)
    assert heard(person.page) == [] and tabbed(person.page) == []
    missed = []
    for what, (right, wrong, said) in HEARD.items():
        assert right in page, what
        person.page.set_content(page.replace(right, wrong, 1))
        found = heard(person.page)
        if not any(said in fault for fault in found):
            missed.append(f"{what}: {found}")
    assert not missed, "\n".join(missed)
    person.page.set_content(page.replace('name="mes"', 'name="mes" tabindex="1"'))
    assert tabbed(person.page), "Tab begins in the middle and comes back"


def test_of_many_pages_each_way_gets_its_share_and_a_page_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAUCE_TEST_LOOKS", raising=False)  # with it each page gets all of them
    pages = [f"/pagina/{number}/" for number in range(200)]
    told = [dealt(page) for page in pages]
    assert told == [dealt(page) for page in pages]
    assert all(told.count((way,)) > 30 for way in WAYS)
