"""Forms of this room: shape only. Passwords are never trimmed and may be pasted (AU-04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.access import ROLE_LABELS, Role
from portal.design.forms import CodeInput, DateInput, DayInput, EmailField, Form, RfcInput, TextField
from portal.people import rules

_WHY_8 = "8 caracteres o más: con 6 se adivina pronto. Una frase larga resiste más que los signos raros."
_WHY_8_OR_12 = _WHY_8.replace(":", " (12 si trabajas en la mesa):")


def _password(label: str, *, new: bool, help_text: str = "") -> forms.CharField:
    complete = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": complete, "maxlength": 1000 if not new else 4096})
    return forms.CharField(label=label, strip=False, widget=widget, help_text=help_text)


class SignInForm(Form):
    """One box for e-mail, RFC, RUT or CURP, one for the password or the one-time secret."""

    identifier = forms.CharField(
        label="Correo, RFC, RUT o CURP",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = _password("Contraseña", new=False, help_text="O la clave de un solo uso que te mandamos por correo.")
    remember = forms.BooleanField(
        label="Recordar usuario",
        required=False,
        help_text="Por 90 días en este navegador, sin tu contraseña. No lo marques en un equipo prestado.",
    )

    def __init__(self, *args: Any, remembered: str = "", **kwargs: Any) -> None:
        """`remembered` is the masked name this browser knows: then the box may stay empty (AU-11)."""
        super().__init__(*args, **kwargs)
        if remembered:
            self.fields["identifier"].required = False
            self.fields["identifier"].help_text = f"Déjalo vacío para entrar como {remembered}."
            self.fields["remember"].initial = True


class _ConsentLast(Form):
    """A form whose consent the page shows by itself, beside the text that it is about."""

    @property
    def asked(self) -> list[forms.BoundField]:
        """What is typed before it."""
        return [self[name] for name in self.fields if name != "consent"]


class SignUpForm(_ConsentLast):
    """Identifier, e-mail and password, as the source asks, and the consent, never ticked beforehand (S0.3, PR-01)."""

    email = EmailField(label="Correo", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = _password("Contraseña", new=True, help_text=_WHY_8)
    consent = forms.BooleanField(
        error_messages={"required": "Para registrarte hace falta que aceptes el aviso de privacidad."}
    )

    def __init__(self, *args: Any, way: rules.SignUp, **kwargs: Any) -> None:
        """`way` says which identifier is typed, under its own name, and what the consent is for."""
        super().__init__(*args, **kwargs)
        widget = RfcInput if way.identifier == "rfc" and not way.others else forms.TextInput
        typed = forms.CharField(label=way.asked, max_length=24, widget=widget)
        self.fields = {way.identifier: typed, **self.fields}
        self.fields["consent"].label = f"Leí el aviso de privacidad y acepto que traten mis datos para {way.purpose}"


class TakeWayForm(_ConsentLast):
    """Another way to use the portal, by who has an account: its identifier where it claims one, and the consent."""

    consent = forms.BooleanField(error_messages={"required": "Hace falta que aceptes el aviso de privacidad."})

    def __init__(self, *args: Any, way: rules.SignUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if way.claims:
            typed = forms.CharField(label=way.asked, max_length=24, widget=RfcInput if not way.others else None)
            self.fields = {way.identifier: typed, **self.fields}
        self.fields["consent"].label = f"Leí el aviso de privacidad y acepto que traten mis datos para {way.purpose}"


class RecoverForm(Form):
    """Whose access to recover."""

    identifier = forms.CharField(
        label="Correo, RFC, RUT o CURP", max_length=254, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )


class ChoosePasswordForm(Form):
    """The lasting password; whoever registered by a certificate says their birth date again (`birth`)."""

    password = _password("Contraseña nueva", new=True, help_text=_WHY_8_OR_12)

    def __init__(self, *args: Any, birth: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if birth:
            asked = forms.DateField(
                label="Tu fecha de nacimiento",
                widget=DayInput,
                help_text="Otra vez, para saber que este correo es tuyo y no uno mal escrito.",
                error_messages={"required": "Escribe tu fecha de nacimiento.", "invalid": "Esa fecha no existe."},
            )
            self.fields = {"born_on": asked, **self.fields}


class ChangePasswordForm(Form):
    """The current password and the new one (S3.10)."""

    current = _password("Contraseña actual", new=False)
    password = _password("Contraseña nueva", new=True, help_text=_WHY_8_OR_12)


class PasswordForm(Form):
    """Only the current password: «confirma que eres tú»."""

    password = _password("Contraseña", new=False)


class CodeForm(Form):
    """A one-time code."""

    code = forms.CharField(label="Código de 6 dígitos", max_length=20, widget=CodeInput)


class ProofForm(CodeForm):
    """A one-time or a recovery code, to prove who one is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = "Está en la aplicación de códigos de tu teléfono."
        self.fields["code"].help_text = f"{where} Si no la tienes a la mano, escribe un código de rescate."


