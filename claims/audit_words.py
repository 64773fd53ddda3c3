"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "claims.accumulator_opened": "Acumulado de apertura recibido",
    "claims.assent_asked": "«Sí» pedido a la persona atendida",
    "claims.assent_ended": "«Sí» a un trámite negado o retirado",
    "claims.assent_given": "«Sí» dado a un trámite",
    "claims.claim_decided": "Trámite dictaminado",
    "claims.claim_opened": "Trámite abierto sin tomarlo",
    "claims.claim_paid": "Trámite pagado",
    "claims.claim_sent": "Trámite enviado",
    "claims.claim_withdrawn": "Trámite retirado por quien lo presentó",
    "claims.day_told": "Fecha de un trámite avisada",
    "claims.decision_final": "Decisión definitiva de un trámite",
    "claims.decision_sent_back": "Decisión regresada de la segunda vista",
    "claims.documents_answered": "Documentos de un trámite completados",
    "claims.documents_overdue": "Trámite que sigue sin los documentos pedidos",
    "claims.documents_wanted": "Documentos pedidos de un trámite",
    "claims.draft_changed": "Borrador de trámite cambiado",
    "claims.draft_discarded": "Borrador de trámite descartado",
    "claims.draft_fallen": "Borrador de trámite borrado al pasar su fecha",
    "claims.draft_started": "Borrador de trámite empezado",
    "claims.draft_told": "Borrador de trámite: aviso antes de borrarlo",
    "claims.hospital_received": "Hospital en convenio recibido",
    "claims.invoice_corrected": "Factura de un trámite corregida",
    "claims.message_written": "Mensaje sobre un trámite",
    "claims.more_documents_declined": "No se autorizó pedir más documentos",
    "claims.more_documents_proposed": "Propuesta de pedir más documentos",
    "claims.note_written": "Nota interna de un trámite",
    "claims.payment_returned": "Pago de un trámite devuelto por el banco",
    "claims.payment_scheduled": "Pago de un trámite en un lote",
    "claims.payment_waits": "Pago de un trámite que espera otro lote",
    "claims.review_begun": "Trámite tomado para dictamen",
}
THINGS: dict[str, str] = {
    "claims.accumulator": "Acumulado",
    "claims.claim": "Trámite",
    "claims.documentrequest": "Solicitud de documentos de un trámite",
    "claims.hospital": "Hospital en convenio",
    "claims.submission": "Archivos de un trámite",
}
