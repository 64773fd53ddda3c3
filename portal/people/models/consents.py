"""The texts people agree to, a version each, and what each person agreed to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from portal.people import rules
from portal.people.models.people import Party, User


class ConsentText(models.Model):
    """One version of a notice people consent to; never edited, so that it can be shown again byte for byte (PR-01).

    One with an owner is that organisation's own (an insurer's notice); without one it serves whoever has none.
    """

    kind = models.CharField(max_length=32)  # one that an app declares: the service asks
    owner = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveSmallIntegerField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    to: Party | None = None  # whom a consent to it would be given to, told by `selectors.texts_lacking` alone

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner", "version"], nulls_distinct=False, name="one_text_per_version"
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="text_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"

    @property
    def label(self) -> str:
        """What the text is called, and whom it is given to where an app asks it for somebody."""
        name = rules.CONSENTS.get(self.kind, self.kind)
        return f"{name} ({self.to.name})" if self.to else name

    @property
    def address(self) -> str:
        """The page of this very version."""
        args = [self.kind, self.owner_id, self.version] if self.owner_id else [self.kind, self.version]
        return reverse("people:owned_text" if self.owner_id else "people:consent_text", args=args)


class Consent(models.Model):
    """A person accepted one version of a text, for these purposes, proved in this way; withdrawal closes it (PR-01).

    `owner`: whom it is given to, where an app asks it for each organisation apart (each insurer of a family).
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    owner = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    purposes = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    proof = models.CharField("cómo se acreditó", max_length=32)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "text", "owner"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="one_live_consent_per_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text_id}"

    @property
    def label(self) -> str:
        """What was accepted, and to whom."""
        return f"{self.text.label} ({self.owner.name})" if self.owner else self.text.label
