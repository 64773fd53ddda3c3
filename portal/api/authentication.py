"""Who asks: a token or the browser's session, and whether that may be done by them at this moment (AU-08, AC-10)."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from portal import access, clock
from portal.api.calls import Call
from portal.api.problems import Refused
from portal.people import rules, selectors, services
from portal.people.models import ApiToken, User

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cauce_…`. The token stands in `request.auth`, its person in `request.user`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None without a header; raises AuthenticationFailed for a token that is unknown, ended or expired."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        token = selectors.token_in(header, at=clock.real_now())
        if token is None:
            raise exceptions.AuthenticationFailed()
        if request.method not in READING:
            services.touch_token(token=token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Makes the answer a 401."""
        return 'Bearer realm="cauce"'


class SessionWithCsrf(SessionAuthentication):
    """The session of a browser; an act carries the token of a page in `X-CSRFToken` (AC-10)."""

    def enforce_csrf(self, request: Request) -> None:
        """Raises Refused, in our words. Asked of Django's own request: reading a form off DRF's takes a parser."""
        try:
            super().enforce_csrf(request._request)
        except exceptions.PermissionDenied as error:
            raise Refused("csrf") from error


def admit(request: Request, call: Call) -> None:
    """Let through who may ask this call now. Raises NotAuthenticated, PermissionDenied or Refused, which says why.

    A token never opens more than its scopes, nor than its person may do at this moment; what asks for a fresh proof
    is opened by a session that has just given it, or by a person's token that acts on payments: it was made with a
    fresh proof, lives 15 minutes, and holds for no organisation (AU-08).
    """
    user: Any = request.user
    if not user.is_authenticated:
        raise exceptions.NotAuthenticated()
    token: ApiToken | None = request.auth
    if token is None or token.is_personal:
        _admit_person(request, call, token)
    else:
        _admit_system(call, token)


def _admit_person(request: Request, call: Call, token: ApiToken | None) -> None:
    user: Any = request.user
    if token is not None:
        _check_scope(call, token)
        if not rules.factor_is_enough(token.factor, staff=user.is_back_office, passkey_only=user.is_passkey_only):
            raise Refused("second_factor")
    if not call.people:
        raise Refused("systems_only")
    if call.permissions and not call.permissions & user.permissions:
        access.note_refusal(request._request)
        raise exceptions.PermissionDenied()
    if token is not None and selectors.missing_consents(user):
        raise Refused("consents")
    if call.fresh and not (access.is_fresh(request._request) if token is None else call.scope == rules.ACTING_SCOPE):
        raise Refused("fresh_proof")


def _admit_system(call: Call, token: ApiToken) -> None:
    _check_scope(call, token)
    if not call.systems or call.fresh:
        raise Refused("people_only")
    held = {party for permission in call.permissions for party in token.user.party_ids(permission)}
    if call.permissions and token.party_id not in held:
        raise exceptions.PermissionDenied()


def _check_scope(call: Call, token: ApiToken) -> None:
    if call.scope not in token.scopes:
        raise exceptions.PermissionDenied()
