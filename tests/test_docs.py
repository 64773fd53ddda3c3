"""What the documents promise is there: people, commands, variables, links, words."""

from __future__ import annotations

import ast
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from celery.schedules import crontab
from django.apps import apps
from django.core.management import call_command, get_commands
from django.test import Client

from config.demo.people import PEOPLE
from config.settings import VARIABLES
from portal import clock
from portal.access import Role
from portal.people.services import issue_token
from tests.sources import PACKAGES, ROOT, named, nodes, none, product, templates

README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _rows(text: str) -> list[list[str]]:
    """The cells of every table row of a document, headings left out."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not re.match(r"\|[\s|:-]+\|$", line)]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_readme_lists_the_sample_people_as_they_are() -> None:
    told = README.partition("### Sample people")[2].partition("\n## ")[0]
    assert _rows(told)[1:] == [[person.name, person.roles_told, person.what] for person in PEOPLE]


def test_every_person_of_the_story_is_a_sample_person() -> None:
    story = README.partition("## Try it")[2].partition("### Sample people")[0]
    first_names = {person.name.split()[0] for person in PEOPLE}
    told = set(re.findall(r"\*\*(\w+)\*\*", story))
    assert told
    assert told <= first_names


def test_every_word_that_the_story_quotes_stands_on_a_page() -> None:
    """What a reader is told to open or press, in italics, is written in a template or by the code."""
    story = README.partition("## Try it")[2].partition("### Sample people")[0]
    told = {" ".join(words.split()) for words in re.findall(r"(?<![*\w])\*([^*]+)\*(?!\*)", story)}
    pages, code = ("\n".join(path.read_text() for path in found) for found in (templates(), product()))
    assert {"Facturar", "Archivos para probar", "Historial"} <= told
    assert {words for words in told if words not in pages and f'"{words}"' not in code} == set()


def test_every_address_of_the_readme_exists() -> None:
    from django.urls import resolve

    told = set(re.findall(r"`(?:http://localhost:8000)?(/[a-z_/-]+/)`", README)) - {"/mesa/", "/_demo/"}
    assert {"/_demo/buzon/", "/_demo/archivos/", "/registro/"} <= told
    for path in [*told, "/mesa/", "/_demo/"]:
        resolve(path)


@pytest.mark.parametrize("document", [README, OPERATIONS], ids=["README", "operations"])
def test_every_command_that_is_shown_exists(document: str) -> None:
    shown = set(re.findall(r"\bbin/([a-z]+)\b(?!\.)", document))
    assert shown
    assert [name for name in shown if not (ROOT / "bin" / name).is_file()] == []
    django = set(re.findall(r"(?:bin/manage|manage\.py) (?:--data \S+ )?([a-z][a-z_-]+)", document))
    assert django
    assert [name for name in django if name not in get_commands()] == []


def test_every_option_of_bin_up_is_told() -> None:
    known = set(re.findall(r'add_argument\("(--[a-z-]+)"', (ROOT / "bin/_runner/up.py").read_text()))
    assert known
    assert {option for option in known if option not in README or option not in OPERATIONS} == set()


def test_every_variable_is_told_and_no_other() -> None:
    assert [name for name in VARIABLES if f"`{name}`" not in README + OPERATIONS] == []
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    table = OPERATIONS.partition("## Settings")[2].partition("\n## ")[0]
    told = {name for row in _rows(table)[1:] for name in re.findall(r"`([A-Z_]+)`", row[0])}
    assert told == set(VARIABLES)
    assert [name for name in asked if f"`{name}`" not in README + OPERATIONS] == []


def test_every_task_of_the_schedule_is_told() -> None:
    from config.celery import SCHEDULE

    told = {row[0].strip("`"): row[1].partition(";")[0] for row in _rows(OPERATIONS) if row[0].strip("`") in SCHEDULE}
    assert told == {name: _when(entry) for name, entry in SCHEDULE.items()}


def _when(entry: float | crontab) -> str:
    """When a task runs, as the document says it."""
    if isinstance(entry, crontab):
        return f"{min(entry.hour):02}:{min(entry.minute):02}"
    if entry == 60:
        return "every minute"
    return f"every {entry / 60:g} minutes" if entry > 60 else f"every {entry:g} s"


def test_every_command_of_ours_is_told() -> None:
    ours = {name for name, app in get_commands().items() if str(app).startswith(("portal.", "config."))}
    assert ours
    assert [name for name in ours if f"`{name}`" not in OPERATIONS] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", path.read_text(), flags=re.S))
    local = [link.partition("#")[0] for link in links if not re.match(r"https?:|mailto:|#", link)]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_documents_name_no_place_of_the_workshop(path: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|root|home)/|127\.0\.0\.1:5\d{4}|/tmp/cauce-dev", path.read_text()) == []


def test_what_comments_cite_stands_in_this_repository() -> None:
    """`domain 1.2` is a heading of docs/domain.md; a cited document is a file of docs/."""
    headings = set(re.findall(r"^#{2,3} (\d(?:\.\d)?)\b", (ROOT / "docs" / "domain.md").read_text(), re.M))
    ours = {path.name for path in DOCUMENTS}
    lost = []
    for path in [*product(), *sorted((ROOT / "tests").rglob("*.py"))]:
        text = path.read_text()
        cited = re.findall(r"\bdomain(?:\.md)? (\d(?:\.\d)?)\b", text)
        lost += [f"{named(path)}: domain {one}" for one in cited if one not in headings]
        files = re.findall(r"(?<![\w./<>-])(?:docs/)?((?:adr/)?[a-z0-9-]+\.md)\b", text)
        lost += [f"{named(path)}: {one}" for one in files if one.removeprefix("adr/") not in ours]
    assert lost == []


def test_decisions_are_numbered_in_a_row_and_say_what_they_cost() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in records]
    assert numbers == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text()
        assert re.match(rf"# {path.name[:4]}\b", text), path.name
        assert re.findall(r"^## (\w+)", text, re.M)[:3] == ["Context", "Decision", "Consequences"], path.name


def test_generated_documents_are_fresh() -> None:
    call_command("make_docs", "--check")


def test_the_shape_names_only_what_stands() -> None:
    code = "\n".join([*(path.read_text() for path in product()), (ROOT / "pyproject.toml").read_text()])
    text = (ROOT / "docs" / "shape.md").read_text()
    told = set(re.findall(r"`(?:[a-z_.@]+\.)?([A-Za-z_]{4,})\(", text)) | set(re.findall(r"`([a-z_]{5,})`", text))
    assert len(told) > 60
    assert told - set(re.findall(r"\w+", code)) == set()


@pytest.mark.django_db
def test_the_example_of_the_api_is_taken_as_it_stands() -> None:
    from tests.factories import billing as a
    from tests.factories import people

    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.S)
    sent, told = json.loads(blocks[0]), json.loads(blocks[1])
    insurer = a.insurer(name=sent["orders"][0]["authorised_by"])
    _, secret = issue_token(
        name="Sistema",
        user=people.user_with_role(Role.INSURER_API, insurer),
        party=insurer,
        scopes=["orders:write"],
        expires_at=clock.real_now() + timedelta(days=1),
        by=people.administrator(),
        at=clock.now(),
    )
    answer = Client().post(
        "/api/v1/ordenes/",
        blocks[0].encode(),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {secret}",
        HTTP_IDEMPOTENCY_KEY="entrega-2026-11-22-0001",
    )
    assert answer.status_code == 201, answer.content
    assert answer.json() == told | {"delivery": answer.json()["delivery"]}


# --- the glossary ------------------------------------------------------------------------------------------------

TERMS = [row for row in _rows((ROOT / "docs" / "glossary.md").read_text()) if len(row) == 5 and row[0] != "Term"]


def test_every_term_of_the_glossary_has_meaning_and_source() -> None:
    assert len(TERMS) > 50
    assert [row[0] for row in TERMS if not all(row)] == []
    assert len({row[0] for row in TERMS}) == len(TERMS)


def test_every_table_has_its_word_in_the_glossary() -> None:
    told = set(re.findall(r"`(\w+)`", " ".join(row[1] for row in TERMS)))
    ours = [one.__name__ for one in apps.get_models() if one.__module__.split(".")[0] in PACKAGES]
    assert len(ours) > 80 and sorted(set(ours) - told) == []


def test_every_code_name_of_the_glossary_is_used() -> None:
    code = "\n".join(path.read_text() for path in product())
    words = set(re.findall(r"[A-Za-z0-9_]+", code))
    unused = [
        name
        for row in TERMS
        for name in re.findall(r"`([^`]+)`", row[1])
        if (wanted := name.rpartition(":")[2]) not in words
        and not re.search(rf"(?<![A-Za-z0-9_]){re.escape(wanted)}(?![A-Za-z0-9_])", code)
    ]
    assert unused == []


def test_people_read_the_words_of_the_glossary() -> None:
    forbidden = {phrase: row[0] for row in TERMS for phrase in re.findall(r"«([^»]+)»", row[4])}
    assert forbidden
    faults = []
    for path in templates():
        shown = re.sub(r"{#.*?#}|{% comment.*?endcomment %}|{{.*?}}", "", path.read_text(), flags=re.S)
        faults += [
            f"{named(path)}: «{phrase}», say {right}"
            for phrase, right in forbidden.items()
            if re.search(rf"\b{re.escape(phrase)}\b", shown, re.I)
        ]
    assert faults == []


# Whole names of what is meant; what a paper or a file calls its own column; and the verb.
NAMED_ACCOUNT = re.compile(
    r"cuentas? (bancarias?|por pagar|de cobranza|del hospital)|cuentas? de (la|las|cada|una) ([oó]rden|órdenes)"
    r"|estados? de cuenta|«cuenta[^»]*»|<b>cuenta</b>|(se|ya|número|en|todavía) cuentan?\b|cuentas?[-_/=]"
    r"|[-_/]cuentas?\b|columnas: cuenta,",
    re.I,
)
# Readers of what others write, and the words of our own CFDI samples and concepts, which quote «Cuenta».
QUOTING = {"banks.py", "statement_banks.py", "statement_closing.py", "statements.py", "invoices.py", "submitting.py"}


def _alone(text: str) -> bool:
    return re.search(r"\bcuentas?\b(?! su fecha)", NAMED_ACCOUNT.sub("", " ".join(text.split())), re.I) is not None


def test_an_account_is_never_named_by_cuenta_alone() -> None:
    """«Cuenta» had six meanings: of the order, of the bank, a statement, a sum, the sign-in, a provider's."""
    code = r"{#.*?#}|{% comment.*?endcomment %}|{{.*?}}|{% if .*?%}|\b(id|for|aria-labelledby|class|name)=\"[^\"]*\""
    shown = [(path, re.sub(code, "", path.read_text(), flags=re.S)) for path in templates()]
    shown += [
        (path, node.value)
        for path in product()
        if path.name not in QUOTING and path.parts[-3:] != ("fiscal", "rules", "invoice.py")
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not re.fullmatch("[a-z_]+", node.value)
    ]
    none([f"{named(path)}: {text[:80]}" for path, text in shown if _alone(text)])
    assert _alone("Guardar cuenta") and _alone("Volver a mi cuenta") and not _alone("Tu cuenta bancaria")
