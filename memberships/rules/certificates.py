"""Whether what somebody typed is what a certificate says: policy, name, birth date (S3.3, domain 6). Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.names import word_key


class Differs(StrEnum):
    """A datum of a certificate that is not what was typed."""

    POLICY = "policy"
    NAME = "name"
    BORN_ON = "born_on"


@dataclass(frozen=True, slots=True)
class Named:
    """Who is covered by which policy, as printed or as typed."""

    policy: str
    name: str
    born_on: date


def policy_key(number: str) -> str:
    """A policy number's letters and digits, whatever case and signs; zeros count."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", number).casefold() if sign.isalnum())


def differences(printed: Named, typed: Named) -> list[Differs]:
    """Names every datum that differs, none when the certificate is theirs.

    A name agrees with the same words in any order, none missing, none more («Ma.» is not «María»); what has neither
    letters nor digits agrees with nothing.
    """
    told = {
        Differs.POLICY: not _agree(policy_key(printed.policy), policy_key(typed.policy)),
        Differs.NAME: not _agree(word_key(printed.name), word_key(typed.name)),
        Differs.BORN_ON: printed.born_on != typed.born_on,
    }
    return [datum for datum, holds in told.items() if holds]


def _agree(one: str, other: str) -> bool:
    return bool(one) and one == other
