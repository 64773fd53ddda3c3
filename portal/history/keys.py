"""Keys of the record, derived from AUDIT_KEY, which lives outside the database (AD-03)."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from portal.vault import decode_master, derive


@lru_cache(maxsize=8)
def _derived(master: str, purpose: str) -> bytes:
    return derive(decode_master(master), purpose)


def event_key() -> bytes:
    """Signs each event and each reading."""
    return _derived(settings.AUDIT_KEY, "audit.event")


def seal_key() -> bytes:
    """Signs the links of the chain."""
    return _derived(settings.AUDIT_KEY, "audit.seal")
