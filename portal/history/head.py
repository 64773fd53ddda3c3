"""The chain's head, written outside the database: what makes a cut tail or an emptied table visible (AD-03).

`DATA_DIR/audit-head` holds the number and signature of the newest seal, signed. The drain writes it after each commit.
It never replaces a head that the chain no longer contains: that file is then the only witness.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from portal.history import keys, rules
from portal.history.models import AuditSeal

log = logging.getLogger("cauce.history")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal that was seen: number 0 stands for none."""

    number: int
    hmac: str


class HeadUnreadable(Exception):
    """The file is there but is not ours: somebody wrote in it."""


def _path() -> Path:
    return Path(settings.DATA_DIR) / "audit-head"


def read() -> Head | None:
    """The written head, None when there is no file. Raises HeadUnreadable when its signature does not hold."""
    try:
        stored = json.loads(_path().read_text())
        head = Head(stored["number"], stored["hmac"])
        holds = rules.signature_holds(keys.seal_key(), ["head", head.number, head.hmac], stored["signature"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HeadUnreadable(str(_path())) from error
    if not holds:
        raise HeadUnreadable(str(_path()))
    return head


def write(seal: AuditSeal) -> bool:
    """Replace the head by this newer seal. False, and an error in the log, when the old head is not in the chain."""
    try:
        old = read()
    except HeadUnreadable:
        log.error("audit head unreadable: kept as it is, run audit-verify")
        return False
    if old and not AuditSeal.objects.filter(number=old.number, hmac=old.hmac).exists():
        log.error("audit head %s is not in the chain: kept as it is, run audit-verify", old.number)
        return False
    signature = rules.sign(keys.seal_key(), ["head", seal.number, seal.hmac])
    _path().parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=_path().parent, prefix=".audit-head-")
    with os.fdopen(handle, "w") as file:
        json.dump({"number": seal.number, "hmac": seal.hmac, "signature": signature}, file)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(_path())
    return True


def forget() -> None:
    """Remove the head: only the demo's reset, which empties every table, may call this."""
    _path().unlink(missing_ok=True)
