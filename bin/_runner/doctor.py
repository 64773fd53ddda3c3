"""bin/doctor: what this machine has and lacks. Changes nothing."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

from . import install
from .places import PYTHON, ROOT
from .say import say

Finding = tuple[str, bool, str]
ASK_EXAMINER = (
    "import json; from portal.papers import examiner; print(json.dumps(examiner.isolation_report())); examiner.stop()"
)
GIGABYTE = 1024**3


def run(arguments: list[str]) -> int:
    """One line a thing; 1 when something needed is missing (what is only useful does not count)."""
    missing = 0
    for name, fine, words in _findings():
        say(f"{'✓' if fine else '✗'} {name}: {words}")
        missing += not fine
    say("Esta máquina tiene todo lo necesario." if not missing else f"Faltan {missing} cosas; arriba dice cómo.")
    return 1 if missing else 0


def _findings() -> Iterator[Finding]:
    yield "Python", True, f"{platform.python_version()} en {sys.executable}"
    known = sys.platform in {"linux", "darwin"}
    yield "Sistema", known, f"{platform.system()} {platform.machine()}, {os.cpu_count()} núcleos"
    yield _venv()
    fine = install.has_pango()
    how = f"falta: sudo apt-get install {' '.join(install.PANGO)} (macOS: brew install pango)"
    yield "Pango", fine, "se encuentra" if fine else how
    browser = install.find_chromium()
    yield "Chromium", bool(browser), browser or "falta (solo lo usan los tests): sudo apt-get install chromium"
    yield from _isolation()
    free = shutil.disk_usage(ROOT).free / GIGABYTE
    yield "Disco", free > 2, f"{free:.0f} GB libres" + ("" if free > 2 else "; hacen falta 2")
    fine = os.access("/tmp", os.W_OK)
    yield "Carpeta temporal", fine, "/tmp se puede escribir" if fine else "/tmp no se puede escribir"
    yield "Puerto", True, "8000 está libre" if _is_free(8000) else "8000 está ocupado: ./bin/up --port 8001"
    if os.geteuid() == 0:
        fine = bool(shutil.which("useradd") or shutil.which("adduser"))
        how = "falta useradd: corre como usuario ordinario"
        yield "Usuario de PostgreSQL", fine, "como root corre como «cauce»" if fine else how


def _venv() -> Finding:
    if PYTHON.exists():
        return ".venv", True, "existe"
    if install._has_ensurepip() or (shutil.which("apt-get") and os.geteuid() == 0):
        return ".venv", True, "no existe; bin/up lo hace"
    return ".venv", False, "no existe y falta el módulo venv: sudo apt-get install python3-venv"


def _isolation() -> Iterator[Finding]:
    """The child that reads strangers' files should have no network and little memory: asked from a real one."""
    if not PYTHON.exists():
        yield _can_leave_network()
        return
    done = subprocess.run(
        [str(PYTHON), "-c", ASK_EXAMINER], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    if done.returncode:
        yield "Examinador", False, f"no arranca: {done.stderr.strip().splitlines()[-1:]}"
        return
    # Only the examiner itself is needed: a wall that this system lacks is told, not a fault.
    for number, (name, holds, words) in enumerate(json.loads(done.stdout)):
        yield name.capitalize(), holds or number > 0, words


def _can_leave_network() -> Finding:
    """The same question before there is an environment to ask from."""
    if sys.platform != "linux":
        return "Hijo sin red", True, "este sistema no separa la red de un proceso; en producción usa Linux"
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    tool = shutil.which("unshare")
    done = subprocess.run([tool, *rights, "--net", "true"], capture_output=True, check=False).returncode if tool else 1
    if done == 0:
        return "Hijo sin red", True, "unshare --net funciona"
    return (
        "Hijo sin red",
        True,
        "unshare --net no está permitido aquí; los archivos se leen con los demás límites (memoria, CPU, tiempo)",
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
