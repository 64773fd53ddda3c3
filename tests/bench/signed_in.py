"""The demo world's people and their browsers, for the rows that need one."""

from __future__ import annotations

from typing import Any


def user_of(email: str) -> Any:
    """The person of this address."""
    from portal.people.models import User

    return User.objects.get(email=email)


def signed_in(user: Any) -> Any:
    """A browser of the demo's one-click sign-in: session, second factor and consents as in the running portal."""
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    session = client.session
    session["demo"] = True
    session.save()
    return client
