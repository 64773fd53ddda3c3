"""The one way in by password: e-mail, RFC or RUT in one box, the same work on every path (AU-03)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.people.models import User
from portal.people.rules import MAX_PASSWORD
from portal.prepared import prepared


class IdentifierBackend(BaseBackend):
    """Checks the password of whoever the identifier named with exactly one call of the hasher."""

    def authenticate(
        self, request: HttpRequest | None, person: User | None = None, password: str = "", **credentials: Any
    ) -> User | None:
        """The person, or None for nobody, wrong, disabled or unconfirmed; a too long password costs no hashing."""
        if not password or len(password) > MAX_PASSWORD:
            return None
        if person is None or not person.has_usable_password():
            make_password(password)
            return None
        right = check_password(password, person.password, setter=lambda raw: _rehash(person, raw))
        return person if right and person.is_active and person.email_confirmed_at else None

    def get_user(self, user_id: UUID) -> User | None:
        """The person of a session; a disabled one is nobody from the next request on (AU-12)."""
        return _person.first(user_id)


@prepared
def _person(pk: UUID) -> QuerySet[User]:
    return User.objects.filter(pk=pk, disabled_at=None)


def _rehash(user: User, raw: str) -> None:
    """The hasher's parameters grew: keep the same password under the new ones."""
    user.set_password(raw)
    user.save(update_fields=["password"])
