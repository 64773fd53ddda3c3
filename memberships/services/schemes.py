"""Schemes of references: what a contract with a network or a bank says, kept as rows (domain 2.8)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from memberships.models import ReferenceScheme
from memberships.rules import Means, schemes
from portal import clock
from portal.errors import Conflict
from portal.history.services import record

if TYPE_CHECKING:
    from portal.people.models import User

_SAMPLE = Decimal("350.00")


@transaction.atomic
def add_scheme(*, code: str, by: User, at: datetime, **terms: Any) -> ReferenceScheme:
    """A scheme of another contract; it makes no slips until it is switched on.

    Raises RuleBroken for terms that no network could mean, Conflict for a code that is taken.
    """
    schemes.check_code(code)
    if ReferenceScheme.objects.filter(code=code).exists():
        raise Conflict("Ya hay un esquema con esa clave. Escribe otra.", code="scheme_code_taken")
    found = ReferenceScheme(code=code, in_use=False, **terms)
    _check_terms(found, at=at)
    found.save(force_insert=True)
    record(action="memberships.scheme_added", subject=found, by=by, at=at, details={"code": code})
    return found


@transaction.atomic
def change_scheme(*, scheme: ReferenceScheme, by: User, at: datetime, **terms: Any) -> ReferenceScheme:
    """Change a scheme for the slips to come; what its references mean stays once a slip was made by it.

    Raises RuleBroken for terms that no network could mean, Conflict for one that slips were made by.
    """
    found = ReferenceScheme.objects.select_for_update().get(pk=scheme.pk)
    before = {name: getattr(found, name) for name in schemes.MEANING}
    changed = sorted(name for name, value in terms.items() if getattr(found, name) != value)
    for name, value in terms.items():
        setattr(found, name, value)
    after = {name: getattr(found, name) for name in schemes.MEANING}
    schemes.check_meaning(before, after, slips=found.slips.count())
    _check_terms(found, at=at)
    found.save()
    told = {"code": found.code, "changed": changed, "in_use": found.in_use}
    record(action="memberships.scheme_changed", subject=found, by=by, at=at, details=told)
    return found


def _check_terms(scheme: ReferenceScheme, *, at: datetime) -> None:
    """A reference can be made of them today."""
    scheme.days_rule = schemes.DAYS_RULES[Means(scheme.means)]
    schemes.check_signs(scheme.prefix, scheme.agreement)
    on = clock.date_in(at)
    schemes.example_of(
        scheme.rules, prefix=scheme.prefix, length=scheme.number_length, year=on.year, amount=_SAMPLE, until=on
    )
