"""Assistants of a physician: invited by mail, ended at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.access import Role
from portal.errors import RuleBroken
from portal.history.services import record
from portal.people import rules, selectors
from portal.people.models import Grant, Party, User
from portal.people.services.grants import end_grant, enter_person, grant_role


@transaction.atomic
def invite_assistant(*, party: Party, email: str, name: str, by: User, at: datetime) -> Grant:
    """Let somebody bill for this physician; a person new to the portal gets a one-time secret by mail."""
    if rules.clean_email(email) == by.email:
        raise RuleBroken("Ese es tu propio correo. Escribe el de tu asistente.", code="own_email", field="email")
    user = selectors.person_by_email(rules.clean_email(email)) or enter_person(email=email, name=name, by=by, at=at)
    grant = grant_role(user=user, party=party, role=Role.PHYSICIAN_ASSISTANT, by=by, at=at)
    record(action="people.assistant_invited", subject=grant, by=by, at=at, party_id=party.pk)
    return grant


@transaction.atomic
def end_assistant(*, grant: Grant, by: User, at: datetime) -> None:
    """The assistant no longer bills for this physician, from the next request on."""
    end_grant(grant=grant, by=by, at=at)
