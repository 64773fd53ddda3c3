"""The accounts of ours that money comes in to (domain 2.12)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal import ids
from portal.treasury import rules


class CollectionAccount(models.Model):
    """An account that is watched for what comes in: a bank's, or a shop network's until it settles."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    code = models.SlugField(max_length=32, unique=True)
    label = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    formats = ArrayField(models.CharField(max_length=16))

    def __str__(self) -> str:
        return self.label
