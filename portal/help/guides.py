"""The help desk's own guide, and what anybody may write about (S3.7). Plain data, as every app may say it."""

from __future__ import annotations

# (slug, title, one line, source); the text is `help/guides/<slug>.html`.
GUIDES = (
    (
        "revisiones",
        "Qué revisamos en tus archivos",
        "Cada revisión de un comprobante fiscal o de un estado de cuenta, y cómo arreglarla.",
        "N3",
    ),
)
# (code, word)
CONTACT_KINDS = (("complaint", "Queja"), ("suggestion", "Sugerencia"), ("question", "Duda"))
