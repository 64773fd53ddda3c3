"""Reads of imports: a run's page, its wrong rows as people and files read them, the template of a kind."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from portal.design.detailing import Told, told_of
from portal.history.selectors import timeline
from portal.imports import reading, registry, rules
from portal.imports.models import ImportRun, ImportTask
from portal.imports.rules.tables import each_row
from portal.states import BALL_LABELS, Ball

if TYPE_CHECKING:
    from portal.imports.registry import ImportSpec
    from portal.people.models import User

SHOWN = 10  # rows of a preview
LISTED = 200  # errors on a page; the file has them all
_BOM = "\ufeff"  # Excel reads accents only with it


def visible_files(user: User) -> Q:
    """Files of the imports that this person may take in."""
    return Q(pk__in=ImportRun.objects.visible_to(user).exclude(file=None).values("file"))


def wrong_rows(run: ImportRun) -> list[tuple[int, str, str]]:
    """(row, column, what to correct) as a page shows them: the spreadsheet's row of a file, the place in a call."""
    layout = run.spec.layout
    rows = [(one["sheet_row"] or one["row"], layout.heading(one["field"]), one["message"]) for one in run.errors]
    return sorted(rows, key=lambda row: row[0])


def errors_file(run: ImportRun) -> bytes:
    """Every error of a run as CSV; rows count from 1 below the heading, like in the API."""
    layout = run.spec.layout
    rows = sorted(run.errors, key=lambda one: int(one["row"]))
    told = [(one["row"], layout.heading(one["field"]), one["message"]) for one in rows]
    return _csv([("renglón (sin encabezado)", "columna", "qué corregir"), *told])


def template_file(spec: ImportSpec) -> bytes:
    """The headings of a kind as an empty CSV."""
    return _csv([[one.heading for one in spec.layout.fields]])


def _csv(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return (_BOM + out.getvalue()).encode()


def first_rows(run: ImportRun) -> tuple[list[str], list[tuple[int, list[tuple[str, str]]]]]:
    """Headings and the first rows of a run's file as they were written: the spreadsheet's row, (heading, cell)…"""
    layout = run.layout
    if run.file is None or run.headings or not run.file.is_readable:
        return [], []
    content = reading.kept_content(run.file, layout, only=SHOWN)
    rows = [row for row, _wrong in islice(each_row(content, layout.fields, max_rows=layout.max_rows), SHOWN)]
    shown = [one for one in layout.fields if any(row.cells.get(one.name) for row in rows)]
    return (
        [one.heading for one in shown],
        [(row.sheet_row, [(one.heading, row.cells.get(one.name, "")) for one in shown]) for row in rows],
    )


def run_page(run: ImportRun) -> dict[str, Any]:
    """Context of imports/run.html, but for the form of its totals."""
    spec, state = run.spec, rules.RunState(run.state)
    layout = spec.layout
    headings, rows = first_rows(run)
    wrong = wrong_rows(run)
    declared, counted = layout.from_json(run.declared), layout.from_json(run.counted)
    stands = standing(run)
    return {
        "run": run,
        "told": Told(BALL_LABELS[Ball.US]) if stands["working"] or stands["stuck"] else told_of(rules.RUN.at(state)),
        "title": spec.title,
        "state": (rules.RUN.label(state), rules.RUN.tone(state)),
        "whole": run.is_whole,
        **stands,
        "declared": layout.told(declared),
        "counted": layout.told(counted),
        "headings": headings,
        "shown": rows,
        "wrong": wrong[:LISTED],
        "more_wrong": max(0, len(wrong) - LISTED),
        "refused": state == rules.RunState.REFUSED,
        "again": reverse(spec.start) if state in {rules.RunState.REFUSED, rules.RunState.CANCELLED} else "",
        "done": spec.done(run) if state == rules.RunState.APPLIED else "",
        "facts": [
            ("Quién lo manda", run.sender.name),
            ("Archivo", run.file.display_name if run.file else "Por API"),
            ("Anunciado", layout.told(declared)),
            ("Llegó", layout.told(counted)),
            ("Nuevos", f"{run.new:,}"),
            ("Ya estaban", f"{run.unchanged:,}"),
            *([("Se saltan", f"{run.skipped:,}")] if run.skipped else []),
            ("Con error", f"{run.wrong:,}"),
        ],
        "crumbs": [(spec.title, reverse(spec.start)), ("Archivo leído", "")],
    }


def standing(run: ImportRun) -> dict[str, Any]:
    """What can be done now, what the drain does, and why it did not read or apply a long run.

    Why it was not done is said until somebody changes the run: the refusal is the last act that is recorded of it.
    """
    task = run.task if run.is_open else None
    waits = run.is_open and task is None
    last = run.tasks.exclude(refused="").order_by("-pk").first()
    why = last.refused if last else ""
    stands = bool(why) and waits and timeline(run).values_list("action", flat=True).last() == "imports.refused"
    title = "No se pudo leer así" if last and last.act == ImportTask.Act.READ else "No se aplicó"
    return {
        "may_apply": waits and run.agrees,
        "disagrees": waits and not run.agrees and not run.headings,
        "foreign": run.headings.get("foreign", ()) if waits else (),
        "working": _working(run, task) if task and not task.parked_at else {},
        "stuck": _stuck(task) if task and task.parked_at else {},
        "unread": why if run.state == rules.RunState.REFUSED else "",
        "not_done": {"title": title, "text": why} if stands else {},
    }


def _working(run: ImportRun, task: ImportTask) -> dict[str, Any]:
    """What the drain does of a long run, how far it is, and what comes next."""
    if task.act == ImportTask.Act.READ:
        done = f"Van {task.done_rows:,} renglones." if task.done_rows else "Empieza en unos segundos."
        return {
            "title": "Estamos leyendo el archivo",
            "text": f"{done} Puedes irte: te avisamos cuando esté leído. Después lo revisas y lo aplicas aquí.",
        }
    return {
        "title": f"Estamos aplicando {run.new:,} renglones",
        "text": "Entran todos juntos o ninguno. Puedes irte: te avisamos cuando termine.",
    }


def _stuck(task: ImportTask) -> dict[str, Any]:
    """What is said of a long run that failed and was parked: the health page tells who mends it."""
    read = task.act == ImportTask.Act.READ
    done = "lea" if read else "aplique"
    told = f"Ya avisamos a quien lo arregla, y a ti te avisamos cuando se {done}."
    return {
        "title": "No pudimos leer el archivo" if read else "No pudimos aplicar el archivo",
        "text": f"No entró ningún renglón. {told} También puedes cancelarlo y subirlo otra vez.",
    }


def waiting(user: User, kind: str) -> list[ImportRun]:
    """Files of a kind that were read and wait to be applied or cancelled, newest first; the last 20."""
    rows = ImportRun.objects.visible_to(user).filter(kind=kind, state=rules.RunState.READ)
    return list(rows.select_related("sender", "file", "read_by").order_by("-read_at", "-pk")[:20])


def spec_for(user: User, kind: str) -> ImportSpec | None:
    """The spec of a kind that this person may take in, else None."""
    return registry.spec_of(kind) if kind in registry.kinds_for(user.permissions) else None
