"""What a key may look like, what of a request counts as its body, and the sentence of a throttle. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from portal.states import Ball, Machine, Stand

FIELD = "idempotency_key"
HEADER = "Idempotency-Key"
# Longer than an act of ours may take: after it, a killed worker's key may be taken over. What an act does outside its
# transaction says itself how long it may last, and the lock outlives it by this much.
LOCK = timedelta(seconds=60)
KEPT = timedelta(days=7)
THROTTLE_KEPT = timedelta(days=1)
# What changes between two sends of the same form without changing what is asked.
_NOT_THE_BODY = frozenset({FIELD, "csrfmiddlewaretoken"})
_KEY = re.compile(r"[A-Za-z0-9._:-]{8,128}")


class KeyState(StrEnum):
    """Whether the act of a key is under way or done; one that failed leaves no key."""

    RUNNING = "running"
    DONE = "done"


KEY = Machine(
    KeyState,
    {
        KeyState.RUNNING: Stand(label="en curso", tone="info", to=(KeyState.DONE,), ball=Ball.US),
        KeyState.DONE: Stand(label="hecho", tone="ok"),
    },
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the act answered and a repetition answers again: HTTP status, address of a redirect, JSON body."""

    status: int
    location: str = ""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For storage; the status has its own column."""
        return {"location": self.location, "body": self.body, "headers": self.headers}


def is_key(text: str) -> bool:
    """8 to 128 letters, digits or `. _ : -` (a UUID fits)."""
    return _KEY.fullmatch(text) is not None


def hash_bytes(raw: bytes) -> str:
    """SHA-256 (hex) of a body that has one byte form (JSON of the API)."""
    return hashlib.sha256(raw).hexdigest()


def hash_form(
    path: str, fields: Iterable[tuple[str, list[str]]], files: Iterable[tuple[str, str, int | None, str]]
) -> str:
    """SHA-256 (hex) over the address, all fields but key and token, and (field, name, size, sha256) of files."""
    asked = sorted((name, list(values)) for name, values in fields if name not in _NOT_THE_BODY)
    sent = sorted([name, filename, size or 0, digest] for name, filename, size, digest in files)
    return hash_bytes(json.dumps([path, asked, sent], ensure_ascii=True).encode())


def length_of(window: timedelta | int) -> timedelta:
    """A window given as timedelta or as whole seconds."""
    return timedelta(seconds=window) if isinstance(window, int) else window


def window_start(at: datetime, window: timedelta) -> datetime:
    """Start of the fixed window an instant falls in; windows count from 1970 in UTC."""
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=UTC)


def wait_sentence(seconds: int, instead: str = "") -> str:
    """`Hiciste muchos intentos. Espera 5 minutos o recupera tu acceso por correo.`"""
    if seconds < 60:
        amount = f"{seconds} segundo{'' if seconds == 1 else 's'}"
    else:
        minutes = math.ceil(seconds / 60)
        amount = (
            f"{minutes} minuto{'' if minutes == 1 else 's'}" if minutes < 90 else f"{math.ceil(minutes / 60)} horas"
        )
    return f"Hiciste muchos intentos. Espera {amount}{f' o {instead}' if instead else ''}."
