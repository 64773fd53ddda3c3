"""The «sí» of an adult with an own account to a claim that somebody else files for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from claims.models.claims import Claim
from claims.rules.states import ClaimState
from portal import ids
from portal.access import Permission

if TYPE_CHECKING:
    from portal.people.models import User


class AssentQuerySet(models.QuerySet["Assent"]):
    """Assents by who is asked and where they stand."""

    def visible_to(self, user: User) -> AssentQuerySet:
        """Those of claims about somebody: their own to give and to take back."""
        rows = self.filter(claim__affected__party__in=user.party_ids(Permission.SEE_OWN_CLAIMS))
        return rows.exclude(claim__state=ClaimState.DISCARDED)

    def open(self) -> AssentQuerySet:
        """Asked or given, not ended."""
        return self.filter(ended_at=None)

    def in_force(self) -> AssentQuerySet:
        """Given, not taken back, and the consent to treat health data that came with it stands."""
        return self.open().filter(given_at__isnull=False, consent__withdrawn_at=None)


class Assent(models.Model):
    """Asked when somebody files for an adult with an own account; given with their consent on health data.

    Until it is taken back (or refused: ended without having been given) the filer sees that claim whole.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="assents")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    given_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)
    consent = models.ForeignKey("people.Consent", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AssentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(given_by=None, given_at=None, consent=None)
                | Q(given_by__isnull=False, given_at__isnull=False, consent__isnull=False),
                name="assent_given_whole",
            ),
            models.CheckConstraint(
                condition=Q(given_by=None) | ~Q(given_by=F("asked_by")), name="assent_given_by_another"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("asked_at")), name="assent_ends_later"
            ),
            models.UniqueConstraint(fields=["claim"], condition=Q(ended_at=None), name="one_open_assent_per_claim"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_given(self) -> bool:
        """Whether it holds: given, neither taken back nor its consent withdrawn."""
        return bool(self.given_at and self.consent and not self.consent.withdrawn_at and not self.ended_at)
