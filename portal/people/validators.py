"""Django's password validators of this house; the words stand in `rules`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from portal.errors import RuleBroken
from portal.people import rules


class LengthByRole:
    """8 characters, 12 for the desk, 128 at most (AU-04, C6)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with the rule's sentence."""
        try:
            rules.check_password_shape(password, staff=bool(getattr(user, "is_back_office", False)))
        except RuleBroken as broken:
            raise ValidationError(broken.message, code=broken.code) from broken

    def get_help_text(self) -> str:
        """Shown beside the box."""
        return "8 caracteres o más (12 si trabajas en la mesa). Espacios y acentos valen."


class NotCommon(CommonPasswordValidator):
    """Refuses the twenty thousand passwords that everybody tries first (AU-04)."""

    def get_error_message(self) -> str:
        """The sentence, ours."""
        return "Tu contraseña es de las que todos prueban primero. Elige otra: una frase de varias palabras sirve."

    def get_help_text(self) -> str:
        """Shown beside the box."""
        return "Que no sea de las más usadas."


class NotAboutYou:
    """Refuses the own RFC, RUT, e-mail or name, and the house's words (AU-04)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if rules.about_you(password, own_words(user)):
            raise ValidationError(
                "Tu contraseña se parece a tus datos o al nombre del portal. Elige otra que nadie pueda adivinar.",
                code="password_about_you",
            )

    def get_help_text(self) -> str:
        """Shown beside the box."""
        return "Que no lleve tu nombre, correo o RFC."


def own_words(user: Any) -> list[str]:
    """What a stranger could guess: address, name and identifiers (also of a sign-up that is no row yet)."""
    if user is None:
        return []
    words = [user.email, user.email.split("@")[0], *user.name.split(), *getattr(user, "typed_identifiers", [])]
    if user._state.adding:
        return words
    return [*words, *user.identifiers.values_list("canonical", flat=True)]
