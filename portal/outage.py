"""Is an error the database's state rather than ours? Then the answer is 503 and the person comes back (OP-12, F-06).

Away, starting, shutting down, taken over by a read-only stand-by, out of connections, memory or disk, or too busy to
answer in time. A wrong statement or a broken constraint is none of these.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError

RETRY_SECONDS = 30

# SQLSTATE: by class, then one by one. https://www.postgresql.org/docs/current/errcodes-appendix.html
_CLASSES = (
    "08",  # connection lost or never made
    "40",  # rolled back: deadlock, serialization
    "53",  # disk full, out of memory, too many connections
    "57",  # shut down, starting, cancelled (statement_timeout)
    "58",  # its disk does not read or write
)
_CODES = {
    "25006",  # read only: a stand-by, or one whose primary was just lost
    "25P03",  # idle too long in a transaction
    "55P03",  # lock_timeout
    "3D000",  # the database is not there (being restored)
}


def is_database_away(error: BaseException | None) -> bool:
    """Whether this error, or one that it was raised from or in answer to, says that the database cannot serve now."""
    return any(_says_so(one) for one in _chain(error))


def _says_so(error: BaseException) -> bool:
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    code = getattr(error.__cause__, "pgcode", None)
    if code:
        return code.startswith(_CLASSES) or code in _CODES
    # Without a code the server never answered: refused, unknown host, cut line, a connection closed under us.
    return isinstance(error, OperationalError) or "connection" in str(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
