"""What is asked before a credential for the API ends: its name, and that whoever uses it stays outside."""

from __future__ import annotations

from django.urls import reverse

from portal.design.asking import Question
from portal.people.models import ApiToken


def _end(token: ApiToken, text: str, back: str) -> Question:
    return Question(
        id="terminar",
        title=f"¿Terminar «{token.name}»?",
        text=text,
        label="Terminar credencial",
        back=reverse(back),
        keep="Dejarla como está",
    )


def end_credential(token: ApiToken) -> Question:
    """Before a system's credential ends."""
    return _end(
        token,
        f"El sistema de {token.party} que la usa deja de poder entrar. No se puede deshacer.",
        "people:credentials",
    )


def end_own_token(token: ApiToken) -> Question:
    """Before a person's own credential ends."""
    return _end(token, "El programa que la usa deja de poder entrar. No se puede deshacer.", "people:own_tokens")
