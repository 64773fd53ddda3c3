"""A registration against a certificate that matched: it waits for the birth date, said again by who got the mail."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal import ids


class PolicyRegistration(models.Model):
    """Somebody whom a certificate names asked for an account, or to add the policy to theirs; real time, single use.

    `digest`: of the token in the mail to who has an account; "" where the one-time secret of a new one stands for it.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    person = models.ForeignKey("memberships.CoveredPerson", on_delete=models.PROTECT, related_name="+")
    insurer = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, blank=True, default="")
    texts = models.JSONField(default=list)  # ids of the versions that were accepted
    second_email = models.EmailField(max_length=254, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="registration_expires_later"),
            models.CheckConstraint(
                condition=Q(digest="") | Q(digest__regex=r"^[0-9a-f]{64}$"), name="registration_token_is_hashed"
            ),
            models.UniqueConstraint(fields=["digest"], condition=~Q(digest=""), name="one_registration_per_token"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], condition=Q(done_at=None), name="registration_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
