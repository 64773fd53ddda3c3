"""How a physician gets an account (S0.2, S0.3), and who helps one."""

from __future__ import annotations

from portal.access import Permission, Role
from portal.people.rules import Helper, SignUp

SIGN_UP = SignUp(
    role=Role.PHYSICIAN,
    label="Médico",
    lead="Para médicas y médicos; no hace falta tener órdenes por cobrar.",
    asks="Te pedimos tres datos.",
    identifier="rfc",
    consents=("portal-privacy",),
    purpose="tramitar mis cobros",
    first_page="billing:home",
    withheld="tus órdenes y los nombres de tus pacientes",
    opened="ves tus órdenes y puedes facturarlas",
)
ASSISTANT = Helper(
    role=Role.PHYSICIAN_ASSISTANT,
    of=Role.PHYSICIAN,
    permission=Permission.BILL_ORDERS,
    lead="Tus asistentes ven tus órdenes y facturan por ti. Nunca ven ni cambian tu cuenta bancaria.",
    does="facturar por ti",
    ends="Desde ese momento no ve tus órdenes ni factura por ti.",
    subject="Te invitaron a facturar por un médico",
    invited="Un médico te invitó a facturar por él en Cauce.",
    barred="quien trabaja en la mesa o en Portabilidad no puede facturar por un médico, porque resuelve asuntos suyos",
    already="ya facturas por él",
)
