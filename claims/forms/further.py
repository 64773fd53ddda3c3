"""Shapes of the forms of what follows a claim; whether something is allowed belongs to rules."""

from __future__ import annotations

from portal.design.forms import Form, TextField


class AppealForm(Form):
    """Why somebody does not agree with a decision."""

    reasons = TextField(
        label="Por qué no estás de acuerdo",
        max_length=4000,
        multiline=True,
        rows=6,
        help_text="Di de qué renglón hablas y qué se pasó por alto. Lo lee otra persona de dictamen.",
        error_messages={"required": "Escribe por qué no estás de acuerdo."},
    )


class WithdrawalForm(Form):
    """Why a decision has to be withdrawn."""

    reason = TextField(
        label="Por qué hay que retirarla",
        max_length=300,
        multiline=True,
        help_text="Lo lee quien confirma, y queda en la historia del trámite.",
        error_messages={"required": "Escribe por qué hay que retirarla."},
    )


class WithdrawalAnswerForm(Form):
    """What a second person says of a withdrawal."""

    note = TextField(label="Nota", required=False, max_length=300, multiline=True)
