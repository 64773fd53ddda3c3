"""Support's page of one person: the whole story, read only, opened with a reason; and the way in, mailed again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from config.desk import services, story
from config.desk.forms import StoryForm
from portal import clock
from portal.access import Permission as P
from portal.access import may, requires
from portal.once.decorators import once_only
from portal.people import services as accounts
from portal.people.models import User


@requires(P.SEE_PEOPLE)
@require_http_methods(["GET", "POST"])
@once_only("desk.open_story")
def tell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person's whole story on one page; without a reason of the last half hour, the form that asks for it."""
    user, form, by = get_object_or_404(User, pk=pk), StoryForm(request.POST or None), _user(request)
    if request.method == "POST" and form.is_valid():
        services.open_story(user=user, reason=form.cleaned_data["reason"], by=by, at=clock.now())
        return redirect("desk:story", pk=pk)
    crumbs = [("Personas", reverse("desk:people")), (str(user), reverse("desk:person", args=[pk])), ("Historia", "")]
    context: dict[str, Any] = {"person": user, "form": form, "crumbs": crumbs}
    if not form.is_bound and story.is_open(user, by=by, at=clock.now()):
        told = story.tell(user, at=clock.now(), answers=may(by, P.ANSWER_CONTACTS))
        return render(request, "desk/story.html", context | {"story": told})
    return render(request, "desk/open_story.html", context, status=422 if form.is_bound else 200)


@requires(P.SEE_PEOPLE)
@require_POST
@once_only("desk.send_way_in")
def send_way_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mail the person a new one-time secret, which nobody at the desk sees."""
    user = get_object_or_404(User, pk=pk)
    accounts.send_way_in(user=user, by=_user(request), at=clock.now())
    messages.success(request, "Mandamos el correo a su dirección. La clave que lleva solo la ve esa persona.")
    return redirect("desk:story", pk=pk)


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]
