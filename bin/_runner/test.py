"""bin/test: every test, in parallel, on a PostgreSQL and a Valkey that live as long as the run."""

import os
import subprocess

from . import ground, install
from .places import PYTHON, ROOT, Data, Lock
from .processes import Family
from .say import Stop, step
from .up import _deaf, _stop_on_signals, django


def run(arguments: list[str]) -> int:
    """Arguments go to pytest; without any, the coverage of rules and services is measured too."""
    _stop_on_signals()
    install.environment(dev=True)
    install.pango()
    browser = install.chromium()
    data, lock = _own_folder()
    family = Family(data)
    try:
        addresses = ground.start(data, family, careless=True)
        environment = ground.environment(data, addresses, base_url="http://localhost:8000", demo=True)
        environment |= {"CAUCE_TEST_CHROMIUM": browser, "DATABASE_AS_OWNER": "true"}
        django(environment, "make_static", "--verbosity", "0")
        environment.pop("DJANGO_SETTINGS_MODULE")  # conftest sets it, after saying what is missing
        step(f"pytest con {_workers()} procesos")
        return subprocess.run(_command(arguments), env=environment, cwd=ROOT, check=False).returncode
    except SystemExit as told:
        return int(told.code or 0)
    finally:
        _deaf()
        ground.stop(data, family)
        data.wipe()
        lock.release()


def _command(arguments: list[str]) -> list[str]:
    parallel = ["-n", _workers(), "--dist=worksteal"]
    coverage = [] if arguments else ["--cov", "--cov-config=pyproject.toml", "--cov-report=term-missing:skip-covered"]
    return [str(PYTHON), "-m", "pytest", *parallel, *coverage, *arguments]


def _workers() -> str:
    return str(max(2, min(8, os.cpu_count() or 2)))


def _own_folder() -> tuple[Data, Lock]:
    """The first of a few folders that no other run holds; what a killed run left in it is cleared away."""
    for number in range(1, 9):
        data = Data.at(ROOT / ".data" / f"test-{number}")
        lock = Lock(data.run / "lock")
        if lock.take():
            ground.stop_leftovers(data)
            data.wipe()
            return data, lock
    raise Stop("Ocho corridas de tests a la vez son demasiadas; espera a que acabe una.")
