"""Whose «sí» a claim needs, and whether it stands (section 2 of the story, AC-05)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from claims.models import Assent, Claim
from claims.texts import SENSITIVE
from memberships import selectors as memberships
from memberships.rules.family import of_age_on
from portal.access import Permission
from portal.people import selectors as people

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.people.models import ConsentText, User


def needs_assent(claim: Claim, *, on: date) -> bool:
    """Whether a claim is filed for an adult with an own account, who consents by themselves."""
    person = claim.affected
    if on < of_age_on(person.born_on) or person.party_id in claim.filed_by.party_ids(Permission.FILE_CLAIMS):
        return False
    return memberships.has_account(person, on=on)


def assent_of(claim: Claim) -> Assent | None:
    """What was asked of the affected adult and not ended yet."""
    return claim.assents.open().select_related("consent").first()


def is_assented(claim: Claim) -> bool:
    """Whether the affected adult's «sí» stands, to the text on health data that is in force."""
    given = assent_of(claim)
    latest = people.latest_text(SENSITIVE, claim.coverage.plan.party)
    return bool(given and given.is_given and given.consent and latest and given.consent.text_id == latest.pk)


def waits_for_assent(claim: Claim, *, on: date) -> bool:
    """Whether somebody's «sí» is still missing to go on with a draft."""
    return needs_assent(claim, on=on) and not is_assented(claim)


def assented(claims: Sequence[Claim]) -> set[UUID]:
    """Of these claims those to which the affected adult's «sí» stands."""
    rows = Assent.objects.in_force().filter(claim__in=[one.pk for one in claims])
    return set(rows.values_list("claim", flat=True))


def text_of(claim: Claim) -> ConsentText | None:
    """The text on health data that goes with a «sí»: the insurer's own where it has one."""
    text = people.latest_text(SENSITIVE, claim.coverage.plan.party)
    if text is not None:
        text.to = claim.coverage.plan.party
    return text


def asked_of(user: User) -> QuerySet[Assent]:
    """What waits for somebody's «sí», the oldest first."""
    rows = Assent.objects.visible_to(user).open().filter(given_at=None)
    return rows.select_related("claim__filed_by", "claim__coverage").order_by("asked_at", "pk")
