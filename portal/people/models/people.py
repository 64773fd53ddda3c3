"""People, the organisations they act for, and how they prove who they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from portal import clock, ids
from portal.access import (
    PASSKEY_ONLY_ROLES,
    ROLE_LABELS,
    ROLES,
    SCOPED_ROLES,
    STAFF_ROLES,
    Clash,
    Permission,
    Role,
    permissions_of,
)
from portal.listing.search import Words, beginnings
from portal.people import rules
from portal.prepared import prepared
from portal.vault import EncryptedTextField

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
    last_login = None  # each sign-in stands in the history, and in the list of sessions

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    email = models.EmailField("correo", unique=True)
    name = models.CharField("nombre", max_length=200, blank=True, default="")
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # The one chosen last, which common pages show (ux D15); "" while nobody chose.
    last_workspace = models.CharField(max_length=20, blank=True, default="")

    objects = UserManager()

    class Meta(AbstractBaseUser.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(beginnings("email"), name="user_email_begins"),
            GinIndex(Words("name"), name="user_name_words"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # the base class has a plain attribute
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
        """Grants in force today, oldest first; read once a request: a change counts from the next one (AC-07)."""
        if not self.is_active:
            return []
        found = _grants_of(self.pk, clock.today())
        for grant in found:
            grant.user = self
        return found

    @property
    def roles(self) -> frozenset[Role]:
        """Roles held today in any organisation."""
        return frozenset(Role(grant.role) for grant in self.live_grants)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the roles of today allow."""
        return permissions_of(self.roles)

    @property
    def is_back_office(self) -> bool:
        """Whether any role of today is of staff, at the desk or not; a super-user is, whatever the roles (AU-08)."""
        return self.is_superuser or bool(self.roles & STAFF_ROLES)

    @property
    def is_passkey_only(self) -> bool:
        """Whether only a passkey is enough: money, administration, and super-users (AU-08)."""
        return self.is_superuser or bool(self.roles & PASSKEY_ONLY_ROLES)

    def party_ids(self, permission: Permission) -> list[UUID]:
        """Organisations (or the person's own party) in which today's role gives this permission."""
        return [grant.party_id for grant in self.live_grants if permission in ROLES[Role(grant.role)]]

    def proved_party_ids(self, permission: Permission) -> list[UUID]:
        """Those of `party_ids` whose RFC is proved: only they see what is bound by it (AC-11)."""
        held = [grant for grant in self.live_grants if permission in ROLES[Role(grant.role)]]
        return [grant.party_id for grant in held if grant.is_rfc_proved]

    def proved_rfcs(self, permission: Permission) -> list[str]:
        """The RFCs of these, for rows that are bound by the RFC itself (AC-11)."""
        held = [grant for grant in self.live_grants if permission in ROLES[Role(grant.role)]]
        return [grant.rfc for grant in held if grant.is_rfc_proved and grant.rfc]


class SignInIdentifier(models.Model):
    """What can be typed in the one sign-in box: canonical, unique, belongs to one person.

    A CURP is stored sealed; its blind index stands for it where it is looked for.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "correo"
        RFC = "rfc", "RFC"
        RUT = "rut", "RUT"
        CURP = "curp", "CURP"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=8, choices=Kind)
    canonical = models.CharField(max_length=254, unique=True)
    sealed = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=["email", "rfc", "rut", "curp"]), name="identifier_kind_known")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(beginnings("canonical"), name="identifier_begins")]

    def __str__(self) -> str:
        return self.kind

    @property
    def typed(self) -> str:
        """As its person types it."""
        return self.sealed or self.canonical


class RfcProof(models.TextChoices):
    """What showed that an RFC is its party's own (AC-11). A CFDI is none: every payer holds some."""

    CONSTANCIA = "constancia", "Constancia de Situación Fiscal"
    STATEMENT = "statement", "Estado de cuenta del banco"
    CODE = "code", "Código de la aseguradora"
    MOVED = "moved", "Entregado a su dueño por la mesa"


ACCEPTED_BY_SOMEBODY = [RfcProof.CONSTANCIA, RfcProof.STATEMENT, RfcProof.MOVED]


