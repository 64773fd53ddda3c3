"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "imports.applied": "Archivo o entrega aplicado",
    "imports.apply_asked": "Archivo largo, pedido aplicarlo",
    "imports.arrived": "Archivo largo recibido, por leer",
    "imports.cancelled": "Archivo leído, cancelado",
    "imports.headings_said": "Títulos de un archivo explicados",
    "imports.read": "Archivo leído, sin aplicar",
    "imports.refused": "Archivo largo que no se pudo leer o aplicar",
    "imports.totals_corrected": "Totales de control corregidos",
}
THINGS: dict[str, str] = {
    "imports.importrun": "Importación",
    "imports.importtask": "Archivo largo en espera",
}
DRAINS: dict[str, str] = {
    "imports": "Archivos largos por leer o aplicar",
}
