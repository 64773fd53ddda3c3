"""What a page of the portal says, read from its HTML."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.template import Template
from django.test.signals import template_rendered

from portal.once.rules import FIELD


def once() -> dict[str, str]:
    """The key by which a form is taken once, as `{% once_key %}` writes it: a new one each time."""
    return {FIELD: uuid.uuid4().hex}


def heads_of_rows(page: str) -> list[str]:
    """What stands first in each row of a list, its sums left out."""
    body = page.partition("<tbody")[2].partition("</tbody")[0]
    return re.findall(r'<th scope="row"[^>]*>(?:<[^>]+>)*([^<]+)', body)


@contextmanager
def undrawn() -> Iterator[None]:
    """Pages tell what their view gave them (`answer.context`), and nobody draws them: half of what a page costs.

    For who asks of many addresses what is on them; how each looks others see.
    """

    def told(self: Template, context: Any) -> str:
        template_rendered.send(sender=self, template=self, context=context)
        return ""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", told)
        yield
