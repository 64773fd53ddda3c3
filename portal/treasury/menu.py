"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W
from portal.access import workspaces_with

_PAID = workspaces_with(P.MANAGE_OWN_ACCOUNT)  # whoever is paid, whatever the role

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (60, "Cuenta bancaria", "treasury:my_account", P.MANAGE_OWN_ACCOUNT, "", _PAID, "Tus datos"),
    (130, "Cuentas bancarias", "treasury:account_reviews", P.REVIEW_ACCOUNTS, "", (W.DESK,), "Quién cobra"),
    (145, "Cobranza", "treasury:deposits", P.SEE_COLLECTIONS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (150, "Pagos", "treasury:batches", P.SEE_PAYMENTS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
)
