"""What opens the door for a person or a program: registrations, one-time secrets, known browsers, tokens."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal import ids
from portal.people.models.consents import ConsentText
from portal.people.models.people import Party, SignInIdentifier, User
from portal.vault import EncryptedTextField


class Registration(models.Model):
    """A sign-up waiting for its mail to be confirmed; nobody can sign in with it. Instants are real time.

    `role` names the declared way (`rules.SIGN_UPS`). A CURP is sealed; `identifier` is its blind index then.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    role = models.CharField(max_length=32)
    kind = models.CharField(max_length=8, choices=SignInIdentifier.Kind)  # of the identifier
    identifier = models.CharField(max_length=64)
    sealed = EncryptedTextField(blank=True, default="")
    email = models.EmailField(max_length=254)
    password = models.CharField(max_length=128)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)


class OneTimeSecret(models.Model):
    """A secret sent by mail: hashed, short-lived, single use; only the newest per purpose works. Real time (AU-01)."""

    class Purpose(models.TextChoices):
        CHOOSE_PASSWORD = "choose-password", "elegir contraseña"  # a slug
        CONFIRM_SECONDARY = "confirm-secondary", "confirmar segundo correo"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="secrets")
    purpose = models.CharField(max_length=24, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "purpose"], condition=Q(used_at=None), name="one_live_secret"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="secret_expires_later"),
        ]

    def __str__(self) -> str:
        return self.purpose


class KnownDevice(models.Model):
    """A browser that signed in before: its right password works while others are slowed down (AU-10). Real time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label


class RememberedName(models.Model):
    """«Recordar usuario»: the random handle of a browser's cookie stands for what was typed there (AU-11). Real time.

    The cookie holds no identifier, the page shows it masked, and it opens nothing: the password is asked all the same.
    """

    identifier = models.ForeignKey(SignInIdentifier, on_delete=models.CASCADE, related_name="remembered")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="remembered_name_expires"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ApiToken(models.Model):
    """A credential for calls of the API: hashed, with scopes, until a date. Real time.

    Of an organisation's system (`party`), or of a person, who proved `factor` in the session that made it (AU-08).
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=120)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="api_tokens")
    factor = models.CharField(max_length=12, blank=True, default="")
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=64))
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="token_expires_later"),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_has_a_scope"),
            models.UniqueConstraint(
                fields=["party", "name"], condition=Q(ended_at=None), name="one_live_token_per_name"
            ),
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(ended_at=None, party=None), name="one_live_own_token_per_name"
            ),
            models.CheckConstraint(
                condition=Q(party=None) ^ Q(factor=""), name="own_token_says_what_its_person_proved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_personal(self) -> bool:
        """Whether it is a person's own: it opens what that person may do at the moment of each call."""
        return self.party_id is None
