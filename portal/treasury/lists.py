"""What treasury's lists show."""

from __future__ import annotations

from django.urls import reverse

from portal.listing import Column, Kind, Listing
from portal.treasury import rules, words

ACCOUNTS = Listing(
    name="treasury.accounts",
    title="Cuentas bancarias",
    nouns=("cuenta", "cuentas"),
    columns=(
        Column("holder", "Titular", href=lambda row: reverse("treasury:account_review", args=[row["pk"]])),
        Column("bank_name", "Banco"),
        Column("last4", "CLABE", show=lambda value: f"•••• {value}"),
        Column("statement_on", "Fecha de corte", kind=Kind.DATE),
        Column("reviews_needed", "Tipo", show=lambda value: "Cambio de cuenta" if int(value) > 1 else "Primera cuenta"),
        Column("submitted_at", "Enviada", kind=Kind.INSTANT),
        Column("state", "Estado", kind=Kind.STATE, labels=words.DESK_ACCOUNT_LABELS, tones=words.ACCOUNT_TONES),
    ),
    order=("submitted_at", "pk"),
    extra=("pk",),
)

BATCHES = Listing(
    name="treasury.batches",
    title="Lotes de pago",
    nouns=("lote", "lotes"),
    columns=(
        Column(
            "folio",
            "Folio",
            show=str,
            href=lambda row: reverse("treasury:batch", args=[row["pk"]]) if row["folio"] else "",
        ),
        Column(
            "prepared_at", "Preparado", kind=Kind.INSTANT, href=lambda row: reverse("treasury:batch", args=[row["pk"]])
        ),
        Column("prepared_by", "Preparó", path="prepared_by__name"),
        Column("count", "Transferencias", kind=Kind.NUMBER),
        Column("total", "Total", kind=Kind.MONEY, currency_path="currency", total=False),
        Column("locked_at", "Cerrado", kind=Kind.INSTANT),
        Column("state", "Estado", kind=Kind.STATE, labels=rules.BATCH_LABELS, tones=words.BATCH_TONES),
    ),
    order=("-prepared_at", "-pk"),
    extra=("pk",),
)
