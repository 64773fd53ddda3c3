"""What helps who registers a bank account: plain data for the help pages."""

from __future__ import annotations

# (slug, title, one line, source); the text is `help/guides/<slug>.html`.
GUIDES = (
    (
        "cuenta-bancaria",
        "Cómo registro mi cuenta bancaria",
        "CLABE y estado de cuenta, y qué revisa el portal.",
        "S0.5",
    ),
)
# (slug, word, what its forms begin with, what it means, guide): the hard words of a page open there (scorecard 28).
WORDS = (
    (
        "clabe",
        "CLABE",
        "clabe",
        "Los 18 dígitos con los que un banco de México recibe transferencias. Está en tu estado de cuenta y en la "
        "aplicación de tu banco. No es el número de tu tarjeta.",
        "cuenta-bancaria",
    ),
)
