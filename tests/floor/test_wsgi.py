"""What gunicorn loads before it forks: everything the first kick needs, and not one open connection (JB-03, N4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.factories.threads import LONG

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import gc, json, socket, sys
import config.wsgi
from portal import queue

sockets = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
known = set(sys.modules)
queue._send("notices")
late = [name for name in set(sys.modules) - known if name.partition(".")[0] in {"celery", "kombu", "redis"}]
print(json.dumps({"sockets": len(sockets), "known": "kombu.transport.redis" in known, "late": sorted(late)}))
"""


def test_the_first_kick_of_a_forked_worker_loads_nothing_and_inherits_no_connection() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True, timeout=LONG
    )
    assert json.loads(told.stdout.splitlines()[-1]) == {"sockets": 0, "known": True, "late": []}
