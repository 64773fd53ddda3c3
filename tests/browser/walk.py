"""One walk a run over every link that a sample person can press (plain Django, strict templates, no browser).

`test_crawl.py` asks what it found; `test_every_page.py` opens in a browser one page of each kind and state it met.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html

from config.demo.people import PEOPLE
from config.matrix import routes
from portal.api import calls
from portal.design.middleware import HEADERS
from portal.listing.export import EXPORTS
from portal.once.services import whole_transaction
from tests.browser.looks import ID, fingerprint
from tests.copies import Run
from tests.security.conftest import changed_tables
from tests.security.test_house import MAY_CHANGE, STRANGERS
from tests.strictness import shuffle_unordered

HOST = "http://localhost:8000"
HOLIDAY = re.compile(r"(?<=/inhabiles/)[^/]+")
A_KIND = 2  # rows of one kind that are opened, for each person
# The same for everybody: read by a visitor and by the first of those who signed in.
PUBLIC = (
    "/_demo/",
    "/api/docs/",
    "/api/schema/",
    "/ayuda/",
    "/contacto/?",
    "/privacidad/",
    "/verificar/",
    "/_ui/",
    "/registro/",
    "/entrar/",
)
ENGLISH = re.compile(
    r"\b(None|True|False|undefined|NaN|null|Submit|Password|Save|Delete|Cancel|Next|Previous|Search|Page|This field|"
    r"Enter a|required|Username|Log ?in|Sign ?in|Settings|Home|Invoice|Payment|Order|Draft|pending|January|February|"
    r"March|April|June|July|August|September|October|November|December|Monday|Sunday|Decimal|datetime|__\w+__)\b"
)
UNWRITTEN = re.compile(r"\{[{%]|%\(|\bb'|&(?:amp|lt|gt|quot);|<(?:class|function|QuerySet)")
# Written by others, or names that everybody uses.
FOREIGN = re.compile(r"GNU|Open Font License|SHA-256|passkey", re.IGNORECASE)


# What a page fetches of elsewhere; a link that somebody follows, and that tells nobody where from, is none.
OF_OTHER_HOSTS = re.compile(
    r"""(?:src|action|poster|data|srcset)=["'](?:https?:)?//|<(?!a\s)[^>]*\shref=["'](?:https?:)?//"""
    r"""|<a\s(?![^>]*rel="noopener noreferrer")[^>]*href=["'](?:https?:)?//""",
    re.IGNORECASE,
)
FULL_ADDRESS = re.compile(r"""=["'](?:https?:)?//""", re.IGNORECASE)  # without one, the above finds nothing
BILLS_FOR_ONE = {"lucia", "marisol"}  # whoever sees the rows of one physician alone: no stranger's are among them

# Two people of one role see the same; physicians stand in different situations.
OF_A_POLICY = {"tobias"}  # a member as others are, by a certificate of an insurer's: he files claims and pays no dues
WALKERS = [
    person
    for number, person in enumerate(PEOPLE)
    if person.rfc or person.role not in {other.role for other in PEOPLE[:number]} or person.slug in OF_A_POLICY
]
NOBODY = "nadie"  # a visitor who did not sign in
NOTHING = "zzzz"  # what no list holds
FORM, QUESTION = "a form", "a question"  # what leads to an address, when no link does


