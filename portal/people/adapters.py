"""allauth's seams."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Account seam."""


class MfaAdapter(DefaultMFAAdapter):
    """Second-factor seam."""
