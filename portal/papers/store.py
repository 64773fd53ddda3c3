"""Where ciphertexts lie: a temporary part, then a random two-level key, 0600, no word of a person in any path.

Order of writing (UP-06): encrypted part and fsync, rename to the final key, then the caller commits the row.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

from django.conf import settings

from portal import clock, ids, vault
from portal.papers.segments import DamagedFile, SegmentWriter, read_segments

if TYPE_CHECKING:
    from portal.papers.models import EncryptedBytes

KEY_SHAPE = re.compile(r"^[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}$")
FULL_BELOW = 0.05  # UP-13: less than 5 % free refuses new files


@dataclass(frozen=True, slots=True)
class Written:
    """A finished ciphertext: its identity, how it is opened, and what its plain bytes were."""

    id: UUID
    storage_key: str
    wrapped_key: bytes
    size: int
    sha256: str

    @property
    def columns(self) -> dict[str, Any]:
        """What the row of the file keeps of it."""
        return {name: getattr(self, name) for name in ("id", "storage_key", "wrapped_key", "size", "sha256")}


class Part:
    """A ciphertext in the making. `finish` gives it its final name, `discard` leaves no trace; both may be repeated."""

    def __init__(self, file_id: UUID | None = None) -> None:
        self.id = file_id or ids.uuid7()
        self._key, self.wrapped_key = vault.new_file_key(self.id)
        self.path = _folder("parts") / f"{secrets.token_hex(16)}.part"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self._target: BinaryIO = os.fdopen(descriptor, "wb")
        self._writer = SegmentWriter(self._target, key=self._key, file_id=self.id)
        self._digest = hashlib.sha256()
        self.size = 0
        self.written: Written | None = None

    @property
    def sha256(self) -> str:
        """Hex digest of the plain bytes so far."""
        return self._digest.hexdigest()

    def write(self, content: bytes) -> None:
        """Take plain bytes."""
        self.size += len(content)
        self._digest.update(content)
        self._writer.write(content)

    def seal(self) -> None:
        """Write the last segment and make it durable; the part can now be read."""
        self._writer.close()
        self._target.flush()
        os.fsync(self._target.fileno())
        self._target.close()

    def read(self) -> Iterator[bytes]:
        """The plain bytes of a sealed part, wherever it lies now."""
        with self._place().open("rb") as source:
            yield from read_segments(source, key=self._key, file_id=self.id)

    def finish(self) -> Written:
        """Rename to the final random key. From here an absent row makes it an orphan, swept after 24 h."""
        if self.written is None:
            key = new_key()
            final = path_of(key)
            final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.rename(final)
            _sync_folder(final.parent)
            self.written = Written(self.id, key, self.wrapped_key, self.size, self.sha256)
        return self.written

    def discard(self) -> None:
        """Remove the part; a finished one stays, because a row may already point at it."""
        if not self._target.closed:
            with suppress(OSError):
                self._target.close()
        if self.written is None:
            self.path.unlink(missing_ok=True)

    def _place(self) -> Path:
        return path_of(self.written.storage_key) if self.written else self.path


def digest(content: bytes) -> str:
    """Hex SHA-256, as stored."""
    return hashlib.sha256(content).hexdigest()


def write(content: bytes, *, file_id: UUID | None = None) -> Written:
    """Encrypt bytes made by the house and put them in their final place, under a fresh key."""
    part = Part(file_id)
    try:
        part.write(content)
        part.seal()
        return part.finish()
    finally:
        part.discard()


def read(file: EncryptedBytes) -> Iterator[bytes]:
    """Plain bytes of a stored file as a stream; size and SHA-256 are checked again at the end (UP-07, F-17).

    Raises DamagedFile when the bytes are missing, moved, swapped or changed.
    """
    digest, size = hashlib.sha256(), 0
    try:
        source = path_of(file.storage_key).open("rb")
    except FileNotFoundError as error:
        raise DamagedFile("no está") from error
    with source:
        for piece in read_segments(source, key=_key_of(file), file_id=file.pk):
            digest.update(piece)
            size += len(piece)
            yield piece
    if size != file.size or digest.hexdigest() != file.sha256:
        raise DamagedFile("sha256")


def _key_of(file: EncryptedBytes) -> bytes:
    try:
        return vault.unwrap(bytes(file.wrapped_key), file.pk)
    except vault.SealBroken as error:
        raise DamagedFile("llave") from error


def remove(storage_key: str) -> None:
    """Delete a ciphertext; absent is fine."""
    path_of(storage_key).unlink(missing_ok=True)


def new_key() -> str:
    """A random key in two folder levels."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:4]}/{name}"


def path_of(storage_key: str) -> Path:
    """The path of a key; a key of another shape is a bug and is refused."""
    if not KEY_SHAPE.match(storage_key):
        raise ValueError(f"not a storage key: {storage_key!r}")
    return Path(settings.DATA_DIR) / "store" / storage_key


def set_aside(storage_key: str) -> None:
    """Move a ciphertext to the quarantine, where its time of change tells since when; absent is fine."""
    with suppress(FileNotFoundError):
        # First the time: cut off between the two steps, the file is young and stays where it is.
        os.utime(path_of(storage_key), (now := clock.real_now().timestamp(), now))
        _move(path_of(storage_key), _aside(storage_key))


def bring_back(storage_key: str) -> None:
    """Move a ciphertext from the quarantine to its place; absent is fine."""
    with suppress(FileNotFoundError):
        _move(_aside(storage_key), path_of(storage_key))


def remove_aside(storage_key: str) -> None:
    """Delete a ciphertext of the quarantine for good; absent is fine."""
    _aside(storage_key).unlink(missing_ok=True)


def keys_aside() -> Iterator[tuple[str, float]]:
    """Every ciphertext in the quarantine and since when (seconds since the epoch)."""
    return _keys_in("quarantine")


def _aside(storage_key: str) -> Path:
    return Path(settings.DATA_DIR) / "quarantine" / path_of(storage_key).relative_to(Path(settings.DATA_DIR) / "store")


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.rename(target)
    _sync_folder(target.parent)


def beginning() -> Path:
    """A mark in the folder of files: what lies here is of a world being built for the first time, or anew.

    A start that was cut short then finds files that no row knows, and goes on. Gone as soon as the portal stands.
    """
    return Path(settings.DATA_DIR) / "first-start"


def is_nearly_full() -> bool:
    """Whether less than 5 % of the volume is free (UP-13)."""
    usage = shutil.disk_usage(_folder("parts"))
    return usage.free < usage.total * FULL_BELOW


def all_keys() -> Iterator[tuple[str, float]]:
    """Every ciphertext on disk with its modification time (seconds since the epoch)."""
    return _keys_in("store")


def _keys_in(folder: str) -> Iterator[tuple[str, float]]:
    root = Path(settings.DATA_DIR) / folder
    for path in root.glob("??/??/*"):
        key = path.relative_to(root).as_posix()
        with suppress(FileNotFoundError):
            if KEY_SHAPE.match(key):  # anything else is not ours: neither judged nor moved
                yield key, path.stat().st_mtime


def drop_stale_parts(*, older_than_seconds: float) -> int:
    """Delete parts that a killed process left behind; returns how many."""
    dropped = 0
    for path in _folder("parts").glob("*.part"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < clock.real_now().timestamp() - older_than_seconds:
                path.unlink()
                dropped += 1
    return dropped


def _folder(name: str) -> Path:
    folder = Path(settings.DATA_DIR) / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
