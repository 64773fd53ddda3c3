"""Ask before an act that cannot be taken back: in a dialog, or on a page in between where there is no JavaScript.

`components/ask.html` draws the button with its dialog; the button itself posts the field `ask`, which `@asks` answers
with the page. Both say the same `Question`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

FIELD = "ask"
_NOT_REPEATED = {FIELD, "csrfmiddlewaretoken", "idempotency_key"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `title` names the thing and the sum, `text` the consequence, `label` the act (verb and object).

    `id` is unique on the page. The act posts to `action` (the form's own address when empty) with `name=value`; `back`
    is the page that was left, for who changes their mind without JavaScript. `said` is what another person will read,
    line by line: the page in between shows it before it leaves.
    """

    id: str
    title: str
    text: str
    label: str
    back: str
    keep: str = "Dejarla como está"
    action: str = ""
    name: str = ""
    value: str = ""
    kind: str = "danger"
    said: tuple[str, ...] = ()


def asks(question: Callable[..., Question]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Above `@once_only`: a POST that carries `ask` changes nothing and is answered with the page that asks.

    `question(request, **kwargs)` finds the thing as the view does, so a stranger gets the same 404.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST" or FIELD not in request.POST:
                return view(request, *args, **kwargs)
            asked = question(request, *args, **kwargs)
            skipped = _NOT_REPEATED | {asked.name}
            typed = [(name, one) for name, all_of in request.POST.lists() for one in all_of if name not in skipped]
            context = {"question": asked, "typed": typed, "action": asked.action or request.path, "crumbs": []}
            return render(request, "layouts/ask.html", context)

        return wrapped

    return decorate
