"""Why somebody cannot get in, said in one sentence, and the mail that cures it, sent again by the desk unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from portal import clock
from portal.design import dates
from portal.errors import RuleBroken
from portal.history.selectors import timeline
from portal.once.services import throttle
from portal.people.models import OneTimeSecret, User
from portal.people.services.passwords import mail_secret

SENT, SENT_WINDOW = 3, 3600  # mails that the desk has sent again for one person in an hour (AU-02)


@dataclass(frozen=True, slots=True)
class WayIn:
    """Why a person does not get in, and whether the mail with a new one-time secret cures it."""

    why: str
    by_mail: bool


def way_in(*, user: User) -> WayIn:
    """What keeps this person from signing in; where nothing does, since when they were last in."""
    if user.disabled_at is not None:
        said = f"Su perfil está cerrado desde el {dates.long(clock.date_in(user.disabled_at))}: lo abre Administración."
        return WayIn(said, by_mail=False)
    if not user.has_usable_password() and not _keys(user):
        return WayIn(_without_password(user), by_mail=True)
    failed = _failed_since_in(user)
    if failed:
        times = "una vez" if failed == 1 else f"{failed} veces"
        return WayIn(f"Escribió mal su contraseña {times} desde la última vez que entró.", by_mail=True)
    if user.is_passkey_only and Authenticator.Type.WEBAUTHN not in _keys(user):
        said = "Su permiso pide una llave de acceso y no tiene ninguna: al entrar se le pide que la haga."
        return WayIn(said, by_mail=False)
    if user.is_back_office and not _keys(user):
        said = "Su permiso pide un segundo paso y no tiene ninguno: al entrar se le pide que lo haga."
        return WayIn(said, by_mail=False)
    if not user.roles:
        return WayIn("Puede entrar, pero no tiene permisos: no ve nada de lo suyo.", by_mail=False)
    return WayIn(_in_before(user), by_mail=user.has_usable_password())


def _keys(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def _without_password(user: User) -> str:
    newest = user.secrets.filter(purpose=OneTimeSecret.Purpose.CHOOSE_PASSWORD, used_at=None).first()
    if newest is None:
        return "Todavía no elige contraseña y no tiene una clave de un solo uso con que elegirla."
    when = dates.instant(newest.expires_at)
    if newest.expires_at <= clock.real_now():
        return f"Todavía no elige contraseña y la clave que le mandamos venció: {when}."
    return f"Todavía no elige contraseña: la clave que le mandamos vale hasta {when}."


def _failed_since_in(user: User) -> int:
    told = list(
        timeline(user)
        .filter(action__in=["people.sign_in_failed", "people.signed_in"])
        .order_by("-pk")
        .values_list("action", flat=True)[:100]
    )
    return next((number for number, action in enumerate(told) if action == "people.signed_in"), len(told))


def _in_before(user: User) -> str:
    last = timeline(user).filter(action="people.signed_in").order_by("-pk").first()
    if last is None:
        return "Nada le impide entrar: tiene contraseña y todavía no la usa."
    return f"Nada le impide entrar: lo hizo por última vez {dates.instant(last.at)}."


@transaction.atomic
def send_way_in(*, user: User, by: User, at: datetime) -> OneTimeSecret:
    """Mail a new one-time secret to the person's own address; whoever sends it never sees it. Recorded.

    Raises RuleBroken for a closed account, TooMany above three an hour.
    """
    if user.disabled_at is not None:
        raise RuleBroken(
            "Ese perfil está cerrado: el correo no le serviría. Lo abre Administración.", code="account_closed"
        )
    throttle(scope="people.way_in", key=str(user.pk), limit=SENT, window=SENT_WINDOW)
    kind = "recover" if user.has_usable_password() else "invited"
    return mail_secret(user=user, kind=kind, by=by, at=at)
