"""Organisations that deal with the portal: who pays orders, and whose systems send them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.people.models import Party, User
from portal.people.services.sign_up import check_rfc


@transaction.atomic
def add_organisation(*, name: str, rfc: str, zip_code: str, fiscal_regime: str, by: User, at: datetime) -> Party:
    """An insurer, with what its CFDI needs. Raises RuleBroken for a malformed RFC, Conflict for a known one."""
    rfc = check_rfc(rfc)
    made, is_new = Party.objects.get_or_create(
        rfc=rfc,
        defaults={
            "kind": Party.Kind.ORGANISATION,
            "name": name.upper(),
            "zip_code": zip_code,
            "fiscal_regime": fiscal_regime,
            "created_at": at,
        },
    )
    if not is_new:
        raise Conflict("Ya hay una organización o persona con ese RFC.", code="rfc_known", field="rfc")
    record(action="people.organisation_added", subject=made, by=by, at=at, party_id=made.pk)
    return made


@transaction.atomic
def change_organisation(*, party: Party, name: str, zip_code: str, fiscal_regime: str, by: User, at: datetime) -> Party:
    """Name, postal code and regime of an organisation, as its CFDI carries them; its RFC stays (AU-15).

    Raises RuleBroken for a person's party: its owner changes those.
    """
    party = Party.objects.select_for_update().get(pk=party.pk)
    if party.kind != Party.Kind.ORGANISATION:
        raise RuleBroken("Los datos de una persona los cambia ella misma, desde su perfil.", code="not_organisation")
    party.name, party.zip_code, party.fiscal_regime = name.upper(), zip_code, fiscal_regime
    party.save(update_fields=["name", "zip_code", "fiscal_regime"])
    record(action="people.organisation_changed", subject=party, by=by, at=at, party_id=party.pk)
    return party
