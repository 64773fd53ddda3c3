"""Framing: two lengths, a JSON head, raw bytes. Both ends are our own processes."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_LENGTHS = struct.Struct("!IQ")
Message = tuple[dict[str, Any], bytes]
BUSY = "busy"  # why a job ended: it got no processor in its time, and the file did nothing wrong


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    """One message as bytes."""
    encoded = json.dumps(head, ensure_ascii=False).encode()
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


def unpack(message: bytes) -> Message | None:
    """The message in `message`, or None when it is cut short."""
    if len(message) < _LENGTHS.size:
        return None
    head_size, body_size = _LENGTHS.unpack_from(message)
    if len(message) != _LENGTHS.size + head_size + body_size:
        return None
    head = json.loads(message[_LENGTHS.size : _LENGTHS.size + head_size])
    return head, message[_LENGTHS.size + head_size :]


def receive(lane: socket.socket) -> Message | None:
    """The next message of a lane, or None at its end. Raises TimeoutError when the lane has a time limit."""
    lengths = _exactly(lane, _LENGTHS.size)
    if lengths is None:
        return None
    head_size, body_size = _LENGTHS.unpack(lengths)
    head, body = _exactly(lane, head_size), _exactly(lane, body_size)
    return None if head is None or body is None else (json.loads(head), body)


def _exactly(lane: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        piece = lane.recv(min(1 << 20, size - len(received)))
        if not piece:
            return None
        received += piece
    return bytes(received)
