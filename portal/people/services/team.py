"""Helpers of a party's owner: invited by mail, ended at once. An invitation tells nothing about an address (AU-03)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from portal import clock, ids
from portal.access import ROLE_LABELS, Role
from portal.errors import RuleBroken
from portal.history.services import record
from portal.notices.services import write_to
from portal.once.services import throttle
from portal.people import rules, selectors
from portal.people.models import Grant, Party, User
from portal.people.services.grants import end_grant, enter_person, grant_role
from portal.people.services.passwords import mail_secret


def invite_assistant(*, party: Party, role: str, email: str, name: str, by: User, at: datetime) -> Grant:
    """Let somebody act for this party in a helping role. Whoever the address is, the inviter sees the same; the mail
    says the rest.

    Who is new, or never came in, gets a one-time secret; who is of staff, has a closed account or helps already
    is told that nothing changed. Raises RuleBroken for one's own address, or a role that one may not invite there,
    TooMany above 10 an hour: the mail goes to whomever one names.
    """
    how = rules.helper(role)
    if how not in selectors.helpers_for(by, party):
        raise RuleBroken(
            f"No puedes invitar a «{ROLE_LABELS[Role(role)]}» aquí. Elige otro papel.", code="not_yours", field="role"
        )
    if rules.clean_email(email) == by.email:
        raise RuleBroken("Ese es tu propio correo. Escribe el de quien te ayuda.", code="own_email", field="email")
    throttle(scope="invite_assistant", key=str(by.pk), limit=10, window=3600)
    return _invite(party=party, how=how, email=email, name=name, by=by, at=at)


@transaction.atomic
def _invite(*, party: Party, how: rules.Helper, email: str, name: str, by: User, at: datetime) -> Grant:
    Party.objects.select_for_update().get(pk=party.pk)  # two invitations of one address at once make one row
    known = selectors.person_by_email(rules.clean_email(email))
    user = known or enter_person(email=email, name=name, by=by, at=at)
    shown = _of_team(party, user, how.role, at=at)
    # Who helps somebody may not review them: else one chooses one's reviewer by inviting all the others (MO-05).
    barred = user.is_back_office or not user.is_active
    if barred:
        grant, why = shown or _withheld(user, party, how.role, by=by, at=at), "desk" if user.is_active else "closed"
    elif shown is not None and not shown.is_withheld:
        grant, why = shown, "team"
    else:  # a row that gave nothing is this one: who left it helps from today on
        _forget(shown)
        grant, why = grant_role(user=user, party=party, role=Role(how.role), by=by, at=at), ""
    if known is not None and user.email_confirmed_at is None and not barred:
        mail_secret(user=user, kind="invited", by=by, at=at)  # who never came in reads no other mail of ours
    elif why:
        _tell_assistant(grant, how, why, at=at)
    record(action="people.assistant_invited", subject=grant, by=by, at=at, party_id=party.pk)
    return grant


def _of_team(party: Party, user: User, role: str, *, at: datetime) -> Grant | None:
    team = selectors.assistants_of(party, on=clock.date_in(at))
    return next((row for row in team if (row.user_id, row.role) == (user.pk, role)), None)


def _withheld(user: User, party: Party, role: str, *, by: User, at: datetime) -> Grant:
    """A row for the inviter's page that gives nothing."""
    on = clock.date_in(at)
    return Grant.objects.create(user=user, party=party, role=role, since=on, until=on, granted_by=by, is_withheld=True)


def _forget(grant: Grant | None) -> None:
    if grant is not None:
        grant.is_withheld = False
        grant.save(update_fields=["is_withheld"])


def _tell_assistant(grant: Grant, how: rules.Helper, why: str, *, at: datetime) -> None:
    """What an invitation that changes nothing says, to the address that was typed: a closed account has no other."""
    write_to(
        address=grant.user.email,
        kind="invited_in_vain",
        key=f"invited:{ids.uuid7()}",
        context={"helper": how, **how.said_in_vain(why)},
        url=reverse("help:contact"),
        at=at,
        action_label="Escribirnos",
    )


@transaction.atomic
def end_assistant(*, grant: Grant, by: User, at: datetime) -> None:
    """A helper no longer acts for this party, from the next request on."""
    if not grant.is_withheld:
        end_grant(grant=grant, by=by, at=at)
        return
    _forget(grant)
    said = {"role": grant.role}
    record(action="people.grant_ended", subject=grant, by=by, at=at, details=said, party_id=grant.party_id)
