"""A physician's fiscal regime: it decides the withholding, from a date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from billing import rules
from billing.models import Invoice, PhysicianProfile, SchemeAssignment
from billing.services.invoices import follow_scheme
from portal import clock
from portal.design import dates
from portal.errors import RuleBroken
from portal.history import services as history
from portal.people import services as people
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.people.models import User


FURTHEST = timedelta(days=366)


@transaction.atomic
def set_regime(
    *,
    party: Party,
    regime: str,
    state: str,
    specialty: str,
    valid_from: date | None,
    by: User,
    at: datetime,
    name: str = "",
    zip_code: str = "",
) -> PhysicianProfile:
    """Keep the regime and, from `valid_from` on (local date, MX; None: today), the withholding it brings (S0.20-S0.23).

    Drafts without XML follow at once; what an XML fixed stays. `name` and `zip_code` as on the tax certificate: sign-up
    asks for neither (S0.3); bank statements are held to it.
    """
    today = clock.date_in(at)
    valid_from = valid_from or today
    _check_regime(regime, state, valid_from, today)
    party = Party.objects.select_for_update().get(pk=party.pk)
    if name:
        people.set_own_details(by=by, name=name, zip_code=zip_code, at=at)
    profile, _ = PhysicianProfile.objects.update_or_create(
        party=party, defaults={"regime": regime, "state": state, "specialty": specialty}
    )
    current = SchemeAssignment.objects.filter(party=party, valid_to=None).first()
    if current is None or (current.regime, current.state) != (regime, state):
        _replace_assignment(current, party, regime, state, valid_from)
    for draft in Invoice.objects.filter(party=party, state=rules.ReviewState.DRAFT, xml=None).order_by("pk"):
        follow_scheme(invoice=draft, by=by, at=at)
    history.record(
        action="billing.regime_set",
        subject=profile,
        party_id=party.pk,
        by=by,
        at=at,
        details={"regime": regime, "state": state, "from": valid_from.isoformat()},
    )
    return profile


def _check_regime(regime: str, state: str, valid_from: date, today: date) -> None:
    if regime not in rules.REGIME_LABELS or state not in rules.STATE_LABELS:
        raise RuleBroken("Elige tu régimen y tu entidad de la lista.", code="unknown_regime", field="regime")
    if valid_from > today + FURTHEST:
        raise RuleBroken(
            "Un cambio de régimen se avisa hasta con un año. Revisa la fecha.", code="too_far", field="valid_from"
        )


def _replace_assignment(
    current: SchemeAssignment | None, party: Party, regime: str, state: str, valid_from: date
) -> None:
    if current is not None:
        if valid_from < current.valid_from:
            raise RuleBroken(
                f"Tu régimen actual vale desde el {dates.short(current.valid_from)}; el nuevo no puede empezar antes. "
                "Escribe esa fecha o una posterior.",
                code="scheme_overlaps",
                field="valid_from",
            )
        current.valid_to = valid_from
        SchemeAssignment.objects.filter(pk=current.pk).update(valid_to=valid_from)
    SchemeAssignment.objects.create(party=party, regime=regime, state=state, valid_from=valid_from)
