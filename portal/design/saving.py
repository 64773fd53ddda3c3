"""One way to save a field and say so: a form with `data-autosave` is posted whenever a field of it was changed.

The script (`js/6-autosave.js`) marks such a request, each with a fresh key; a view that takes it answers `saved(form)`
instead of its page. Without JavaScript the form's own button sends the same fields to the same address.
"""

from __future__ import annotations

from django.forms import BaseForm
from django.http import HttpRequest, JsonResponse

from portal import clock
from portal.design import dates
from portal.errors import UNPROCESSABLE

HEADER = "X-Autosave"


def saves(request: HttpRequest) -> bool:
    """Whether a form was posted by itself, because a field of it was changed."""
    return request.headers.get(HEADER) == "1"


def saved(form: BaseForm, *, status: int = 0, again: bool = False) -> JsonResponse:
    """What the page says of the fields: kept, and since when; or each one that has to be corrected, with its sentence.

    `again`: what else the page shows follows from what was kept, so that it is fetched once more.
    """
    if form.errors:
        wrong = {name: " ".join(map(str, told)) for name, told in form.errors.items()}
        return JsonResponse({"wrong": wrong}, status=status or UNPROCESSABLE)
    said = f"Guardado a las {dates.as_local(clock.now()):%H:%M}. Puedes salir y volver cuando quieras."
    return JsonResponse({"said": said, "again": again})
