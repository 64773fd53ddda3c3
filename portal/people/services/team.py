"""Assistants of a physician: invited by mail, ended at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.access import Role
from portal.errors import RuleBroken
from portal.history.services import record
from portal.once.services import throttle
from portal.people import rules, selectors
from portal.people.models import Grant, Party, User
from portal.people.services.grants import end_grant, enter_person, grant_role


def invite_assistant(*, party: Party, email: str, name: str, by: User, at: datetime) -> Grant:
    """Let somebody bill for this physician; a person new to the portal gets a one-time secret by mail.

    Raises RuleBroken, Conflict when they do already, TooMany above 10 an hour: the mail goes to whomever one names.
    """
    if rules.clean_email(email) == by.email:
        raise RuleBroken("Ese es tu propio correo. Escribe el de tu asistente.", code="own_email", field="email")
    throttle(scope="invite_assistant", key=str(by.pk), limit=10, window=3600)
    return _invite(party=party, email=email, name=name, by=by, at=at)


@transaction.atomic
def _invite(*, party: Party, email: str, name: str, by: User, at: datetime) -> Grant:
    user = selectors.person_by_email(rules.clean_email(email)) or enter_person(email=email, name=name, by=by, at=at)
    if user.is_back_office:
        # Who helps a physician may not review them: else one chooses one's reviewer by inviting all the others (MO-05).
        raise RuleBroken(
            "Ese correo no puede facturar por ti. Invita a alguien que no trabaje en la revisión ni en los pagos.",
            code="works_at_the_desk",
            field="email",
        )
    grant = grant_role(user=user, party=party, role=Role.PHYSICIAN_ASSISTANT, by=by, at=at)
    record(action="people.assistant_invited", subject=grant, by=by, at=at, party_id=party.pk)
    return grant


@transaction.atomic
def end_assistant(*, grant: Grant, by: User, at: datetime) -> None:
    """The assistant no longer bills for this physician, from the next request on."""
    end_grant(grant=grant, by=by, at=at)
