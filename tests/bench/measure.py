"""What bin/bench measures: one of ours against one of the bare library's, in pairs, on a throw-away database.

Run by bin/bench as a process of its own (it needs Django). Prints a row as `pairs.say` writes it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType


@contextmanager
def throw_away() -> Iterator[None]:
    """A test database with the demo world in it, and a folder of files, both gone afterwards."""
    import django
    from django.conf import settings

    django.setup()
    from django.test.utils import get_runner, setup_test_environment, teardown_test_environment

    folder = Path(tempfile.mkdtemp(prefix="cauce-bench-"))
    settings.DATA_DIR = folder
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]  # it has no files here
    setup_test_environment(debug=False)
    runner = get_runner(settings)(interactive=False, verbosity=0)
    names = runner.setup_databases()
    try:
        from config.demo import world
        from portal import clock

        world.load()
        clock.register_offset(timedelta)  # the demo's clock is a query a reading that no portal at work makes
        yield
    finally:
        runner.teardown_databases(names)
        teardown_test_environment()
        shutil.rmtree(folder, ignore_errors=True)


def apps() -> Iterator[ModuleType]:
    """The module of each app that costs something: its `MEASURES`, their `GOALS`, and what it measures `LATER`."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if "\nMEASURES = " in path.read_text(encoding="utf-8"):
            yield import_module(f"tests.bench.{path.stem}")


def main() -> None:
    """All of them, or those named; first, for bin/bench, what each row must keep to, last what comes later."""
    wanted = set(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for app in apps():
        for code, goal in app.GOALS.items():
            print("goal", code, *goal, sep="\t", flush=True)
    with throw_away():
        for app in apps():
            for measure in app.MEASURES:
                if not wanted or measure.__name__ in wanted:
                    measure()
    for app in apps() if not wanted else ():
        for told in getattr(app, "LATER", ()):
            print("later", *told, sep="\t", flush=True)


if __name__ == "__main__":
    main()
