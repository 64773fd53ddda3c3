"""Every write of the treasury, by concept."""

from portal.treasury.services.ledger import post_entry, reverse_entry
from portal.treasury.services.payables import open_payable

__all__ = ["open_payable", "post_entry", "reverse_entry"]
