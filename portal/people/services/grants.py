"""Roles: given by two administrators for staff, never to oneself, ended at once (AC-07, AU-14)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from portal import clock, ids
from portal.access import PERSONAL_ROLES, ROLE_LABELS, SCOPED_ROLES, STAFF_ROLES, Clash, Role, conflicts_with
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import notify
from portal.people import rules, selectors
from portal.people.models import Grant, GrantProposal, OneTimeSecret, Party, SignInIdentifier, User
from portal.people.services.passwords import mail_secret, new_secret
from portal.people.services.profile import end_sessions_of, end_tokens_of

WHAT_OWN = (
    "Desde el servidor se renovó tu acceso: tus llaves, códigos, contraseña y sesiones anteriores ya no valen, ni las "
    "credenciales de sistemas por las que respondías."
)
WHY_TOKENS_END = "Se renovó el acceso de quien responde por ella"
WHAT_OTHERS = (
    "Desde el servidor se renovó el acceso de una persona. Quién y cuándo está en la auditoría. Si respondía por el "
    "sistema de una aseguradora, ese sistema necesita otra credencial."
)


def _refuse_himself(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise RuleBroken("Nadie se da permisos a sí mismo. Pídelo a otra persona de Administración.", code="own_grant")


@transaction.atomic
def enter_person(*, email: str, name: str, by: User, at: datetime) -> User:
    """Somebody entered by a desk or a physician: an account without password and a mailed one-time secret."""
    email = rules.clean_email(email)
    if selectors.person_by_email(email) is not None:
        raise Conflict(
            "Ya hay un perfil con ese correo. Búscalo y dale el permiso ahí.", code="email_taken", field="email"
        )
    user = _new_person(email=email, name=name, at=at)
    record(action="people.entered", subject=user, by=by, at=at)
    mail_secret(user=user, kind="invited", by=by, at=at)
    return user


def _new_person(*, email: str, name: str, at: datetime) -> User:
    user = User(email=email, name=name, created_at=at)
    user.set_unusable_password()
    user.save(force_insert=True)
    SignInIdentifier.objects.create(user=user, kind=SignInIdentifier.Kind.EMAIL, canonical=email)
    return user


def judge_role(*, user: User, role: Role, at: datetime, reason: str = "", and_asked_for: bool = False) -> Clash | None:
    """What the table of conflicts says of one more role: the heaviest, None where it goes with all that is held.

    One at a time a person: of two roles that conflict the second one is judged by the first. Raises RuleBroken for what
    is refused, and for what has to be countersigned without a reason.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    held = set(Grant.objects.in_force(on=clock.date_in(at)).filter(user=user).values_list("role", flat=True))
    if and_asked_for:
        held |= set(GrantProposal.objects.open().filter(user=user).values_list("role", flat=True))
    found = conflicts_with(role, {Role(one) for one in held})
    if not found:
        return None
    other, line = found[0]
    pair = f"«{ROLE_LABELS[role]}» y «{ROLE_LABELS[other]}»"
    if line.kind is Clash.REFUSED:
        raise RuleBroken(
            f"Una misma persona no tiene los permisos {pair}. {line.could} Termina antes el que tiene, o el que se "
            "pidió para ella, o elige a otra persona.",
            code="roles_refused",
            field="role",
        )
    if line.kind is Clash.COUNTERSIGNED and not reason:
        raise RuleBroken(
            f"Que una misma persona tenga los permisos {pair} pide un motivo. {line.could} Al pedirlo escribe por qué "
            "hace falta: lo lee otra persona de Administración antes de confirmarlo.",
            code="conflict_needs_reason",
            field="reason",
        )
    return line.kind


def _check_scope(role: Role, scope: Party | None) -> None:
    """Only a role that works on an insurer's things may name one, and what it names is an insurer."""
    if scope is None:
        return
    if role not in SCOPED_ROLES:
        raise RuleBroken(
            f"El permiso «{ROLE_LABELS[role]}» no se da por aseguradora: deja «Aseguradora» en «Todas».",
            code="role_without_scope",
            field="insurer",
        )
    if not selectors.insurers().filter(pk=scope.pk).exists():
        raise RuleBroken("Elige una aseguradora de la lista.", code="no_insurer", field="insurer")


