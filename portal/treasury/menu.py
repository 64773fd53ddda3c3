"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P

# (place in the menu, label, URL name, the permission that shows it, the filter it opens its list with)
ENTRIES = (
    (60, "Cuenta bancaria", "treasury:my_account", P.MANAGE_OWN_ACCOUNT, ""),
    (130, "Cuentas bancarias", "treasury:account_reviews", P.REVIEW_ACCOUNTS, ""),
    (150, "Pagos", "treasury:batches", P.SEE_PAYMENTS, ""),
)
