"""An envelope of no app: two tables that a test makes for itself, under a label that nobody installed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.papers.models import Envelope, EnvelopeItem


class Box(Envelope):
    """Two PDFs at most."""

    purpose = "box"
    kinds: ClassVar[frozenset[str]] = frozenset({"pdf"})
    most_files = 2
    most_bytes = 3 * 1024 * 1024

    class Meta:
        app_label = "boxes"


class BoxItem(EnvelopeItem):
    """One of them."""

    envelope = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="items")

    class Meta:
        app_label = "boxes"
