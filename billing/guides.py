"""What helps who bills: plain data for the help pages."""

from __future__ import annotations

# (slug, title, one line, source); the text is `help/guides/<slug>.html`.
GUIDES = (
    (
        "orden-digital",
        "Cómo identifico una orden digital",
        "Tres señas para saber si tu orden es digital.",
        "S0.10",
    ),
    ("factura", "Cómo hago mi factura", "Los datos que lleva el CFDI y cómo sale el importe.", "S0.14"),
    ("complemento", "Cómo subo mi complemento", "Qué es, cuándo vence y qué importes lleva.", "S0.19"),
)