def _refuse_known(*, user: User, party: Party, role: Role, scope: Party | None, on: date) -> None:
    """A role is asked for and given once: one of all insurers holds what one of a single insurer would add."""
    known = Q(scope=scope) | Q(scope=None)
    held = Grant.objects.in_force(on=on).filter(known, user=user, party=party, role=role)
    if held.exists():
        raise Conflict(f"Esa persona ya tiene el permiso «{ROLE_LABELS[role]}».", code="grant_known")


@transaction.atomic
def propose_grant(
    *, user: User, party: Party, role: Role, by: User, at: datetime, reason: str = "", scope: Party | None = None
) -> GrantProposal:
    """Ask for a role of staff; a second administrator decides. Judged by the table of conflicts, with what is held and
    what is asked for already. `scope`: the one insurer whose things it reaches, every one's where it is None.

    Raises Conflict when it is held or already asked for, RuleBroken for a conflict that is refused, or countersigned
    and without its `reason`, and for a role that names no insurer.
    """
    _refuse_himself(user, by)
    _check_scope(role, scope)
    asking = judge_role(user=user, role=role, reason=reason, at=at, and_asked_for=True)
    _refuse_known(user=user, party=party, role=role, scope=scope, on=clock.date_in(at))
    waiting = GrantProposal.objects.open().filter(user=user, party=party, role=role)
    if waiting.filter(scope=scope).exists():
        raise Conflict("Ese permiso ya se pidió para esa persona.", code="grant_known")
    proposal = GrantProposal.objects.create(
        user=user,
        party=party,
        role=role,
        scope=scope,
        conflict=asking or "",
        reason=reason,
        proposed_by=by,
        proposed_at=at,
    )
    _tell_administrators(proposal, by, at=at)
    record(
        action="people.grant_proposed",
        subject=proposal,
        by=by,
        at=at,
        reason=reason,
        details={"role": role, "conflict": proposal.conflict} | _told_scope(scope),
        party_id=party.pk,
    )
    return proposal


def _tell_administrators(proposal: GrantProposal, by: User, *, at: datetime) -> None:
    """Everybody who may confirm it: neither who asked nor who receives."""
    others = selectors.administrators(on=clock.date_in(at)).exclude(pk__in=[by.pk, proposal.user_id])
    notify(
        user_ids=list(others.values_list("pk", flat=True)),
        kind="grant_proposed",
        key=f"proposal:{proposal.pk}",
        context={},
        url=reverse("desk:people"),
        at=at,
        action_label="Revisar en el portal",
    )


@transaction.atomic
def decide_grant(*, proposal: GrantProposal, accept: bool, by: User, at: datetime) -> Grant | None:
    """The second administrator's word, judged by the table of conflicts once more.

    Raises RuleBroken for who asked, for who receives, and for what conflicts by now; Conflict when decided.
    """
    proposal = (
        GrantProposal.objects.select_for_update(of=("self",))
        .select_related("user", "party", "scope", "proposed_by")
        .get(pk=proposal.pk)
    )
    decided = rules.ProposalState.ACCEPTED if accept else rules.ProposalState.REFUSED
    rules.PROPOSAL.check(proposal.state, decided)
    _refuse_himself(proposal.user, by)
    if proposal.proposed_by_id == by.pk:
        raise RuleBroken(
            "Quien pidió el permiso no lo confirma. Toca a otra persona de Administración.", code="own_proposal"
        )
    proposal.state, proposal.decided_by, proposal.decided_at = decided, by, at
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
    if not accept:
        record(action="people.grant_refused", subject=proposal, by=by, at=at, party_id=proposal.party_id)
        return None
    return grant_role(
        user=proposal.user,
        party=proposal.party,
        role=Role(proposal.role),
        scope=proposal.scope,
        by=proposal.proposed_by,
        confirmed_by=by,
        reason=proposal.reason,
        at=at,
    )


