"""Are all files there, and are they what was written? For the command, the nightly task and the health page (UP-07)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal import clock
from portal.papers import store
from portal.papers.models import DraftFile, EncryptedBytes, PageImage, StoredFile
from portal.papers.rules import FileVerdict
from portal.papers.segments import DamagedFile
from portal.papers.services.sweeping import without_row

log = logging.getLogger("cauce.papers")
IN_FLIGHT_SECONDS = 3600


@dataclass
class Checked:
    """How many were read, and what is wrong: (what, id or key)."""

    read: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What must never be: rows whose bytes are gone or changed. Orphans are swept, they are no fault."""
        return self.missing + self.damaged


def verify_files(*, read: bool = True) -> Checked:
    """Compare rows and disk; with `read`, decrypt every file and compare its SHA-256."""
    checked, rows = Checked(), set()
    for row in _rows():
        rows.add(row.storage_key)
        if not store.path_of(row.storage_key).is_file():
            checked.missing.append(str(row.pk))
        elif read and not _is_whole(row):
            checked.damaged.append(str(row.pk))
        checked.read += 1
    fresh = clock.real_now().timestamp() - IN_FLIGHT_SECONDS
    checked.orphans = [key for key, changed in store.all_keys() if key not in rows and changed < fresh]
    for fault in checked.faults:
        log.error("stored file is missing or changed: %s", fault)
    return checked


@dataclass(frozen=True)
class Difference:
    """Rows and disk held against each other without opening a file: how many rows, and what has no counterpart."""

    known: int
    missing: tuple[str, ...]
    loose: tuple[str, ...]

    @property
    def is_another(self) -> bool:
        """Whether this database cannot be the one of these files: it knows none of them."""
        return bool(self.loose) and self.known == 0


def compare() -> Difference:
    """What a start asks when nobody writes yet: young files count too. `missing` are ids of rows, `loose` keys."""
    rows, missing, on_disk = 0, [], {key for key, _changed in store.all_keys()}
    for row in _rows():
        rows += 1
        if row.storage_key not in on_disk:
            missing.append(str(row.pk))
        on_disk.discard(row.storage_key)
    return Difference(rows, tuple(missing), tuple(without_row(on_disk)))


def _rows() -> Iterator[EncryptedBytes]:
    yield from StoredFile.objects.exclude(verdict=FileVerdict.REJECTED).order_by("pk").iterator(chunk_size=500)
    yield from PageImage.objects.order_by("pk").iterator(chunk_size=500)
    yield from DraftFile.objects.order_by("pk").iterator(chunk_size=500)


def _is_whole(row: EncryptedBytes) -> bool:
    try:
        for _piece in store.read(row):
            pass
    except DamagedFile:
        return False
    return True
