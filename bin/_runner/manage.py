"""bin/manage: Django's commands with the services and secrets of bin/up, started when the portal is not running."""

import contextlib
import os
import sys
from pathlib import Path

from . import ground, install, up
from .places import ROOT, Data, Lock
from .processes import Family, deaf, in_front, stop_on_signals
from .say import Stop, say

# Those that need neither database nor secrets: nothing is started for them (manage.py runs them without settings).
LIGHT = {
    "check-id",
    "reference",
    "match-deposits",
    "imss-path",
    "family-view",
    "settle",
    "claim-auto",
    "match-certificate",
}
# Those that read tables and change nothing: on a fresh copy the tables are made first.
RULE_DESK = {
    "check-file",
    "withhold",
    "elapsed",
    "due",
    "calendars",
    "folio-series",
    "look-alikes",
    "dues",
    "import-movements",
    "claim-clock",
    "claim-files",
    "claim-missing",
}


def run(arguments: list[str]) -> int:
    """`bin/manage [--data DIR] COMMAND …`."""
    folder = ROOT / ".data"
    if arguments[:1] == ["--data"]:
        folder, arguments = Path(*arguments[1:2]), arguments[2:]
    if not arguments:
        say("Uso: bin/manage [--data DIR] ORDEN …   (bin/manage help las enumera)")
        return 2
    stop_on_signals()
    with _words_aside():
        install.environment(dev=False)
    if arguments[0] in LIGHT:
        return _django(dict(os.environ), arguments)
    data = Data.at(folder)
    lock = Lock(data.run / "lock")
    if not lock.take():
        if running := _running(data, lock):
            return _django(running, arguments)
    family = Family(data)
    try:
        with _words_aside():
            addresses = ground.start(data, family)
            environment = ground.at_rest(data, addresses)
            if arguments[0] in RULE_DESK:
                up.migrate(data, environment)
        return _django(environment, arguments)
    finally:
        deaf()
        ground.stop(data, family)
        lock.release()


def _words_aside() -> contextlib.redirect_stdout[object]:
    """What we say of ourselves goes to standard error: standard output belongs to the command."""
    return contextlib.redirect_stdout(sys.stderr)


def _running(data: Data, lock: Lock) -> dict[str, str]:
    """The running portal's environment; or the lock, when who had it lets go."""
    for _ in range(120):
        if known := ground.running(data):
            return known
        if lock.take(wait=0.5):
            return {}
    raise Stop(f"Otra orden usa «{data.folder}» y no termina. Espera a que acabe.")


def _django(environment: dict[str, str], arguments: list[str]) -> int:
    """In the folder of whoever asks, so that the paths they name are theirs."""
    return in_front(ground.manage(*arguments), environment)
