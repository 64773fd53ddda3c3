"""Contact and guides for everybody; the desk's list of messages and its answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from portal import clock
from portal.access import Permission as P
from portal.access import may, public, requires, signed_in
from portal.design import dates
from portal.design.detailing import Clock, Told, told_of
from portal.design.forms import tried
from portal.help import registry, rules, selectors, services
from portal.help.forms import AnswerForm, ContactForm
from portal.help.listings import MESSAGES
from portal.help.models import ContactMessage
from portal.help.queues import MESSAGES_TO_ANSWER
from portal.history import context as origin
from portal.listing import answer
from portal.once.decorators import once_only
from portal.once.services import throttle
from portal.work import selectors as work
from portal.work.asked import asked_of

_SENT = "help_sent_folio"


@public("Cualquiera puede escribir, con o sin sesión (S3.7).")
@require_http_methods(["GET", "POST"])
@once_only("help.contact")
def contact(request: HttpRequest) -> HttpResponse:
    """Write to the desk; the answer page shows the folio and is safe to reload."""
    person: Any = request.user if request.user.is_authenticated else None
    first = {"name": str(person), "email": person.email} if person else {}
    form = ContactForm(request.POST or None, initial={**first, "subject_folio": request.GET.get("folio", "")[:40]})
    if request.method == "POST" and form.is_valid():
        key = str(person.pk) if person else str(origin.current().ip or "")
        throttle(scope="contact", key=key, limit=5, window=3600, instead="busca tu respuesta en la ayuda")
        message = services.leave_message(by=person, at=clock.now(), **form.cleaned_data)
        request.session[_SENT] = message.folio
        return redirect("help:sent")
    return render(request, "help/contact.html", {"form": form}, status=422 if form.errors else 200)


@public("Muestra a quien escribió, y solo en su sesión, el folio de su mensaje.")
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """The folio just given, for this session only."""
    message = ContactMessage.objects.filter(folio=request.session.get(_SENT, "")).first()
    if message is None:
        return redirect("help:contact")
    about = [("Sobre", message.subject_folio)] if message.subject_folio else []
    context = {
        "message": message,
        "facts": [("Enviado", dates.instant(message.created_at)), *about],
        "next_steps": [
            f"Te respondemos a más tardar el {dates.long(message.due_on)}.",
            "Mandamos el folio a tu correo; ahí te avisamos cuando haya respuesta.",
        ],
    }
    return render(request, "help/sent.html", context)


@public("Las guías se leen sin entrar.")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every guide."""
    return render(request, "help/index.html", {"guides": rules.GUIDES.values()})


@public("Quien no puede usar una página tiene que poder leer qué hacer.")
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the portal keeps, what it does not keep yet, and whom to tell of a barrier (WCAG 2.2 AA)."""
    return render(
        request, "help/accessibility.html", {"crumbs": [("Ayuda", reverse("help:index")), ("Accesibilidad", "")]}
    )


@public("Las guías se leen sin entrar.")
@require_GET
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One guide."""
    found = rules.GUIDES.get(slug)
    if found is None:
        raise Http404
    crumbs = [("Ayuda", reverse("help:index")), (found.title, "")]
    others = [one for one in rules.GUIDES.values() if one != found]
    shown: dict[str, Any] = {"guide": found, "others": others, "crumbs": crumbs}
    if slug == rules.OF_FINDINGS:
        shown["groups"] = registry.findings()
    return render(request, f"help/guides/{slug}.html", shown)


@requires(P.ANSWER_CONTACTS)
@require_GET
def message_list(request: HttpRequest) -> HttpResponseBase:
    """Messages, newest first; as a file with `formato=csv`, `xlsx` or `pdf`."""
    return answer(request, MESSAGES, "help/messages.html")


def _told(found: ContactMessage, *, folio: str) -> Told | None:
    """Whose turn a message is, by its stored day; nothing once it is answered."""
    if not found.is_open:
        return None
    clock_of = Clock("Respondemos", found.due_on, late=found.is_over(on=clock.today()))
    return told_of(rules.MESSAGE.at(found.state), clocks=(clock_of,), folio=folio)


@signed_in
@require_http_methods(["GET", "POST"])
def message(request: HttpRequest, folio: str) -> HttpResponse:
    """One message: who wrote it reads the answer, the desk writes it."""
    found = get_object_or_404(
        ContactMessage.objects.visible_to(request.user).select_related("answered_by"), folio=folio
    )
    answers = may(request.user, P.ANSWER_CONTACTS)
    own = answers and selectors.is_own(found, request.user, on=clock.today())
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and not answers:
        raise Http404
    if request.method == "POST":
        told: dict[str, Any] = {"message": found, "by": request.user, "at": clock.now()}
        if not tried(form, lambda: services.answer_message(answer=form.cleaned_data["answer"], **told)):
            messages.success(request, "La respuesta se envió.")
            return redirect("help:message", folio=folio)
    above = ("Mensajes", reverse("help:messages")) if answers else ("Ayuda", reverse("help:index"))
    at, asked = clock.now(), asked_of(request)
    standing = work.standing(MESSAGES_TO_ANSWER.name, found, user=request.user, at=at, asked=asked) if answers else None
    shown = {
        "message": found,
        "told": _told(found, folio="" if answers else found.folio),
        "work": standing,
        "form": form,
        "can_answer": standing is not None and standing.may_decide and not own,
        "waits_for_another": own and found.is_open,
        "state": (rules.MESSAGE.label(found.state), rules.MESSAGE.tone(found.state)),
        "kind": rules.KINDS[found.kind],
        "due": selectors.due_figure(found),
        "thread": selectors.thread(found),
        "finds": f"{reverse('listing:search')}?{urlencode({'buscar': found.email})}" if answers else "",
        "subject_href": selectors.subject_page(found, request.user),
        "crumbs": [above, (folio, "")],
    }
    return render(request, "help/message.html", shown, status=422 if form.errors else 200)
