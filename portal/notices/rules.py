"""Which notices exist, as apps declare them, and how a text becomes HTML paragraphs."""

from __future__ import annotations

from dataclasses import dataclass

from portal.declared import Declared

SECRET_MARK = "[[clave]]"
UNREAD, READ = "unread", "read"
STANDING = {UNREAD: "Sin leer", READ: "Leído"}


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice: what it tells in the preferences and under which heading, and who can ever be told.

    Without a label it always comes by mail: it guards the account, the money or the way in. The inbox keeps
    them all, in the workspaces of its audience. `audience`: any of these permissions (their slugs); empty = everybody.
    """

    label: str = ""
    group: str = ""
    audience: frozenset[str] = frozenset()

    @property
    def is_optional(self) -> bool:
        """Whether a person may switch its mail off."""
        return bool(self.label)


# Each app declares its own (`registry`); the slug names its text, `templates/emails/<slug>.txt`.
KINDS: Declared[NoticeKind] = Declared("the notice")
# What each is about, in words: the heading under which its mail is chosen, or that it always comes.
ABOUT: dict[str, str] = {}
ALWAYS = "Siempre por correo"


def check_kind(kind: str) -> None:
    """Only what an app declares is told. Raises ValueError, a bug of the caller."""
    if kind not in KINDS:
        raise ValueError(f"no app declares the notice {kind!r}")


def paragraphs(body: str) -> list[list[str]]:
    """Paragraphs of a mail's text, each as its lines."""
    return [block.strip().split("\n") for block in body.split("\n\n") if block.strip()]
