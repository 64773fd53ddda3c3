"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "proofs.move_asked": "Entrega de un RFC pedida",
    "proofs.move_confirmed": "Entrega de un RFC confirmada",
    "proofs.move_refused": "Entrega de un RFC negada",
    "proofs.paper_accepted": "Documento del RFC aceptado",
    "proofs.paper_ended": "Documento del RFC sin efecto",
    "proofs.paper_handed_in": "Documento del RFC recibido",
    "proofs.paper_returned": "Documento del RFC devuelto",
}
THINGS: dict[str, str] = {
    "proofs.rfcmove": "Entrega de un RFC",
    "proofs.rfcpaper": "Documento del RFC",
}