@dataclass
class Walked:
    """What the walkers met. `kinds`: of each kind and state of page, who met it first, where, and with which status."""

    faults: list[str] = field(default_factory=list)
    pages: dict[str, int] = field(default_factory=dict)  # walker -> how many
    reached: list[str] = field(default_factory=list)  # names of addresses
    by_hand: list[str] = field(default_factory=list)  # names of the addresses that answer a GET
    kinds: dict[str, tuple[str, list[tuple[str, int]]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # lists' files -> who met them first

    def of(self, who: str) -> list[tuple[str, list[tuple[str, int]]]]:
        """Each kind and state that this person met first, and its addresses."""
        return [(mark, paths) for mark, (first, paths) in self.kinds.items() if first == who]


def walked(run: Run, files: Path) -> Walked:
    """The walk of this run, made on first use in a copy of the demo world; `files` is an empty place for its files."""
    told = run.folder / "walked.json"

    def walk(_name: str) -> None:
        with run.a_world(files), pytest.MonkeyPatch.context() as patch, whole_transaction():
            shuffle_unordered(patch)
            # What a template was given is kept, a copy for each include, for tests that ask; nobody asks here.
            patch.setattr("django.test.client.store_rendered_templates", lambda *_told, **_more: None)
            told.write_text(json.dumps(asdict(_walk_all())))
            transaction.set_rollback(True)

    run.once(f"{run.name}_walked", walk)
    return Walked(**json.loads(told.read_text()))


def _walk_all() -> Walked:
    met = Walked()
    reached = _walk(Client(HTTP_HOST="localhost:8000"), NOBODY, met)
    for person in WALKERS:
        client = Client(HTTP_HOST="localhost:8000")
        assert client.post(f"/_demo/entrar/{person.slug}/").status_code == 302
        reached |= _walk(client, person.slug, met)
    met.reached = sorted(reached)
    met.by_hand = sorted(_opened_by_hand())
    return met


def _opened_by_hand() -> set[str]:
    """Names of the pages: what answers a GET. Calls of programs stand on `/api/docs/` instead."""
    return {
        name
        for name, path, view in routes()
        if not (path.startswith(calls.PREFIX) or name.startswith(("admin:", "djdt:")) or _only_takes_forms(view))
    }


def _only_takes_forms(view: Any) -> bool:
    """Whether `require_POST` stands somewhere above a view: it keeps what it lets through in its closure."""
    while view is not None:
        code = getattr(view, "__code__", None)
        if code is not None and "request_method_list" in code.co_freevars:
            return "GET" not in view.__closure__[code.co_freevars.index("request_method_list")].cell_contents
        view = getattr(view, "__wrapped__", None)
    return False


def _walk(client: Client, who: str, met: Walked) -> set[str]:
    """Follow every link from the home page on, a few rows of each kind; the names of the pages that were met.

    Lists are also asked for what they do not hold.
    """
    waiting, chosen = deque([("/", "start")]), Chosen(who, met.files)
    reached, before, faults = set(), changed_tables(), met.faults
    met.pages[who] = 0
    while waiting:
        path, came_from = waiting.popleft()
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        met.pages[who] += 1
        try:
            reached.add(resolve(urlsplit(path).path).view_name)
        except Resolver404:
            faults.append(f"{who}: {path} is no address (linked from {came_from})")
            continue
        if answer.status_code >= 400 and (answer.status_code, came_from) not in {(405, FORM), (404, QUESTION)}:
            faults.append(f"{who}: {answer.status_code} {path} (linked from {came_from})")
        faults += [f"{who}: {path} {fault}" for fault in _wrong_answer(answer, body, who)]
        tree = _tree(answer, body)
        for link, stands_on in _links(answer, tree, path, came_from):
            if chosen.takes(link, stands_on):
                waiting.append((link, stands_on))
        if tree is not None:
            if came_from != FORM and "sandbox" not in answer.headers.get(
                "Content-Security-Policy", ""
            ):  # runs no script
                first, places = met.kinds.setdefault(fingerprint(urlsplit(path).path, tree), (who, []))
                if first == who and len(places) < A_KIND:
                    places.append((path, answer.status_code))
            if answer.status_code == 200:
                _read(tree, path, met.faults, who)
    after = changed_tables()
    wrote = [table for table in after if after[table] != before.get(table, 0) and table not in MAY_CHANGE]
    faults += [f"{who}: reading wrote in {table}" for table in wrote]
    return reached


class Chosen:
    """The links that one person follows: a few of each kind, each word that narrows a list, every list's files once.

    What a file holds is the matter of `tests/desk/test_tables.py`; here it is asked by whoever meets it first, and as a
    CSV by those who may see the rows of one physician alone.
    """

    def __init__(self, who: str, files: dict[str, str]) -> None:
        self.who, self.files, self.taken = who, files, 0
        self.seen, self.kinds = {"/"}, Counter[str]()

    def takes(self, link: str, stands_on: str) -> bool:
        """Whether this link is followed too; it counts from now on."""
        public = self.who not in {NOBODY, WALKERS[0].slug} and link.startswith(PUBLIC)
        kinds = _kinds(link)
        limit = 1 if stands_on == FORM or "?formato=" in kinds[0] else A_KIND
        if public or link in self.seen or all(self.kinds[kind] >= limit for kind in kinds) or not self._file(kinds[0]):
            return False
        self.seen.add(link)
        self.kinds.update(kinds)
        return True

    def _file(self, kind: str) -> bool:
        """A person takes away only so many files in ten minutes (OP-08): the rest is the next one's."""
        if "?formato=" not in kind:
            return True
        if self.taken == EXPORTS:
            return False
        first = self.files.setdefault(kind, self.who) == self.who
        mine = first or (self.who in BILLS_FOR_ONE and kind.endswith("=csv"))
        self.taken += mine
        return mine


def _kinds(link: str) -> list[str]:
    """What a link is one of: a page whatever it is about, a page narrowed by each of these words, a list's file."""
    target = urlsplit(link)
    path = HOLIDAY.sub("…", ID.sub("…", target.path))
    if file := re.search(r"formato=\w+", target.query):
        return [f"{path}?{file[0]}"]
    words = (word if word.endswith(f"={NOTHING}") else word.split("=")[0] for word in target.query.split("&"))
    return [f"{path}?{word}" for word in words]


def _tree(answer: HttpResponseBase, body: bytes) -> html.HtmlElement | None:
    """The page, if the answer is one."""
    page = not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html") and body.strip()
    return html.fromstring(body.decode()) if page else None


def _wrong_answer(answer: HttpResponseBase, body: bytes, who: str) -> list[str]:
    """Headers other than OP-07 says (a file has its own policy, UP-08), other hosts' things, a stranger's rows."""
    is_file = "sandbox" in answer.headers.get("Content-Security-Policy", "")
    expected = HEADERS if not is_file else HEADERS | {"Content-Security-Policy": "sandbox; default-src 'none'"}
    wrong = [f"header {name}" for name, value in expected.items() if answer.headers.get(name) != value]
    wrong += [f"lacks {name}" for name in ("Cache-Control", "X-Request-Id") if not answer.headers.get(name)]
    kind, text = answer.headers.get("Content-Type", ""), body.decode(errors="replace")
    if kind.startswith("text/html") and FULL_ADDRESS.search(text):
        wrong += [f"loads {found}" for found in OF_OTHER_HOSTS.findall(text)]
    if who in BILLS_FOR_ONE and not kind.startswith("application/pdf"):
        wrong += [f"shows {mark} of a stranger" for mark in STRANGERS if mark in text]
    return wrong


def _links(
    answer: HttpResponseBase, tree: html.HtmlElement | None, path: str, came_from: str
) -> Iterator[tuple[str, str]]:
    """Where this answer leads inside the portal and what leads there."""
    if answer.status_code in {301, 302, 303}:
        target = urlsplit(answer["Location"])
        yield target.path + (f"?{target.query}" if target.query else ""), came_from if came_from == QUESTION else path
    if tree is None:
        return
    for where, stands_on in (("//a/@href", path), ("//form/@action", FORM)):
        for href in tree.xpath(where, smart_strings=False):
            target = urlsplit(urldefrag(urljoin(HOST + path, href))[0])
            if f"{target.scheme}://{target.netloc}" == HOST and not (where != "//a/@href" and not href):
                yield target.path + (f"?{target.query}" if target.query else ""), stands_on
    if answer.status_code == 200:
        yield from _questions(tree, path)


def _questions(tree: html.HtmlElement, path: str) -> Iterator[tuple[str, str]]:
    """A list asked for what it does not hold shows how it looks when empty."""
    names = tree.xpath("//main//form[@method='get']//input[@type='text' or @type='search']/@name")
    if names:
        yield f"{urlsplit(path).path}?{names[0]}={NOTHING}", QUESTION


def _read(tree: html.HtmlElement, path: str, faults: list[str], who: str) -> None:
    """Title, one first heading, no word left in English, nothing unwritten. What programs read stays as they do."""
    for unseen in tree.xpath("//script | //style | //svg | //code | //pre"):
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
