"""What a person has to do at the IMSS, by three answers about their constancia (S1.13-S1.17). Pure."""

from __future__ import annotations

from enum import StrEnum


class Clinic(StrEnum):
    """Which clinic (UMF) the constancia of rights shows."""

    RIGHT = "right"
    NONE = "none"
    FORMER = "former"  # that of an address where the person lived before


class Path(StrEnum):
    """Where the three answers lead."""

    ASK_US = "ask_us"
    NOTHING_TO_DO = "nothing_to_do"
    WINDOW = "window"
    REGISTER = "register"
    CHANGE = "change"


# Those that end at the window, with the six documents (S1.17).
TO_WINDOW = frozenset({Path.WINDOW, Path.REGISTER, Path.CHANGE})


def imss_path(*, rights: bool, clinic: Clinic, has_card: bool) -> Path:
    """Answers what to do next: `rights` are in force, which clinic the constancia shows, whether there is a Carnet.

    Without rights in force nothing else counts: whatever else is said, the person asks us.
    """
    if not rights:
        return Path.ASK_US
    if clinic is Clinic.NONE:
        return Path.REGISTER
    if clinic is Clinic.FORMER:
        return Path.CHANGE
    return Path.NOTHING_TO_DO if has_card else Path.WINDOW
