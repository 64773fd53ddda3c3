"""The auditor's pages: everything recorded, whether the chain holds, and who holds roles that conflict."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from claims.listings import DIFFERING
from config.desk import auditing, words
from config.desk import dossier as dossiers
from config.desk.forms import DossierForm
from config.desk.listings import CHANGED_AND_PAID, CONFLICTING, EVENTS, READINGS, SAMPLE, UNDONE, UNTASKED, SampleFilter
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design import dates
from portal.history import selectors
from portal.history.models import AuditEvent
from portal.listing import Listing, answer, search
from portal.listing.selection import count_of


@requires(P.SEE_AUDIT)
@require_GET
def readings(request: HttpRequest) -> HttpResponseBase:
    """Who read a file, took a list away or asked for what is not theirs, newest first; as a file with `formato`."""
    return answer(request, READINGS, "desk/readings.html")


@requires(P.SEE_AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """The record, newest first; as a file with `formato`; the whole chain is walked with `verificar=1`."""
    return answer(request, EVENTS, "desk/audit.html", lambda _page: _chain(request))


@requires(P.SEE_AUDIT)
@require_GET
def conflicts(request: HttpRequest) -> HttpResponseBase:
    """Who holds roles today that the table of conflicts does not let go together, and why; as a file with `formato`."""
    return answer(request, CONFLICTING, "desk/conflicts.html")


def _chain(request: HttpRequest) -> dict[str, Any]:
    """Whether the record is whole: not asked for a file, which may be long in coming already."""
    real = clock.real_now()
    return {
        "chain": selectors.health(at=real),
        "report": selectors.verify(at=real) if request.GET.get("verificar") == "1" else None,
    }


@requires(P.SEE_AUDIT)
@require_GET
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One act: who did it, as what, on what, what it changed, and what the same thing had before and after."""
    found = get_object_or_404(selectors.events(), pk=pk)
    before, after = auditing.around(found)
    folio = search.folio_of(found.subject_type, found.subject_id)
    context = {
        "opens": search.folio_address(folio) if folio and search.page_of(request.user, folio) else "",
        "folio": folio,
        "event": found,
        "title": words.act(found.action),
        "facts": [
            ("Cuándo", dates.instant(found.at)),
            ("Quién", str(found.by) if found.by else "El sistema"),
            ("Con qué permiso", words.roles(found.acting_as)),
            ("Sobre qué", f"{words.thing(found.subject_type)} {found.subject_id}"),
            ("Motivo", found.reason),
            ("Dirección", found.ip or ""),
        ],
        "changes": auditing.changes(found),
        "before": _neighbour(before),
        "after": _neighbour(after),
        "of_the_thing": f"{reverse('desk:audit')}?{urlencode({'buscar': found.subject_id})}",
        "crumbs": [("Auditoría", reverse("desk:audit")), (words.act(found.action), "")],
    }
    return render(request, "desk/act.html", context)


def _neighbour(event: AuditEvent | None) -> tuple[str, str, str] | None:
    if event is None:
        return None
    return words.act(event.action), dates.instant(event.at), reverse("desk:act", args=[event.pk])


@requires(P.SEE_AUDIT)
@require_GET
def exceptions(request: HttpRequest) -> HttpResponse:
    """What is out of the ordinary: a line for each kind, with how many there are and the list of them."""
    since = clock.today() - LOOKED_BACK
    context = {
        "lines": [_line(request, listing, said, name, since) for listing, said, name in EXCEPTIONS],
        "crumbs": [("Auditoría", reverse("desk:audit")), ("Excepciones", "")],
    }
    return render(request, "desk/exceptions.html", context)


def _line(request: HttpRequest, listing: Listing, said: str, name: str, since: date) -> tuple[str, str, int, str, str]:
    """Its title, what it is, how many of what, and their list: of the last 90 days where the list knows days."""
    title, href, one_or_many = listing.title, reverse(name), listing.nouns
    if listing.filters is None or "desde" not in listing.filters.base_filters:
        count = listing.rows(request.user).count()
    else:
        query = urlencode({"desde": since.isoformat()})
        count = count_of(listing, request.user, query)
        title, href = f"{title}, últimos {LOOKED_BACK.days} días", f"{href}?{query}"
    return title, said, count, one_or_many[count != 1], href