class CredentialForm(Form):
    """What the browser's passkey answered."""

    credential = forms.JSONField(label="Llave de acceso", widget=forms.HiddenInput)
    name = TextField(
        label="Nombre de la llave", max_length=60, required=False, help_text="Por ejemplo: huella de mi teléfono."
    )


class DetailsForm(Form):
    """A person's own details."""

    name = TextField(
        label="Nombre completo",
        max_length=200,
        help_text="Tal como está en tu constancia fiscal.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    zip_code = forms.RegexField(
        label="Código postal fiscal",
        regex=r"^[0-9]{5}\Z",
        max_length=5,
        required=False,
        error_messages={"invalid": "El código postal lleva 5 dígitos."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )


class SecondaryEmailForm(Form):
    """A second address for notices."""

    address = EmailField(label="Segundo correo", max_length=254)


class AssistantForm(Form):
    """Whom to invite to the team; as what is asked where there is a choice."""

    role = forms.ChoiceField(label="Como")
    name = TextField(label="Nombre", max_length=200)
    email = EmailField(label="Correo", max_length=254)

    def __init__(self, *args: Any, helpers: Sequence[rules.Helper], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helpers, role = helpers, self.fields["role"]
        self.offer(role=[(str(one.role), ROLE_LABELS[Role(one.role)]) for one in helpers])
        if len(helpers) == 1:
            role.required, role.widget = False, forms.HiddenInput()

    def clean_role(self) -> str:
        """The one there is, where nobody was asked."""
        return self.cleaned_data["role"] or self.helpers[0].role


class CredentialOfSystemForm(Form):
    """A credential for another organisation's system (API)."""

    chosen_from = {"parties": "party"}

    party = forms.ChoiceField(label="Organización")
    name = TextField(label="Nombre de la credencial", max_length=120, help_text="Por ejemplo: sistema de la oficina.")
    email = EmailField(
        label="Correo de quien responde por ella",
        max_length=254,
        help_text="Si aún no tiene perfil, le mandamos cómo entrar.",
    )
    person = TextField(label="Nombre de quien responde por ella", max_length=200)
    scopes = forms.MultipleChoiceField(
        label="Para qué sirve",
        choices=lambda: list(rules.scopes_for(own=False).items()),
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label="Último día",
        help_text="Un año a lo más.",
        widget=DateInput,
    )


class OwnTokenForm(Form):
    """A person's own credential for the API."""

    name = TextField(label="Nombre de la credencial", max_length=120, help_text="Por ejemplo: mi contabilidad.")
    scopes = forms.MultipleChoiceField(
        label="Para qué sirve",
        choices=lambda: list(rules.scopes_for(own=True).items()),
        help_text="Nunca abre más de lo que tú puedes hacer en ese momento.",
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label="Último día",
        help_text="Un año a lo más. La que actúa sobre pagos dura siempre 15 minutos y va sola.",
        widget=DateInput,
    )


class OrganisationDetailsForm(Form):
    """What an insurer's CFDI says of it."""

    name = TextField(
        label="Razón social", max_length=254, help_text="Tal como está en su constancia fiscal, sin «S.A. de C.V.»."
    )
    zip_code = forms.RegexField(
        label="Código postal fiscal",
        regex=r"^[0-9]{5}\Z",
        max_length=5,
        error_messages={"invalid": "El código postal lleva 5 dígitos."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    fiscal_regime = forms.RegexField(
        label="Régimen fiscal",
        regex=r"^[0-9]{3}\Z",
        max_length=3,
        initial="601",
        help_text="La clave de 3 dígitos de su constancia; 601 es el régimen general.",
        error_messages={"invalid": "La clave del régimen lleva 3 dígitos."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class OrganisationForm(OrganisationDetailsForm):
    """An insurer that is new here."""

    field_order = ("name", "rfc", "zip_code", "fiscal_regime")

    rfc = forms.CharField(label="RFC", max_length=20, widget=RfcInput)
