"""House rules of templates. Each test names the whole list of what breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources import ROOT, named, none, planted, product, templates

INLINE = {
    "inline style": re.compile(r"""<style\b|\sstyle\s*=\s*["'{]""", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)|javascript:", re.I),
    "inline handler": re.compile(r"""<[a-z][^>]*\son[a-z]+\s*=\s*["']""", re.I),
    "address elsewhere": re.compile(r"""(?:src|<link[^>]*href)\s*=\s*["'](?:https?:)?//""", re.I),
}


def _visible(text: str) -> str:
    """A template without its comments."""
    return re.sub(r"{% comment.*?endcomment %}|{#.*?#}", "", text, flags=re.S)


@pytest.mark.parametrize("what", INLINE)
def test_templates_keep_the_content_security_policy(what: str) -> None:
    # A mail is drawn by a mail program, which knows no style sheet of ours; the mailbox shows it in a sandbox.
    apart = {"pdf", "emails"} if what == "inline style" else {"pdf"}
    screens = [path for path in templates() if path.suffix == ".html" and apart.isdisjoint(path.parts)]
    none([named(path) for path in screens if INLINE[what].search(_visible(path.read_text()))])


def test_no_line_of_a_template_is_longer_than_160_characters() -> None:
    """What the formatter may not break: a tag of Django's. A long text stands in a `{% with %}` of its own above it."""
    pages = [path for path in (*templates(), *(ROOT / "tests").rglob("templates/**/*")) if path.suffix == ".html"]
    lines = [(path, number, line) for path in pages for number, line in enumerate(path.read_text().splitlines(), 1)]
    none([f"{named(path)}:{number}: {len(line)}" for path, number, line in lines if len(line) > 160])


def test_no_template_outside_components_compares() -> None:
    """Whether it is this state, this word or one of these is a boolean, or a sentence, that the page was given; one
    and many are `blocktranslate count`.
    """
    compared = r"[=!]=|\s(?:not\s+)?in\s|\sis\s(?!None|not\sNone)"
    compares = re.compile(rf"{{%-?\s*(?:el)?if\b(?:[^%]|%(?!}}))*?(?:{compared})(?:[^%]|%(?!}}))*%}}")
    pages = [path for path in templates() if path.parent.name != "components"]
    none([f"{named(path)}: {one}" for path in pages for one in compares.findall(_visible(path.read_text()))])


# Sent as they are when the database, the session or the names of addresses cannot be asked: nothing but a reference.
STATIC = {f"templates/errors/{name}.html" for name in ("500", "bare", "refused")}


def test_templates_ask_addresses_by_their_names() -> None:
    """`{% url %}`, never an address as text: it moves with its URL."""
    written = re.compile(r"""\b(?:href|action|src)=["']/[^"'/]*""")
    pages = [path for path in templates() if named(path) not in STATIC]
    none([f"{named(path)}: {one}" for path in pages for one in written.findall(_visible(path.read_text()))])


# A page of rows that is no `Listing`, so that it has no files, no places and no call of the list → why.
ROWS_BY_HAND = {
    "api/docs.html": "the calls, from the code",
    "billing/bundle.html": "one open bundle: its files, each with its own form",
    "billing/desk/clean.html": "the lane: thirty at once, each accepted from its line",
    "billing/statement.html": "sums of a month, which lead to the lists of their rows",
    "calendars/list.html": "the house's calendars, a line each, shown whole",
    "demo/files.html": "the demo's",
    "demo/mailbox.html": "the demo's",
    "desk/queue.html": "queues of every app, each with its own list",
    "listing/search.html": "at most five of each kind; the kind's own list has all",
    "memberships/offered.html": "the plans on offer, as cards",
    "rulebook/list.html": "the rules that the apps declare, by family",
    "treasury/agenda.html": "the plan of the days ahead, by sums",
    "treasury/new_batch.html": "a form: what is chosen there makes a batch; says when there are more",
}


