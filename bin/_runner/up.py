"""bin/up: everything on one machine, from nothing to an address. Ctrl-C stops all of it."""

import argparse
import contextlib
import hmac
import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from . import bonds, commands, ground, install, postgres, visit
from .places import PYTHON, ROOT, Data, Lock, fingerprint, packages, read_json, write_private
from .processes import Child, Family, deaf, stop_on_signals
from .say import Stop, say, step, tail, warn

READY_SECONDS = 300  # one that died is told at once: this is for a machine that has much else to do


def run(arguments: list[str]) -> int:
    """Start, tell where, stay until told to stop."""
    options = _parse(arguments)
    began = time.monotonic()
    stop_on_signals()
    install.system(*install.TO_RUN)
    install.environment(dev=False)
    data = Data.at(options.data)
    lock = Lock(data.run / "lock")
    if not lock.take(wait=3):
        other = ground.remembered(data).get("BASE_URL", "")
        if not other:
            raise Stop(f"Otra orden usa «{data.folder}» ahora. Espera a que acabe, o usa otro --data y otro --port.")
        raise Stop(
            f"El portal ya corre con «{data.folder}» en {other}. Una segunda copia lleva otro --data y otro --port."
        )
    family, ready = Family(data), False
    try:
        environment = _start(options, data, family)
        ready = not options.check
        _tell(options, environment, time.monotonic() - began)
        if options.check:
            return visit.everyone(options.port, environment, began)
        while True:
            family.tend()
            time.sleep(0.3)
    except SystemExit as told:  # a signal: the ordinary end of a portal that stood, a failure of one that did not yet
        say("\nSe detiene todo…")
        return 0 if ready else int(told.code or 1)
    finally:
        deaf()
        ground.stop(data, family)
        lock.release()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """What argparse says is English and names its own parts."""
        raise Stop(f"No se entiende «{' '.join(sys.argv[2:])}». {self.prog} --help dice qué se puede pedir.")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="bin/up", description="Arranca el portal completo en esta máquina.")
    parser.add_argument("--port", type=int, default=8000, help="puerto (8000)")
    parser.add_argument("--data", type=Path, default=ROOT / ".data", metavar="DIR", help="carpeta de datos (.data)")
    parser.add_argument("--fresh", action="store_true", help="borra los datos de esa carpeta y empieza de cero")
    parser.add_argument("--no-demo", action="store_true", help="sin mundo de demostración")
    parser.add_argument("--check", action="store_true", help="arranca, entra como cada persona de muestra, y termina")
    return parser.parse_args(arguments)


def _start(options: argparse.Namespace, data: Data, family: Family) -> dict[str, str]:
    """Services, tables, files, demo world, processes, readiness: each waits for the one before."""
    if options.fresh:
        _refuse_fresh_elsewhere()
        ground.stop_leftovers(data)
        step(f"Se borra «{data.folder}»")
        data.wipe()
    ground.mark_first(data)
    addresses = ground.start(data, family)
    if os.environ.get("DATABASE_URL"):
        bonds.identify(data)
        bonds.mark(data, lambda statement: postgres.ask(addresses["DATABASE_OWNER_URL"], statement))
    base_url = os.environ.get("BASE_URL") or f"http://localhost:{options.port}"
    environment = ground.environment(data, addresses, base_url=base_url, demo=True)
    if options.no_demo:
        environment["DEMO"] = "false"
    gateway = _name_gateway(options.port, environment)
    _free(options.port)
    _prepare(data, environment)
    _spawn(options.port, data, family, environment, gateway=gateway)
    _wait_ready(options.port, base_url, data, family)
    ground.remember(data, environment)
    return environment


def _name_gateway(port: int, environment: dict[str, str]) -> int:
    """While the demo is on and nobody named a gateway of cards: the port of the sample one, beside the portal's."""
    if not ground.is_demo(environment) or environment.get("GATEWAY_URL"):
        return 0
    found = _free_beside(port)
    secret = hmac.new(environment["SECRET_KEY"].encode(), b"gateway", "sha256").hexdigest()
    environment |= {"GATEWAY_URL": f"http://localhost:{found}", "GATEWAY_SECRET": secret}
    return found


