"""What apps that tell people something declare here at start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from portal.access import Permission
from portal.notices.rules import ABOUT, ALWAYS, KINDS, NoticeKind


def register_notices(group: str, labels: Mapping[str, str], *, audience: Collection[Permission] = ()) -> None:
    """Declare notices whose mail a person may switch off: slug -> what it tells, under the heading `group`.

    Offered to whoever holds any permission of `audience`; empty = to everybody.
    """
    for slug, label in labels.items():
        KINDS.declare(slug, NoticeKind(label, group, frozenset(audience)))
        ABOUT[slug] = group


def register_mails(*slugs: str, audience: Collection[Permission] = ()) -> None:
    """Declare notices that always come by mail: they guard the account, the money or the way in.

    `audience` says whose work they are about, so that the inbox shows them in its workspace.
    """
    for slug in slugs:
        KINDS.declare(slug, NoticeKind(audience=frozenset(audience)))
        ABOUT[slug] = ALWAYS


def check_texts(app_configs: Any = None, **_given: Any) -> list[CheckMessage]:
    """Django's check at start: every declared notice has its text."""
    return [Error(f"emails/{slug}.txt is missing", id="notices.E001") for slug in KINDS if not _has_text(slug)]


def _has_text(slug: str) -> bool:
    try:
        return bool(get_template(f"emails/{slug}.txt"))
    except TemplateDoesNotExist:
        return False
