"""Which pages a person can reach by links, one of each kind and state; each is read first and opened only when new."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import html

from tests.browser.looks import fingerprint, kind_of
from tests.browser.person import Person

A_KIND = 2  # rows of one kind that are read, for each person
NOTHING = "zzzz"  # what no list holds


def pages(person: Person, known: set[str], *, but: tuple[str, ...] = ()) -> Iterator[str]:
    """Addresses worth a look: of a kind and state that `known` lacks; lists also asked for what they do not hold.

    What begins with one of `but` is left to another walk.
    """
    waiting, seen, kinds = deque(["/"]), {"/"}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        answer = person.context.request.get(path)
        sandboxed = "sandbox" in answer.headers.get("content-security-policy", "")  # a mail alone: runs no script
        if sandboxed or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        tree = html.fromstring(answer.text())
        arrived = urlsplit(answer.url).path
        mark = fingerprint(arrived, tree)
        if mark not in known:
            known.add(mark)
            yield path
        for link in [*_links(tree, answer.url, person.house.address), *_questions(tree, arrived)]:
            kind = kind_of(re.sub(r"=[^&]*", "=", link))
            if link not in seen and kinds[kind] < A_KIND and not link.startswith(but):
                seen.add(link)
                kinds[kind] += 1
                waiting.append(link)


def _links(tree: html.HtmlElement, here: str, address: str) -> list[str]:
    found = []
    for href in tree.xpath("//a/@href"):
        target = urlsplit(urldefrag(urljoin(here, href))[0])
        if f"{target.scheme}://{target.netloc}" == address:
            found.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


def _questions(tree: html.HtmlElement, path: str) -> list[str]:
    """A list asked for what it does not hold shows how it looks when empty."""
    names = tree.xpath("//main//form[@method='get']//input[@type='text' or @type='search']/@name")
    return [f"{path}?{names[0]}={NOTHING}"] if names else []
