"""What lies on the disk and belongs to no row: set aside for 30 days, never deleted at once (UP-06).

The database may be the wrong one or an older one: then every file looks like a leftover. So the sweep refuses what no
killed upload explains, and what it moved comes back by itself as soon as a row asks for it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from portal import clock
from portal.papers import rules, store
from portal.papers.models import DraftFile, PageImage, StoredFile
from portal.papers.rules import FileVerdict

log = logging.getLogger("cauce.papers")

ORPHAN_AGE = timedelta(hours=24)
IN_FLIGHT = timedelta(minutes=2)  # no request lives longer: its file has its row by then, or never
QUARANTINE = timedelta(days=30)
BATCH = 1000


def sweep(*, older_than: timedelta = ORPHAN_AGE, however_many: bool = False) -> dict[str, int]:
    """Drop stale parts, set old ciphertexts without a row aside, delete what was aside for 30 days. Real time.

    `however_many` is a person's decision that this is the database of these files.

    Answers how many: `parts` dropped, `orphans` set aside, and where there are any `back`, `expired` and `refused`
    (left in place because they are too many: an error in the log, and the health page says so until it is settled).
    """
    told = {"parts": store.drop_stale_parts(older_than_seconds=older_than.total_seconds()), "orphans": 0}
    told["back"] = bring_back()
    limit = clock.real_now().timestamp() - older_than.total_seconds()
    loose, known = without_row(key for key, changed in store.all_keys() if changed < limit), known_files()
    why = "" if however_many else rules.sweep_refusal(orphans=len(loose), known=known)
    if why:
        told["refused"] = len(loose)
        log.error("sweep refused: %d files without a row stay where they are: %s", len(loose), why)
        return _some(told)
    for key in loose:
        store.set_aside(key)
        log.warning("file without a row set aside for %d days: %s", QUARANTINE.days, key)
    told["orphans"], told["expired"] = len(loose), _expire() if known else 0
    return _some(told)


def bring_back() -> int:
    """Return to its place what is in the quarantine and has a row again (a newer database); answers how many."""
    aside = [key for key, _since in store.keys_aside()]
    wanted = sorted(set(aside) - set(without_row(aside)))
    for key in wanted:
        store.bring_back(key)
        log.warning("file set aside has a row again and is back: %s", key)
    return len(wanted)


def without_row(keys: Iterable[str]) -> list[str]:
    """Those of the keys that no row points at, in order."""
    found, loose = sorted(keys), []
    for start in range(0, len(found), BATCH):
        some = set(found[start : start + BATCH])
        for model in (StoredFile, PageImage, DraftFile):
            some -= set(model.objects.filter(storage_key__in=some).values_list("storage_key", flat=True))
        loose += sorted(some)
    return loose


def _expire() -> int:
    limit = (clock.real_now() - QUARANTINE).timestamp()
    old = [key for key, since in store.keys_aside() if since < limit]
    for key in old:
        store.remove_aside(key)
        log.warning("file without a row deleted after %d days aside: %s", QUARANTINE.days, key)
    return len(old)


def known_files() -> int:
    """How many ciphertexts the database asks for."""
    files = StoredFile.objects.exclude(verdict=FileVerdict.REJECTED).count()
    return files + PageImage.objects.count() + DraftFile.objects.count()


def _some(told: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in told.items() if count or name in {"parts", "orphans"}}