class Party(models.Model):
    """A person or organisation with its tax identifiers: who bills, who pays, whose papers these are."""

    class Kind(models.TextChoices):
        PERSON = "person", "persona"
        ORGANISATION = "organisation", "organización"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField("nombre o razón social", max_length=254, blank=True, default="")
    country = models.CharField(max_length=2, default="MX")
    rfc = models.CharField(max_length=13, blank=True, default="")
    rut = models.CharField(max_length=10, blank=True, default="")
    zip_code = models.CharField("código postal", max_length=10, blank=True, default="")
    fiscal_regime = models.CharField("régimen fiscal", max_length=3, blank=True, default="")
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # An RFC is a claim until proved (AC-11): how, when, and who accepted it; the insurer's code nobody has to accept.
    rfc_proof = models.CharField("cómo se acreditó el RFC", max_length=12, choices=RfcProof, blank=True, default="")
    rfc_proved_at = models.DateTimeField("RFC acreditado", null=True, blank=True)
    rfc_proved_by = models.ForeignKey("User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # From here on the RFC is its owner's: what whoever took it wrongly left here is not shown to them.
    rfc_moved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rfc"], condition=~Q(rfc=""), name="one_party_per_rfc"),
            models.UniqueConstraint(fields=["rut"], condition=~Q(rut=""), name="one_party_per_rut"),
            models.UniqueConstraint(fields=["is_operator"], condition=Q(is_operator=True), name="one_operator"),
            models.CheckConstraint(
                condition=Q(is_operator=False) | Q(kind="organisation"), name="operator_is_an_organisation"
            ),
            models.CheckConstraint(condition=Q(kind__in=["person", "organisation"]), name="party_kind_known"),
            models.CheckConstraint(
                condition=Q(rfc_proof="", rfc_proved_at=None, rfc_proved_by=None)
                | (~Q(rfc_proof="") & ~Q(rfc="") & Q(rfc_proved_at__isnull=False)),
                name="rfc_proof_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(rfc_proof__in=ACCEPTED_BY_SOMEBODY) | Q(rfc_proved_by__isnull=False),
                name="rfc_proof_accepted_by_somebody",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(beginnings("rfc"), name="party_rfc_begins"),
            GinIndex(Words("name"), name="party_name_words"),
        ]

    def __str__(self) -> str:
        return self.name or self.rfc or self.rut

    @property
    def is_rfc_proved(self) -> bool:
        """Whether its RFC is known to be its own: before that nothing bound by the RFC is shown (AC-11)."""
        return self.rfc_proved_at is not None


class RfcCode(models.Model):
    """A code that an insurer handed to its physician, hashed; typed here it proves the RFC (AC-11). Real time."""

    issuer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    rfc = models.CharField(max_length=13)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "rfc", "digest"], name="one_code_per_issuer_and_rfc"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="rfc_code_is_hashed"),
        ]
        indexes = [models.Index(fields=["rfc", "digest"], name="rfc_code_typed")]

    def __str__(self) -> str:
        return str(self.pk)


def role_in_words(role: str, insurer: object = None) -> str:
    """A role as people read it, and of which insurer where it names one."""
    return f"{ROLE_LABELS[Role(role)]} de {insurer}" if insurer else ROLE_LABELS[Role(role)]


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by date and role."""

    def in_force(self, *, on: date) -> GrantQuerySet:
        """Grants that hold on a date: `since` included, `until` excluded."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def with_any(self, roles: Iterable[Role]) -> GrantQuerySet:
        """Grants of any of these roles."""
        return self.filter(role__in=list(roles))


