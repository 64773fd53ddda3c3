"""What every process of the portal stands on: PostgreSQL, Valkey and the environment that config/settings.py reads."""

import os
import sys

from . import postgres, valkey
from .places import PYTHON, ROOT, Data, read_json, write_private
from .processes import Family, stop_leftovers
from .say import Stop

DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL")


def start(data: Data, family: Family, *, careless: bool = False) -> dict[str, str]:
    """Start what the environment does not name; answers the addresses."""
    stop_leftovers(data)
    postgres.clean_up(data)
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


def remember(data: Data, environment: dict[str, str]) -> None:
    """Leave the running portal's environment to bin/manage; private to the owner, gone when the portal stops."""
    ours = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "BASE_URL", "DEMO")
    write_private(data.run / "environment.json", {name: environment[name] for name in ours})


def remembered(data: Data) -> dict[str, str]:
    """That environment, while the portal runs."""
    return dict(read_json(data.run / "environment.json"))


def manage(*arguments: str) -> list[str]:
    """The argument list of a Django command."""
    return [str(PYTHON), str(ROOT / "manage.py"), *arguments]
