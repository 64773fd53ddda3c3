"""Every link that a sample person can press leads to a page in Spanish (plain Django, strict templates, no browser).

On the way: reading writes nothing (AC-10b), what a list shows opens (AC-06), every answer has its headers (OP-07) and
asks nothing of other hosts (PR-07), and nobody sees a stranger's rows.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit
from uuid import UUID

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import resolve
from lxml import html

from config.demo.people import PEOPLE
from config.matrix import routes
from portal.design.middleware import HEADERS
from tests.browser.looks import ID
from tests.security.conftest import changed_tables
from tests.security.test_house import MAY_CHANGE, STRANGERS

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("demo_world")]

HOST = "http://localhost:8000"
AT_THE_DOOR = (302, 403)  # sent to sign in, or not of this role
A_KIND = 2  # rows of one kind that are opened, for each person
# The same for everybody: read by a visitor and by the first of those who signed in.
PUBLIC = ("/_demo/", "/ayuda/", "/contacto/?", "/privacidad/", "/verificar/", "/_ui/", "/registro/", "/entrar/")
ENGLISH = re.compile(
    r"\b(None|True|False|undefined|NaN|null|Submit|Password|Save|Delete|Cancel|Next|Previous|Search|Page|This field|"
    r"Enter a|required|Username|Log ?in|Sign ?in|Settings|Home|Invoice|Payment|Order|Draft|pending|January|February|"
    r"March|April|June|July|August|September|October|November|December|Monday|Sunday|Decimal|datetime|__\w+__)\b"
)
UNWRITTEN = re.compile(r"\{[{%]|%\(|\bb'|&(?:amp|lt|gt|quot);|<(?:class|function|QuerySet)")
# Written by others, or names that everybody uses.
FOREIGN = re.compile(r"GNU|Open Font License|SHA-256|passkey", re.IGNORECASE)


OF_OTHER_HOSTS = re.compile(r"""(?:src|href|action|poster|data|srcset)=["'](?:https?:)?//""", re.IGNORECASE)
BILLS_FOR_ONE = {"lucia", "marisol"}  # whoever sees the rows of one physician alone: no stranger's are among them

# Two people of one role see the same; physicians stand in different situations.
WALKERS = [
    person
    for number, person in enumerate(PEOPLE)
    if person.rfc or person.role not in {other.role for other in PEOPLE[:number]}
]
# Pages that no link shows, and what leads there. Addresses that only take a form are found by asking.
ELSEWHERE = {
    "alive": "for machines",
    "ready": "for machines",
    "people:choose_password": "a one-time secret",
    "people:confirm": "a mail",
    "people:confirm_secondary": "a mail",
    "people:confirm_it_is_you": "an act that asks for freshness",
    "people:second_step": "a password of its own",
    "moved_my_account": "an address of before",
    "moved_capture_account": "an address of before",
    "moved_team": "an address of before",
    "demo:bank_file": "a file sent to the bank",
    "demo:mail": "a mail sent",
    "demo:mail_html": "a mail sent",
    "papers:check": "the QR of a paper",
    "papers:page": "a picture",
    "help:sent": "a message sent",
    "billing:submitted": "an invoice sent",
    "listing:folio": "a folio that somebody writes",
    "calendars:feed_file": "an address with a secret",
    "papers:exports": "a long list that was asked for",
    "imports:run": "a file that was read",
    "imports:errors": "a file with errors",
    "billing:regime": "a proved RFC whose regime is untold",
    "fiscal:withdraw_key": "a key that was added",
    "proofs:move": "a handover that was asked",
    "proofs:paper": "a paper that was handed in",
}


def test_every_link_of_every_sample_person_leads_to_a_spanish_page() -> None:
    faults: list[str] = []
    pages: Counter[str] = Counter()
    reached: set[str] = set()
    clients = {person.slug: Client(HTTP_HOST="localhost:8000") for person in WALKERS}
    for person in WALKERS:
        client = clients[person.slug]
        assert client.post(f"/_demo/entrar/{person.slug}/").status_code == 302
        reached |= _walk(client, person.slug, faults, pages)
    visitor = Client(HTTP_HOST="localhost:8000")
    reached |= _walk(visitor, "nadie", faults, pages)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(sorted(set(faults)))
    assert min(pages.values()) >= 8, pages
    assert sum(pages.values()) >= 200, pages
    by_hand = _opened_by_hand([*reversed(clients.values()), visitor])  # who is let in most, first
    alone = by_hand - reached - set(ELSEWHERE)
    assert not alone, f"pages that no link leads to: {sorted(alone)}"
    assert not set(ELSEWHERE) - by_hand, "addresses that are gone, or only take a form"