class Grant(models.Model):
    """A role of a person within an organisation, from a date until a date (half-open).

    Nobody raises himself, and a role of staff needs two administrators; the command that makes the first two is the
    only writer without a granter (AC-07, AU-14). A trigger keeps `access.PERSONAL_ROLES` away from organisations
    (AU-15).
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)  # one of `access.Role`, which services ask
    # The insurer whose things the role reaches; None: every insurer's. Several insurers are several grants.
    scope = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # An assistant who may not be one (a desk person, a closed account): never in force, yet on the inviter's page like
    # any other, so that no invitation tells whose an address is (AU-03).
    is_withheld = models.BooleanField(default=False)
    is_rfc_proved: bool  # these two are told by `User.live_grants` alone, which spares every request its parties
    rfc: str

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "party", "role", "scope"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="one_open_grant_per_role",
            ),
            models.CheckConstraint(
                condition=Q(scope=None) | Q(role__in=sorted(SCOPED_ROLES)), name="grant_scope_of_a_scoped_role"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="grant_ends_after_start"
            ),
            models.CheckConstraint(
                condition=(Q(granted_by=None) | ~Q(granted_by=models.F("user")))
                & (Q(confirmed_by=None) | ~Q(confirmed_by=models.F("user"))),
                name="nobody_grants_himself",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(STAFF_ROLES))
                | Q(granted_by=None)
                | (Q(confirmed_by__isnull=False) & ~Q(confirmed_by=models.F("granted_by"))),
                name="desk_grant_needs_two",
            ),
            models.CheckConstraint(
                condition=Q(is_withheld=False) | Q(until__isnull=False, until=models.F("since")),
                name="withheld_grant_gives_nothing",
            ),
            models.UniqueConstraint(
                fields=["user", "party", "role"], condition=Q(is_withheld=True), name="one_withheld_grant_per_team"
            ),
        ]

    def __str__(self) -> str:
        return self.role

    @property
    def in_words(self) -> str:
        """The role, and of which insurer where it names one."""
        return role_in_words(self.role, self.scope)

    def holds(self, *, on: date) -> bool:
        """Whether it is in force on a day, as `in_force` asks the database."""
        return self.since <= on and (self.until is None or on < self.until)


@prepared
def _grants_of(user_id: UUID, on: date) -> models.QuerySet[Any, Grant]:
    proved = Q(party__rfc_proved_at__isnull=False)
    rows: Any = Grant.objects.in_force(on=on).filter(user_id=user_id)
    told: models.QuerySet[Any, Grant] = rows.annotate(is_rfc_proved=proved, rfc=models.F("party__rfc"))
    return told.order_by("since", "pk")


class GrantProposalQuerySet(models.QuerySet["GrantProposal"]):
    """Roles that were asked for."""

    def open(self) -> GrantProposalQuerySet:
        """Those that wait for a second administrator."""
        return self.filter(state=rules.ProposalState.WAITING)


class GrantProposal(models.Model):
    """A role of staff asked for by one administrator, waiting for a second one (AC-07)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grant_proposals")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32)  # one of `access.Role`, which services ask
    scope = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # What `access.CONFLICTS` said when it was asked for (a `Clash`); what is refused is never stored.
    conflict = models.CharField(max_length=16, blank=True, default="")
    reason = models.CharField("motivo", max_length=500, blank=True, default="")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=rules.PROPOSAL.choices, default=rules.PROPOSAL.initial.value)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = GrantProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "party", "role", "scope"],
                condition=Q(state="waiting"),
                nulls_distinct=False,
                name="one_open_proposal_per_role",
            ),
            models.CheckConstraint(
                condition=Q(scope=None) | Q(role__in=sorted(SCOPED_ROLES)), name="proposal_scope_of_a_scoped_role"
            ),
            models.CheckConstraint(condition=Q(state__in=rules.PROPOSAL.values), name="proposal_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (~Q(decided_by=models.F("proposed_by")) & ~Q(decided_by=models.F("user"))),
                name="proposal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="proposal_decision_whole",
            ),
            models.CheckConstraint(condition=~Q(proposed_by=models.F("user")), name="nobody_proposes_himself"),
            models.CheckConstraint(
                condition=Q(conflict__in=["", Clash.TOLD]) | (Q(conflict=Clash.COUNTERSIGNED) & ~Q(reason="")),
                name="countersigned_for_a_reason",
            ),
        ]

    @property
    def in_words(self) -> str:
        """The role, and of which insurer where it names one."""
        return role_in_words(self.role, self.scope)

    def __str__(self) -> str:
        return self.role


class SecondaryEmail(models.Model):
    """A second address: gets notices once confirmed, never secrets, and opens nothing (AU-07, S3.2)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="secondary_email")
    address = models.EmailField(max_length=254)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address