def test_a_page_of_rows_is_a_listing_or_says_why_not() -> None:
    bare = set()
    for path in templates():
        text = path.read_text()
        if "layouts/list.html" in text and not re.search(r"components/(table|pagination)\.html", text):
            bare.add(named(path).removeprefix("templates/"))
    none(sorted(bare - ROWS_BY_HAND.keys()) + sorted(ROWS_BY_HAND.keys() - bare))


def test_no_template_outside_components_weighs_dates_numbers_or_verdicts() -> None:
    """What is late, more than one, in doubt or allowed is a boolean that the page was given."""
    weighs = re.compile(
        r"{%\s*(?:el)?if\b[^%]*(?:\s[<>]=?\s|\bverdict\s*(?:[=!]=|in\b|not\b)|\bin\s+user\.permissions)[^%]*%}"
    )
    pages = [path for path in templates() if path.parent.name != "components"]
    none([f"{named(path)}: {one}" for path in pages for one in weighs.findall(_visible(path.read_text()))])


@pytest.mark.parametrize(
    ("convention", "content"),
    [
        (test_templates_ask_addresses_by_their_names, '<a href="/contacto/">Contacto</a>'),
        (test_templates_ask_addresses_by_their_names, '{% include "x.html" with href="/" only %}'),
        (test_no_template_outside_components_compares, '{% if a %}{% elif batch.state != "paid" %}{% endif %}'),
        (test_no_template_outside_components_compares, '{% if what == "sign_up" %}{% endif %}'),
        (test_no_template_outside_components_compares, '{% if "passkey" in ways %}{% endif %}'),
        (test_no_template_outside_components_compares, "{% if count == 1 %}{% endif %}"),
        (test_no_template_outside_components_weighs_dates_numbers_or_verdicts, "{% if due_on < today %}{% endif %}"),
        (test_no_template_outside_components_weighs_dates_numbers_or_verdicts, "{% if rows|length > 1 %}{% endif %}"),
        (
            test_no_template_outside_components_weighs_dates_numbers_or_verdicts,
            '{% if a %}{% elif file.verdict == "review" %}{% endif %}',
        ),
        (
            test_no_template_outside_components_weighs_dates_numbers_or_verdicts,
            '{% if "billing.bill_orders" in user.permissions %}{% endif %}',
        ),
    ],
)
def test_a_planted_page_is_found(convention: Callable[[], None], content: str, tmp_path: Path) -> None:
    with planted(
        tmp_path / "good", "templates/x/page.html", "{% if late %}<a href='{% url \"home\" %}'></a>{% endif %}"
    ):
        convention()
    with planted(tmp_path / "bad", "templates/x/page.html", content), pytest.raises(AssertionError):
        convention()


def test_components_see_only_what_they_are_given() -> None:
    include = re.compile(r"""{%\s*include\s+["']components/[^%]*%}""")
    open_includes = [
        f"{named(path)}: {one}"
        for path in templates()
        for one in include.findall(_visible(path.read_text()))
        if not re.search(r"\bonly\s*%}$", one)
    ]
    none(open_includes)


def test_components_list_their_inputs_on_top() -> None:
    pages = [path for path in templates() if path.parent.name == "components"]
    components = [path for path in pages if "{% extends" not in path.read_text()]
    none([named(path) for path in components if not re.match(r"\s*{(#|% comment)", path.read_text())])


# Mails, documents, guides and the samples of the catalogue are found by their kind: the slug must stand in the code.
BY_KIND = {"emails", "pdf", "help"}


def test_no_template_is_unused() -> None:
    texts = [path.read_text() for path in (*product(), *templates())]
    everything = "\n".join(texts)
    unused = []
    for path in templates():
        name = str(path.relative_to(ROOT / "templates"))
        by_kind = name.split("/", maxsplit=1)[0] in BY_KIND
        stem = re.escape(path.stem)
        if name in everything or (by_kind and re.search(rf"""["'/.]{stem}["'.]""", everything)):
            continue
        if not _overrides_a_library(name):
            unused.append(name)
    none(unused)


def _overrides_a_library(name: str) -> bool:
    from django.template.utils import get_app_template_dirs

    return any((Path(folder) / name).is_file() for folder in get_app_template_dirs("templates"))
