"""Calls on a file that was read: what it brings, applied or cancelled. An app gives them its own kind's address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission
from portal.api.answers import Answer, Instant, With
from portal.api.calls import Asked, Resource, acts, at, gives, shows
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.history.services import record_export
from portal.imports import rules, selectors, services
from portal.imports.forms import HeadingsForm, TotalsForm
from portal.imports.models import ImportRun, ImportTask
from portal.listing import Link


class Progress(Answer):
    """What is done of a long file right now, and how many rows of it are done; those applied enter all together."""

    act = s.ChoiceField(ImportTask.Act.choices)
    done_rows = s.IntegerField()


class RunTold(Answer):
    """A file or call of one sender: announced and counted totals, what became of its rows; wrong ones count from 1.

    `working`: a long one is still read or applied; ask again. `stuck`: that failed, and whoever mends it was told.
    """

    id = s.UUIDField()
    state = s.ChoiceField(rules.RUN.choices)
    sender = s.CharField(source="sender.name")
    sha256 = s.CharField()
    declared = s.DictField()
    counted = s.DictField()
    agrees = s.BooleanField()
    working = s.BooleanField()
    progress = Progress(allow_null=True)
    stuck = s.BooleanField()
    rows = s.IntegerField()
    new = s.IntegerField()
    unchanged = s.IntegerField()
    skipped = s.IntegerField()
    wrong = s.IntegerField()
    errors = s.ListField(child=s.DictField(), source="told")
    headings = s.DictField()
    read_at = Instant()
    closed_at = Instant(allow_null=True)

    def view(self, found: ImportRun) -> With:
        """As it stands now."""
        run = ImportRun.objects.select_related("sender").get(pk=found.pk)
        task = run.task if run.is_open else None
        stuck = task is not None and task.parked_at is not None
        working = task is not None and not stuck
        return With(run, working=working, progress=task if working else None, stuck=stuck)


# How an act answers that may leave a long run to the drain; `leads` says beside it where the run is asked for.
TOLD: dict[str, Any] = {"answers": RunTold, "later": RunTold, "waits": lambda run: run.is_working}


class RunTotals(TotalsForm):
    """Other control totals; which there are is the kind's to say."""

    takes_more = True

    def clean(self) -> dict[str, Any]:
        """The totals as the layout reads them; an amount that cannot be read is an error at its field."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        try:
            return {"declared": self.layout.typed(typed["rows"], self.amounts)}
        except RuleBroken as problem:
            refuse(self, problem)
            return typed


class RunHeadings(HeadingsForm):
    """Which heading of the file each lacking column is; both are the file's to say."""

    takes_more = True

    def __init__(self, *args: Any, run: ImportRun | None = None, **kwargs: Any) -> None:
        layout: Any = run.spec.layout if run else None
        super().__init__(*args, layout=layout, headings=run.headings if run else {}, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Column → its heading there."""
        typed = super().clean() or self.cleaned_data
        return {"said": dict(typed)}


_TOTALS: dict[str, Any] = {
    "takes": RunTotals,
    "given": lambda _, run: {"layout": run.spec.layout},
    "example": {"rows": 3, "payable": "3900.00"},
}
_HEADINGS: dict[str, Any] = {
    "takes": RunHeadings,
    "given": lambda _, run: {"run": run},
    "example": {"account": "No. de caso"},
}


def _finder(kind: str) -> Callable[..., ImportRun]:
    """What finds a run of one kind: nothing for whoever may not take it in."""

    def find(asked: Asked, pk: UUID) -> ImportRun:
        rows = ImportRun.objects.visible_to(asked.by).select_related("sender", "file")
        return get_object_or_404(rows, pk=pk, kind=kind)

    return find


def _errors_of(find: Callable[..., ImportRun]) -> Callable[..., HttpResponse]:
    """What answers with every error of a run as a file; recorded as the page's is."""

    def errors(asked: Asked, pk: UUID) -> HttpResponse:
        run = find(asked, pk)
        record_export(name=f"import-errors:{run.pk}", model=ImportRun, by=asked.by, at=asked.at)
        response = HttpResponse(selectors.errors_file(run), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="errores.csv"'
        return response

    return errors


def run_calls(
    path: str, name: str, *, kind: str, permission: Permission, read: str, write: str
) -> tuple[Resource, ...]:
    """The resources of an app's runs of one kind below `path`, called `name` and `name_…`; its scopes."""
    find = _finder(kind)
    act: dict[str, Any] = {"scope": write, "permission": permission, "find": find, "thing": "run"}
    long = TOLD | {"leads": Link(f"{kind.partition('.')[0]}:{name}")}
    here = f"{path}<uuid:pk>/"
    return (
        at(here, name, shows(find, "Un archivo leído", scope=read, permission=permission, answers=RunTold)),
        at(f"{here}aplicar/", f"{name}_apply", acts(services.apply_or_ask, "Aplicar un archivo leído", **long, **act)),
        at(
            f"{here}totales/",
            f"{name}_totals",
            acts(services.correct_totals, "Corregir los totales que se anunciaron", answers=RunTold, **_TOTALS, **act),
        ),
        at(
            f"{here}titulos/",
            f"{name}_headings",
            acts(services.say_headings, "Decir qué columna es cada título", **_HEADINGS, **long, **act),
        ),
        at(
            f"{here}cancelar/",
            f"{name}_cancel",
            acts(services.cancel_run, "Cancelar un archivo leído", answers=RunTold, **act),
        ),
        at(
            f"{here}errores/",
            f"{name}_errors",
            gives(
                _errors_of(find), "Los errores de un archivo leído", scope=read, permission=permission, media="text/csv"
            ),
        ),
    )
