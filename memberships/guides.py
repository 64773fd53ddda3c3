"""What helps a family that pays its months: plain data for the help pages."""

from __future__ import annotations

# (slug, title, one line, source); the text is `help/guides/<slug>.html`.
GUIDES = (("mensualidad", "Cómo pago mi mensualidad", "Tarjeta, tienda o banco, y qué pasa si falta.", "S1.3"),)
