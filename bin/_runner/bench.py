"""bin/bench: what the portal costs beside the bare library under it, on this machine, on a throw-away database.

Ratios of one run compare; seconds of two machines do not. Each app measures its rows in tests/bench/<app>.py, which
says what they must keep to.
"""

import operator
import os
import re
import subprocess

from . import ground, install
from .places import PYTHON, ROOT
from .processes import stop_on_signals
from .say import Stop, say

HOLDS = {"≤": operator.le, "≥": operator.ge}
# What the stories to come measure, until each brings its own module.
LATER = (
    ("G1-G3", "corrida de liquidación, su WAL, por bono", "llega con las liquidaciones"),
    ("G12-G13", "reporte por periodo, su resumen", "llega con las liquidaciones"),
    ("G15", "estado de cuenta de 200 renglones en PDF", "llega con las liquidaciones"),
    ("G19", "Celery por tarea / cola en lotes", "pide un trabajador aparte; la cola ya va por lotes"),
)
WRITE = "--write"
PAGE = ROOT / "docs" / "performance.md"
_TABLE = re.compile(r"(?<=```text\n).*?(?=```)", re.DOTALL)
Goals = dict[str, tuple[str, float, float]]
HEAD = f"{'medida':<60} {'medido':>9} {'límite':>9} {'meta':>8} {'ms nuestro':>11} {'ms a secas':>11}"


def run(arguments: list[str]) -> int:
    """Print the table; arguments name some of the measures in tests/bench, `--write` keeps it in docs/performance.md.

    1 when one of them could not be measured: the others are, and docs/performance.md stays as it was.
    Nothing is asserted: a busy machine may miss a limit, and the row then says so with an exclamation mark.
    """
    stop_on_signals()
    install.environment(dev=False)
    wanted = [name for name in arguments if name != WRITE]
    if wanted != arguments and wanted:
        raise Stop(f"{WRITE} escribe la tabla entera: no va con {wanted[0]}.")
    with ground.throw_away() as environment:
        environment |= {"LOG_LEVEL": "ERROR", "CAUCE_TEST_DATABASE": f"bench_{os.getpid()}"}
        told, failed = _measured([str(PYTHON), "-m", "tests.bench.measure", *wanted], environment, whole=not wanted)
    if failed:
        say(f"No se pudo medir: {', '.join(failed)}. Lo que falló está arriba.")
    if wanted != arguments and failed:
        say(f"{PAGE.relative_to(ROOT)} queda como estaba: la tabla se escribe entera o no se escribe.")
    elif wanted != arguments:
        table = "\n".join([*told, ""])
        PAGE.write_text(_TABLE.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        say(f"Escrito {PAGE.relative_to(ROOT)}")
    return 1 if failed else 0


def _measured(command: list[str], environment: dict[str, str], *, whole: bool) -> tuple[list[str], list[str]]:
    """The lines of the table, each printed as soon as it is measured, and the names of what could not be."""
    goals: Goals = {}
    told, later, failed = [HEAD], [*LATER], list[str]()
    say(HEAD)
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as measuring:
        for line in measuring.stdout or ():
            kind, *rest = line.rstrip("\n").split("\t")
            if kind == "goal" and len(rest) == 4:
                goals[rest[0]] = (rest[1], float(rest[2]), float(rest[3]))
            elif kind == "later" and len(rest) == 3:
                later.append((rest[0], rest[1], rest[2]))
            elif kind == "failed" and len(rest) == 2:
                failed.append(rest[0])
                say(f"{rest[0]:<60} no se pudo medir: {rest[1]}")
            elif row := _row(line, goals):
                told.append(row)
                say(row)
    if (measuring.returncode and not failed) or len(told) == 1:
        raise Stop("No se pudo medir. Lo que falló está arriba.")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    end = [f"{f'{code} {what}':<60} {why}" for code, what, why in later if whole]
    end.append(f"«!»: fuera del límite. Carga de la máquina por procesador en el último minuto: {load:.1f}.")
    for line in end:
        say(line)
    return told + end, failed


def _row(line: str, goals: Goals) -> str:
    """One measurement beside what its app says it must keep to; "" for a line that is none."""
    parts = line.rstrip("\n").split("\t")
    if len(parts) != 4:
        return ""
    name, (measured, ours, bare) = parts[0], map(float, parts[1:])
    sign, limit, goal = goals.get(name.split(" ")[0], ("", None, None))
    missed = "!" if limit is not None and not HOLDS[sign](measured, limit) else " "
    bounds = f"{f'{sign} {limit:g}':>8} {f'{sign} {goal:g}':>8}" if limit is not None else " " * 17
    return f"{name:<60} {measured:>9.2f}{missed}{bounds}" + (f" {ours:>11.2f} {bare:>11.2f}" if ours else "")
