"""What a page where somebody decides is made of (`layouts/review.html`): ways of deciding, facts held against facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.forms import BoundField, Form

from portal.design.asking import Question
from portal.names import same as same_letters


@dataclass(frozen=True, slots=True)
class Way:
    """One way of deciding, as `components/decision-bar.html` draws it.

    Its button says `label` (verb and object), or asks `question` first; it posts `name=value` to `action` (the page's
    own address when empty). With a `form` a fold called `opens` holds its `fields` (all of them when it names none);
    `read_by` says who will read what is typed there, and it is shown before it leaves. `key` is its letter. `of` is the
    id of a form of the page that it sends instead of one of its own.
    """

    label: str = ""
    action: str = ""
    name: str = ""
    value: str = ""
    key: str = ""
    kind: str = "primary"
    question: Question | None = None
    opens: str = ""
    form: Form | None = None
    fields: tuple[str, ...] = ()
    read_by: str = ""
    of: str = ""

    @property
    def bound(self) -> list[BoundField]:
        """The fields that its fold shows."""
        if self.form is None:
            return []
        return [self.form[name] for name in self.fields or self.form.fields]


@dataclass(frozen=True, slots=True)
class Fact:
    """One datum as we have it and as the paper says it, both already written; `why` is a word about the difference."""

    label: str
    ours: str
    theirs: str
    differs: bool
    why: str = ""


def fact(label: str, ours: str, theirs: str, *, same: bool | None = None, why: str = "") -> Fact:
    """A datum held against another; unless `same` is told, they differ when their letters and digits do."""
    alike = same_letters(ours, theirs) if same is None else same
    return Fact(label, ours, theirs, not alike, why if not alike else "")


def differences_first(facts: Iterable[Fact]) -> list[Fact]:
    """The same facts, those that differ before those that do not, each in its order."""
    return sorted(facts, key=lambda one: not one.differs)
