"""bin/test: every test, in parallel, on a PostgreSQL and a Valkey that live as long as the run."""

import os

from . import ground, install
from .check import conventions
from .places import PYTHON, ROOT
from .processes import in_front, stop_on_signals
from .say import step
from .up import django


def run(arguments: list[str]) -> int:
    """Arguments go to pytest; without any, every line and branch of rules and services must run too.

    What only reads the sources is judged by `bin/check`, once: a run without arguments leaves it out.
    """
    stop_on_signals()
    install.system(*install.TO_TEST)
    install.environment(dev=True)
    with ground.throw_away() as environment:
        environment |= {"CAUCE_TEST_CHROMIUM": install.find_chromium()}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # some hundred processes would each compile all they import
        django(environment, "make_static", "--verbosity", "0")
        environment.pop("DJANGO_SETTINGS_MODULE")  # conftest sets it, after saying what is missing
        step(f"pytest con {_workers()} procesos")
        return in_front(_command(arguments), environment, ROOT)


def _command(arguments: list[str]) -> list[str]:
    parallel = ["-n", _workers(), "--dist=worksteal"]
    whole = [] if arguments else ["-p", "tests.measuring", *(f"--ignore={path}" for path in conventions())]
    return [str(PYTHON), "-m", "pytest", *parallel, *whole, *arguments]


def _workers() -> str:
    """Four more than there are cores: for whoever waits for a browser, for an accident's end or for the database.

    With two more, a fifth of two cores' time was nobody's. And one for each part of the long tests that
    `tests/conftest.py` deals out, so that those which wait most run beside those that wait for nothing.
    """
    return str(max(6, min(8, (os.cpu_count() or 2) + 4)))
