"""Files that no browser sent: made here, taken in through the very upload handler of the portal."""

from __future__ import annotations

from portal.papers.upload import EncryptedUpload, EncryptingUploadHandler


def upload_of(name: str, content: bytes, content_type: str = "application/octet-stream") -> EncryptedUpload:
    """`content` as an encrypted upload called `name`."""
    handler = EncryptingUploadHandler()
    handler.new_file("file", name, content_type, len(content))
    for start in range(0, len(content), 65_536):
        handler.receive_data_chunk(content[start : start + 65_536], start)
    return handler.file_complete(len(content))
