"""The statement beside a CLABE: judged, and kept when only the CLABE is wrong (S0.5-S0.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.errors import Level, RuleBroken
from portal.history.services import record
from portal.papers import services as papers
from portal.papers.models import StoredFile
from portal.treasury import selectors

if TYPE_CHECKING:
    from portal.people.models import User

CHECK = "portal.treasury.statement.check"
TOO_BIG = (
    "Tu estado de cuenta pesa más de 5 MB y así no lo podemos revisar al momento. "
    "Descarga de tu banca en línea el PDF original, que pesa menos."
)
# What a statement is told because of the number that was typed: the paper itself may be right.
_OF_CLABE = frozenset({"clabe_invalid", "clabe_other", "clabe_missing", "bank_other"})
_OF_ANOTHER = frozenset({"clabe_other", "bank_other"})


def examine(*, upload: Any, kept: StoredFile | None, context: Mapping[str, Any]) -> papers.Examined:
    """The judgement of what arrived, else of what was kept. Raises RuleBroken when there is neither."""
    if upload:
        return papers.examine_upload(upload=upload, kinds={"pdf"}, check=CHECK, context=context)
    if kept is None:
        raise RuleBroken("Sube tu estado de cuenta en PDF.", code="no_statement", field="statement")
    return papers.examine_stored(file=kept, check=CHECK, context=context)


def refuse(examined: papers.Examined) -> None:
    """Raises RuleBroken for a statement that the machine rejects or cannot judge at once."""
    papers.require_accepted(examined, field="statement", too_big=TOO_BIG, refused=_rejected)


def _rejected(examined: papers.Examined) -> RuleBroken:
    return RuleBroken(
        "No pudimos validar tu estado de cuenta y la cuenta bancaria no quedó registrada. "
        "Abajo está cada revisión con lo que puedes hacer.",
        code="statement_rejected",
        field="statement",
        findings=examined.findings,
    )


def is_of_clabe(problem: RuleBroken) -> bool:
    """Whether nothing but the CLABE is at odds with the statement."""
    wrong = {finding.code for finding in problem.findings if finding.level == Level.ERROR} or {problem.code}
    return wrong <= _OF_CLABE


def is_of_another(*, upload: Any, context: Mapping[str, Any]) -> bool:
    """Whether the statement is of another account than that of the CLABE in `context`."""
    examined = examine(upload=upload, kept=None, context=context)
    return not _OF_ANOTHER.isdisjoint(finding.code for finding in examined.findings)


def keep(  # a keyword each
    *, party: Any, upload: Any, context: Mapping[str, Any], problem: RuleBroken, by: User, at: datetime
) -> None:
    """Keep the statement beside a wrong CLABE, if it is right by itself. Raises `problem` anew, told what happened.

    A statement that is wrong too is told in the same breath, and nothing is kept.
    """
    examined = examine(upload=upload, kept=None, context=context)
    try:
        refuse(examined)
    except RuleBroken as other:
        sentence = f"{problem.message} {other.message}"
        raise RuleBroken(sentence, code=problem.code, field="clabe", findings=other.findings) from problem
    file = _store_kept_statement(party=party, examined=examined, by=by, at=at)
    if selectors.kept_statement(party=party, at=at) != file:
        raise problem  # the same paper proved an account before: it stays that account's
    told = "La CLABE que escribiste no es la de tu estado de cuenta." if problem.findings else problem.message
    raise RuleBroken(
        f"{told} Tu estado de cuenta quedó guardado: corrige la CLABE.",
        code=problem.code,
        field="clabe",
        findings=problem.findings,
    ) from problem


@transaction.atomic
def _store_kept_statement(*, party: Any, examined: papers.Examined, by: User, at: datetime) -> StoredFile:
    file = store(party=party, examined=examined, by=by, at=at)
    record(action="treasury.statement_kept", subject=file, by=by, at=at, party_id=party.pk)
    return file


def store(*, party: Any, examined: papers.Examined, by: User, at: datetime) -> StoredFile:
    """Keep an examined statement as a paper of its party."""
    return papers.store_upload(examined=examined, purpose=selectors.STATEMENT, party=party, by=by, at=at)
