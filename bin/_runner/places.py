"""Where things are: the checkout, its virtual environment, and one folder of data with its lock."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .say import Stop, say

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# As root, PostgreSQL runs as a user of its own, who may not enter the folders of root: its cluster lives here.
ROOT_STORE = Path("/var/lib/cauce")


@dataclass(frozen=True)
class Data:
    """One folder of data: secrets, files, static files, logs, what is running. Private to its owner."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Data":
        """Make the folder (0700); refuse one that holds something else."""
        folder = folder.expanduser().absolute()
        if folder.is_dir() and not (folder / ".cauce").exists():
            # Keys and files alone are a backup being restored; .data may hold the lock of .venv.
            strange = {one.name for one in folder.iterdir()} - {"secrets.json", "files"}
            if strange and folder != ROOT / ".data":
                raise Stop(f"«{folder}» ya tiene otras cosas. Elige con --data una carpeta vacía o nueva.")
        for made in (folder, folder / "run", folder / "log", folder / "files"):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # .data may stand already, made for the lock of .venv
        (folder / ".cauce").touch()
        return cls(folder)

    @property
    def run(self) -> Path:
        """What is running now: lock, processes, environment."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """One log a process."""
        return self.folder / "log"

    @property
    def bond(self) -> dict[str, str]:
        """The id that this folder and its database both hold (bonds.py); empty before the first start."""
        return dict(read_json(self.folder / "database.json"))

    @property
    def cluster_home(self) -> Path:
        """The folder that holds the PostgreSQL cluster; as root outside of the data, see docs/operations.md."""
        if os.geteuid() != 0:
            return self.folder / "postgres"
        return ROOT_STORE / self.bond.get("id", self.old_home.name)

    @property
    def old_home(self) -> Path:
        """Where root's cluster lay when it was found by a hash of this folder's path."""
        return ROOT_STORE / hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:16]

    @property
    def original(self) -> Path | None:
        """The other folder of the same id that used the cluster last, while it stands: this one is then a copy."""
        own, held = self.bond.get("id"), read_json(self.cluster_home / "holder.json").get("folder")
        if not own or not held or Data(Path(held)).bond.get("id") != own or self.folder.samefile(held):
            return None
        return Path(held)

    def wipe(self) -> None:
        """Throw everything away except the lock that is being held."""
        if self.original is None and (self.bond or self.has_run):  # a copy leaves its original's database alone
            shutil.rmtree(self.cluster_home, ignore_errors=True)
        for entry in self.folder.iterdir():
            if entry.name in {"run", ".cauce"} or entry.name.startswith("test-") or entry.name == "setup.lock":
                continue
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for entry in self.run.iterdir():
            if entry.name != "lock":
                entry.unlink()
        Data.at(self.folder)

    @property
    def lost_its_keys(self) -> bool:
        """Whether this folder was used, or holds files, and its secrets are gone."""
        files = self.has_files and not os.environ.get("VAULT_KEYS")
        return (self.has_run or files) and not (self.folder / "secrets.json").exists()

    @property
    def has_run(self) -> bool:
        """Whether a database was ever started from this folder; inside it, a cluster alone says so."""
        home = self.cluster_home
        if home.is_relative_to(self.folder) and (home / "cluster").exists():
            return True
        return any((self.folder / name).exists() for name in ("portal.json", "log/postgres.log"))

    @property
    def has_files(self) -> bool:
        """Whether encrypted files lie here, in their place or aside."""
        return any(one.is_file() for one in (self.folder / "files").glob("*/*/*/*"))

    def _set_aside(self) -> None:
        """At a new folder's path a cluster of before was another's: nobody has its keys, and nobody destroys it."""
        home = self.old_home
        if os.geteuid() == 0 and not self.bond and (home / "cluster").exists():
            aside = home.with_name(f"{home.name}-{time.strftime('%Y%m%d-%H%M%S')}")
            home.rename(aside)
            say(f"La base de una copia borrada, que estaba en esta misma ruta, queda en «{aside}»; se empieza otra.")

    def secrets(self) -> dict[str, str]:
        """Secrets of this data, made once and kept readable by the owner only."""
        path = self.folder / "secrets.json"
        if path.exists():
            return dict(read_json(path))
        if self.lost_its_keys:
            raise Stop(
                f"Falta «{path}» y la base de datos no se abre sin él. Recupéralo, o empieza de cero con --fresh."
            )
        self._set_aside()
        made = {name: secrets.token_hex(32) for name in ("secret_key", "superuser", "owner", "app", "valkey")}
        made |= {name: b64encode(secrets.token_bytes(32)).decode() for name in ("vault_key", "audit_key")}
        write_private(path, made)
        return made


def packages() -> list[Path]:
    """The product's top-level packages."""
    return sorted(path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")


class Lock:
    """One holder at a time; the kernel lets go of it however the holder dies."""

    def __init__(self, path: Path) -> None:
        """Name the lock's file; its folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: IO[str] | None = None

    def take(self, wait: float = 0) -> bool:
        """Whether it is ours now, after waiting up to `wait` seconds."""
        file = self.path.open("a+")
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= until:
                    file.close()
                    return False
                time.sleep(0.1)
            else:
                self._file = file
                return True

    def release(self) -> None:
        """Let go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read_json(path: Path) -> Any:
    """A file's content, or an empty dict when it is absent or half written."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def write_private(path: Path, content: Any) -> None:
    """Write whole or not at all, readable by the owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def fingerprint(*paths: Path, pattern: str = "**/*") -> str:
    """A hash over names in the checkout, sizes and times of files: what must be redone when it changes."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.glob(pattern)) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                state = file.stat()
                digest.update(f"{os.path.relpath(file, ROOT)}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
