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
