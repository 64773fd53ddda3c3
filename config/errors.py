"""Error pages with a reference code; none of them needs the database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection is missing or old: say so, nothing was stored."""
    return render(request, "errors/419.html", status=403)