@transaction.atomic
def grant_role(
    *,
    user: User,
    party: Party,
    role: Role,
    by: User,
    at: datetime,
    confirmed_by: User | None = None,
    reason: str = "",
    scope: Party | None = None,
) -> Grant:
    """Give a role from today on. One of staff needs `confirmed_by`, another administrator than `by` (AC-07); with
    `scope` it reaches the things of that insurer alone.

    Raises RuleBroken for what the table of conflicts refuses, or has countersigned and no `reason` was given for.
    """
    _refuse_himself(user, by)
    if role in STAFF_ROLES and (confirmed_by is None or confirmed_by.pk in {by.pk, user.pk}):
        raise RuleBroken("Este permiso lo confirma otra persona de Administración.", code="second_administrator")
    _check_whose_role(role, party)
    _check_scope(role, scope)
    judge_role(user=user, role=role, reason=reason, at=at)
    on = clock.date_in(at)
    _refuse_known(user=user, party=party, role=role, scope=scope, on=on)
    grant = Grant.objects.create(
        user=user, party=party, role=role, scope=scope, since=on, granted_by=by, confirmed_by=confirmed_by
    )
    user.__dict__.pop("live_grants", None)  # read before this role: whoever asks the same object again is told of it
    _tell_granted(grant, at=at)
    record(
        action="people.granted",
        subject=grant,
        by=confirmed_by or by,
        at=at,
        reason=reason,
        details={"role": role} | _told_scope(scope),
        party_id=party.pk,
    )
    return grant


def _check_whose_role(role: Role, party: Party) -> None:
    if role in PERSONAL_ROLES and party.kind == Party.Kind.ORGANISATION:
        raise RuleBroken(
            f"El permiso «{ROLE_LABELS[role]}» es de una persona y no de una organización. Elige a la persona.",
            code="role_of_a_person",
        )


def _tell_granted(grant: Grant, *, at: datetime) -> None:
    notify(
        user_ids=[grant.user_id],
        kind="security_changed",
        key=f"grant:{grant.pk}",
        url=reverse("people:account"),
        at=at,
        context={"what": "Cambió lo que puedes hacer en el portal."},
    )


def _told_scope(scope: Party | None) -> dict[str, str]:
    return {} if scope is None else {"scope": str(scope.pk)}


@transaction.atomic
def end_grant(*, grant: Grant, by: User, at: datetime, reason: str = "") -> None:
    """End a role today, which counts from the next request. The last administrator stays (AC-07)."""
    on = clock.date_in(at)
    _lock_administration()
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if grant.until is not None and grant.until <= on:
        raise Conflict("Ese permiso ya terminó.", code="grant_ended")
    if grant.role == Role.ADMINISTRATOR:
        _refuse_last_administrator(grant.user_id, at=at)
    grant.until = on
    grant.save(update_fields=["until"])
    record(
        action="people.grant_ended",
        subject=grant,
        by=by,
        at=at,
        reason=reason,
        details={"role": grant.role} | _told_scope(grant.scope),
        party_id=grant.party_id,
    )


def _lock_administration() -> None:
    """One at a time: two administrators must not remove each other at once."""
    list(Grant.objects.select_for_update().filter(role=Role.ADMINISTRATOR, until=None).order_by("pk"))


def _refuse_last_administrator(user_id: Any, *, at: datetime) -> None:
    if not selectors.administrators(on=clock.date_in(at)).exclude(pk=user_id).exists():
        raise RuleBroken(
            "Es la última persona de Administración. Da el permiso a otra antes.", code="last_administrator"
        )


