"""What billing's views share: what was chosen, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.forms import Form
from django.http import Http404

from billing.selectors.parts import Context, checklist
from portal.errors import UNPROCESSABLE, Level, RuleBroken


def uuids(values: Iterable[str]) -> list[UUID]:
    """Identifiers chosen in a form; what is not one is 404, like an order of somebody else."""
    try:
        return [UUID(value) for value in values]
    except ValueError as error:
        raise Http404 from error


def status_of(form: Form) -> int:
    """422 for a form that came back with errors, 200 otherwise."""
    return UNPROCESSABLE if form.is_bound and form.errors else 200


def problem_of(problem: RuleBroken) -> Context:
    """A refusal with what the file does pass, for the same page again."""
    title = "No guardamos tus archivos" if getattr(problem, "is_of_both", False) else "No guardamos este archivo"
    return {
        "problem": problem,
        "title": title,
        "checklist": checklist(getattr(problem, "checklist", []), bad=Level.ERROR),
    }
