"""What must be on the machine: the virtual environment, Pango, and for the tests a Chromium and what drives it."""

import contextlib
import ctypes
import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .places import PYTHON, ROOT, VENV, Lock, read_json, write_private
from .say import Stop, step, warn

# The first draws pages alone, without the windows that a browser keeps for its user.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


# requirements.lock is an installation's, with servers of its own; the second adds them, the third the tests' tools.
SERVERS, DEV = "requirements-servers.lock", "requirements-dev.lock"
# A lock is complete: what a registry offers today is neither resolved again nor compiled.
FROM_A_LOCK = ("--no-deps", "--require-hashes", "--only-binary", ":all:")

# --- the virtual environment ---------------------------------------------------------------------------------------


def environment(*, dev: bool) -> None:
    """Make .venv what the lock says; a stamp lets the next run skip it. Each lock holds the one before it whole."""
    lock = Lock(ROOT / ".data" / "setup.lock")
    if not lock.take():
        step("Otra orden prepara .venv; se espera")
        if not lock.take(wait=900):
            raise Stop("Otra orden lleva más de 15 minutos preparando .venv. Ciérrala y corre lo mismo.")
    try:
        wanted = DEV if dev else SERVERS
        if _stamp(wanted) not in read_json(VENV / ".cauce.json").get("installed", []) or not _works():
            _make()
            _install(wanted)
            stamps = [_stamp(SERVERS), *([_stamp(DEV)] if dev else [])]
            write_private(VENV / ".cauce.json", {"installed": stamps})
    finally:
        lock.release()


def _stamp(lock: str) -> str:
    content = (ROOT / lock).read_bytes() + repr(sys.version_info[:2]).encode()
    return f"{lock} {hashlib.sha256(content).hexdigest()}"


