"""The tracer of coverage rests while Django works: nothing that is measured runs in there.

Rules and services are measured, and most of what their tests do is Django's: building queries, reading rows, drawing
templates. A traced interpreter pays for each of those lines too, nearly as much again as the tests themselves.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

# Class -> what of it calls no rule and no service. Saving asks fields for their values, so it is traced on.
QUIET = {
    "django.db.models.query.QuerySet": (
        "_fetch_all",
        "_filter_or_exclude",
        "_chain",
        "aggregate",
        "count",
        "exists",
        "get",
        "first",
        "last",
        "update",
        "delete",
        "order_by",
        "select_related",
        "annotate",
        "values",
        "values_list",
        "in_bulk",
        "iterator",
    ),
    "django.db.models.sql.compiler.SQLCompiler": ("execute_sql",),
    "django.db.models.sql.compiler.SQLInsertCompiler": ("execute_sql",),
    "django.db.models.base.Model": ("refresh_from_db",),
    "django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor": ("__get__",),
    "django.template.base.Template": ("render", "__init__"),
    "django.urls.resolvers.URLResolver": ("resolve", "_reverse_with_prefix", "_populate"),
    "hypothesis.internal.conjecture.data.ConjectureData": ("draw",),
    "pypdf.PdfReader": ("__init__",),
    "pypdf.PageObject": ("extract_text",),
}


def at_rest(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work without the tracer that is active where it is called, if any is."""

    @functools.wraps(work)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        if tracer is None or not hasattr(tracer, "start"):
            return work(*args, **kwargs)
        sys.settrace(None)
        try:
            return work(*args, **kwargs)
        finally:
            tracer.start()  # not `settrace`: that would call it by way of Python, and lose the frames it counts

    return quiet


def rest_where_nothing_is_measured() -> Iterator[None]:
    """Put `at_rest` around all that is `QUIET`, until resumed."""
    import importlib

    with pytest.MonkeyPatch.context() as patch:
        for path, names in QUIET.items():
            module, _, name = path.rpartition(".")
            owner = getattr(importlib.import_module(module), name)
            for one in names:
                patch.setattr(owner, one, at_rest(owner.__dict__[one]))
        yield
