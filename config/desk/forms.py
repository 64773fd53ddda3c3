"""What is typed on the back office's own pages."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.access import ROLE_LABELS, ROLES, STAFF_ROLES, Role
from portal.design.forms import DecisionField, Form, TextField

# Roles of staff that open something today; the others wait for their pages.
OFFERED = [role for role in Role if role in STAFF_ROLES and ROLES[role]]


class GrantForm(Form):
    """A role of staff to ask for; a second administrator confirms it."""

    role = forms.ChoiceField(label="Permiso", choices=[(role.value, ROLE_LABELS[role]) for role in OFFERED])
    insurer = forms.ChoiceField(
        label="Aseguradora",
        required=False,
        help_text="Con una, ve y atiende solo lo de ella. Para varias, pide el permiso otra vez. Solo Revisión.",
        error_messages={"invalid_choice": "Elige una aseguradora de la lista."},
    )
    reason = TextField(
        label="Motivo",
        max_length=500,
        required=False,
        multiline=True,
        rows=2,
        help_text="Hace falta si el permiso pide un motivo. Lo lee quien lo confirma y queda en la auditoría.",
    )

    def __init__(self, *args: Any, insurers: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(insurer=[("", "Todas"), *(insurers or [])])


class GrantDecisionForm(Form):
    """The second administrator's word on a role that was asked for."""

    decision = DecisionField(choices=[("confirm", "Confirmar"), ("refuse", "Rechazar")])


class DossierForm(Form):
    """Whose whole file is asked for."""

    folio = TextField(
        label="Folio",
        max_length=64,
        help_text="También la cuenta de una orden, un folio fiscal o una clave de rastreo.",
        error_messages={"required": "Escribe el folio."},
    )


class StoryForm(Form):
    """What a person's story is opened for."""

    reason = TextField(
        label="Para qué la abres",
        max_length=300,
        help_text="Por ejemplo, el folio de su mensaje. Queda registrado junto con tu nombre.",
        error_messages={"required": "Escribe para qué la abres."},
    )


class ReasonForm(Form):
    """Why an account is closed or opened."""

    reason = TextField(label="Motivo", max_length=500, multiline=True, rows=2)
