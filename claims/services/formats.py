"""Formats are published version by version and made for a person; insurers' networks have an address (S3.35, S3.36)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from claims import selectors
from claims.models import Format, InsurerLink
from claims.rules.formats import DECLARATION, SHIPPED, check_address, read_asked
from claims.selectors import formats as reads
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history
from portal.once.services import throttle
from portal.papers import services as papers
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.papers.models import IssuedDocument
    from portal.people.models import User

FORMAT = "claim_format"
HOUR, MOST_MADE = 3_600, 30  # papers of one person


@transaction.atomic
def load_shipped_formats(*, at: datetime) -> None:
    """Version 1 of each format (the demo's fresh start empties every table)."""
    rows = [
        Format(
            what=one.what, stage=one.stage, version=1, asked=list(one.asked), declaration=DECLARATION, published_at=at
        )
        for one in SHIPPED
    ]
    Format.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def make_format(*, what: str, choice: str, by: User, at: datetime) -> IssuedDocument:
    """A format with what the portal knows of somebody of the filer's, ready to be filled in and signed.

    Raises RuleBroken for a person or a format that is not on the list, TooMany for one paper after the other.
    """
    found = next((one for one in reads.current_formats() if one.key == what), None)
    if found is None:
        raise RuleBroken("Elige un formato de la lista.", code="not_a_format", field="what")
    chosen = next((one for one in selectors.choices_of(by, on=clock.date_in(at)) if one.key == choice), None)
    if chosen is None:
        raise RuleBroken("Elige una persona y cobertura de la lista.", code="not_a_choice", field="choice")
    throttle(scope="claims.format", key=str(by.pk), limit=MOST_MADE, window=HOUR)
    return papers.issue_document(
        kind=FORMAT,
        template="pdf/claims/format.html",
        context=reads.format_context(found, chosen),
        party=chosen.person.party,
        by=by,
        at=at,
    )


@transaction.atomic
def publish_format(*, what: str, asked: str, declaration: str, by: User, at: datetime) -> Format:
    """The next version of a format; those that were made before stay as they are. Raises RuleBroken for no change."""
    kind, _dot, stage = what.partition(".")
    rows = Format.objects.select_for_update().filter(what=kind, stage=stage).order_by("-version")
    last = next(iter(rows), None)
    if last is None:
        raise RuleBroken("Elige un formato de la lista.", code="not_a_format", field="what")
    lines, said = read_asked(asked), declaration.strip()
    if (lines, said) == (list(last.asked), last.declaration):
        raise RuleBroken("Ese formato ya dice eso. Cambia algo antes de publicarlo.", code="same_format", field="asked")
    told = {"what": kind, "stage": stage, "version": last.version + 1, "asked": lines, "declaration": said}
    made = Format.objects.create(**told, published_at=at, by=by)
    details = {"format": what, "version": made.version}
    history.record(action="claims.format_published", subject=made, by=by, at=at, details=details)
    return made


@transaction.atomic
def set_network(*, insurer: Party, address: str, by: User, at: datetime) -> InsurerLink:
    """Where an insurer shows its network. Raises RuleBroken for what is no page of the open web."""
    check_address(address)
    told = {"address": address, "changed_at": at, "by": by}
    made, _new = InsurerLink.objects.update_or_create(insurer=insurer, defaults=told)
    history.record(
        action="claims.network_set", subject=made, by=by, at=at, party_id=insurer.pk, details={"address": address}
    )
    return made
