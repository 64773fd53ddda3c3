"""Encrypts uploads while they stream: no plain byte of a person's file ever rests on a disk (UP-02, PR-05)."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from portal.papers import store
from portal.papers.rules import MAX_BYTES

MAX_BYTES_OF_STRANGERS = 10 * 1024 * 1024  # the public check of a document takes a PDF from anybody


class EncryptedUpload(UploadedFile):
    """A file of the request, encrypted in a part. `name` is what was sent; `fault` says why nothing was kept.

    `fault` is "" (kept), "too_large", "no_space". `close` removes the part unless it was stored.
    """

    def __init__(self, *, name: str, content_type: str, part: store.Part | None, size: int, fault: str = "") -> None:
        super().__init__(file=None, name=name, content_type=content_type, size=size)
        self.part, self.fault = part, fault

    def __bool__(self) -> bool:
        return True

    def _get_name(self) -> str:
        return self._name

    def _set_name(self, name: str) -> None:
        self._name = name  # Django would cut folders and length off silently; the name rule answers instead (C7)

    name = property(_get_name, _set_name)  # type: ignore[assignment]

    @property
    def sha256(self) -> str:
        """Hex digest of the plain bytes; empty when nothing was kept."""
        return self.part.sha256 if self.part else ""

    def open_plain(self) -> Iterator[bytes]:
        """The plain bytes as a stream of at most 64 KiB a piece."""
        return self.part.read() if self.part else iter(())

    def read(self, num_bytes: int = -1) -> bytes:  # whole or not at all
        """All plain bytes at once; only for files that the caller knows to be small."""
        return b"".join(self.open_plain())

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:  # pieces are segments
        """The plain bytes as a stream."""
        return self.open_plain()

    def close(self) -> None:
        """Drop the part unless it was stored; Django calls this at the end of the request."""
        if self.part:
            self.part.discard()


class _SentNames(MultiPartParser):
    """Django's parser, but file names arrive as sent: the house refuses bad ones aloud instead of mending them."""

    def sanitize_file_name(self, file_name: str) -> str:
        return html.unescape(file_name)


class EncryptingUploadHandler(FileUploadHandler):
    """Writes every file of a request encrypted to a part; aborts without a trace, also when the browser goes away."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._parsing = False
        self._part: store.Part | None = None
        self._fault, self._size = "", 0
        self._limit = MAX_BYTES

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: bytes, encoding: str | None = None
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile]] | None:
        """Let the parser that keeps sent names do the work; whatever breaks it, the open part goes."""
        if self._parsing:
            return None
        self._parsing = True
        try:
            return _SentNames(META, input_data, [self], encoding).parse()
        except BaseException:
            self.upload_interrupted()
            raise

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a part, unless the disk is nearly full (UP-13)."""
        super().new_file(*args, **kwargs)
        self._fault, self._size = "", 0
        user = getattr(self.request, "user", None)
        self._limit = MAX_BYTES if getattr(user, "is_authenticated", True) else MAX_BYTES_OF_STRANGERS
        try:
            if store.is_nearly_full():
                self._fault = "no_space"
            else:
                self._part = store.Part()
        except OSError:
            self._refuse("no_space")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Encrypt the chunk; above the limit or on a full disk drop the part and only swallow the rest."""
        self._size += len(raw_data)
        if self._size > self._limit:
            self._refuse("too_large")
        if self._part:
            try:
                self._part.write(raw_data)
            except OSError:
                self._refuse("no_space")

    def file_complete(self, file_size: int) -> EncryptedUpload:
        """Seal the part and hand the upload to the request."""
        if self._part:
            try:
                self._part.seal()
            except OSError:
                self._refuse("no_space")
        part, self._part = self._part, None
        return EncryptedUpload(
            name=self.file_name or "",
            content_type=self.content_type or "",
            part=part,
            size=self._size,
            fault=self._fault,
        )

    def upload_interrupted(self) -> None:
        """The browser went away: leave nothing."""
        if self._part:
            self._part.discard()
            self._part = None

    def _refuse(self, fault: str) -> None:
        self._fault = self._fault or fault
        self.upload_interrupted()


def upload_of(name: str, content: bytes, content_type: str = "application/octet-stream") -> EncryptedUpload:
    """`content` as an encrypted upload called `name`: for files that no browser sent, taken in like those of one."""
    handler = EncryptingUploadHandler()
    handler.new_file("file", name, content_type, len(content))
    for start in range(0, len(content), 65_536):
        handler.receive_data_chunk(content[start : start + 65_536], start)
    return handler.file_complete(len(content))