def _opened_by_hand(clients: list[Client]) -> set[str]:
    """Names of the addresses that answer a GET: the others refuse the method, to whoever is let in."""
    values = {"uuid": str(UUID(int=0)), "int": "1", "slug": "x", "str": "x"}
    found = set()
    for name, path, _view in routes():
        example = re.sub(r"<(\w+):\w+>", lambda match: values[match[1]], path)
        answers = (client.get(f"/{example}").status_code for client in clients)
        let_in = next((status for status in answers if status not in AT_THE_DOOR), 0)
        if not name.startswith(("admin:", "djdt:")) and let_in != 405:
            found.add(name)
    return found


def _walk(client: Client, who: str, faults: list[str], pages: Counter[str]) -> set[str]:
    """Follow every link from the home page on, a few rows of each kind; the names of the pages that were met."""
    waiting, seen, kinds = deque([("/", "start")]), {"/"}, Counter[str]()
    reached, before = set(), changed_tables()
    while waiting:
        path, came_from = waiting.popleft()
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        pages[who] += 1
        reached.add(resolve(urlsplit(path).path).view_name)
        if answer.status_code >= 400 and (answer.status_code != 405 or came_from != "a form"):
            faults.append(f"{who}: {answer.status_code} {path} (linked from {came_from})")
        faults += [f"{who}: {path} {fault}" for fault in _wrong_answer(answer, body, who)]
        for link, stands_on in _links(answer, body, path, faults, who):
            kind = ID.sub("…", re.sub(r"=[^&]*", "=", link))
            public = who not in {"nadie", WALKERS[0].slug} and link.startswith(PUBLIC)
            if link not in seen and kinds[kind] < A_KIND and not public:
                seen.add(link)
                kinds[kind] += 1
                waiting.append((link, stands_on))
    after = changed_tables()
    wrote = [table for table in after if after[table] != before.get(table, 0) and table not in MAY_CHANGE]
    faults += [f"{who}: reading wrote in {table}" for table in wrote]
    return reached


def _wrong_answer(answer: HttpResponseBase, body: bytes, who: str) -> list[str]:
    """Headers other than OP-07 says (a file has its own policy, UP-08), other hosts' things, a stranger's rows."""
    is_file = "sandbox" in answer.headers.get("Content-Security-Policy", "")
    expected = HEADERS if not is_file else HEADERS | {"Content-Security-Policy": "sandbox; default-src 'none'"}
    wrong = [f"header {name}" for name, value in expected.items() if answer.headers.get(name) != value]
    wrong += [f"lacks {name}" for name in ("Cache-Control", "X-Request-Id") if not answer.headers.get(name)]
    kind, text = answer.headers.get("Content-Type", ""), body.decode(errors="replace")
    if kind.startswith("text/html"):
        wrong += [f"loads {found}" for found in OF_OTHER_HOSTS.findall(text)]
    if who in BILLS_FOR_ONE and not kind.startswith("application/pdf"):
        wrong += [f"shows {mark} of a stranger" for mark in STRANGERS if mark in text]
    return wrong


def _links(answer: HttpResponseBase, body: bytes, path: str, faults: list[str], who: str) -> Iterator[tuple[str, str]]:
    """Where this page leads inside the portal and what leads there; what its words do wrong goes to `faults`."""
    if answer.status_code in {301, 302, 303}:
        target = urlsplit(answer["Location"])
        yield target.path + (f"?{target.query}" if target.query else ""), path
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html") or not body.strip():
        return
    tree = html.fromstring(body.decode())
    for where, stands_on in (("//a/@href", path), ("//form/@action", "a form")):
        for href in tree.xpath(where):
            target = urlsplit(urldefrag(urljoin(HOST + path, href))[0])
            if f"{target.scheme}://{target.netloc}" == HOST and not (where != "//a/@href" and not href):
                yield target.path + (f"?{target.query}" if target.query else ""), stands_on
    if answer.status_code == 200:
        _read(tree, path, faults, who)


def _read(tree: html.HtmlElement, path: str, faults: list[str], who: str) -> None:
    """Title, one first heading, no word left in English, nothing unwritten."""
    for unseen in tree.xpath("//script | //style | //svg"):
        unseen.drop_tree()
    text = " ".join(tree.text_content().split())
    if len(tree.xpath("//h1")) != 1:
        faults.append(f"{who}: {path} has {len(tree.xpath('//h1'))} h1")
    titles = [title.strip() for title in tree.xpath("//title/text()")]
    if len(titles) != 1 or titles[0].startswith(("·", "Portal ·")):
        faults.append(f"{who}: {path} is titled {titles}")
    for match in [*ENGLISH.finditer(text), *UNWRITTEN.finditer(text)]:
        around = text[max(0, match.start() - 30) : match.end() + 30]
        if not FOREIGN.search(around):
            faults.append(f"{path}: «{around}»")
