"""What a family agrees to before its first file: the insurer's notice, and expressly that health data are treated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from claims import selectors
from claims.texts import TEXTS
from portal import clock
from portal.errors import RuleBroken
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import ConsentText, Party

if TYPE_CHECKING:
    from claims.models import Claim
    from portal.people.models import User


@transaction.atomic
def accept_texts(*, claim: Claim, texts: Sequence[ConsentText], by: User, at: datetime) -> None:
    """Accept the versions that were shown, all that a draft's insurer asks of its filer.

    Raises RuleBroken where one was left or is old by now.
    """
    if left := [one for one in selectors.lacking_consents(claim, on=clock.date_in(at)) if one not in texts]:
        raise RuleBroken(f"Falta aceptar: {left[0].label}.", code="consent_missing", field="texts")
    for text in texts:
        accounts.accept_consent(by=by, text=text, purposes=["necessary"], proof="claim", at=at)


def require_consents(*, claim: Claim, on: date) -> None:
    """Nothing about somebody's health comes in before it is consented to. Raises RuleBroken."""
    if missing := selectors.lacking_consents(claim, on=on):
        raise RuleBroken(f"Antes de subir archivos acepta: {missing[0].label}.", code="consent_missing", field="file")
    if selectors.waits_for_assent(claim, on=on):
        raise RuleBroken(
            f"Espera el «sí» de {claim.affected.as_printed} antes de subir sus documentos.",
            code="assent_missing",
            field="file",
        )


def publish_text(*, kind: str, insurer: Party | None, body: str, by: User, at: datetime) -> ConsentText:
    """A new version of what families agree to, an insurer's own or everybody's; whoever it concerns is asked again.

    Raises RuleBroken for a text of another room, Conflict for one that says the same.
    """
    if kind not in TEXTS:
        raise RuleBroken("Elige el texto de la lista.", code="not_on_the_list", field="kind")
    return accounts.publish_consent_text(kind=kind, body=body, owner=insurer, by=by, at=at)


@transaction.atomic
def load_shipped_texts(*, at: datetime) -> None:
    """Version 1 of each text where no version stands (the demo's fresh start empties every table)."""
    for kind, body in TEXTS.items():
        if people.latest_text(kind) is None:
            accounts.publish_consent_text(kind=kind, body=body, by=None, at=at)
