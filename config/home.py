"""A role's dashboard: asks each app's selectors what is waiting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.access import public


@public("La portada se ve sin entrar; con sesión lleva al inicio de cada quien.")
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "home/front.html")