@transaction.atomic
def disable_person(*, user: User, by: User, at: datetime, reason: str) -> None:
    """Close an account: sessions, devices and tokens end at once (AU-12). `at` is the product's clock.

    Raises RuleBroken for one's own account or the last administrator, Conflict when it is closed already.
    """
    _lock_administration()
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk:
        raise RuleBroken("No puedes cerrar tu propio perfil de la mesa. Pídelo a otra persona.", code="own_account")
    if user.disabled_at is not None:
        raise Conflict("Ese perfil ya está cerrado.", code="already_disabled")
    if Role.ADMINISTRATOR in user.roles:
        _refuse_last_administrator(user.pk, at=at)
    user.disabled_at = at
    user.save(update_fields=["disabled_at"])
    end_sessions_of(user)
    user.known_devices.all().delete()
    end_tokens_of(user=user, by=by, at=at, reason=reason)
    record(action="people.disabled", subject=user, by=by, at=at, reason=reason)


@transaction.atomic
def enable_person(*, user: User, by: User, at: datetime, reason: str) -> None:
    """Open a closed account again; the password stays what it was. Raises Conflict when it is open."""
    if not User.objects.filter(pk=user.pk, disabled_at__isnull=False).update(disabled_at=None):
        raise Conflict("Ese perfil ya está abierto.", code="already_enabled")
    record(action="people.enabled", subject=user, by=by, at=at, reason=reason)


@transaction.atomic
def bootstrap_administrators(*, people: list[tuple[str, str]], at: datetime) -> list[tuple[User, str]]:
    """The first two administrators, (address, name) each; returns their one-time secrets, shown once by the command.

    Raises Conflict when an administrator exists: from then on two administrators make the third (AU-14).
    """
    if Grant.objects.filter(role=Role.ADMINISTRATOR).exists():
        raise Conflict("Ya hay personas de Administración. Ellas dan los demás permisos.", code="administrators_exist")
    if len({rules.clean_email(email) for email, _name in people}) != 2:
        raise RuleBroken("Se crean dos personas de Administración, con correos distintos.", code="two_administrators")
    operator = selectors.operator() or Party.objects.create(
        id=ids.uuid7(), kind=Party.Kind.ORGANISATION, name="Operador del portal", is_operator=True, created_at=at
    )
    made = []
    for email, name in people:
        user = selectors.person_by_email(rules.clean_email(email)) or _new_person(
            email=rules.clean_email(email), name=name, at=at
        )
        judge_role(user=user, role=Role.ADMINISTRATOR, at=at)  # an address may be somebody's already
        Grant.objects.create(user=user, party=operator, role=Role.ADMINISTRATOR, since=clock.date_in(at))
        secret, _row = new_secret(user=user, purpose=OneTimeSecret.Purpose.CHOOSE_PASSWORD)
        record(action="people.administrator_made", subject=user, by=None, at=at, party_id=operator.pk)
        made.append((user, secret))
    return made


@transaction.atomic
def renew_access(*, user: User, at: datetime) -> str:
    """Somebody lost every key: take second factors, password, sessions and tokens away; returns a one-time secret.

    Whoever lost a key does not know who has it now, so nothing goes on in their name; the secret is shown once. Only
    the command on the server calls it: a page that removes a second factor would be the way around it (AU-08).
    The person and the administrators are told. Raises RuleBroken for a closed account.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.disabled_at is not None:
        raise RuleBroken("Ese perfil está cerrado. Ábrelo en Personas antes de renovar su acceso.", code="closed")
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.known_devices.all().delete()
    end_sessions_of(user)
    end_tokens_of(user=user, by=None, at=at, reason=WHY_TOKENS_END)
    secret, _row = new_secret(user=user, purpose=OneTimeSecret.Purpose.CHOOSE_PASSWORD)
    event = record(action="people.access_renewed", subject=user, by=None, at=at)
    told = {user.pk: WHAT_OWN, **dict.fromkeys(_other_administrators(user, at=at), WHAT_OTHERS)}
    for user_id, what in told.items():
        notify(
            user_ids=[user_id],
            kind="security_changed",
            key=f"access:{event.pk}",
            context={"what": what},
            url=reverse("people:security"),
            at=at,
        )
    return secret


def _other_administrators(user: User, *, at: datetime) -> list[Any]:
    return list(selectors.administrators(on=clock.date_in(at)).exclude(pk=user.pk).values_list("pk", flat=True))
