"""The hard word of whoever reads a CFDI: plain data for every page."""

from __future__ import annotations

# (slug, word, what its forms begin with, what it means, guide): the hard words of a page open there (scorecard 28).
WORDS = (
    (
        "folio-fiscal",
        "Folio fiscal",
        "folio fiscal",
        "El número de 36 caracteres que el SAT da a cada comprobante al timbrarlo, también llamado UUID. Viene en el "
        "XML y en el PDF. No se repite: con él se reconoce una factura.",
        "",
    ),
)
