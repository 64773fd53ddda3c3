"""An insured person registers by their certificate; signed in, the same form adds a policy (S3.2-S3.5, AU-03)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from claims import services
from claims.forms import BirthForm, RegisterForm
from claims.selectors import registering as selectors
from memberships import selectors as memberships
from memberships.rules.certificates import Named
from portal import clock
from portal.access import public, signed_in
from portal.design.forms import refuse
from portal.errors import RuleBroken, TooMany
from portal.people import sessions
from portal.people.models import Party

WHY = "Quien está asegurado y aún no tiene perfil se registra aquí (S3.2)."


def _insurer(request: HttpRequest) -> Party | None:
    """The one that was chosen, or the only one there is."""
    rows = list(memberships.insurers())
    if len(rows) == 1:
        return rows[0]
    return next((one for one in rows if str(one.pk) == request.GET.get("aseguradora", "")), None)


@public(WHY)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Insurer, policy, name and birth date as in the certificate; whoever it is, the answer is the same."""
    user: Any = request.user if request.user.is_authenticated else None
    insurer = _insurer(request)
    if insurer is None:
        return render(request, "claims/register_insurers.html", {"insurers": memberships.insurers()})
    texts = selectors.texts_to_register(insurer, user)
    form = RegisterForm(request.POST if request.method == "POST" else None, texts=texts, signed_in=user is not None)
    status = 422 if form.errors else 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        asked = services.Asked(
            insurer,
            Named(given["policy"], given["name"], given["born_on"]),
            given.get("email", ""),
            given.get("second_email", ""),
            texts,
        )
        try:
            services.ask_registration(asked=asked, by=user, ip=sessions.client_ip(request), at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
            status = broken.status
            wait = broken.retry_after if isinstance(broken, TooMany) else 0
        else:
            return redirect("claims:register_sent")
    else:
        wait = 0
    shown = {
        "form": form,
        "typed": [field for field in form if not field.name.startswith("text_")],
        "boxes": [(one, form[f"text_{one.pk}"]) for one in texts],
        "insurer": insurer,
        "adds": user is not None,
    }
    page = render(request, "claims/register.html", shown, status=status)
    if wait:
        page["Retry-After"] = str(wait)
    return page


@public("Dice lo mismo a cualquiera que se haya registrado.")
@require_safe
def register_sent(request: HttpRequest) -> HttpResponse:
    """One answer for everybody."""
    return render(request, "claims/register_sent.html")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_policy(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail, opened by whoever asked: the birth date once more, then the policy is theirs."""
    user: Any = request.user
    found = selectors.by_token(user, token)
    if found is None:
        raise Http404
    form, status = BirthForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            services.confirm_by_token(registration=found, born_on=form.cleaned_data["born_on"], by=user, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
            status = broken.status
        else:
            messages.success(request, "Listo: tu póliza ya está en tu perfil.")
            return redirect("claims:claims")
    elif form.errors:
        status = 422
    shown = {
        "form": form,
        "insurer": found.insurer,
        "crumbs": [("Trámites", reverse("claims:claims")), ("Tu póliza", "")],
    }
    return render(request, "claims/confirm_policy.html", shown, status=status)
