"""Argon2id with the parameters of the house, and a wall against long passwords (AU-04)."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher

from portal.people.rules import MAX_PASSWORD


class PortalArgon2(Argon2PasswordHasher):
    """argon2id, m = 19 MiB, t = 2, p = 1. More than 128 characters never reach the function: that is a caller's bug."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The hash. Raises ValueError above 128 characters."""
        if len(password) > MAX_PASSWORD:
            raise ValueError("a password above the limit reached the hasher")
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it matches. Raises ValueError above 128 characters."""
        if len(password) > MAX_PASSWORD:
            raise ValueError("a password above the limit reached the hasher")
        return super().verify(password, encoded)
