"""What a service may use of a paper: one that the examiner accepted, or left to a person to decide."""

from __future__ import annotations

from collections.abc import Callable

from portal.errors import RuleBroken
from portal.papers.rules import FileVerdict
from portal.papers.services.examining import Examined

TOO_BIG = "El PDF pesa más de 5 MB y así no se revisa al momento. Descarga otra vez el original: pesa menos."


def require_accepted(
    examined: Examined,
    *,
    field: str | None = None,
    too_big: str = TOO_BIG,
    refused: Callable[[Examined], RuleBroken] | None = None,
) -> Examined:
    """Validate that an examined upload may be used now, before anything is written about it; gives it back.

    Raises RuleBroken at the form's `field`: the findings of a rejected file (`refused` says them in the app's words),
    or `too_big` for one that no request can wait for, whose verdict is pending.
    """
    if examined.is_rejected:
        if refused:
            raise refused(examined)
        said = examined.refusal
        raise RuleBroken(said.message, code=said.code, field=field, findings=examined.findings)
    if examined.verdict == FileVerdict.PENDING:
        raise RuleBroken(too_big, code="too_big", field=field)
    return examined
