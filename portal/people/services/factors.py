"""Second factors: passkeys, one-time codes, recovery codes (AU-08, AU-09). allauth keeps their rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from portal import clock
from portal.errors import RuleBroken
from portal.history.services import record
from portal.notices.services import notify
from portal.once.services import throttle
from portal.people import passkeys, selectors
from portal.people.adapters import MfaAdapter
from portal.people.models import User
from portal.people.services.profile import end_tokens_of

PERIOD = 30
_Type = Authenticator.Type


def _tell_person(user: User, what: str, *, action: str, at: datetime, details: Mapping[str, Any] | None = None) -> None:
    event = record(action=action, subject=user, by=user, at=at, details=details)
    notify(
        user_ids=[user.pk],
        kind="security_changed",
        key=f"factor:{event.pk}",
        context={"what": what},
        url=reverse("people:security"),
        at=at,
    )


def matching_counter(secret: str, code: str, *, seconds: float) -> int | None:
    """The 30-second step (now, or one before or after) whose code this is."""
    step = int(seconds // PERIOD)
    typed = "".join(letter for letter in code if letter in "0123456789")
    return next(
        (
            n
            for n in (step, step - 1, step + 1)
            if constant_time_compare(format_hotp_value(hotp_value(secret, n)), typed)
        ),
        None,
    )


@transaction.atomic
def enable_totp(*, by: User, secret: str, code: str, at: datetime) -> list[str]:
    """Turn one-time codes on once a first code proves the telephone has the seed; returns fresh recovery codes."""
    User.objects.select_for_update().get(pk=by.pk)
    if Authenticator.objects.filter(user=by, type=_Type.TOTP).exists():
        raise RuleBroken("Ya tienes códigos activados. Quítalos antes de activar otros.", code="totp_known")
    counter = matching_counter(secret, code, seconds=clock.real_now().timestamp())
    if counter is None:
        raise RuleBroken(
            "Ese código no coincide. Escribe el que se ve ahora; revisa que la hora del teléfono sea automática.",
            code="wrong_code",
            field="code",
        )
    row = TOTP.activate(by, secret).instance
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    codes = _fresh_codes(by)
    _tell_person(by, "Activaste códigos de un teléfono para entrar.", action="people.totp_enabled", at=at)
    return codes


@transaction.atomic
def add_passkey(*, by: User, state: Mapping[str, Any] | None, response: Any, name: str, at: datetime) -> list[str]:
    """Keep a new passkey; returns recovery codes when the person had none. Raises PasskeyRefused."""
    made = passkeys.complete_registration(state, response)
    Authenticator.objects.create(user=by, type=_Type.WEBAUTHN, data={"name": name or "Mi llave", **made})
    known = Authenticator.objects.filter(user=by, type=_Type.RECOVERY_CODES).exists()
    codes = [] if known else _fresh_codes(by)
    _tell_person(by, "Agregaste una llave de acceso.", action="people.passkey_added", at=at)
    return codes


@transaction.atomic
def new_recovery_codes(*, by: User, at: datetime) -> list[str]:
    """Replace the recovery codes; shown once."""
    User.objects.select_for_update().get(pk=by.pk)
    codes = _fresh_codes(by)
    _tell_person(
        by, "Se hicieron códigos de rescate nuevos; los anteriores ya no sirven.", action="people.codes_made", at=at
    )
    return codes


def _fresh_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user=user, type=_Type.RECOVERY_CODES).delete()
    return RecoveryCodes.activate(user).generate_codes()


@transaction.atomic
def remove_factor(*, by: User, factor: Authenticator, at: datetime) -> None:
    """Remove a passkey or the one-time codes, and end the person's own tokens: one may live by what it proved.

    Somebody of the desk keeps at least one of them (AU-08).
    """
    User.objects.select_for_update().get(pk=by.pk)
    others = Authenticator.objects.filter(user=by).exclude(pk=factor.pk).exclude(type=_Type.RECOVERY_CODES)
    if by.is_back_office and not others.exists():
        raise RuleBroken("Es tu única forma de entrar a la mesa. Agrega otra antes de quitarla.", code="last_factor")
    details = {"type": factor.type}
    if not others.exists():
        Authenticator.objects.filter(user=by, type=_Type.RECOVERY_CODES).delete()
    factor.delete()
    end_tokens_of(user=by, by=by, at=at, reason="Quitó una forma de entrar", only_own=True)
    _tell_person(
        by, "Quitaste una forma de entrar a tu perfil.", action="people.factor_removed", at=at, details=details
    )


def use_code(*, user: User, code: str, at: datetime, device_cookie: str = "") -> str:
    """Check a code: returns "totp" or "recovery". Raises RuleBroken; after 10 tries in 5 minutes, TooMany.

    A browser of the person's own is counted by itself: who learned the password does not keep its owner out (AU-10).
    """
    device = selectors.known_device(user, device_cookie, at=clock.real_now())
    throttle(scope="second_step", key=device.digest if device else str(user.pk), limit=10, window=300)
    factor = _spend(user=user, code=code, at=at)
    if not factor:
        record(action="people.second_step_failed", subject=user, by=None, at=at)
        raise RuleBroken(
            "Ese código no coincide o ya se usó. Espera el siguiente y escríbelo.", code="wrong_code", field="code"
        )
    return factor


@transaction.atomic
def _spend(*, user: User, code: str, at: datetime) -> str:
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user).order_by("pk")}
    totp = rows.get(_Type.TOTP)
    if totp is not None:
        secret = MfaAdapter().decrypt(totp.data["secret"])
        counter = matching_counter(secret, code, seconds=clock.real_now().timestamp())
        if counter is not None and counter > totp.data.get("last_counter", 0):
            totp.data["last_counter"] = counter
            totp.save(update_fields=["data"])
            return "totp"
    rescue = rows.get(_Type.RECOVERY_CODES)
    if rescue is None or not RecoveryCodes(rescue).validate_code(code):
        return ""
    record(action="people.recovery_code_spent", subject=user, by=user, at=at)
    return "recovery"


def use_passkey(*, user: User | None, state: Mapping[str, Any] | None, response: Any, at: datetime) -> User:
    """Check a passkey's answer and move its counter: returns the person. Raises PasskeyRefused, which is recorded."""
    person = user or passkeys.holder(response)
    try:
        _advance_passkey(person, state, response)
    except passkeys.PasskeyRefused as refused:
        record(action="people.second_step_failed", subject=person, by=None, at=at, details={"refused": refused.code})
        raise
    return person


@transaction.atomic
def _advance_passkey(person: User, state: Mapping[str, Any] | None, response: Any) -> None:
    rows = list(Authenticator.objects.select_for_update().filter(user=person, type=_Type.WEBAUTHN).order_by("pk"))
    row, counter = passkeys.complete_authentication(state, response, rows)
    row.data["count"] = counter
    row.save(update_fields=["data"])
