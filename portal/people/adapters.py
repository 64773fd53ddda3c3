"""allauth's seams: it keeps second factors and sessions; addresses, mails and pages are ours."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from portal import vault
from portal.history import context


class AccountAdapter(DefaultAccountAdapter):
    """The client's address comes from the one place that knows the trusted proxies; our services write the mails."""

    def get_client_ip(self, request: Any) -> str:
        """The address behind the trusted proxies, or this machine in tests without a request."""
        return context.current().ip or request.META.get("REMOTE_ADDR") or "127.0.0.1"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: `services` tells the person in our words."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our views say what happened."""


class MfaAdapter(DefaultMFAAdapter):
    """Seeds of one-time codes and of recovery codes rest encrypted (PR-06)."""

    def encrypt(self, text: str) -> str:
        """Base64 of the sealed text."""
        return base64.b64encode(vault.encrypt(text.encode(), purpose="second-factor", bound_to="mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The plain text. Raises SealBroken when a key is missing."""
        return vault.decrypt(base64.b64decode(encrypted_text), purpose="second-factor", bound_to="mfa").decode()

    def get_totp_issuer(self) -> str:
        """The name the telephone shows."""
        return "Cauce"
