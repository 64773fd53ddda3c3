"""What people hold in their hands: the code of a telephone, the link or the secret of a mail."""

from __future__ import annotations

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from portal import clock
from portal.notices import mail
from portal.notices.models import Notice


def shown_by_telephone(seed: str, *, steps: int = 0) -> str:
    """The code of this half minute, or of one `steps` away."""
    return format_hotp_value(hotp_value(seed, int(clock.real_now().timestamp() // 30) + steps))


def token_in_mail(kind: str) -> str:
    """The last part of the link in the newest mail of a kind."""
    notice = Notice.objects.filter(kind=kind).latest("created_at")
    return mail.opened(notice)["url"].rstrip("/").rsplit("/", 1)[1]
