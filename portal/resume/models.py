"""What a person had typed when their session ended in the middle of a form."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.vault import EncryptedTextField


class KeptForm(models.Model):
    """One form that was not sent: whose, where it goes, the page it stands on, what it held (sealed). Real time."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=300)
    page = models.CharField(max_length=600)
    fields = EncryptedTextField()
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "action"], name="one_kept_form_per_action"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("kept_at")), name="kept_form_expires"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="kept_form_by_age")]

    def __str__(self) -> str:
        return self.action
