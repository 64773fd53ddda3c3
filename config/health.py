"""Whether the house stands: `/salud/vivo` (the process answers) and `/salud/listo` (it can serve).

Down (503) means that a request would fail: no database, no place for files. Degraded (200) means that something waits
or needs a person: Redis away, a parked row, mail that does not leave, an unsealed record, an unbalanced ledger.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from portal import clock, queue
from portal.access import Permission as P
from portal.access import may, public
from portal.papers.limited import cage

log = logging.getLogger("cauce.health")

LEAST_FREE_BYTES = 500 * 1024**2
REDIS_SECONDS = 0.3
KEPT_IN_ROWS = "portal.notices.mailbox.KeepInRow"
MAIL_LATE_AFTER = timedelta(minutes=15)
ASLEEP_AFTER = timedelta(minutes=3)  # a drain may work for a minute, and others wait for it meanwhile
A_NIGHT_MISSED = timedelta(hours=26)


class AnyHost:
    """Load balancers and containers ask `/salud/` by whatever address they know; no answer there depends on it."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.host = urlsplit(settings.BASE_URL).netloc

    def __call__(self, request: HttpRequest) -> Any:
        """Answer, with our own name in place of the one that was asked for."""
        if request.path.startswith("/salud/"):
            request.META["HTTP_HOST"] = self.host
        return self.get_response(request)


class Level(StrEnum):
    """How one part is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


LEVEL_LABELS = {Level.OK: "Bien", Level.DEGRADED: "Necesita atención", Level.DOWN: "Caído"}
LEVEL_TONES = {Level.OK: "ok", Level.DEGRADED: "warn", Level.DOWN: "error"}


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the house: how it is and what is seen, in Spanish."""

    name: str
    label: str
    level: Level
    text: str

    @property
    def level_label(self) -> str:
        """The level in words."""
        return LEVEL_LABELS[self.level]

    @property
    def tone(self) -> str:
        """The level as a colour of the design."""
        return LEVEL_TONES[self.level]


Seen = tuple[Level, str]


def _database(at: datetime) -> Seen:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Level.OK, "Contesta."


def _disk(at: datetime) -> Seen:
    folder = settings.DATA_DIR if settings.DATA_DIR.is_dir() else settings.DATA_DIR.parent
    if not os.access(folder, os.W_OK):
        return Level.DOWN, "No se puede escribir en la carpeta de archivos."
    free = shutil.disk_usage(folder).free
    level = Level.OK if free >= LEAST_FREE_BYTES else Level.DEGRADED
    return level, f"Quedan {free / 1024**3:,.1f} GB para archivos."


def _redis(at: datetime) -> Seen:
    import redis  # a quarter of a second that every process of the portal would begin with

    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=None
    )
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return Level.DEGRADED, "No contesta: nada se pierde, las tareas esperan a que vuelva."
    finally:
        client.close()
    return Level.OK, "Contesta."


def _queue(at: datetime) -> Seen:
    rows = queue.health(at=at)
    parked, failing = sum(row["parked"] for row in rows), sum(row["failing"] for row in rows)
    if parked or failing:
        return Level.DEGRADED, f"{_parked(parked)} y {failing} con más de un día sin salir."
    return Level.OK, f"{sum(row['waiting'] for row in rows)} en espera."


def _pulse(at: datetime) -> Seen:
    """Who should be at work and was not seen lately. What never ran yet waits for its first time."""
    from config.celery import SCHEDULE  # it needs the settings
    from portal.once.services import last_runs  # models load after this module's registration

    seen = {name: at - run.at for name, run in last_runs().items()}
    for name, words in (("beat", "El reloj (beat)"), ("worker", "El trabajador (worker)")):
        if seen.get(name, timedelta()) > ASLEEP_AFTER:
            return Level.DEGRADED, f"{words} no da señales desde hace {_waited(seen[name])}: mira si corre."
    late = {name: seen[name] for name, when in SCHEDULE.items() if name in seen and seen[name] > _longest(when)}
    if late:
        name = max(late, key=lambda one: late[one])
        return Level.DEGRADED, f"{name} no corre desde hace {_waited(late[name])}: mira la bitácora del trabajador."
    return Level.OK, f"Al día: {len(seen)} vistas." if seen else "Ninguna ha corrido todavía."


def _longest(when: Any) -> timedelta:
    """How long after its last run a task counts as asleep: those of every few seconds, and the nightly ones."""
    return max(ASLEEP_AFTER, 3 * timedelta(seconds=when)) if isinstance(when, float) else A_NIGHT_MISSED


def _files(at: datetime) -> Seen:
    """What the last night found."""
    from portal.once.services import last_runs

    told = {name: run.told for name, run in last_runs().items()}
    if refused := told.get("papers.sweep", {}).get("refused", 0):
        return (
            Level.DEGRADED,
            f"{refused} archivos sin fila: parece otra base. No se movió ninguno; lee «Files without a row».",
        )
    if faults := told.get("papers.verify", {}).get("count", 0):
        return Level.DEGRADED, f"{faults} archivos faltan o cambiaron: corre verify-files y restáuralos."
    return (
        Level.OK,
        "Completos en la última revisión nocturna." if "papers.verify" in told else "Aún sin revisión nocturna.",
    )


def _parked(count: int) -> str:
    return "1 apartada" if count == 1 else f"{count:,} apartadas"


def _waited(time: timedelta) -> str:
    """A waiting time in the unit people would use."""
    for unit, words in ((timedelta(days=1), "días"), (timedelta(hours=1), "horas")):
        if time >= 2 * unit:
            return f"{time // unit} {words}"
    return f"{time // timedelta(minutes=1)} minutos"


