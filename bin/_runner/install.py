"""What must be on the machine: the virtual environment, Pango, and for the tests a Chromium."""

import contextlib
import ctypes
import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .places import PYTHON, ROOT, VENV, Lock, read_json, write_private
from .say import Stop, step, warn

PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


# --- the virtual environment ---------------------------------------------------------------------------------------


def environment(*, dev: bool) -> None:
    """Make .venv what the lock says; a stamp lets the next run skip it. The dev lock holds the other one whole."""
    lock = Lock(ROOT / ".data" / "setup.lock")
    if not lock.take():
        step("Otra orden prepara .venv; se espera")
        if not lock.take(wait=900):
            raise Stop("Otra orden lleva más de 15 minutos preparando .venv. Ciérrala y corre lo mismo.")
    try:
        wanted = _stamp("requirements-dev.lock" if dev else "requirements.lock")
        if wanted not in read_json(VENV / ".cauce.json").get("installed", []) or not _works():
            _make()
            _install("requirements-dev.lock" if dev else "requirements.lock")
            stamps = [_stamp("requirements.lock"), *([_stamp("requirements-dev.lock")] if dev else [])]
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


def _make() -> None:
    if _works():
        return
    step(f"Se prepara .venv con Python {sys.version.split()[0]}")
    _need_ensurepip()
    # The Python below any active environment: .venv must not lean on another .venv.
    base = getattr(sys, "_base_executable", "") or sys.executable
    done = subprocess.run([base, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False)
    if done.returncode or not _works():
        raise Stop(f"No se pudo crear .venv:\n{done.stdout}{done.stderr}".strip())


def _need_ensurepip() -> None:
    if _has_ensurepip():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    step(f"Falta ensurepip; se instala {package}")
    if not (apt([package]) or apt(["python3-venv"])) or not _has_ensurepip():
        raise Stop(f"Falta el módulo venv de Python. Instálalo con: sudo apt-get install {package}")


def _has_ensurepip() -> bool:
    base = getattr(sys, "_base_executable", "") or sys.executable
    return subprocess.run([base, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0


def _install(lock: str) -> None:
    step(f"Se instala lo que dice {lock} (una vez; puede tardar unos minutos)")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "-r", str(ROOT / lock)]
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        why = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise Stop(f"pip no pudo instalar los paquetes. Corre lo mismo para intentarlo otra vez. Dijo:\n{why}")


# --- the system's libraries ----------------------------------------------------------------------------------------


def has_pango() -> bool:
    """Whether WeasyPrint will find Pango."""
    return all(_loads(name) for name in ("pango-1.0", "pangoft2-1.0"))


def _loads(name: str) -> bool:
    brew = ("/opt/homebrew/lib", "/usr/local/lib")
    candidates = [f"lib{name}.so.0", f"lib{name}.0.dylib", *(f"{folder}/lib{name}.0.dylib" for folder in brew)]
    if found := ctypes.util.find_library(name):
        candidates.insert(0, found)
    for candidate in candidates:
        with contextlib.suppress(OSError):
            ctypes.CDLL(candidate)
            return True
    return False


def pango() -> None:
    """Pango is the only system library: found, installed where that works without asking, or named."""
    if has_pango():
        return
    step("Falta Pango; se instala")
    if sys.platform == "darwin":
        brew(["pango"])
    else:
        apt(PANGO)
    if not has_pango():
        how = "brew install pango" if sys.platform == "darwin" else f"sudo apt-get install {' '.join(PANGO)}"
        raise Stop(f"Falta Pango, con el que se hacen los PDF. Instálalo con: {how}")


def find_chromium() -> str:
    """The path of a Chromium or Chrome, or nothing."""
    if named := os.environ.get("CAUCE_TEST_CHROMIUM"):
        return named if os.access(named, os.X_OK) else ""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    return next((path for path in MAC_BROWSERS if Path(path).exists()), "")


def chromium() -> str:
    """The browser of the tests: found, installed where that works without asking, or named."""
    if found := find_chromium():
        return found
    step("Falta Chromium; se instala")
    if sys.platform == "darwin":
        brew(["--cask", "chromium"])
    else:
        apt(["chromium"])
    if found := find_chromium():
        return found
    how = "brew install --cask chromium" if sys.platform == "darwin" else "sudo apt-get install chromium"
    raise Stop(f"Falta Chromium o Chrome, con el que se prueban las pantallas. Instálalo con: {how}")


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
