"""Uploads that are refused cost the machine most: so many an hour and person, then a pause (UP-13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from portal import clock
from portal.design import answers
from portal.errors import TooMany
from portal.once.services import Allowance, give_back, take
from portal.people import selectors
from portal.people.models import User

REFUSED, WINDOW = 120, 3600  # tries an hour and person


class RefusedUploads:
    """Counts a form with files before it is judged, and gives it back when the files were taken."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """429 with Retry-After above the limit, before the examiner looks at a byte."""
        if request.method != "POST" or (user := _sender(request)) is None or not request.FILES:
            return self.get_response(request)
        try:
            taken = take(Allowance("papers.refused", str(user.pk), REFUSED, WINDOW), instead="revisa tus archivos")
        except TooMany as refused:
            return answers.rule_broken(request, refused)
        response = self.get_response(request)
        if response.status_code < 400:
            give_back(taken=taken)
        return response


def _sender(request: HttpRequest) -> User | None:
    """Who sends: in the API whoever its credential acts for, if it has one; else of the session."""
    header = request.headers.get("Authorization", "") if answers.is_api(request) else ""
    if not header:
        user: Any = request.user
        return user if user.is_authenticated else None
    if request.content_type != "multipart/form-data":  # nothing to count: the credential is read once, by the API
        return None
    token = selectors.token_in(header, at=clock.real_now())
    return token.user if token else None
