"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P

# (place in the menu, label, URL name, the permission that shows it, the filter it opens its list with)
ENTRIES = (
    (10, "Inicio", "billing:home", P.SEE_OWN_BILLING, ""),
    (20, "Órdenes", "billing:orders", P.SEE_OWN_BILLING, ""),
    (30, "Facturas", "billing:invoices", P.SEE_OWN_BILLING, ""),
    (40, "Pagos", "billing:payments", P.SEE_OWN_BILLING, ""),
    (50, "Mi estado de cuenta", "billing:statement", P.SEE_OWN_BILLING, ""),
    (100, "Facturas", "billing:reviews", P.REVIEW_INVOICES, "?estado=submitted"),
    (110, "Órdenes", "billing:desk_orders", P.IMPORT_ORDERS, ""),
    (120, "Complementos", "billing:complements", P.REVIEW_INVOICES, ""),
)
