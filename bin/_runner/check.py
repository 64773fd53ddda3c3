"""bin/check: everything that is judged by reading. Needs no database; steps run two at a time, told in their order."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import install
from .places import PYTHON, ROOT, packages
from .say import Stop, say
from .up import django

# A production environment of the imagination: nothing listens there, nothing is read from there.
PRODUCTION = {
    "DATABASE_URL": "postgres://cauce_app:x@127.0.0.1:9/cauce",
    "DATABASE_OWNER_URL": "postgres://cauce_owner:x@127.0.0.1:9/cauce",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SECRET_KEY": "k7mQ2xV9-tR4wZ8nB1cL5-hJ3fD6gS0pY-aE2uX7iW9oM4-vT8kN5qC1b",
    "VAULT_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "AUDIT_KEY": "HxwdHh8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRo=",
    "BASE_URL": "https://portal.example.com",
    "TRUSTED_PROXIES": "127.0.0.1",
    "EMAIL_URL": "smtps://user:x@mail.example.com:465",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
# What Django, DRF and Celery call: their stubs say less of a request, a form or a task than our views hold to.
OF_THE_ROOF = {"rules", "services", "selectors"}
FACES = {"views", "forms", "tasks", "api", "models", "middleware", "migrations", "management"}
UNTYPED = {
    "portal/calendars/shipped.py",  # holidays of a library without stubs
    "portal/design/charts.py",  # Decimal or float by what a chart draws
    "portal/design/samples.py",  # the catalogue's examples, handed over as they are
    "portal/listing/pdf.py",  # reportlab has no types
    "portal/papers/limited/client.py",  # a server's handles, made anew where it ended
    "portal/papers/upload.py",  # Django's own handler, with the request's stream
    "portal/queue.py",  # rows of whatever room is Claimable
    "portal/resume/keeping.py",  # Django's own reading of a token
}


@dataclass(frozen=True)
class Step:
    """One judgement: its name, its argument list, its environment."""

    name: str
    command: list[str]
    environment: dict[str, str]


def run(arguments: list[str]) -> int:
    """Every step, even after a failure; 1 if any failed. Arguments name the steps to run."""
    known = _steps()
    if stray := [word for word in arguments if not any(word in step.name for step in known)]:
        raise Stop(f"No hay revisión que se llame {', '.join(stray)}. Hay: {', '.join(step.name for step in known)}.")
    install.system(*install.TO_RUN)
    install.environment(dev=True)
    django(_production(), "make_static", "--verbosity", "0")  # settings name its folder; a fresh clone has none yet
    steps = [step for step in known if not arguments or any(word in step.name for word in arguments)]
    failed = []
    with ThreadPoolExecutor(2) as pool:
        for step, (code, words, seconds) in zip(steps, pool.map(_judge, steps), strict=True):
            say(f"{'✗' if code else '✓'} {step.name} ({seconds:.1f} s)")
            if code:
                failed.append(step.name)
                say(words.rstrip())
    say(
        f"{len(steps) - len(failed)} de {len(steps)} revisiones pasan"
        + (f"; fallan: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


def conventions() -> list[str]:
    """The tests that only read: judged here, and left out by a whole `bin/test`."""
    found = sorted(f"tests/{path.name}" for path in (ROOT / "tests").glob("test_conventions*.py"))
    return [*found, "tests/test_floor_words.py", "tests/test_project_files.py"]


def _production() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR", "TERM"}}
    return {**kept, **PRODUCTION, "NO_COLOR": "1"}


def _steps() -> list[Step]:
    production = _production()
    demo = {**production, "BASE_URL": "http://localhost:8000", "DEMO": "true"}
    return [
        # the slowest first
        Step("mypy", _tool("mypy", *_typed_files()), demo),
        Step(
            "conventions",
            _tool(
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                *conventions(),
            ),
            demo,
        ),
        Step("ruff check", _tool("ruff", "check", "."), production),
        Step("ruff format", _tool("ruff", "format", "--check", "."), production),
        Step("templates", [str(PYTHON.with_name("djangofmt")), "--check", "."], production),  # a program, no module
        Step(
            "import contracts",
            [str(PYTHON), "-c", "from importlinter.cli import lint_imports_command as c; c()"],
            production,
        ),
        Step("migrations", _django("makemigrations", "--check", "--dry-run"), demo),
        Step("check --deploy", _django("check", "--deploy", "--fail-level", "WARNING"), production),
        Step("generated docs", _django("make_docs", "--check"), demo),
    ]


def _tool(name: str, *arguments: str) -> list[str]:
    """By module, never by the script beside it: scripts break where the path has a space."""
    return [str(PYTHON), "-m", name, *arguments]


def _django(*arguments: str) -> list[str]:
    # makemigrations would like to compare with a database and only warns that there is none
    return [str(PYTHON), "-W", "ignore::RuntimeWarning", str(ROOT / "manage.py"), *arguments]


def _typed_files() -> list[str]:
    """Every module of a room but its faces; of the roof what decides or reads."""
    found = [path.relative_to(ROOT) for package in packages() for path in package.rglob("*.py")]
    inner = [path for path in found if not FACES & {path.stem, *path.parts[:-1]} and str(path) not in UNTYPED]
    return sorted(str(path) for path in inner if path.parts[0] != "config" or OF_THE_ROOF & {path.stem, *path.parts})


def _judge(step: Step) -> tuple[int, str, float]:
    began = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=step.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, time.monotonic() - began
