"""Files at rest: AES-256-GCM in segments of 64 KiB, each bound to its file, its place and whether it is the last.

The key serves one file only (vault.new_file_key), so the segment number is a nonce that can never come twice.
Moving, cutting, lengthening or swapping ciphertexts fails on opening (PR-05).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEGMENT = 64 * 1024
TAG = 16
HEADER = b"CAUCE\x01\x00\x00"


class DamagedFile(Exception):
    """The stored bytes are missing or not the ones that were written: alert, never serve."""


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound_to(file_id: UUID, number: int, last: bool) -> bytes:
    return HEADER + file_id.bytes + number.to_bytes(8, "big") + (b"\x01" if last else b"\x00")


class SegmentWriter:
    """Encrypts what is written to it, never holding more than one segment; `close` seals the last one."""

    def __init__(self, target: BinaryIO, *, key: bytes, file_id: UUID) -> None:
        self._target, self._cipher, self._file_id = target, AESGCM(key), file_id
        self._waiting = bytearray()
        self._number = 0
        target.write(HEADER)

    def write(self, content: bytes) -> None:
        """Take plain bytes; full segments go out as soon as it is known that another follows."""
        self._waiting += content
        while len(self._waiting) > SEGMENT:
            self._seal(bytes(self._waiting[:SEGMENT]), last=False)
            del self._waiting[:SEGMENT]

    def close(self) -> None:
        """Seal what is left as the last segment; does not close the target."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        bound = _bound_to(self._file_id, self._number, last)
        self._target.write(self._cipher.encrypt(_nonce(self._number), plain, bound))
        self._number += 1


def read_segments(source: BinaryIO, *, key: bytes, file_id: UUID) -> Iterator[bytes]:
    """Plain bytes in pieces of at most 64 KiB. Raises DamagedFile before handing out anything that was changed."""
    cipher, number = AESGCM(key), 0
    if source.read(len(HEADER)) != HEADER:
        raise DamagedFile("encabezado")
    sealed = source.read(SEGMENT + TAG)
    while True:
        following = source.read(SEGMENT + TAG)
        try:
            plain = cipher.decrypt(_nonce(number), sealed, _bound_to(file_id, number, not following))
        except (InvalidTag, ValueError) as error:
            raise DamagedFile(f"segmento {number}") from error
        if plain:
            yield plain
        if not following:
            return
        sealed, number = following, number + 1
