"""What people agree to: versions that never change, acceptances that can be taken back (PR-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.people import rules, selectors
from portal.people.models import Consent, ConsentText, Party, User
from portal.people.shipped import PORTAL_PRIVACY


@transaction.atomic
def publish_consent_text(
    *, kind: str, body: str, by: User | None, at: datetime, owner: Party | None = None
) -> ConsentText:
    """A new version of a text, everybody's or its owner's own; whoever it concerns is asked again.

    Raises RuleBroken for a kind that no app declares.
    """
    if kind not in rules.CONSENTS:
        raise RuleBroken("Ese texto no es de los que se publican aquí. Elige otro.", code="unknown_consent")
    rows = ConsentText.objects.select_for_update().filter(kind=kind, owner=owner)
    latest = rows.order_by("-version").first()
    if latest is not None and latest.body == body:
        raise Conflict("Ese texto ya es el vigente. No hace falta publicarlo otra vez.", code="same_text")
    made = ConsentText.objects.create(
        kind=kind,
        owner=owner,
        version=latest.version + 1 if latest else 1,
        body=body,
        sha256=rules.text_hash(body),
        published_at=at,
    )
    record(action="people.consent_text_published", subject=made, by=by, at=at, details={"version": made.version})
    return made


@transaction.atomic
def load_shipped_texts(*, at: datetime) -> None:
    """Version 1 of the privacy notice where no version stands (the demo's fresh start empties every table)."""
    kind = "portal-privacy"
    if not ConsentText.objects.filter(kind=kind).exists():
        publish_consent_text(kind=kind, body=PORTAL_PRIVACY, by=None, at=at)


@transaction.atomic
def accept_consent(*, by: User, text: ConsentText, purposes: Sequence[str], proof: str, at: datetime) -> Consent:
    """Keep that the person accepted this version, given to whom it was asked for (`text.to`); twice keeps the first.

    Raises RuleBroken for an old version.
    """
    latest = selectors.latest_text(text.kind, text.to)
    if latest is None or latest.pk != text.pk:
        raise RuleBroken("El aviso cambió mientras lo leías. Lee la versión nueva y acéptala.", code="old_consent_text")
    consent, made = Consent.objects.get_or_create(
        user=by,
        text=text,
        owner=text.to,
        withdrawn_at=None,
        defaults={"purposes": list(purposes), "proof": proof, "at": at},
    )
    if made:
        record(action="people.consent_given", subject=consent, by=by, at=at, details={"sha256": text.sha256})
    return consent


@transaction.atomic
def withdraw_consent(*, by: User, consent: Consent, at: datetime) -> None:
    """Take a consent back; the record of having given it stays. Raises Conflict when it was taken back before."""
    if not Consent.objects.filter(pk=consent.pk, user=by, withdrawn_at=None).update(withdrawn_at=at):
        raise Conflict("Ese consentimiento ya estaba retirado.", code="consent_withdrawn")
    record(action="people.consent_withdrawn", subject=consent, by=by, at=at)
