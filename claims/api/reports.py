"""The reports of claims by the API: the same rows as their pages."""

from __future__ import annotations

from claims.listings import reports
from portal.api.calls import at, lists

READ = "claims:read"
_HERE = "mesa/reportes-de-tramites/"
RESOURCES = (
    at(f"{_HERE}abiertos/", "api_open_by_age", lists(reports.OPEN_BY_AGE, "Trámites por antigüedad", scope=READ)),
    at(f"{_HERE}tiempos/", "api_decision_times", lists(reports.DECISION_TIMES, "Tiempo de decisión", scope=READ)),
    at(f"{_HERE}vueltas/", "api_rounds", lists(reports.ROUNDS, "Vueltas de documentos", scope=READ)),
    at(f"{_HERE}importes/", "api_amounts", lists(reports.AMOUNTS, "Importes de las decisiones", scope=READ)),
    at(f"{_HERE}segundas-vistas/", "api_looks", lists(reports.LOOKS, "Segundas vistas", scope=READ)),
    at(f"{_HERE}acumulados/", "api_accumulators", lists(reports.ACCUMULATORS, "Acumulados por póliza", scope=READ)),
)
