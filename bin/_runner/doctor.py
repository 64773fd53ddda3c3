"""bin/doctor: what this machine has and lacks, and how the portal on it is. Changes nothing."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import ground, install
from .places import PYTHON, ROOT, Data
from .say import say

FINE, USEFUL, MISSING = "✓", "·", "✗"
Finding = tuple[str, str, str]
ASK_EXAMINER = (
    "import json; from portal.papers import examiner; print(json.dumps(examiner.isolation_report())); examiner.stop()"
)
GIGABYTE = 1024**3


def run(arguments: list[str]) -> int:
    """One line a thing; 1 when something needed is missing (what is only useful does not count).

    `--data DIR` names the portal that is looked at.
    """
    folder = Path(*arguments[1:2]) if arguments[:1] == ["--data"] else ROOT / ".data"
    marks = []
    for name, mark, words in (*_machine(), *_portal(folder)):
        say(f"{mark} {name}: {words}")
        marks.append(mark)
    if missing := marks.count(MISSING):
        say(f"Mal: {missing}. Lo que falta lleva ✗ y dice cómo se remedia.")
        return 1
    say("Está todo lo necesario." + (" Lo que lleva · conviene atenderlo." if USEFUL in marks else ""))
    return 0


def _machine() -> Iterator[Finding]:
    yield "Python", FINE, f"{platform.python_version()} en {sys.executable}"
    known = sys.platform in {"linux", "darwin"}
    words = f"{platform.system()} {platform.machine()}, {os.cpu_count()} núcleos"
    yield "Sistema", FINE if known else MISSING, words if known else f"{words}: usa Debian, Ubuntu o macOS"
    yield ".venv", FINE, install.told_environment()
    yield from _needs()
    yield from _isolation()
    free = shutil.disk_usage(ROOT).free / GIGABYTE
    yield "Disco", FINE if free > 2 else MISSING, f"{free:.0f} GB libres" + ("" if free > 2 else "; hacen falta 2")
    fine = os.access("/tmp", os.W_OK | os.X_OK)
    yield "Carpeta temporal", *((FINE, "/tmp se puede escribir") if fine else (MISSING, "/tmp no se puede escribir"))
    if os.geteuid() == 0:
        fine = bool(shutil.which("useradd") or shutil.which("adduser"))
        how = "falta useradd: corre como usuario ordinario"
        yield "Usuario de PostgreSQL", *((FINE, "como root corre como «cauce»") if fine else (MISSING, how))


def _needs() -> Iterator[Finding]:
    """What bin/up and bin/test would install by themselves is no fault."""
    for need in install.TO_TEST:
        name = need.what.partition(",")[0].removeprefix("el ")
        name = name[0].upper() + name[1:]
        if need.is_there():
            yield name, FINE, "se encuentra"
        elif install.may_install():
            yield name, USEFUL, f"falta; {'bin/up' if need in install.TO_RUN else 'bin/test'} lo instala"
        else:
            yield name, MISSING if need in install.TO_RUN else USEFUL, f"falta. {install.cure(need)}"


def _isolation() -> Iterator[Finding]:
    """The child that reads strangers' files should have no network and little memory: asked from a real one."""
    if not PYTHON.exists() or not install.has_pango():
        yield _can_leave_network()
        return
    try:
        done = subprocess.run(
            [str(PYTHON), "-c", ASK_EXAMINER], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield "Examinador", MISSING, f"no arranca: {error}"
        return
    if done.returncode:
        yield "Examinador", MISSING, f"no arranca: {install.last_line(done.stderr)}"
        return
    # Only the examiner itself is needed: a wall that this system lacks is told, not a fault.
    for number, (name, holds, words) in enumerate(json.loads(done.stdout)):
        yield name.capitalize(), FINE if holds else USEFUL if number else MISSING, words


def _can_leave_network() -> Finding:
    """The same question before there is an environment to ask from."""
    if sys.platform != "linux":
        return "Hijo sin red", USEFUL, "este sistema no separa la red de un proceso; en producción usa Linux"
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    tool = shutil.which("unshare")
    done = subprocess.run([tool, *rights, "--net", "true"], capture_output=True, check=False).returncode if tool else 1
    if done == 0:
        return "Hijo sin red", FINE, "unshare --net funciona"
    return (
        "Hijo sin red",
        USEFUL,
        "unshare --net no está permitido aquí; los archivos se leen con los demás límites (memoria, CPU, tiempo)",
    )


# --- the portal ------------------------------------------------------------------------------------------------------


def _portal(folder: Path) -> Iterator[Finding]:
    """The data folder, and the portal of it or of the environment: asked the questions of its own health page."""
    data = Data(folder.expanduser().absolute())
    if data.lost_its_keys:
        yield "Datos", MISSING, f"falta «{data.folder / 'secrets.json'}»: sin él la base no se abre. Recupéralo"
        return
    if (data.folder / "secrets.json").exists():
        yield "Datos", FINE, str(data.folder)
    if os.environ.get("DATABASE_URL"):
        environment = dict(os.environ)
    elif known := ground.remembered(data):
        environment = {**os.environ, **known}
    else:
        free = "8000 está libre" if _is_free(8000) else "8000 está ocupado: ./bin/up --port 8001"
        yield "Portal", FINE, f"no corre; el puerto {free}"
        return
    yield from _health({**environment, "DJANGO_SETTINGS_MODULE": "config.settings"})


def _health(environment: dict[str, str]) -> Iterator[Finding]:
    if not PYTHON.exists():
        yield "Portal", USEFUL, "sin .venv no se le puede preguntar cómo está"
        return
    done = subprocess.run(
        ground.manage("health", "--json"), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        yield "Portal", MISSING, install.last_line(done.stderr).removeprefix("✗ ")
        return
    for check in found:
        mark = {"ok": FINE, "degraded": USEFUL}.get(check["level"], MISSING)
        yield check["label"], mark, check["text"]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
