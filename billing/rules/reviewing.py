"""What the machine says of a physician's files, said to the reviewer who decides (N14). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from billing.rules.states import ReviewState
from portal.errors import Finding

# Said to who decided, and of them to their colleagues while it can still be undone.
DECIDED: dict[ReviewState, str] = {
    ReviewState.ACCEPTED: "Aceptaste",
    ReviewState.RETURNED: "Devolviste",
    ReviewState.REJECTED: "Rechazaste",
}
THEY_DECIDED: dict[ReviewState, str] = {
    ReviewState.ACCEPTED: "aceptó",
    ReviewState.RETURNED: "devolvió",
    ReviewState.REJECTED: "rechazó",
}
COMPLEMENT_DECIDED = {True: "Aceptaste", False: "Rechazaste"}
COMPLEMENT_THEY_DECIDED = {True: "aceptó", False: "rechazó"}
DECISION_WAITS = (
    "{by} ya decidió y todavía lo puede deshacer. Espera un minuto y vuelve a abrir la página para ver cómo quedó."
)

# code → what the reviewer does about it; a file with an error is never stored, so errors have no line here.
CURES: dict[str, str] = {
    "certificate_unknown": "Compruébala en el SAT. Si es de fiar, pide a Administración que agregue el certificado.",
    "stamp_unknown_pac": "Compruébala en el SAT. Si es de fiar, pide a Administración que agregue el certificado.",
    "concept_product": "No impide aceptarla.",
    "concept_unit": "No impide aceptarla.",
    "scheme_review": "Compara la retención con el régimen del médico antes de aceptarla.",
    "local_name": "No impide aceptarla.",
    "payment_way": "No impide aceptarlo.",
    "amount_not_assigned": "Comprueba que pague todas las facturas del depósito.",
    "paid_on_beside": "Compara las dos fechas: una transferencia de la tarde es del día bancario siguiente.",
    "receiver_name_differs": "Compara los dos nombres y decide si son el mismo.",
    "patient_differs": "Compara los dos nombres y decide si es la misma persona.",
    "catalogue_key": "Compruébala en el SAT. Si ya existe, pide a Administración que la agregue en Catálogos del SAT.",
    "document_tax": "Compara la base y el ISR con los de la factura.",
    "pdf_not_compared": "Compara a la vista el PDF con el XML.",
    "pdf_without_uuid": "Compara a la vista el folio fiscal del PDF con el del XML.",
    "not_checked": "Compruébalo antes de decidir.",
}


def for_reviewer(findings: Iterable[Finding]) -> list[Finding]:
    """The same findings with what the reviewer has to do; of the physician in third person."""
    return [
        replace(
            one,
            message=one.message.replace("te pagamos por transferencia", "se pagó por transferencia"),
            cure=CURES.get(one.code, one.cure),
        )
        for one in findings
    ]