def _mail(at: datetime) -> Seen:
    from portal.notices.models import Notice  # models load after this module's registration

    oldest = queue.waiting(Notice, at=at).aggregate(oldest=Min("created_at"))["oldest"]
    if not settings.DEMO and settings.EMAIL_BACKEND == KEPT_IN_ROWS:
        return Level.DEGRADED, "No hay servidor de correo (EMAIL_URL): ningún correo sale."
    now = clock.now()  # notices are written on the product's clock
    if oldest is not None and now - oldest > MAIL_LATE_AFTER:
        return Level.DEGRADED, f"El aviso más antiguo espera desde hace {_waited(now - oldest)}."
    return Level.OK, "Al día."


def _ledger(at: datetime) -> Seen:
    from portal.treasury.selectors import unbalanced_currencies

    wrong = unbalanced_currencies()
    return (Level.DEGRADED, f"No cuadra en {', '.join(wrong)}.") if wrong else (Level.OK, "Cargos y abonos suman cero.")


def _audit(at: datetime) -> Seen:
    from portal.history import selectors

    found = selectors.health(at=at)
    if found["late"]:
        return Level.DEGRADED, f"Hay registros sin sellar desde hace más de un minuto: {found['waiting']}."
    return Level.OK, "Sellada al día."


def _keys(at: datetime) -> Seen:
    return _opened(thorough=False)


def _all_keys(at: datetime) -> Seen:
    return _opened(thorough=True)


def _opened(*, thorough: bool) -> Seen:
    from config import keys

    if closed := keys.what_stays_closed(thorough=thorough):
        return Level.DOWN, f"Falta una llave; no se abren {', '.join(closed)}. {keys.CURE}"
    return Level.OK, "Abren lo guardado."


def _examiner(at: datetime) -> Seen:
    if cage.network_can_be_left():
        return Level.OK, "Los archivos ajenos se abren sin red."
    return Level.DEGRADED, (
        "Los archivos ajenos se abren con red: este sistema no deja quitársela al examinador. "
        "En contenedores lo permite docs/seccomp.json (docker-compose.yml); bin/doctor dice lo mismo de la máquina."
    )


CHECKS: tuple[tuple[str, str, Callable[[datetime], Seen], Level], ...] = (
    # name, label, how to look, what it means when looking itself fails
    ("database", "Base de datos", _database, Level.DOWN),
    ("disk", "Disco", _disk, Level.DOWN),
    ("keys", "Llaves", _keys, Level.DOWN),
    ("redis", "Redis", _redis, Level.DEGRADED),
    ("queue", "Tareas", _queue, Level.DEGRADED),
    ("pulse", "Procesos", _pulse, Level.DEGRADED),
    ("files", "Archivos", _files, Level.DEGRADED),
    ("examiner", "Examinador", _examiner, Level.DEGRADED),
    ("mail", "Correo", _mail, Level.DEGRADED),
    ("ledger", "Libro mayor", _ledger, Level.DEGRADED),
    ("audit", "Auditoría", _audit, Level.DEGRADED),
)


def _tables(at: datetime) -> Seen:
    from django.db.migrations.executor import MigrationExecutor  # only commands ask this

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return Level.DOWN, f"Faltan {waiting} migraciones: corre manage.py migrate con esta versión."
    return Level.OK, "Son las de esta versión."


def _rights(at: datetime) -> Seen:
    """The application's role makes no table and changes no record."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, has_schema_privilege(rolname, 'public', 'CREATE'),"
            " has_table_privilege(rolname, 'history_auditevent', 'UPDATE, DELETE, TRUNCATE')"
            " FROM pg_roles WHERE rolname = current_user"
        )
        too_much = any(cursor.fetchone())
    if too_much:
        return Level.DEGRADED, "DATABASE_URL entra con un papel que puede cambiar tablas: usa el de la aplicación."
    return Level.OK, "La aplicación no cambia tablas ni la auditoría."


# What does not change while a process lives: asked by `manage.py health`, not at every question of a load balancer.
INSTALLED = (
    ("tables", "Tablas", _tables, Level.DOWN),
    ("every_key", "Llaves, una por una", _all_keys, Level.DOWN),
    ("rights", "Papel de la base", _rights, Level.DEGRADED),
)


def look(*, at: datetime, thorough: bool = False) -> list[Check]:
    """Every part as it is now; `at` is real time. A check that breaks is an answer too: it never raises."""
    found = []
    for name, label, see, broken in (*CHECKS, *(INSTALLED if thorough else ())):
        try:
            level, text = see(at)
        except Exception:
            log.exception("health check %s broke", name)
            level, text = broken, "No se pudo comprobar."
        found.append(Check(name, label, level, text))
    return found


def worst(checks: list[Check]) -> Level:
    """The whole is as well as its worst part."""
    levels = {check.level for check in checks}
    return next((level for level in (Level.DOWN, Level.DEGRADED) if level in levels), Level.OK)


@public("El equilibrador de carga pregunta si el proceso contesta; no dice nada más.")
@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; touches nothing."""
    return HttpResponse("vivo\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


@public("El equilibrador de carga pregunta si puede mandar gente; el detalle solo lo ve quien tiene permiso.")
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """200 when it can serve (well or degraded), 503 when not. Details only for who may see the health page."""
    checks = look(at=clock.real_now())
    level = worst(checks)
    answer: dict[str, Any] = {"status": str(level)}
    if level is not Level.DOWN and may(request.user, P.SEE_HEALTH):
        answer["checks"] = [{"name": c.name, "level": str(c.level), "text": c.text} for c in checks]
    response = JsonResponse(
        answer, status=503 if level is Level.DOWN else 200, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "no-store"
    return response
