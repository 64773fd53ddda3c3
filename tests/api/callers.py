"""Who calls the API in tests: a person's own token, an organisation's, a browser's session."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal import clock
from portal.people import rules, services
from portal.people.models import ApiToken
from tests.factories import people

_number = itertools.count(1)
# A file is named by what it is.
NAMES = {"xml": ".xml", "pdf": ".pdf", "statement": ".pdf", "result": ".csv", "paper": ".txt"}
ALL = ("billing:read", "billing:write", "treasury:read", "treasury:write", "portal:read", "portal:write")
ALL += ("claims:read", "claims:write", "claims:decide")


def own_token(user: Any, *scopes: str, factor: str = "passkey") -> str:
    """The secret of a token that this person just made."""
    return services.give_own_token(
        name=f"Programa {next(_number)}",
        scopes=scopes or ALL,
        until=clock.today() + timedelta(days=30),
        factor=factor,
        by=user,
        at=clock.now(),
    )[1]


def system_token(party: Any, *scopes: str, user: Any = None) -> str:
    """The secret of an organisation's token."""
    return services.issue_token(
        name=f"Sistema {next(_number)}",
        user=user or people.a_person(),
        party=party,
        scopes=scopes,
        expires_at=clock.real_now() + timedelta(minutes=14),
        by=people.administrator(),
        at=clock.now(),
    )[1]


def old_acting_token(user: Any) -> str:
    """The secret of a token of the operator's that acts on payments, as none is given any more (MO-05)."""
    secret = system_token(people.the_operator(), "orders:write", user=user)
    ApiToken.objects.filter(digest=rules.digest(secret)).update(scopes=[rules.ACTING_SCOPE])
    return secret


@dataclass
class Caller:
    """Calls with a secret, or as the browser's `client`; each act under a key of its own unless one is given."""

    secret: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))
    csrf: str = ""

    def get(self, path: str, **query: str) -> Any:
        """A reading."""
        return self.client.get(f"/api/v1/{path}", query, **self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = "", files: dict[str, Any] | None = None) -> Any:
        """An act: JSON, or a form with files (bytes, or a name with its bytes). `key=None` sends none."""
        headers = self._headers()
        if key is not None:
            headers["HTTP_IDEMPOTENCY_KEY"] = key or f"llave-{next(_number):06d}"
        if files is not None:
            sent = {name: _upload(name, content) for name, content in files.items()}
            return self.client.post(f"/api/v1/{path}", {**(body or {}), **sent}, **headers)
        raw = b"" if body is None else json.dumps(body).encode()
        return self.client.post(f"/api/v1/{path}", raw, content_type="application/json", **headers)

    def _headers(self) -> dict[str, Any]:
        if self.csrf:
            return {"HTTP_X_CSRFTOKEN": self.csrf}
        return {"HTTP_AUTHORIZATION": f"Bearer {self.secret}"} if self.secret else {}


def _upload(field_name: str, sent: bytes | tuple[str, bytes]) -> SimpleUploadedFile:
    return SimpleUploadedFile(*(sent if isinstance(sent, tuple) else (f"{field_name}{NAMES[field_name]}", sent)))


def told(answer: Any, status: int = 200) -> Any:
    """The JSON of an answer that has this status."""
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
    return answer.json() if answer.content else None
