"""Asking the SAT whether a CFDI is still in force: an adapter that is off until an operator connects it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class SatAnswer:
    """What the SAT said; `state` is not_checked while the adapter is off, else active, cancelled or not_found."""

    state: str
    message: str = ""


class Adapter(Protocol):
    """Whoever asks; `seal_tail` is the last eight characters of the Sello (the `fe` of the SAT's query)."""

    def ask(self, *, issuer_rfc: str, receiver_rfc: str, total: str, uuid: str, seal_tail: str) -> SatAnswer:
        """One question, one answer; never inside a request."""
        ...


class Off:
    """The shipped adapter: asks nobody."""

    def ask(self, *, issuer_rfc: str, receiver_rfc: str, total: str, uuid: str, seal_tail: str) -> SatAnswer:
        """Say that nothing was checked."""
        return SatAnswer(NOT_CHECKED, "No se consultó al SAT: la consulta está apagada.")
