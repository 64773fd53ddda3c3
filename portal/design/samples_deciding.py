"""Invented content for the pages of one thing: who moves next, and what somebody decides, with long names and sums."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from portal.design.asking import Question
from portal.design.detailing import Clock, Missing, Told
from portal.design.forms import Form, TextField
from portal.design.reviewing import Way, differences_first, fact

WHO = "María de los Ángeles Fernández de Córdoba y Gutiérrez Ñíguez"  # 60 letters
REASONS = [
    ("pdf", "El PDF no se lee bien. Vuelve a generarlo desde tu sistema de facturación."),
    ("concept", "El concepto no describe la atención de la orden. Usa el texto que te damos."),
    ("scheme", "La retención no es la de tu régimen. Revisa el cálculo que te mostramos."),
]


class ReasonsSample(Form):
    """Why something goes back."""

    reasons = forms.MultipleChoiceField(
        label="Qué tiene que corregir",
        choices=REASONS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Marca al menos un motivo."},
    )
    note = TextField(label="Nota", required=False, max_length=300, multiline=True, rows=2)


def deciding(question: Question, here: str) -> dict[str, Any]:
    """The review page's own parts: facts against facts, and three ways to decide."""
    same = [fact(f"CTA-{number:05d}", "$1,300.00", "$1,300.00") for number in range(1, 12)]
    concept = f"Consulta médica de especialidad. Cuenta de la orden CTA-00012. Paciente {WHO}: $1,300.00"
    rows = [
        *same,
        fact("CTA-00012", f"{WHO}: $1,300.50", concept, same=False, why="Otro importe"),
        fact("CTA-00013", f"{WHO}: $980.00", "", same=False, why="No la nombra"),
    ]
    returning, rejecting = ReasonsSample(auto_id="devolver_%s"), ReasonsSample(auto_id="rechazar_%s")
    return {
        "review": {"who": WHO, "heads": ("Orden", "Concepto del CFDI"), "rows": differences_first(rows)},
        "decided": {},
        "still": "1",
        "checklist": [
            ("XML de la factura", "Pasa todas las reglas", "ok", here, "Ver"),
            (f"Estado de cuenta de {WHO}", "Lo mira una persona", "warn", here, "Ver"),
            ("Complemento de pago", "Falta", "error", "", ""),
        ],
        "ways": [
            Way("Aceptar factura", action=here, key="a"),
            Way(
                "Devolver para corregir",
                action=here,
                kind="secondary",
                opens="Devolver",
                form=returning,
                read_by="Así lo lee el médico:",
            ),
            Way(opens="Rechazar", kind="danger", form=rejecting, question=question),
        ],
    }


def standing(explanation: Any, here: str, *, due_on: date) -> Told:
    """The detail page's first card: two clocks side by side, what lacks, one act and the others."""
    return Told(
        "Te toca a ti",
        since=due_on,
        next="Corrígela y envíala otra vez",
        clocks=(Clock("Te respondemos", due_on, figure=explanation), Clock("Tu complemento", due_on, late=True)),
        missing=(Missing("El PDF de tu factura.", here, "Subir PDF"), Missing("Tu Constancia de Situación Fiscal.")),
        act=("Corregir factura", here),
        more=(("Descargar acuse", here), ("Ver la orden", here)),
        folio="FA-2026-000117",
    )
