"""Who works on a thing that waits, and who has its page open. A thing is named by its table and its key."""

from __future__ import annotations

from typing import Any

from django.db import models

from portal import ids


class About(models.Model):
    """A row about a thing of any app: `thing_type` is Django's label of its table, `thing_id` its key as text."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    thing_type = models.CharField(max_length=80)
    thing_id = models.CharField(max_length=40)

    class Meta:
        abstract = True


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds by thing."""

    def about(self, thing: models.Model) -> HoldQuerySet:
        """The hold of one thing, or none."""
        return self.filter(**named(thing))


class Hold(About):
    """Somebody took a thing out of its queue: the row stands until it is decided, given back or taken over."""

    queue = models.CharField(max_length=60)
    holder = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thing_type", "thing_id"], name="one_holder_per_thing")]

    def __str__(self) -> str:
        return f"{self.thing_type} {self.thing_id}"


class Look(About):
    """Somebody has the page of a thing open; `seen_at` is real time. Says nothing once it is a minute old."""

    viewer = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thing_type", "thing_id", "viewer"], name="one_look_per_viewer_and_thing")
        ]
        indexes = [models.Index(fields=["seen_at"], name="look_by_age")]

    def __str__(self) -> str:
        return f"{self.thing_type} {self.thing_id}"


def named(thing: models.Model) -> dict[str, Any]:
    """How the rows of this room name a thing."""
    return {"thing_type": thing._meta.label_lower, "thing_id": str(thing.pk)}
