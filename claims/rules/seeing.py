"""Who sees a claim whole, and who its folio, state and amounts alone (AC-05, section 2 of the story). Pure."""

from __future__ import annotations

from datetime import date

from memberships.rules.family import of_age_on


def sees_whole(
    *,
    is_affected: bool,
    clinical: bool,
    is_filer: bool,
    assented: bool,
    born_on: date,
    filed_on: date,
    on: date,
    has_account: bool,
) -> bool:
    """Whether somebody sees the papers and lines of a claim on a day, by what stands on it.

    The affected person; whoever may see what is clinical of them (`clinical`); who filed it, by that adult's «sí» to it
    (`assented`), for an adult without account, whose signed form carries the consent, or for a minor until their 18th
    birthday, also once the filer has left the policy.
    """
    if is_affected or clinical:
        return True
    if not is_filer:
        return False
    adult_since = of_age_on(born_on)
    return assented or on < adult_since or (adult_since <= filed_on and not has_account)
