"""What helps who files a claim: plain data for the help pages."""

from __future__ import annotations

# (slug, title, one line, source); the text is `help/guides/<slug>.html`.
GUIDES = (("tramite", "Cómo registro un trámite", "Qué reunir, qué pasa después y cómo leer la decisión.", "S3.11"),)

ADVISER_REQUEST = "adviser_request"
CONTACT_KINDS = ((ADVISER_REQUEST, "Pregunta a asesoría de servicio"),)
ANSWERED_HERE = ((ADVISER_REQUEST, "the service adviser answers it, at /mesa/asesoria/"),)
