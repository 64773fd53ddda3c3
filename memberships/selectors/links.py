"""The link of a mail that offers somebody with an account a person of a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import signing

from memberships.models import Member
from portal.errors import RuleBroken

if TYPE_CHECKING:
    from portal.people.models import User

LINK_DAYS = 7
_SALT = "memberships.link"
_LINK_GONE = "Esta invitación ya venció. Pide otra a quien es titular."


def link_token(member: Member, user: User) -> str:
    """What a mail's link carries, signed: whom it offers, and to whom."""
    return signing.dumps({"member": str(member.pk), "user": str(user.pk)}, salt=_SALT)


def offered_by(token: str, user: User) -> Member | None:
    """Whom a link of a mail offers to this very person; None for one that is false or another's.

    Raises RuleBroken for one that is too old.
    """
    try:
        told = signing.loads(token, salt=_SALT, max_age=LINK_DAYS * 86_400)
    except signing.SignatureExpired as error:
        raise RuleBroken(_LINK_GONE, code="link_gone") from error
    except signing.BadSignature:
        return None
    mine = Member.objects.select_related("person__party", "membership").filter(pk=told["member"])
    return mine.first() if told["user"] == str(user.pk) else None