def _works() -> bool:
    """Whether the environment's Python runs and is of our version (the system's may have been replaced)."""
    try:
        answer = subprocess.run(
            [str(PYTHON), "-c", "import sys, pip; print(sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return answer.stdout.strip() == repr(sys.version_info[:2])


def told_environment() -> str:
    """How .venv is, for a person; a missing, old or broken one is made again by the next command."""
    if not VENV.exists():
        return "no existe; bin/up la hace"
    if not _works():
        return "no sirve con este Python; la próxima orden la hace de nuevo"
    known = read_json(VENV / ".cauce.json").get("installed", [])
    fresh = any(_stamp(lock) in known for lock in (SERVERS, DEV))
    return "al día" if fresh else f"no es la de {SERVERS}; la próxima orden la pone al día"


def _make() -> None:
    if _works():
        return
    system(VENV_MODULE)
    step(f"Se prepara .venv con Python {sys.version.split()[0]}")
    # The Python below any active environment: .venv must not lean on another .venv.
    done = subprocess.run([_base(), "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False)
    if done.returncode or not _works():
        raise Stop(f"No se pudo crear .venv:\n{done.stdout}{done.stderr}".strip())


def _base() -> str:
    return getattr(sys, "_base_executable", "") or sys.executable


def _has_ensurepip() -> bool:
    return subprocess.run([_base(), "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0


def _install(lock: str) -> None:
    step(f"Se instala lo que dice {lock} (una vez; puede tardar unos minutos)")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-compile", *FROM_A_LOCK, "-r", str(ROOT / lock)]
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        why = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise Stop(f"pip no pudo instalar los paquetes. Corre lo mismo para intentarlo otra vez. Dijo:\n{why}")
    # pip compiles one file after the other, nearly as long as it takes to unpack them: here on all cores at once.
    together = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")]
    subprocess.run(together, env=environment, capture_output=True, check=False)


# --- the system's libraries and programs ---------------------------------------------------------------------------


def has_pango() -> bool:
    """Whether WeasyPrint will find Pango."""
    return all(_loads(name) for name in ("pango-1.0", "pangoft2-1.0"))


def _loads(name: str) -> bool:
    brew = ("/opt/homebrew/lib", "/usr/local/lib")
    candidates = [
        f"lib{name}.so.0",
        f"lib{name}.so.1",
        f"lib{name}.0.dylib",
        *(f"{folder}/lib{name}.0.dylib" for folder in brew),
    ]
    if found := ctypes.util.find_library(name):
        candidates.insert(0, found)
    for candidate in candidates:
        with contextlib.suppress(OSError):
            ctypes.CDLL(candidate)
            return True
    return False


def find_chromium() -> str:
    """The path of a Chromium or Chrome, or nothing."""
    if named := os.environ.get("CAUCE_TEST_CHROMIUM"):
        return named if os.access(named, os.X_OK) else ""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    return next((path for path in MAC_BROWSERS if Path(path).exists()), "")


@dataclass(frozen=True)
class Need:
    """Something of the system: how it is called, whether it is there, what brings it."""

    what: str
    is_there: Callable[[], bool]
    debian: tuple[str, ...]
    mac: tuple[str, ...] = ()
    else_debian: tuple[str, ...] = ()  # where no package of the first name is known


VENV_MODULE = Need(
    "el módulo venv de Python",
    lambda: _works() or _has_ensurepip(),
    (f"python{sys.version_info.major}.{sys.version_info.minor}-venv",),
)
PANGO = Need("Pango, que hace los PDF", has_pango, ("libpango-1.0-0", "libpangoft2-1.0-0"), ("pango",))
CHROMIUM = Need(
    "Chromium, que prueba las pantallas",
    lambda: bool(find_chromium()),
    ("chromium-headless-shell",),
    ("--cask", "chromium"),
    ("chromium",),
)
# Playwright talks to Chromium through a node of its own.
ATOMIC = Need("libatomic, que mueve a Chromium", lambda: sys.platform != "linux" or _loads("atomic"), ("libatomic1",))
TO_RUN = (VENV_MODULE, PANGO)
TO_TEST = (*TO_RUN, CHROMIUM, ATOMIC)


def system(*needs: Need) -> None:
    """Each is found, installed where that works without asking, or named: all that is missing in one line."""
    if not (missing := [need for need in needs if not need.is_there()]):
        return
    if may_install():
        step(f"Falta {'; '.join(need.what for need in missing)}. Se instala")
    if sys.platform == "darwin":
        for need in missing:
            brew(list(need.mac))
    elif not apt([name for need in missing for name in need.debian]) and len(missing) > 1:
        for need in missing:  # one unknown name refuses them all
            apt(list(need.debian))
    for need in missing:
        if need.else_debian and not need.is_there() and sys.platform != "darwin":
            apt(list(need.else_debian))
    if missing := [need for need in missing if not need.is_there()]:
        raise Stop(f"Falta {'; '.join(need.what for need in missing)}. {cure(*missing)}")


def cure(*needs: Need) -> str:
    """What a person types, or asks the administrator of the machine to type."""
    if sys.platform == "darwin":
        return "Instálalo con: " + " && ".join(f"brew install {' '.join(need.mac)}" for need in needs if need.mac)
    names = " ".join(name for need in needs for name in need.debian)
    if shutil.which("apt-get"):
        return f"Instálalo, o pídelo a quien administra esta máquina: sudo apt-get install {names}"
    return f"Instálalo con el gestor de paquetes de este sistema (en Debian se llama: {names})."


def apt(packages: list[str]) -> bool:
    """Install with apt where nobody has to be asked: as root, or by sudo without a password."""
    if not shutil.which("apt-get"):
        return False
    rights = [] if os.geteuid() == 0 else _sudo()
    if rights is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    patient = ["-o", "DPkg::Lock::Timeout=120"]  # a machine that was just made often updates itself
    install = [*rights, "apt-get", *patient, "install", "-y", "-q", "--no-install-recommends", *packages]
    for command in (install, [*rights, "apt-get", "update", "-q"], install):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        if command is install and done.returncode == 0:
            return True
    warn(f"apt-get install {' '.join(packages)}: {last_line(done.stderr)}")
    return False


def last_line(words: str) -> str:
    """What a command said last, for a message of one line."""
    return next(iter(words.strip().splitlines()[::-1]), "no dijo por qué")


def may_install() -> bool:
    """Whether a missing package of the system can be installed without asking anybody."""
    if sys.platform == "darwin":
        return bool(shutil.which("brew")) and os.geteuid() != 0
    return bool(shutil.which("apt-get")) and (os.geteuid() == 0 or _sudo() is not None)


def _sudo() -> list[str] | None:
    if not shutil.which("sudo"):
        return None
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if silent else None


def brew(arguments: list[str]) -> bool:
    """Install with Homebrew, which asks nobody; it refuses to run as root."""
    if not shutil.which("brew") or os.geteuid() == 0:
        return False
    return subprocess.run(["brew", "install", "--quiet", *arguments], check=False).returncode == 0
