"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W

_STAFF = (W.DESK, W.TREASURY, W.ADMINISTRATION)
# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (12, "Mi membresía", "memberships:home", P.SEE_OWN_MEMBERSHIP, "", (W.INSURED,), "Mi familia"),
    (14, "Mensualidades", "memberships:charges", P.SEE_OWN_MEMBERSHIP, "", (W.INSURED,), "Mi familia"),
    (16, "Estado de mensualidades", "memberships:statement", P.SEE_OWN_MEMBERSHIP, "", (W.INSURED,), "Mi familia"),
    (18, "Lo que comparto", "memberships:share", P.MANAGE_OWN_MEMBERSHIP, "", (W.INSURED,), "Mi familia"),
    (143, "Afiliaciones", "memberships:affiliations", P.SEE_MEMBERSHIPS, "", _STAFF, "Afiliación"),
    (145, "Tarjetas", "memberships:card_attempts", P.SEE_COLLECTIONS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (149, "Esquemas", "memberships:schemes", P.SEE_COLLECTIONS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (146, "Adeudos", "memberships:dues_aged", P.SEE_COLLECTIONS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (147, "Suspendidas", "memberships:suspended", P.SEE_COLLECTIONS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (148, "Cobrado", "memberships:collected", P.SEE_COLLECTIONS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (148, "Vigentes por plan", "memberships:active_by_plan", P.SEE_MEMBERSHIPS, "", _STAFF, "Afiliación"),
    (149, "Altas y bajas", "memberships:joins_and_ends", P.SEE_MEMBERSHIPS, "", _STAFF, "Afiliación"),
    (146, "Devoluciones", "memberships:refunds", P.SEE_REFUNDS, "", (W.TREASURY, W.ADMINISTRATION), "Dinero"),
    (144, "Planes", "memberships:plans", P.MANAGE_PLANS, "", (W.DESK,), "Afiliación"),
    (147, "Páginas y teléfonos", "memberships:imss_sources", P.AFFILIATE, "", (W.DESK,), "Afiliación"),
    (146, "Pólizas", "memberships:policies", P.MANAGE_PLANS, "", (W.DESK,), "Afiliación"),
    (148, "Padecimientos", "memberships:conditions", P.SEE_CONDITIONS, "", (W.DESK,), "Afiliación"),
)
