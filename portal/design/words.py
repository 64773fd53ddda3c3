"""The hard words of a page: each opens its paragraph there, without leaving the page (scorecard 28).

Apps declare them as data (`guides.WORDS`); a page is looked through once it is drawn, so that none has to say its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from portal.declared import Declared


@dataclass(frozen=True)
class Word:
    """A hard word: its slug, how it is written, what it means in a few sentences, the guide that tells more.

    `beginning` is what finds it in small letters: the word, or what its forms begin with.
    """

    slug: str
    label: str
    beginning: str
    text: str
    guide: str = ""

    @cached_property
    def seen(self) -> re.Pattern[str]:
        """It in what is read of a page: behind a tag, never inside one, nor in a folio or reference (`X0PD-PPDS`)."""
        return re.compile(rf'(?<!class="folio")>[^<>]*\b{re.escape(self.beginning)}')


WORDS: Declared[Word] = Declared("the hard word")


def words_in(html: str) -> Sequence[Word]:
    """The hard words that a page shows to whoever reads it, in the order in which they were declared."""
    small = html.lower()
    return [word for word in WORDS.values() if word.beginning in small and word.seen.search(small)]
