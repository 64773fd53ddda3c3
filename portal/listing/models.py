"""What a person keeps of a list: a name for how they narrow and sort it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal import ids
from portal.listing.paging import VIEW
from portal.vault import EncryptedTextField

QUERY_LENGTH = 1000


class SavedView(models.Model):
    """A list's filters and order under a name of one person's; the one that is `is_default` is how the list opens."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    listing = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=200)
    query = EncryptedTextField(blank=True, default="")  # what was looked for may name a patient
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="saved_view_named_once"),
            models.UniqueConstraint(
                fields=["user", "listing"], condition=Q(is_default=True), name="one_default_view_per_list"
            ),
            models.CheckConstraint(condition=~Q(name="") & Q(path__startswith="/"), name="saved_view_named_and_placed"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def href(self) -> str:
        """Its list's page, narrowed and sorted so. It names itself, so that the list opens no other view from there."""
        return f"{self.path}?{self.query}{'&' if self.query else ''}{VIEW}={self.pk}"
