"""bin/bench: what the portal costs beside the bare library under it, on this machine, on a throw-away database.

Ratios of one run compare; seconds of two machines do not. Rows are measured in tests/bench/.
"""

import operator
import os
import subprocess

from . import ground, install
from .places import PYTHON, ROOT
from .processes import stop_on_signals
from .say import Stop, say

# Row -> (sign, never worse than, goal of a release). A row without one, or indented below another, only explains.
GOALS = {
    "G4": ("≤", 3.5, 2.2),
    "G6": ("≤", 1.15, 1.05),
    "G7": ("≤", 1.5, 1.2),
    "G8": ("≤", 6.0, 3.0),
    "G10": ("≥", 0.10, 0.2),
    "G11": ("≤", 4.0, 3.0),
    "G14": ("≤", 1.25, 1.1),
    "G16": ("≤", 12.0, 6.0),
    "G17": ("≤", 4.0, 2.0),
    "G18": ("≤", 1.5, 1.2),
    "G30": ("≤", 20.0, 9.0),
    "G31": ("≤", 3.0, 1.5),
    "AD-06": ("≥", 200.0, 200.0),
}
HOLDS = {"≤": operator.le, "≥": operator.ge}
# What the portal does not do yet, or what needs a library that it does not ship: told, so that nobody looks for it.
LATER = (
    ("G1-G3", "corrida de liquidación, su WAL, por bono", "llega con las liquidaciones"),
    ("G5", "xlsxwriter / nuestro Excel", "pide instalar esa biblioteca"),
    ("G9", "página de django-tables2 / la nuestra", "pide instalar esa biblioteca"),
    ("G12-G13", "reporte por periodo, su resumen", "llega con las liquidaciones"),
    ("G15", "estado de cuenta de 200 renglones en PDF", "llega con las liquidaciones"),
    ("G19", "Celery por tarea / cola en lotes", "pide un trabajador aparte; la cola ya va por lotes"),
)
HEAD = f"{'medida':<60} {'medido':>9} {'límite':>9} {'meta':>8} {'ms nuestro':>11} {'ms a secas':>11}"


def run(arguments: list[str]) -> int:
    """Print the table; arguments name some of the measures in tests/bench/measure.py.

    0 unless the measuring itself failed. Nothing is asserted: a busy machine may miss a limit, and the row then says so
    with an exclamation mark.
    """
    stop_on_signals()
    install.environment(dev=False)
    with ground.throw_away() as environment:
        environment |= {"LOG_LEVEL": "ERROR", "CAUCE_TEST_DATABASE": f"bench_{os.getpid()}"}
        return _measured([str(PYTHON), "-m", "tests.bench.measure", *arguments], environment, whole=not arguments)


def _measured(command: list[str], environment: dict[str, str], *, whole: bool) -> int:
    say(HEAD)
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as measuring:
        rows = sum(_row(line) for line in measuring.stdout or ())
    if measuring.returncode or not rows:
        raise Stop("No se pudo medir. Lo que falló está arriba.")
    for code, what, why in LATER if whole else ():
        say(f"{f'{code} {what}':<60} {why}")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    say(f"«!»: fuera del límite. Carga de la máquina por procesador en el último minuto: {load:.1f}.")
    return 0


def _row(line: str) -> bool:
    """Print one measurement; False for a line that is none."""
    parts = line.rstrip("\n").split("\t")
    if len(parts) != 4:
        return False
    name, (measured, ours, bare) = parts[0], map(float, parts[1:])
    sign, limit, goal = GOALS.get(name.split(" ")[0], ("", None, None))
    missed = "!" if limit is not None and not HOLDS[sign](measured, limit) else " "
    bounds = f"{f'{sign} {limit:g}':>8} {f'{sign} {goal:g}':>8}" if limit is not None else " " * 17
    say(f"{name:<60} {measured:>9.2f}{missed}{bounds}" + (f" {ours:>11.2f} {bare:>11.2f}" if ours else ""))
    return True
