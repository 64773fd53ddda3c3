"""Two databases made once a run and copied by whoever needs one: migrated, and with the demo world in it.

Migrating costs seconds and PostgreSQL copies the result in a fraction of one. Whoever comes first makes it, the other
processes of the run wait for it; whoever leaves last removes it. A copy is its holder's alone: what it does to it
nobody else sees.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
from psycopg2 import sql

from tests.sources import PACKAGES, ROOT

# Which database each one of ours is a copy of: a transactional test is undone by copying it again.
_copied_from: dict[str, str] = {}


def as_owner(statement: str, *names: str) -> None:
    """One statement of the owner's role, asked beside the databases; names stand for `{}`."""
    from django.conf import settings

    address = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    way = psycopg2.connect(
        dbname="postgres",
        user=address["USER"],
        password=address["PASSWORD"],
        host=address["HOST"],
        port=address["PORT"] or None,
    )
    with closing(way):
        way.autocommit = True
        with way.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _stands(name: str) -> bool:
    """Whether there is a database of that name."""
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other process is in a block of the same file."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy(template: str, name: str) -> None:
    """Make the database of that name a copy of the other, whatever stood there."""
    drop(name)
    # File by file, for what is some twenty megabytes: block by block, through the log, takes three times as long.
    as_owner("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
    _copied_from[name] = template


def drop(name: str) -> None:
    """Remove a database, and whoever is in it."""
    as_owner("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _copied_from.pop(name, None)


def copy_again() -> None:
    """Put the database of this process back to what it was copied from: as a flush, and sequences and rows too."""
    from django.db import connection, connections

    name = connection.settings_dict["NAME"]
    connections.close_all()
    copy(_copied_from[name], name)


@contextmanager
def living_in(name: str, files: Path) -> Iterator[None]:
    """This process uses that database and that folder of files, for as long as the block runs."""
    from django.conf import settings
    from django.db import connection, connections

    told, before = connection.settings_dict, (connection.settings_dict["NAME"], settings.DATA_DIR)
    connections.close_all()
    told["NAME"], settings.DATA_DIR = name, files
    try:
        yield
    finally:
        connections.close_all()
        told["NAME"], settings.DATA_DIR = before


@dataclass(frozen=True)
class Run:
    """What the processes of one run share: a folder, and templates whose names begin like all databases of the run.

    `kept` is the migrated template of `--reuse-db`, which outlives the run; its name says which migrations made it.
    """

    folder: Path
    name: str
    kept: str = ""

    @property
    def migrated(self) -> str:
        """The template that only migrations wrote in; made on first use."""
        if self.kept:
            if not _stands(self.kept):
                with _alone(Path(tempfile.gettempdir()) / f"{self.kept}.lock"):
                    if not _stands(self.kept):
                        self._migrate(f"{self.kept}_new")
                        as_owner("ALTER DATABASE {} RENAME TO {}", f"{self.kept}_new", self.kept)
            return self.kept
        self.once(f"{self.name}_migrated", self._migrate)
        return f"{self.name}_migrated"

    @property
    def world(self) -> str:
        """The template with the demo world; its files are `world_files`, what was logged meanwhile `world_log`."""
        self.once(f"{self.name}_loaded", self._load_world)
        return f"{self.name}_loaded"

    @property
    def world_files(self) -> Path:
        """The files of the world; to be copied, never to be worked with."""
        return self.folder / "world-files"

    def world_log(self) -> list[str]:
        """Every line that was logged while the world was made."""
        return list(json.loads((self.folder / "world-log.json").read_text()))

    def once(self, name: str, make: Callable[[str], None]) -> None:
        """Have it made unless a process of this run did; who comes meanwhile waits.

        `name` begins with the run's: a database of that name goes with the run.
        """
        done = self.folder / f"{name}.made"
        if done.exists():
            return
        with _alone(self.folder / f"{name}.lock"):
            if not done.exists():
                make(name)
                done.touch()

    @contextmanager
    def a_world(self, files: Path) -> Iterator[str]:
        """A copy of the world, which this process lives in meanwhile: a database and a folder of its own."""
        from django.db import connection

        template, name = self.world, f"{connection.settings_dict['NAME']}_world"
        copy(template, name)
        shutil.copytree(self.world_files, files)
        try:
            with living_in(name, files):
                yield name
        finally:
            drop(name)

    def _migrate(self, name: str) -> None:
        from django.core.management import call_command

        drop(name)
        as_owner("CREATE DATABASE {}", name)
        with living_in(name, self.folder / "no-files"):
            call_command("migrate", verbosity=0, interactive=False)

    def _load_world(self, name: str) -> None:
        from config.demo import world

        copy(self.migrated, name)
        self.world_files.mkdir()
        with living_in(name, self.world_files), everything_logged() as lines:
            assert world.load()
            _draw_papers()
        (self.folder / "world-log.json").write_text(json.dumps(lines))


def _draw_papers() -> None:
    """Here, once: each portal would first draw these same papers, and whoever waits for one would wait for all."""
    from portal.papers import rendering
    from portal.papers.models import IssuedDocument
    from portal.papers.tasks import render_documents

    while render_documents():
        pass
    rendering.stop()
    assert not IssuedDocument.objects.filter(done_at=None).exists()


# What models say of tables; each row is a text.
DECLARED = """
    SELECT concat_ws(' ', 'column', table_name, column_name, udt_name, character_maximum_length, numeric_precision,
        numeric_scale, is_nullable, column_default, is_identity, is_generated)
    FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL SELECT replace(indexdef, format(' ON %I.', current_schema()), ' ON ')
    FROM pg_indexes WHERE schemaname = current_schema()
"""
# What tables are made of.
SCHEMA = f"""{DECLARED}
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')
    UNION ALL SELECT concat_ws(' ', 'kept as', relkind, relpersistence, relname, relacl)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
"""


def schema(cursor: Any) -> list[str]:
    """Columns, constraints, indexes, triggers, functions and rights of the database that a cursor is in."""
    cursor.execute(SCHEMA)
    return sorted(text for (text,) in cursor.fetchall())


def declared() -> set[str]:
    """Columns, constraints and indexes as our models say them, without a migration: made beside the tables, and gone.

    For a test's transaction, which takes them back.
    """
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA beside")
        cursor.execute("SET LOCAL search_path TO beside, public")
        with connection.schema_editor() as editor:
            for model in (one for one in apps.get_models() if one.__module__.split(".")[0] in PACKAGES):
                editor.create_model(model)
        cursor.execute(DECLARED)
        return {text for (text,) in cursor.fetchall()}


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """The lines that anything logs, at whatever level, with arguments and traceback."""
    import logging

    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    kept, root = Kept(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(kept)
        root.setLevel(level)


def fingerprint() -> str:
    """A few letters that change with what migrations do and load."""
    made = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted([*(ROOT / package).rglob("migrations/*.py"), *(ROOT / package).rglob("shipped.py")]):
            made.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return made.hexdigest()[:12]


@contextmanager
def shared_run(folder: Path, name: str, *, kept: str = "") -> Iterator[Run]:
    """The run that this process is part of; the templates go with the last one that leaves it."""
    run = Run(folder, name, kept)
    with (folder / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield run
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody is still there
        for made in folder.glob("*.made"):
            drop(made.stem)
            made.unlink()