def _free_beside(port: int) -> int:
    """The next port where it is free, so that it stays the same after a restart; otherwise any."""
    for wanted in (port + 1, 0):
        with socket.socket() as probe, contextlib.suppress(OSError, OverflowError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    return 0


def _refuse_fresh_elsewhere() -> None:
    if os.environ.get("DATABASE_URL"):
        raise Stop("--fresh no borra una base ajena (DATABASE_URL está puesta). Vacíala tú, o quita la variable.")


def _free(port: int) -> None:
    """The port must be ours; workers of a killed portal leave it within seconds."""
    until = time.monotonic() + 6
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except OSError:
                if time.monotonic() > until:
                    raise Stop(f"El puerto {port} está ocupado. Elige otro: ./bin/up --port {port + 1}") from None
        time.sleep(0.2)


def _prepare(data: Data, environment: dict[str, str]) -> None:
    """Tables, static files, demo world. What did not change since the last time is not done again."""
    migrate(data, environment)
    if told := django(environment, "check-start"):
        warn(told)
    seen = fingerprint(ROOT / "static", ROOT / "portal" / "design", ROOT / install.SERVERS)
    seen += environment.get("DEBUG", "")  # with it the files keep their names, without it they carry a hash
    stamp = data.folder / "static.json"
    if read_json(stamp).get("made") != seen or not (data.folder / "static").is_dir():
        step("Se preparan los archivos estáticos")
        django(environment, "make_static", "--verbosity", "0")
        django(environment, *commands.collect_static(), "--clear", "--verbosity", "0")
        write_private(stamp, {"made": seen})
    if ground.is_demo(environment):
        step("Se prepara el mundo de la demostración")
        django(environment, "load_demo", "--verbosity", "0")


def migrate(data: Data, environment: dict[str, str]) -> None:
    """Migrate, unless it is our own cluster and no migration changed since."""
    own = not os.environ.get("DATABASE_URL")
    stamp = data.cluster_home / "migrated.json"  # lives and goes with the cluster it speaks of
    seen = fingerprint(ROOT / install.SERVERS, *_migrations()) + environment["DEMO"]  # the demo has a table too
    if not own or read_json(stamp).get("migrations") != seen:
        step("Se migra la base de datos")
        django(environment | {"DATABASE_AS_OWNER": "true"}, "migrate", "--no-input", "--verbosity", "0")
    if own:
        write_private(stamp, {"migrations": seen})


def _migrations() -> list[Path]:
    return [path for package in packages() for path in sorted(package.rglob("migrations/*.py"))]


def django(environment: dict[str, str], *arguments: str) -> str:
    """Run one Django command; what it answered on standard output. Fails with all of its words."""
    done = subprocess.run(
        ground.manage(*arguments), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stop(f"manage.py {arguments[0]} falló:\n{(done.stdout + done.stderr).strip()[-4000:]}")
    return done.stdout.strip()


def _spawn(port: int, data: Data, family: Family, environment: dict[str, str], *, gateway: int) -> None:
    def child(name: str, arguments: list[str]) -> Child:
        command = [str(PYTHON), *arguments]
        return Child(name=name, command=command, environment=environment, log=data.log / f"{name}.log", folder=ROOT)

    shared = Path("/dev/shm")  # gunicorn's heartbeat files: never on a disk that may stall
    memory = ["--worker-tmp-dir", str(shared)] if os.access(shared, os.W_OK) else []
    family.add(child("web", [*commands.web(f"127.0.0.1:{port}"), *memory]))
    family.add(child("worker", commands.worker()))
    if gateway:
        family.add(child("gateway", commands.gateway(gateway)))
    family.add(child("beat", commands.beat(str(data.run / "beat-schedule"))))


def _wait_ready(port: int, base_url: str, data: Data, family: Family) -> None:
    web = next(one for one in family.children if one.name == "web")
    until = time.monotonic() + READY_SECONDS
    status = 0
    while time.monotonic() < until and web.alive:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status = visit.get(port, "/salud/listo", base_url)
            if status == 200:
                return
        time.sleep(0.05)
    why = f"contesta {status}" if status else "no contesta"
    raise Stop(f"El portal {why}. Bitácora ({web.log}):\n{tail(web.log, 30)}")


def _tell(options: argparse.Namespace, environment: dict[str, str], seconds: float) -> None:
    address = environment["BASE_URL"]
    say(f"\nCauce está listo en {address}  ({seconds:.1f} s)")
    if ground.is_demo(environment):
        for person in visit.people(environment):
            say(f"  {person.get('name', person['slug'])}: {person.get('role', '')}  →  {address}/_demo/")
        say(f"Buzón de los correos: {address}/_demo/buzon/   Reloj: {address}/_demo/")
    say(f"Datos y bitácoras: {options.data}   Ctrl-C detiene todo.\n")
