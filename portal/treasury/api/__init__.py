"""Treasury's part of the API: bank accounts and their reviews, batches, deposits."""

from portal.treasury.api import accounts, batches, deposits

RESOURCES = (*accounts.RESOURCES, *batches.RESOURCES, *deposits.RESOURCES)
