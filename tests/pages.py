"""What a page of the portal says, read from its HTML."""

from __future__ import annotations

import re
import uuid

from portal.once.rules import FIELD


def once() -> dict[str, str]:
    """The key by which a form is taken once, as `{% once_key %}` writes it: a new one each time."""
    return {FIELD: uuid.uuid4().hex}


def heads_of_rows(page: str) -> list[str]:
    """What stands first in each row of a list, its sums left out."""
    body = page.partition("<tbody")[2].partition("</tbody")[0]
    return re.findall(r'<th scope="row"[^>]*>(?:<[^>]+>)*([^<]+)', body)
