"""A folio is read as one word: browsers break a line at its hyphens, and no style of a text forbids that.

A page and a mail are looked through once they are drawn: folios stand in sentences that every room writes for itself.
"""

from __future__ import annotations

import re

# Behind a tag, never inside one; not where only text may stand, nor where it alone is the head of a list's row or ends
# the hidden word of its box, which never break.
_ONLY_TEXT = "title|option|textarea|script|style|text|tspan|desc"
_FOLIO = re.compile(
    r"\b[A-Z]{2}-(?<![\w-]...)(?<!nowrap\">...)(?<!folio\">...)"
    r"(?!(?<=>...)(?:[A-Z0-9]{1,12}-)?[0-9]{4}-[0-9]{6}</a></th>)"
    rf"(?:[A-Z0-9]{{1,12}}-)?[0-9]{{4}}-[0-9]{{6}}(?![\w-]|</span></label>)(?=[^<>]*<(?!/(?:{_ONLY_TEXT})\b))",
    re.ASCII,
)
IN_PAGE, IN_MAIL = 'class="nowrap"', 'style="white-space:nowrap"'


def unbroken(html: str, told: str = IN_PAGE) -> str:
    """HTML whose folios stand each in an element that keeps them on one line."""
    return _FOLIO.sub(rf"<span {told}>\g<0></span>", html)
