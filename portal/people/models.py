"""People, the organisations they act for, and how they prove who they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from portal import clock, ids
from portal.access import ROLES, STAFF_ROLES, Permission, Role

if TYPE_CHECKING:
    from typing import ClassVar


class UserManager(BaseUserManager["User"]):
    """Finds people by their address."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The person with this e-mail address."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in. What they may do comes from their grants, never from a flag here."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    email = models.EmailField("correo", unique=True)
    name = models.CharField("nombre", max_length=200, blank=True, default="")
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in at all."""
        return self.disabled_at is None

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this: super-users only (D9)."""
        return self.is_superuser

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's admin asks this: super-users only."""
        return self.is_superuser and self.is_active

    def has_module_perms(self, app_label: str) -> bool:
        """Django's admin asks this: super-users only."""
        return self.is_superuser and self.is_active

    @cached_property
    def live_grants(self) -> list[Grant]:
        """Grants in force today; read once a request, so that a change counts from the next one (AC-07)."""
        return list(self.grants.in_force(on=clock.today()).select_related("party")) if self.is_active else []

    @property
    def roles(self) -> frozenset[Role]:
        """Roles held today in any organisation."""
        return frozenset(Role(grant.role) for grant in self.live_grants)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the roles of today allow."""
        return frozenset[Permission]().union(*(ROLES[role] for role in self.roles))

    @property
    def is_back_office(self) -> bool:
        """Whether any role of today is a desk role."""
        return bool(self.roles & STAFF_ROLES)

    def party_ids(self, permission: Permission) -> list[UUID]:
        """Organisations (or the person's own party) in which today's role gives this permission."""
        return [grant.party_id for grant in self.live_grants if permission in ROLES[Role(grant.role)]]


class SignInIdentifier(models.Model):
    """What can be typed in the one sign-in box: canonical, unique, belongs to one person."""

    class Kind(models.TextChoices):
        EMAIL = "email", "correo"
        RFC = "rfc", "RFC"
        RUT = "rut", "RUT"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=8, choices=Kind)
    canonical = models.CharField(max_length=254, unique=True)

    def __str__(self) -> str:
        return self.kind


class Party(models.Model):
    """A person or organisation with its tax identifiers: who bills, who pays, whose papers these are."""

    class Kind(models.TextChoices):
        PERSON = "person", "persona"
        ORGANISATION = "organisation", "organización"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField("nombre o razón social", max_length=254)
    country = models.CharField(max_length=2, default="MX")
    rfc = models.CharField(max_length=13, blank=True, default="")
    rut = models.CharField(max_length=10, blank=True, default="")
    zip_code = models.CharField("código postal", max_length=10, blank=True, default="")
    fiscal_regime = models.CharField("régimen fiscal", max_length=3, blank=True, default="")
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rfc"], condition=~Q(rfc=""), name="one_party_per_rfc"),
            models.UniqueConstraint(fields=["rut"], condition=~Q(rut=""), name="one_party_per_rut"),
            models.UniqueConstraint(fields=["is_operator"], condition=Q(is_operator=True), name="one_operator"),
        ]

    def __str__(self) -> str:
        return self.name


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by date and role."""

    def in_force(self, *, on: date) -> GrantQuerySet:
        """Grants that hold on a date: `since` included, `until` excluded."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def with_any(self, roles: Iterable[Role]) -> GrantQuerySet:
        """Grants of any of these roles."""
        return self.filter(role__in=list(roles))


class Grant(models.Model):
    """A role of a person within an organisation, from a date until a date (half-open)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in Role])
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "party", "role"], condition=Q(until=None), name="one_open_grant_per_role"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=models.F("since")), name="grant_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.role
