"""What the record shows at the home of whoever reads it: where an auditor begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from portal.access import Permission, Workspace
from portal.work.registry import Filled, Panel


def record(user: Any, at: datetime) -> Filled:
    """What is done with the record: nothing of it waits for anybody."""
    told = (
        ("Lo que pasó: por folio, persona o día", "desk:audit"),
        ("Excepciones: lo que conviene mirar", "desk:exceptions"),
        ("Una muestra al azar, que se repite igual", "desk:sample"),
        ("Expediente de un folio, en un ZIP", "desk:dossier"),
        ("Quién leyó qué", "desk:readings"),
    )
    return Filled(links=[(label, reverse(name)) for label, name in told])


PANELS = (Panel("desk.record", "Auditoría", (Workspace.ADMINISTRATION,), Permission.SEE_AUDIT, record, "", 200),)
