"""Formats as a family sees them, and the page of its insurer's network (S3.35, S3.36)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from claims.models import Format, InsurerLink
from claims.rules.formats import STAGES, WHAT_LABELS
from claims.selectors.family import Choice, choices_of
from memberships import selectors as memberships
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.people.models import User


def current_formats() -> list[Format]:
    """The newest version of each format, in the order of the source."""
    places = [(str(what), stage.value) for what in WHAT_LABELS for stage in STAGES]
    return sorted(Format.objects.current(), key=lambda one: places.index((one.what, one.stage)))


def format_choices() -> list[tuple[str, str]]:
    """What a form offers."""
    return [(one.key, one.label) for one in current_formats()]


def format_context(found: Format, choice: Choice) -> dict[str, Any]:
    """What a format is prefilled with; frozen with it."""
    titular = choice.certificate.titular or choice.person
    return {
        "title": found.label,
        "version": found.version,
        "published_at": found.published_at.isoformat(),
        "insurer": choice.coverage.plan.party.name,
        "policy": choice.coverage.plan.policy_number,
        "certificate": choice.certificate.certificate_number,
        "coverage": choice.coverage.label,
        "titular": titular.as_printed,
        "affected": choice.person.as_printed,
        "born_on": choice.person.born_on.isoformat(),
        "kinship": choice.kinship,
        "asked": list(found.asked),
        "declaration": found.declaration,
    }


def networks_of(user: User, *, on: date) -> list[tuple[Party, str]]:
    """The insurers of somebody's family today, each with the page of its network; "" where nobody told it."""
    insurers = {one.coverage.plan.party_id: one.coverage.plan.party for one in choices_of(user, on=on)}
    links = dict(InsurerLink.objects.filter(insurer__in=insurers).values_list("insurer", "address"))
    return sorted(((party, links.get(pk, "")) for pk, party in insurers.items()), key=lambda one: one[0].name)


def insurers_with_links() -> list[tuple[Party, str]]:
    """Every insurer with the page of its network, for whoever keeps them."""
    insurers: Sequence[Party] = list(memberships.insurer_choices())
    links = dict(InsurerLink.objects.values_list("insurer", "address"))
    return [(one, links.get(one.pk, "")) for one in insurers]
