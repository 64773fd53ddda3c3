"""bin/bench: what the portal costs beside the bare library under it, on this machine, on a throw-away database.

Ratios of one run compare; seconds of two machines do not. Each app measures its rows in tests/bench/<app>.py, which
says what they must keep to.
"""

import operator
import os
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
Goals = dict[str, tuple[str, float, float]]
HEAD = f"{'medida':<60} {'medido':>9} {'límite':>9} {'meta':>8} {'ms nuestro':>11} {'ms a secas':>11}"


def run(arguments: list[str]) -> int:
    """Print the table; arguments name some of the measures in tests/bench.

    0 unless the measuring itself failed. Nothing is asserted: a busy machine may miss a limit, and the row then says so
    with an exclamation mark.
    """
    stop_on_signals()
    install.environment(dev=False)
    with ground.throw_away() as environment:
        environment |= {"LOG_LEVEL": "ERROR", "CAUCE_TEST_DATABASE": f"bench_{os.getpid()}"}
        return _measured([str(PYTHON), "-m", "tests.bench.measure", *arguments], environment, whole=not arguments)


def _measured(command: list[str], environment: dict[str, str], *, whole: bool) -> int:
    goals: Goals = {}
    rows, later = 0, [*LATER]
    say(HEAD)
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as measuring:
        for line in measuring.stdout or ():
            kind, *told = line.rstrip("\n").split("\t")
            if kind == "goal" and len(told) == 4:
                goals[told[0]] = (told[1], float(told[2]), float(told[3]))
            elif kind == "later" and len(told) == 3:
                later.append((told[0], told[1], told[2]))
            else:
                rows += _row(line, goals)
    if measuring.returncode or not rows:
        raise Stop("No se pudo medir. Lo que falló está arriba.")
    for code, what, why in later if whole else ():
        say(f"{f'{code} {what}':<60} {why}")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    say(f"«!»: fuera del límite. Carga de la máquina por procesador en el último minuto: {load:.1f}.")
    return 0


def _row(line: str, goals: Goals) -> bool:
    """Print one measurement beside what its app says it must keep to; False for a line that is none."""
    parts = line.rstrip("\n").split("\t")
    if len(parts) != 4:
        return False
    name, (measured, ours, bare) = parts[0], map(float, parts[1:])
    sign, limit, goal = goals.get(name.split(" ")[0], ("", None, None))
    missed = "!" if limit is not None and not HOLDS[sign](measured, limit) else " "
    bounds = f"{f'{sign} {limit:g}':>8} {f'{sign} {goal:g}':>8}" if limit is not None else " " * 17
    say(f"{name:<60} {measured:>9.2f}{missed}{bounds}" + (f" {ours:>11.2f} {bare:>11.2f}" if ours else ""))
    return True
