"""What memberships cost: the desk's list of families (G7, G8). What they must keep to stands with the lists."""

from __future__ import annotations

from typing import Any

FAMILIES = 20_000
LIST = "/mesa/afiliaciones/"
GOALS: dict[str, Any] = {}


def families() -> None:
    """G7 and G8 on the affiliation desk's list of 20,000 families that left."""
    from config.demo.people import BY_SLUG
    from memberships.models import Membership
    from memberships.rules import MembershipState
    from tests.bench.copies import copies
    from tests.bench.listing import pages
    from tests.bench.signed_in import signed_in, user_of

    one = Membership.objects.dues().exclude(folio="").order_by("pk")[0]
    copies(
        Membership,
        FAMILIES,
        one=one,
        folio="'ME-2026-' || lpad((300000 + n)::text, 6, '0')",
        state=f"'{MembershipState.CANCELLED}'",
    )
    pages("afiliaciones", signed_in(user_of(BY_SLUG["elisa"].email)), LIST)


MEASURES = (families,)
LATER = (("G21", "mensualidades de 100,000 membresías", "cada familia se lleva a su día por sí misma, no por SQL"),)
