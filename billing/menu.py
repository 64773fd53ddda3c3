"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (10, "Inicio", "billing:home", P.SEE_OWN_BILLING, "", (W.PHYSICIAN,), "Cobrar"),
    (20, "Órdenes", "billing:orders", P.SEE_OWN_BILLING, "", (W.PHYSICIAN,), "Cobrar"),
    (30, "Facturas", "billing:invoices", P.SEE_OWN_BILLING, "", (W.PHYSICIAN,), "Cobrar"),
    (40, "Pagos", "billing:payments", P.SEE_OWN_BILLING, "", (W.PHYSICIAN,), "Cobrar"),
    (50, "Mi estado de cuenta", "billing:statement", P.SEE_OWN_BILLING, "", (W.PHYSICIAN,), "Cobrar"),
    (100, "Facturas", "billing:reviews", P.REVIEW_INVOICES, "?estado=submitted", (W.DESK,), "Facturas"),
    (110, "Órdenes", "billing:desk_orders", P.IMPORT_ORDERS, "", (W.DESK,), "Facturas"),
    (120, "Complementos", "billing:complements", P.REVIEW_INVOICES, "", (W.DESK,), "Facturas"),
)
# The page that a workspace begins with.
HOMES = {W.PHYSICIAN: "billing:home"}
