"""What every process of the portal stands on: PostgreSQL, Valkey and the environment that config/settings.py reads."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from . import postgres, valkey
from .places import PYTHON, ROOT, Data, Lock, read_json, write_private
from .processes import Family, deaf, stop_leftovers
from .say import Stop

DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL")
# What makes a running portal the one it is: bin/manage from another terminal must see the same (a test compares names).
REMEMBERED = (
    *(*DATABASES, "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "VAULT_KEYS", "AUDIT_KEY", "BASE_URL"),
    *("DATA_DIR", "STATIC_DIR", "DEMO", "DEBUG", "ADMIN_ENABLED", "EMAIL_URL", "EMAIL_FROM", "TRUSTED_PROXIES"),
    *("TRUST_DIR", "UNDO_SECONDS", "GATEWAY_URL", "GATEWAY_SECRET"),
)


def start(data: Data, family: Family, *, careless: bool = False) -> dict[str, str]:
    """Start what the environment does not name; answers the addresses."""
    stop_leftovers(data)
    postgres.clean_up(data)
    (data.run / "environment.json").unlink(missing_ok=True)  # of a killed portal: its addresses are nobody's
    addresses = {name: os.environ[name] for name in (*DATABASES, "REDIS_URL") if os.environ.get(name)}
    named = [name for name in DATABASES if name in addresses]
    if len(named) == 1:
        missing = next(name for name in DATABASES if name not in named)
        raise Stop(
            f"{named[0]} está y {missing} no: van las dos (la base migra con una y trabaja con la otra) o ninguna."
        )
    if not named:
        addresses |= postgres.start(data, family, careless=careless)
    if "REDIS_URL" not in addresses:
        addresses |= valkey.start(data, family)
    return addresses


def stop(data: Data, family: Family) -> None:
    """Stop everything of ours and remove the socket folder."""
    family.stop()
    postgres.clean_up(data)
    (data.run / "environment.json").unlink(missing_ok=True)


@contextmanager
def throw_away() -> Iterator[dict[str, str]]:
    """Services of one run, and the environment of the owner of their database; everything is removed at the end."""
    data, lock = _own_folder()
    family = Family(data)
    try:
        addresses = start(data, family, careless=True)
        made = environment(data, addresses, base_url="http://localhost:8000", demo=True)
        # Decisions act at once: whoever wants time to undo asks for it.
        yield made | {"DATABASE_AS_OWNER": "true", "UNDO_SECONDS": "0"}
    finally:
        deaf()
        stop(data, family)
        data.wipe()
        lock.release()


def _own_folder() -> tuple[Data, Lock]:
    """The first of a few folders that no other run holds; what a killed run left in it is cleared away."""
    for number in range(1, 9):
        data = Data.at(ROOT / ".data" / f"test-{number}")
        lock = Lock(data.run / "lock")
        if lock.take():
            stop_leftovers(data)
            data.wipe()
            return data, lock
    raise Stop("Ocho corridas de tests o medidas a la vez son demasiadas; espera a que acabe una.")


def environment(data: Data, addresses: dict[str, str], *, base_url: str, demo: bool) -> dict[str, str]:
    """The whole environment of a Django process: what the person exported wins over what we make up."""
    secrets = data.secrets()
    made = {
        "SECRET_KEY": secrets["secret_key"],
        "VAULT_KEYS": secrets["vault_key"],
        "AUDIT_KEY": secrets["audit_key"],
        "BASE_URL": base_url,
        "DATA_DIR": str(data.folder / "files"),
        "STATIC_DIR": str(data.folder / "static"),
        "DEMO": "true" if demo else "false",
        "PYTHONUNBUFFERED": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    if sys.platform == "darwin":  # where Homebrew puts Pango; Python does not look there by itself
        kept.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib:/usr/lib")
    return {**made, **kept, **addresses, "DJANGO_SETTINGS_MODULE": "config.settings"}


def mark_first(data: Data) -> None:
    """Mark the files of a folder that never stood and holds none: if its first start is cut short, the next goes on."""
    if not (data.folder / "portal.json").exists() and not data.has_files:
        (data.folder / "files" / "first-start").touch()


def remember(data: Data, environment: dict[str, str]) -> None:
    """Leave the running portal's environment to bin/manage; private to the owner, gone when the portal stops.

    What the portal is (its address, a demo or not) stays, for the commands that run while it rests.
    """
    ours = {name: environment[name] for name in REMEMBERED if name in environment}
    write_private(data.run / "environment.json", ours)
    write_private(data.folder / "portal.json", {name: environment[name] for name in ("BASE_URL", "DEMO")})
    (data.folder / "files" / "first-start").unlink(missing_ok=True)


def remembered(data: Data) -> dict[str, str]:
    """That environment, while the portal runs."""
    return dict(read_json(data.run / "environment.json"))


def running(data: Data) -> dict[str, str]:
    """The environment of a command beside the running portal: the portal's own; empty while it does not run."""
    known = remembered(data)
    return environment(data, known, base_url=known["BASE_URL"], demo=is_demo(known)) if known else {}


def at_rest(data: Data, addresses: dict[str, str]) -> dict[str, str]:
    """The environment of a command while the portal rests: what it was the last time.

    A data folder that never ran is a demo, unless its database is somebody else's.
    """
    known = {"BASE_URL": "http://localhost:8000", "DEMO": "false" if os.environ.get("DATABASE_URL") else "true"}
    known |= read_json(data.folder / "portal.json")
    return environment(data, addresses, base_url=known["BASE_URL"], demo=is_demo(known))


def is_demo(environment: dict[str, str]) -> bool:
    """Whether the portal of this environment is a demo, read as config/settings.py reads it."""
    return environment["DEMO"].strip().lower() == "true"


def manage(*arguments: str) -> list[str]:
    """The argument list of a Django command."""
    return [str(PYTHON), str(ROOT / "manage.py"), *arguments]
