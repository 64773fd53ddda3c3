"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "papers.document_issued": "Documento emitido",
    "papers.document_rendered": "Documento listo en PDF",
    "papers.document_voided": "Documento anulado",
    "papers.draft_dropped": "Archivo en espera de su formulario, borrado",
    "papers.draft_kept": "Archivo guardado en espera de su formulario",
    "papers.draft_put_back": "Archivo en espera de su formulario, devuelto",
    "papers.draft_removed": "Archivo en espera de su formulario, quitado",
    "papers.export_asked": "Lista larga pedida",
    "papers.export_dropped": "Archivo de lista larga borrado",
    "papers.export_made": "Archivo de lista larga hecho",
    "papers.export_refused": "Lista larga no preparada",
    "papers.file_examined": "Archivo examinado",
    "papers.file_made": "Archivo hecho por el portal",
    "papers.file_repeated": "Archivo que ya estaba",
    "papers.file_stored": "Archivo guardado",
    "papers.documents_wanted": "Documentos pedidos",
    "papers.item_added": "Archivo agregado a un envío",
    "papers.item_put_back": "Archivo devuelto a un envío",
    "papers.item_removed": "Archivo quitado de un envío",
    "papers.wanted_answered": "Documentos pedidos, contestados",
    "papers.wanted_declined": "Documentos que no se pidieron otra vez",
    "papers.wanted_dropped": "Documentos pedidos, sin efecto",
    "papers.wanted_noted": "Observación sobre un documento pedido",
    "papers.wanted_open": "Documentos pedidos a quien los tiene",
    "papers.wanted_overdue": "Documentos pedidos que no llegaron a tiempo",
}
THINGS: dict[str, str] = {
    "papers.draftfile": "Archivo en espera de su formulario",
    "papers.issueddocument": "Documento",
    "papers.listexport": "Lista larga",
    "papers.storedfile": "Archivo",
}
DRAINS: dict[str, str] = {
    "documents": "Documentos por preparar",
    "examinations": "Archivos por examinar",
    "exports": "Listas largas por preparar",
}
