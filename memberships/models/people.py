"""Who is covered: people, each with a party of their own, and their stays in memberships."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from memberships.models.shared import STAY
from memberships.rules.family import SHAREABLE
from memberships.rules.states import KINSHIP_CHOICES, KINSHIP_LABELS, SEX_CHOICES, Kinship, Sex
from portal import clock, ids
from portal.access import Permission
from portal.listing.search import Words, beginnings
from portal.vault import EncryptedTextField

if TYPE_CHECKING:
    from portal.people.models import User

SHARE_LABELS = {"card": "Tu credencial", "imss": "Tus pasos en el IMSS", "clinical": "Lo clínico"}  # to its owner


class CoveredPersonQuerySet(models.QuerySet["CoveredPerson"]):
    """People by who sees that they are there (enrolment); anything more `selectors.may_see` answers."""

    def visible_to(self, user: User) -> CoveredPersonQuerySet:
        """The desk sees all; a person themselves and whoever is of one of their families."""
        return self.all() if Permission.SEE_MEMBERSHIPS in user.permissions else self.of_member(user)

    def of_member(self, user: User) -> CoveredPersonQuerySet:
        """A person's own families, whatever they do at the desk."""
        stays = Member.objects.current(on=clock.today())
        own = stays.filter(person__party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))
        return self.filter(pk__in=stays.filter(membership__in=own.values("membership")).values("person"))

    def not_kin_of(self, user: User) -> CoveredPersonQuerySet:
        """Without whoever is, or was, of a family with them: the desk reads nothing clinical of its own (AC-05)."""
        own = Member.objects.filter(person__party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))
        kin = Member.objects.filter(membership__in=own.values("membership"))
        return self.exclude(pk__in=kin.values("person"))


class CoveredPerson(models.Model):
    """Somebody whom a membership or a policy covers; a child too has a party of its own from the first row on.

    No row ever finds a person of another membership by identifier or name: equal CURPs are shown to the desk.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.OneToOneField("people.Party", on_delete=models.PROTECT, related_name="covered_person")
    given_name = models.CharField(max_length=80)
    first_surname = models.CharField(max_length=80)
    second_surname = models.CharField(max_length=80, blank=True, default="")
    as_printed = models.CharField(max_length=254)  # the whole name as cards, or an insurer's papers, have it
    name_mark = models.CharField(max_length=254, blank=True, default="")  # by which a deposit's text names them
    born_on = models.DateField()
    sex = models.CharField(max_length=8, choices=SEX_CHOICES)
    rfc = models.CharField(max_length=13, blank=True, default="")
    curp = EncryptedTextField(blank=True, default="")
    curp_index = models.CharField(max_length=64, blank=True, default="")
    nss = EncryptedTextField(blank=True, default="")
    nss_index = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()

    objects = CoveredPersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=[one.value for one in Sex]), name="covered_person_sex_known"),
            models.CheckConstraint(
                condition=Q(curp_index="") | Q(curp_index__regex=r"^[0-9a-f]{64}$"),
                name="covered_person_curp_index_is_a_digest",
            ),
            models.CheckConstraint(
                condition=Q(nss_index="") | Q(nss_index__regex=r"^[0-9a-f]{64}$"),
                name="covered_person_nss_index_is_a_digest",
            ),
        ]
        indexes = [
            models.Index(fields=["curp_index"], condition=~Q(curp_index=""), name="covered_person_by_curp"),
            models.Index(fields=["nss_index"], condition=~Q(nss_index=""), name="covered_person_by_nss"),
            models.Index(beginnings("rfc"), name="covered_person_rfc_begins"),
            models.Index(fields=["name_mark"], name="covered_person_by_name_mark"),
            GinIndex(Words("as_printed"), name="covered_person_name_words"),
        ]

    def __str__(self) -> str:
        return self.as_printed


class MemberQuerySet(models.QuerySet["Member"]):
    """Stays by day."""

    def joined(self) -> MemberQuerySet:
        """Those of a family that has finished joining: a draft's people are only typed."""
        return self.exclude(membership__state="draft")

    def led_by(self, user: User, *, on: date) -> MemberQuerySet:
        """Stays of others, in families whose titular a person is."""
        led = Q(membership__titular__party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))
        rows = self.joined().current(on=on).filter(led, membership__kind="membership")
        return rows.exclude(kinship=Kinship.TITULAR)

    def welcomed(self, *, on: date) -> MemberQuerySet:
        """Stays in families that began to be covered: their welcome went, and what comes now follows it."""
        return self.current(on=on).filter(membership__state__in=["active", "suspended"])

    def current(self, *, on: date) -> MemberQuerySet:
        """Stays that hold on a day: `since` included, `until` excluded; a certificate's end is known beforehand."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)


class Member(models.Model):
    """A person's stay in a membership (half-open), and who they are there."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    membership = models.ForeignKey("memberships.Membership", on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(CoveredPerson, on_delete=models.PROTECT, related_name="stays")
    kinship = models.CharField(max_length=8, choices=KINSHIP_CHOICES)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    card = models.OneToOneField(
        "papers.IssuedDocument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    constancia = models.OneToOneField(
        "papers.IssuedDocument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kinship__in=[one.value for one in Kinship]), name="member_kinship_known"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="member_ends_after_start"),
            ExclusionConstraint(
                name="one_titular",
                expressions=[("membership", RangeOperators.EQUAL), (STAY, RangeOperators.OVERLAPS)],
                condition=Q(kinship="titular"),
            ),
            ExclusionConstraint(
                name="member_stays_never_overlap",
                expressions=[
                    ("membership", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (STAY, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.kinship

    @property
    def kinship_label(self) -> str:
        """Who they are there, in words."""
        return KINSHIP_LABELS[Kinship(self.kinship)]

    def gets_papers(self, *, on: date) -> bool:
        """Whether they are, or come to be, of a family that did not leave."""
        return (self.until is None or self.until > on) and not self.membership.is_cancelled


class Share(models.Model):
    """What an adult with an own account lets the titular see, until they take it back (AC-05)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="shares")
    what = models.CharField(max_length=8, choices=[(one.value, SHARE_LABELS[one.value]) for one in SHAREABLE])
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(what__in=[one.value for one in SHAREABLE]), name="share_what_known"),
            models.UniqueConstraint(
                fields=["member", "what"], condition=Q(ended_at=None), name="one_live_share_per_datum"
            ),
        ]

    def __str__(self) -> str:
        return self.what
