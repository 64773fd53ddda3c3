"""How somebody who joins, or is of a family, gets an account (domain 2.12)."""

from __future__ import annotations

from portal.access import Role
from portal.people.rules import SignUp

PRIVACY = "membership-privacy"
PRIVACY_LABEL = "Aviso de privacidad de membresías"
SIGN_UP = SignUp(
    role=Role.MEMBER,
    label="Persona afiliada",
    lead="Para afiliar a tu familia y ver su membresía.",
    asks="Te pedimos tu RFC o tu CURP, tu correo y una contraseña.",
    identifier="rfc",
    consents=("portal-privacy",),
    purpose="atender mi membresía",
    first_page="memberships:home",
    others=("curp",),
    claims=False,
)