LOOKED_BACK = timedelta(days=90)  # for a count on each opening; each list goes as far back as it is asked
EXCEPTIONS = (
    (CONFLICTING, "Una misma persona tiene permisos que no van juntos.", "desk:conflicts"),
    (DIFFERING, "Lo acumulado no suma lo mismo que sus movimientos.", "claims:differing"),
    (UNDONE, "Alguien decidió y después lo deshizo.", "desk:undone"),
    (CHANGED_AND_PAID, "La cuenta bancaria cambió y en los 30 días siguientes salió dinero a ella.", "desk:changed"),
    (
        UNTASKED,
        "Alguien de la mesa abrió un papel sin motivo y sin hacer nada por esa persona ese día.",
        "desk:untasked",
    ),
)


@requires(P.SEE_AUDIT)
@require_GET
def undone(request: HttpRequest) -> HttpResponseBase:
    """Acts that took an earlier one back; as a file with `formato`."""
    return answer(request, UNDONE, "desk/exception.html", _told(UNDONE))


@requires(P.SEE_AUDIT)
@require_GET
def changed(request: HttpRequest) -> HttpResponseBase:
    """Deposits to an account that had just replaced another; as a file with `formato`."""
    return answer(request, CHANGED_AND_PAID, "desk/exception.html", _told(CHANGED_AND_PAID))


@requires(P.SEE_AUDIT)
@require_GET
def untasked(request: HttpRequest) -> HttpResponseBase:
    """Readings that no task explains; as a file with `formato`."""
    return answer(request, UNTASKED, "desk/exception.html", _told(UNTASKED))


def _told(listing: Listing) -> dict[str, Any]:
    said = next(said for one, said, _name in EXCEPTIONS if one is listing)
    crumbs = [("Auditoría", reverse("desk:audit")), ("Excepciones", reverse("desk:exceptions")), (listing.title, "")]
    return {"title": listing.title, "said": said, "crumbs": crumbs}


@requires(P.SEE_AUDIT)
@require_GET
def sample(request: HttpRequest) -> HttpResponseBase:
    """Acts drawn by chance: the seed stands on the page and in the file, and draws the same ones again."""
    seed, count = request.GET.get("semilla", ""), request.GET.get("cuantos", "")
    context = {"seed": seed if seed and count else "", "draw": _draw(request)}
    return answer(request, SAMPLE, "desk/sample.html", context)


def _draw(request: HttpRequest) -> str:
    """Where a new sample of what is filtered now is drawn. The last act there is stands in it: what comes later would
    change what the same seed draws.
    """
    last = selectors.events().order_by("-pk").values_list("pk", flat=True).first() or 0
    drawn = {"cuantos": "25", "semilla": secrets.token_hex(4), "ultimo": str(last)}
    kept = [
        (name, request.GET[name]) for name in SampleFilter.base_filters if name in request.GET and name not in drawn
    ]
    return f"?{urlencode([*kept, *drawn.items()])}"


@requires(P.SEE_AUDIT, fresh=True)
@require_GET
def dossier(request: HttpRequest) -> HttpResponseBase:
    """One folio's whole file as a ZIP (`?folio=`); without a folio that is known, the page that asks for one."""
    folio = search.as_typed(request.GET.get("folio", ""))[:64]
    if folio and dossiers.exists(folio):
        return dossiers.answer(folio, by=request.user, at=clock.now())
    crumbs = [("Auditoría", reverse("desk:audit")), ("Expediente de un folio", "")]
    wrong = f"No hay nada con «{folio}». Escribe el folio completo." if folio else ""
    context = {"form": DossierForm({"folio": folio} if folio else None), "wrong": wrong, "crumbs": crumbs}
    return render(request, "desk/dossier.html", context, status=404 if folio else 200)
