"""What bin/bench measures: one of ours against one of the bare library's, in pairs, on a throw-away database.

Run by bin/bench as a process of its own (it needs Django). Prints a row as `pairs.say` writes it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast


@contextmanager
def throw_away() -> Iterator[None]:
    """A test database with the demo world in it, and a folder of files, both gone afterwards."""
    import django
    from django.conf import settings

    django.setup()
    from django.template import Template
    from django.test.utils import _TestState, get_runner, setup_test_environment, teardown_test_environment

    folder = Path(tempfile.mkdtemp(prefix="cauce-bench-"))
    settings.DATA_DIR = folder
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]  # it has no files here
    setup_test_environment(debug=False)
    drawn, tested = cast("Any", Template), cast("Any", _TestState)
    drawn._render = tested.saved_data.template_render  # tests keep the context of each template, a portal at work none
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
    """The module of each app that costs something: its `MEASURES`, their `GOALS`, and what it measures `LATER`.

    `BY_NAME` are those that take too long to be measured with the others: they are where somebody names them.
    """
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if "\nMEASURES = " in path.read_text(encoding="utf-8"):
            yield import_module(f"tests.bench.{path.stem}")


def _measured(measure: Callable[[], None]) -> bool:
    """One of them; what stops it (a file that a busy machine reads too slowly) is said and stops no other."""
    try:
        measure()
    except (Exception, SystemExit) as problem:
        traceback.print_exc()
        print("failed", measure.__name__, " ".join(str(problem).split())[:200], sep="\t", flush=True)
        return False
    return True


def main() -> None:
    """All of them, or those named; first, for bin/bench, what each row must keep to, last what comes later.

    SystemExit of 1 at the end where one could not be measured.
    """
    wanted = set(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for app in apps():
        for code, goal in app.GOALS.items():
            print("goal", code, *goal, sep="\t", flush=True)
    with throw_away():
        always = [one for app in apps() for one in app.MEASURES]
        named = [*always, *(one for app in apps() for one in getattr(app, "BY_NAME", ()))]
        asked = [one for one in named if one.__name__ in wanted] if wanted else always
        failed = [one.__name__ for one in asked if not _measured(one)]
    for app in apps() if not wanted else ():
        for told in getattr(app, "LATER", ()):
            print("later", *told, sep="\t", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
