"""A person's own details, second address, devices and sessions."""

from __future__ import annotations

import secrets
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse

from portal import clock
from portal.access import Permission, Workspace, workspaces_of
from portal.errors import RuleBroken
from portal.history.services import record
from portal.notices.services import notify, write_to
from portal.once.services import throttle
from portal.people import rules, selectors
from portal.people.models import KnownDevice, OneTimeSecret, Party, SecondaryEmail, User
from portal.people.services.one_time import replace_secret


@transaction.atomic
def set_own_details(*, by: User, name: str, zip_code: str, at: datetime) -> None:
    """Name of the person and, for a physician, name and postal code of the own party.

    Those of an organisation change at the desk only (AU-15), the name of who is affiliated by the affiliation alone.
    """
    by.name = name
    by.save(update_fields=["name"])
    party = selectors.own_party(by, Permission.MANAGE_OWN_TEAM)
    if party is not None and party.kind == Party.Kind.PERSON:
        Party.objects.filter(pk=party.pk).update(name=name.upper(), zip_code=zip_code)
    record(action="people.details_changed", subject=by, by=by, at=at)


@transaction.atomic
def choose_workspace(*, workspace: Workspace, by: User, at: datetime) -> None:
    """Keep which of a person's workspaces common pages show from now on. Raises RuleBroken for one that is not theirs.

    Choosing the same again changes nothing.
    """
    if workspace not in workspaces_of(by.roles):
        raise RuleBroken(
            "Ese espacio no es tuyo. Elige uno de los que ves arriba.", code="not_your_workspace", field="workspace"
        )
    if by.last_workspace == workspace:
        return
    by.last_workspace = workspace
    by.save(update_fields=["last_workspace"])
    record(action="people.workspace_chosen", subject=by, by=by, at=at, details={"workspace": workspace.value})


def add_secondary_email(*, by: User, address: str, at: datetime) -> None:
    """Keep a second address, unconfirmed, and mail it a link; it gets notices only once confirmed (AU-07, S3.2).

    Raises RuleBroken, and TooMany above 5 an hour: the mail goes to whomever the person names (OP-08).
    """
    address = rules.clean_email(address)
    if address == by.email:
        raise RuleBroken("Ese ya es tu correo principal. Escribe otro.", code="same_address", field="address")
    throttle(scope="secondary_email", key=str(by.pk), limit=5, window=3600)
    _keep_secondary(user=by, address=address, at=at)


@transaction.atomic
def _keep_secondary(*, user: User, address: str, at: datetime) -> None:
    SecondaryEmail.objects.update_or_create(
        user=user, defaults={"address": address, "confirmed_at": None, "created_at": at}
    )
    token, purpose = secrets.token_urlsafe(24), OneTimeSecret.Purpose.CONFIRM_SECONDARY
    made = replace_secret(user=user, purpose=purpose, digest=rules.digest(token), life=rules.REGISTRATION_LIFE)
    write_to(
        address=address,
        kind="secondary_confirm",
        key=f"secondary:{made.pk}",
        context={"hours": 24},
        secret_url=reverse("people:confirm_secondary", args=[token]),
        url="/",
        at=at,
        action_label="Confirmar este correo",
    )
    record(action="people.secondary_email_added", subject=user, by=user, at=at)


@transaction.atomic
def confirm_secondary_email(*, token: str, at: datetime) -> None:
    """The owner of the second address agrees to get notices. Raises RuleBroken when the link is old or used."""
    found = (
        OneTimeSecret.objects.select_for_update()
        .filter(
            purpose=OneTimeSecret.Purpose.CONFIRM_SECONDARY,
            digest=rules.digest(token),
            used_at=None,
            expires_at__gt=clock.real_now(),
        )
        .select_related("user")
        .first()
    )
    if found is None:
        raise RuleBroken("Este enlace ya venció o ya se usó. Pide otro desde tu perfil.", code="confirmation_gone")
    found.used_at = clock.real_now()
    found.save(update_fields=["used_at"])
    SecondaryEmail.objects.filter(user=found.user).update(confirmed_at=at)
    event = record(action="people.secondary_email_confirmed", subject=found.user, by=None, at=at)
    notify(
        user_ids=[found.user.pk],
        kind="security_changed",
        key=f"secondary:{event.pk}",
        context={"what": "Se confirmó tu segundo correo para avisos."},
        url=reverse("people:account"),
        at=at,
    )


@transaction.atomic
def remove_secondary_email(*, by: User, at: datetime) -> None:
    """No more notices to the second address."""
    SecondaryEmail.objects.filter(user=by).delete()
    by.secrets.filter(purpose=OneTimeSecret.Purpose.CONFIRM_SECONDARY, used_at=None).update(used_at=clock.real_now())
    record(action="people.secondary_email_removed", subject=by, by=by, at=at)


@transaction.atomic
def remember_device(*, by: User, label: str, at: datetime) -> str:
    """The cookie value of a browser that signed in fully; real time, 180 days."""
    cookie, now = secrets.token_urlsafe(32), clock.real_now()
    made = KnownDevice.objects.create(
        user=by, digest=rules.digest(cookie), label=label[:120], created_at=now, expires_at=now + rules.DEVICE_LIFE
    )
    record(action="people.device_remembered", subject=by, by=by, at=at, details={"device": made.pk})
    return cookie


@transaction.atomic
def forget_device(*, by: User, device: KnownDevice, at: datetime) -> None:
    """This browser is a stranger again."""
    KnownDevice.objects.filter(pk=device.pk).delete()
    record(action="people.device_forgotten", subject=by, by=by, at=at, details={"device": device.pk})


@transaction.atomic
def end_sessions(*, by: User, keep: str, at: datetime) -> int:
    """End all of a person's sessions but `keep` (a session key); returns how many ended."""
    ended = end_sessions_of(by, keep=keep)
    record(action="people.sessions_ended", subject=by, by=by, at=at, details={"count": ended})
    return ended


def end_sessions_of(user: User, *, keep: str = "") -> int:
    """Delete the sessions on the server; for services that record their own event."""
    rows = UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep)
    keys = list(rows.values_list("session_key", flat=True))
    ended, _by_model = Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return ended


def end_tokens_of(*, user: User, by: User | None, at: datetime, reason: str, only_own: bool = False) -> None:
    """End every credential that acts in this person's name, each with its own line in the record; `only_own`: those
    the person made, not those of an organisation's system that they answer for.
    """
    now = clock.real_now()
    live = user.api_tokens.select_for_update().filter(ended_at=None, expires_at__gt=now)
    for token in (live.filter(party=None) if only_own else live).order_by("pk"):
        token.ended_at = now
        token.save(update_fields=["ended_at"])
        record(action="people.token_ended", subject=token, by=by, at=at, reason=reason, party_id=token.party_id)
