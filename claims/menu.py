"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (11, "Trámites", "claims:claims", P.SEE_OWN_CLAIMS, "", (W.INSURED,), "Trámites"),
    (141, "Trámites", "claims:desk", P.DECIDE_CLAIMS, "?estado=por-dictaminar", (W.DESK,), "Trámites"),
    (142, "Reportes", "claims:open_by_age", P.SEE_CLAIM_REPORTS, "", (W.DESK, W.ADMINISTRATION), "Trámites"),
    (12, "Formatos", "claims:formats", P.FILE_CLAIMS, "", (W.INSURED,), "Trámites"),
    (20, "Red médica", "claims:network", P.FILE_CLAIMS, "", (W.INSURED,), "Trámites"),
    (303, "Formatos", "claims:publish_format", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Trámites"),
    (304, "Red médica", "claims:set_network", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Trámites"),
    (301, "Hospitales", "claims:import_hospitals", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Trámites"),
    (302, "Acumulados", "claims:import_openings", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Trámites"),
    (305, "Documentos", "claims:requirements", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Trámites"),
    (306, "Motivos", "claims:reasons", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Trámites"),
    (295, "Consentimientos", "claims:publish_text", P.MANAGE_CLAIM_CATALOGUES, "", (W.ADMINISTRATION,), "Reglas"),
    (143, "Asesoría", "claims:advice", P.ADVISE_CLAIMS, "?estado=open", (W.DESK,), "Trámites"),
    (144, "Hospitales", "claims:hospitals", P.ADVISE_CLAIMS, "", (W.DESK,), "Trámites"),
    (19, "Historial de trámites", "claims:history", P.SEE_OWN_CLAIMS, "", (W.INSURED,), "Trámites"),
)
