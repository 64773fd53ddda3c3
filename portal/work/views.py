"""Take a thing, give it back, take it over, say that its page is open. Each leads back to the thing's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal import clock
from portal.access import signed_in
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.work import rules, selectors, services
from portal.work.asked import FIELD, narrowed_by
from portal.work.registry import Queue, queues_for


def _thing(request: HttpRequest, queue: str, pk: UUID) -> tuple[Queue, Model]:
    """The queue and its thing, if this person works on that queue and may see it; anybody else finds nothing."""
    found = selectors.thing_of(queue, pk, user=request.user)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, queue: Queue, thing: Model) -> str:
    """The thing's page, in the filter it was opened from."""
    narrowed = selectors.narrowing(queue, QueryDict(request.POST.get(FIELD, "")))
    address = queue.address(thing)
    return f"{address}?{narrowed}" if narrowed else address


def _refused(problem: RuleBroken, page: str) -> RuleBroken:
    problem.way = ("Volver a la página", page)
    return problem


@signed_in
@require_POST
@once_only("work.take_next")
def take_next(request: HttpRequest) -> HttpResponse:
    """Take what is most urgent and nobody else has, of all queues or of the one that `cola` names."""
    user: Any = request.user
    at, narrowed = clock.now(), narrowed_by(request.POST)
    taken = services.take_first(things=selectors.takeable(user, at=at, narrowed=narrowed), by=user, at=at)
    if taken is not None:
        return redirect(taken[0].address(taken[1]))
    messages.info(request, "No queda nada libre: lo que espera ya lo atiende alguien.")
    own = next((queue for queue in queues_for(user) if queue.name == narrowed.kind), None)
    return redirect(own.list_address if own else "home")


def _ticked(request: HttpRequest) -> list[tuple[Queue, Model]]:
    """The things that were ticked (`cosa`: queue and key), of those that this person may see."""
    found = []
    for name in request.POST.getlist("cosa")[: selectors.OLDEST]:
        queue, _, key = name.partition(":")
        try:
            thing = selectors.thing_of(queue, UUID(key), user=request.user)
        except ValueError:
            continue
        if thing is not None:
            found.append(thing)
    return found


def _back(request: HttpRequest) -> HttpResponse:
    """To the page on which things were ticked."""
    back = request.POST.get("de", "")
    here = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back if here else "home")


@signed_in
@require_POST
@once_only("work.take_several")
def take_several(request: HttpRequest) -> HttpResponse:
    """Take each of the ticked things that nobody else has."""
    things = _ticked(request)
    taken = services.take_several(things=things, by=request.user, at=clock.now())
    if taken:
        messages.success(request, rules.several_text(taken, "Tomaste"))
    if len(things) > taken or not things:
        messages.info(request, rules.left_text(len(things) - taken))
    return _back(request)


@signed_in
@require_POST
@once_only("work.give_back_several")
def give_back_several(request: HttpRequest) -> HttpResponse:
    """Put each of the ticked things that this person has back into its queue."""
    things = _ticked(request)
    returned = services.give_back_several(things=things, by=request.user, at=clock.now())
    if returned:
        messages.success(request, rules.several_text(returned, "Devolviste"))
    else:
        messages.info(request, "No marcaste nada que atiendas tú. Marca lo tuyo y devuélvelo.")
    return _back(request)


@signed_in
@require_POST
@once_only("work.take")
def take(request: HttpRequest, queue: str, pk: UUID) -> HttpResponse:
    """Take it out of its queue."""
    found, thing = _thing(request, queue, pk)
    page = _page(request, found, thing)
    try:
        services.take(queue=found, thing=thing, by=request.user, at=clock.now())
    except RuleBroken as problem:
        raise _refused(problem, page) from None
    return redirect(page)


@signed_in
@require_POST
@once_only("work.give_back")
def give_back(request: HttpRequest, queue: str, pk: UUID) -> HttpResponse:
    """Put it back into its queue."""
    found, thing = _thing(request, queue, pk)
    page = _page(request, found, thing)
    try:
        services.give_back(thing=thing, by=request.user, at=clock.now())
    except RuleBroken as problem:
        raise _refused(problem, page) from None
    messages.success(request, "Lo devolviste a la fila: puede tomarlo otra persona.")
    return redirect(page)


@signed_in
@require_POST
@once_only("work.take_over")
def take_over(request: HttpRequest, queue: str, pk: UUID) -> HttpResponse:
    """Take it from whoever has it, with a reason."""
    found, thing = _thing(request, queue, pk)
    page, reason = _page(request, found, thing), request.POST.get("reason", "")
    try:
        services.take_over(queue=found, thing=thing, reason=reason, by=request.user, at=clock.now())
    except RuleBroken as problem:
        raise _refused(problem, page) from None
    messages.success(request, "Ahora lo atiendes tú.")
    return redirect(page)


@signed_in
@require_POST
def looking(request: HttpRequest, queue: str, pk: UUID) -> HttpResponse:
    """This page is open; who else has it open, in words."""
    _found, thing = _thing(request, queue, pk)
    services.look(thing=thing, by=request.user)
    return JsonResponse({"here": rules.who_is_here(selectors.lookers(thing, request.user))})
