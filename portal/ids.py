"""Identifiers that we make ourselves: time-ordered UUIDs and short public codes."""

from __future__ import annotations

import secrets
import time
import uuid

# Without I, L, O, U: read aloud and typed without doubt.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, 6.2 method 3): 48 bits of real Unix milliseconds, 12 of their fraction, 62 random.

    The fraction keeps rows of one moment (the orders of one delivery) in the order in which they were made.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    bits = (milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62)
    return uuid.UUID(int=bits)


def short_code(groups: int = 4, size: int = 4) -> str:
    """A random code such as `7F3K-21QX-…` of 5 bits a letter (16 letters are 80 bits)."""
    bits = secrets.randbits(5 * groups * size)  # asked once: each asking is a call of the system
    letters = "".join(CODE_ALPHABET[bits >> 5 * place & 31] for place in range(groups * size))
    return "-".join(letters[at : at + size] for at in range(0, len(letters), size))
