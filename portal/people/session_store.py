"""Sessions in the database, as Django keeps them, with fewer statements: one to load, one to begin, one to go on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django.utils.crypto import get_random_string

from portal import clock
from portal.prepared import prepared

KEY_LENGTH = 32


class SessionStore(db.SessionStore):
    """Django's store in the database. A new session is written once, whole, when the request saves it.

    Django asks whether its random key is free, writes an empty row and then the row again with what it holds.
    """

    is_unwritten = False

    def create(self) -> None:
        """A new key; nothing is written yet."""
        self._session_key = get_random_string(KEY_LENGTH, VALID_KEY_CHARS)
        self.modified = self.is_unwritten = True

    def save(self, must_create: bool = False) -> None:
        """Write it, a new one by an INSERT. Raises CreateError for a key that is taken, UpdateError for one gone."""
        if self.session_key is None:
            self.create()
        is_new = must_create or self.is_unwritten
        held = self._get_session(no_load=is_new)  # type: ignore[attr-defined]  # Django's own, which its stubs leave out
        told: list[Any] = [self.encode(held), self.get_expiry_date(), self.session_key]
        with connection.cursor() as cursor:  # a statement is a transaction by itself
            cursor.execute(_BEGINS if is_new else _GOES_ON, told)
            if not cursor.rowcount:
                raise CreateError if is_new else UpdateError
        self.is_unwritten = False

    def _get_session_from_db(self) -> Any:
        found = _session.first(str(self.session_key), clock.real_now())
        if found is None:
            self._session_key = None
        return found


_BEGINS = """INSERT INTO "django_session" (session_data, expire_date, session_key) VALUES (%s, %s, %s)
 ON CONFLICT (session_key) DO NOTHING"""
_GOES_ON = 'UPDATE "django_session" SET session_data = %s, expire_date = %s WHERE session_key = %s'


@prepared
def _session(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
