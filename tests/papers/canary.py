"""A TCP port that only counts who came."""

from __future__ import annotations

import socket
import threading
from types import TracebackType


class Canary:
    """Listens on loopback; `visits` is how many connections arrived."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self.visits = 0
        self._open = True
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> Canary:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._thread.join(2)
        self._listener.close()

    def _count(self) -> None:
        while self._open:
            try:
                visitor, _address = self._listener.accept()
            except TimeoutError:
                continue
            self.visits += 1
            visitor.close()
