"""How a physician gets an account (S0.2, S0.3)."""

from __future__ import annotations

from portal.access import Role
from portal.people.rules import SignUp

SIGN_UP = SignUp(
    role=Role.PHYSICIAN,
    label="Médico",
    lead="Para médicas y médicos. Te pedimos tres datos; no hace falta tener órdenes por cobrar.",
    identifier="rfc",
    consents=("portal-privacy",),
    purpose="tramitar mis cobros",
    first_page="billing:home",
    helpers=frozenset({Role.PHYSICIAN_ASSISTANT}),
)
