"""Passkeys on python-fido2: user verification required, one origin, one relying party, challenges of 5 minutes (AU-09).

allauth keeps the rows (`mfa.Authenticator`); its own ceremony accepts any origin on http and ignores the signature
counter, so ours stands here. What is stored is a public key, never a fingerprint.

The library is a sixth of what a process loads, and a worker, a beat or a command never asks for a key: it is imported
when it is needed, and by the web server before it forks (`config.wsgi`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings

from portal import clock
from portal.errors import RuleBroken
from portal.people.models import User

if TYPE_CHECKING:
    from fido2.server import Fido2Server
    from fido2.webauthn import AttestedCredentialData

CHALLENGE_LIFE = timedelta(minutes=5)
_REFUSED = "La llave no se pudo comprobar. Vuelve a intentar con la misma llave, o usa otra forma de entrar."


class PasskeyRefused(RuleBroken):
    """The ceremony failed; why stays out of the sentence on purpose."""

    def __init__(self, code: str) -> None:
        super().__init__(_REFUSED, code=f"passkey_{code}")


def _server() -> Fido2Server:
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity

    rp = PublicKeyCredentialRpEntity(id=urlsplit(settings.BASE_URL).hostname or "", name="Cauce")
    return Fido2Server(rp, verify_origin=lambda origin: origin == settings.BASE_URL)


def _stamped(state: Mapping[str, Any]) -> dict[str, Any]:
    return {**state, "at": clock.real_now().timestamp()}


def _live(state: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The state of a challenge up to 5 minutes old."""
    if not state or not 0 <= clock.real_now().timestamp() - state["at"] <= CHALLENGE_LIFE.total_seconds():
        raise PasskeyRefused("stale")
    return state


def keys_of(user: User) -> list[Authenticator]:
    """The person's passkeys, oldest first."""
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def _credential(row: Authenticator) -> AttestedCredentialData:
    from fido2.webauthn import AttestedCredentialData

    return AttestedCredentialData(base64.b64decode(row.data["credential_data"]))


def begin_registration(user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """(options for the browser, state for the session) to make a discoverable passkey with user verification."""
    from fido2.webauthn import PublicKeyCredentialUserEntity, ResidentKeyRequirement, UserVerificationRequirement

    options, state = _server().register_begin(
        user=PublicKeyCredentialUserEntity(id=user.pk.bytes, name=user.email, display_name=str(user)),
        credentials=[_credential(row) for row in keys_of(user)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options)["publicKey"], _stamped(state)


def complete_registration(state: Mapping[str, Any] | None, response: Any) -> dict[str, Any]:
    """What to store: credential data and counter. Raises PasskeyRefused."""
    try:
        made = _server().register_complete(_live(state), response)
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise PasskeyRefused("registration") from wrong
    if made.credential_data is None:
        raise PasskeyRefused("registration")
    return {"credential_data": base64.b64encode(bytes(made.credential_data)).decode(), "count": made.counter}


def begin_authentication(user: User | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(options, state) to prove a passkey: of this person, or (None) of whoever holds one."""
    from fido2.webauthn import UserVerificationRequirement

    options, state = _server().authenticate_begin(
        credentials=[_credential(row) for row in keys_of(user)] if user else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options)["publicKey"], _stamped(state)


def holder(response: Any) -> User:
    """Whose passkey the answer claims to be; the signature is checked afterwards against that person's keys."""
    from fido2.utils import websafe_decode

    try:
        handle = websafe_decode(response["response"]["userHandle"])
        user = User.objects.filter(pk=UUID(bytes=handle), disabled_at=None, email_confirmed_at__isnull=False).first()
    except (ValueError, TypeError, KeyError) as wrong:
        raise PasskeyRefused("holder") from wrong
    if user is None:
        raise PasskeyRefused("holder")
    return user


def complete_authentication(
    state: Mapping[str, Any] | None, response: Any, rows: list[Authenticator]
) -> tuple[Authenticator, int]:
    """(the key that signed, its new counter). Raises PasskeyRefused; a counter that went back means a copied key."""
    from fido2.webauthn import AuthenticationResponse

    try:
        used = _server().authenticate_complete(_live(state), [_credential(row) for row in rows], response)
        counter = AuthenticationResponse.from_dict(response).response.authenticator_data.counter
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise PasskeyRefused("assertion") from wrong
    row = next(row for row in rows if _credential(row).credential_id == used.credential_id)
    if counter and counter <= row.data["count"]:
        raise PasskeyRefused("counter")
    return row, counter
