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
# (slug, word, what its forms begin with, what it means, guide): the hard words of a page open there (scorecard 28).
WORDS = (
    (
        "ppd",
        "PPD",
        "ppd",
        "Pago en parcialidades o diferido: una factura que se paga después. Va con la forma de pago 99, por definir. "
        "Por eso cada depósito pide su complemento.",
        "factura",
    ),
    (
        "complemento",
        "Complemento",
        "complemento",
        "El comprobante que emites cuando te pagan una factura PPD: cuánto recibiste, qué día y de qué factura. "
        "Lo haces donde haces tus facturas y lo subes aquí.",
        "complemento",
    ),
    (
        "retencion",
        "Retención",
        "retenci",
        "La parte de tu pago que quien te paga entrega por ti al SAT, o a tu estado. Depende de tu régimen y de la "
        "fecha de la factura. La descuentas cuando declaras.",
        "factura",
    ),
    (
        "coaseguro",
        "Coaseguro",
        "coaseguro",
        "La parte de un servicio médico que paga el paciente, como dice su póliza. En una orden lo cobra directo "
        "quien atiende: no va en la factura a la aseguradora.",
        "",
    ),
)
