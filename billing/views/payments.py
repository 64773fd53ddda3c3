"""Deposits and their complements, as the physician sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import forms, listings, rules, services
from billing.models import Invoice
from billing.selectors import deposits, reach
from billing.views.shared import problem_of, status_of
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.errors import RuleBroken
from portal.listing import answer
from portal.once.decorators import once_only
from portal.papers import services as papers
from portal.papers.keeping import send_kept
from portal.papers.selectors import kept_draft, removed_draft
from portal.treasury.models import Transfer

if TYPE_CHECKING:
    from portal.papers.models import DraftFile


@requires(P.SEE_OWN_BILLING)
@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """What was paid, deposit by deposit."""
    return answer(request, listings.PAYMENTS, "billing/payments.html", {"crumbs": []})


def _paid(request: HttpRequest, pk: UUID, permission: P) -> tuple[Transfer, list[Invoice]]:
    return reach.deposit(request.user, pk, permission)


@requires(P.SEE_OWN_BILLING)
@require_safe
def payment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One deposit: its invoices, its advice, the exact data of the complement to stamp (N11)."""
    transfer, paid = _paid(request, pk, P.SEE_OWN_BILLING)
    # Asked of this party: whoever has an account of their own and assists another never reads the other's.
    told = {
        "manages": paid[0].party_id in request.user.proved_party_ids(P.SEE_OWN_PAYMENTS),
        "keeps_account": P.MANAGE_OWN_BILLING in request.user.permissions,
    }
    return render(request, "billing/payment.html", deposits.payment(transfer, paid, on=clock.today()) | told)


@requires(P.BILL_ORDERS)
@once_only("billing.complement")
def complement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Upload the complement of one deposit and read its verdict; several come one a request (`files`).

    One that only a person can decide is kept, and goes to the reviewer from the page that shows it once more.
    """
    transfer, found = _paid(request, pk, P.BILL_ORDERS)
    sent = request.FILES.get("xml") or request.FILES.get("files")
    form = forms.ComplementForm(request.POST or None, {"xml": sent} if sent else None)
    told: dict[str, object] = {"problem": None, "checklist": []}
    status = status_of(form)
    if request.method == "POST" and form.is_valid():
        try:
            told_by = services.take_in_complement(
                party=found[0].party, transfer=transfer, xml=sent, by=request.user, at=clock.now()
            )
            if told_by:
                _remember(request, pk, deposits.told_by(told_by, found))
            if "xml" not in request.FILES:
                return _to_files(pk)
            return redirect("billing:check_complement" if told_by else "billing:payment", pk=pk)
        except RuleBroken as problem:
            told, status = problem_of(problem), problem.status
    return _complement_page(request, pk, form, told, status=status)


def _complement_page(
    request: HttpRequest, pk: UUID, form: forms.ComplementForm, told: dict[str, object], *, status: int
) -> HttpResponse:
    transfer, found = _paid(request, pk, P.BILL_ORDERS)
    page = deposits.payment(transfer, found, on=clock.today())
    page |= {"files": deposits.handed_in_files(page["complements"], owing=bool(page["owing"]))}
    kept = _kept(request, pk)
    page |= {"kept": kept, "removed": _removed(request, pk)}
    page |= {"told": deposits.told_where_it_is_given(page["told"], kept=kept is not None)}
    page |= {"form": form, "uploads": forms.ComplementUploadsForm()} | told
    return render(request, "billing/complement.html", page, status=status)


def _to_files(pk: UUID) -> HttpResponse:
    return redirect(f"{reverse('billing:complement', args=[pk])}#guardados")


_TOLD = "complements"  # in the session: by deposit, what a kept complement says


def _remember(request: HttpRequest, pk: UUID, told: list[tuple[str, str]]) -> None:
    request.session[_TOLD] = request.session.get(_TOLD, {}) | {str(pk): told}


def _kept(request: HttpRequest, pk: UUID) -> DraftFile | None:
    return kept_draft(**_place(request, pk))


def _removed(request: HttpRequest, pk: UUID) -> DraftFile | None:
    return removed_draft(**_place(request, pk))


def _place(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    """Where this person keeps the complement of a deposit until it is sent."""
    return {"form": rules.kept_as(pk), "by": request.user, "at": clock.now()}


@requires(P.BILL_ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("billing.check_complement")
def check_complement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The complement about to go to a reviewer, to be looked at once more; sent, its deposit says who has it."""
    transfer, found = _paid(request, pk, P.BILL_ORDERS)
    kept, at = _kept(request, pk), clock.now()
    if kept is None:
        return redirect("billing:complement", pk=pk)
    if request.method == "POST":
        try:
            sent: dict[str, Any] = {"party": found[0].party, "transfer": transfer, "by": request.user, "at": at}
            done = send_kept(kept, lambda xml: services.hand_in_complement(xml=xml, **sent), at=at)
        except RuleBroken as problem:
            return _complement_page(request, pk, forms.ComplementForm(), problem_of(problem), status=problem.status)
        return redirect("billing:complement_sent", pk=pk, complement_id=done.pk)
    before, told = reverse("billing:complement", args=[pk]), request.session.get(_TOLD, {}).get(str(pk), [])
    context = {
        "answers": deposits.check_answers(transfer, kept, told),
        "crumbs": [("Pagos", reverse("billing:payments")), ("Complemento", before), ("Revisar", "")],
    }
    return render(request, "billing/check_complement.html", context)


@requires(P.BILL_ORDERS)
@require_safe
def complement_sent(request: HttpRequest, pk: UUID, complement_id: UUID) -> HttpResponse:
    """What went to a reviewer, when, and what comes next; an ordinary page, so that it may be loaded again."""
    told = deposits.complement_sent(reach.own_complement(request.user, pk, complement_id))
    return render(request, "billing/complement_sent.html", told) if told else redirect("billing:payment", pk=pk)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.remove_kept_complement")
def remove_kept_complement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take out what waits to be sent; the page offers to put it back."""
    _paid(request, pk, P.BILL_ORDERS)
    papers.remove_draft(**_place(request, pk))
    return _to_files(pk)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.put_kept_complement_back")
def put_kept_complement_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo that."""
    _paid(request, pk, P.BILL_ORDERS)
    papers.put_draft_back(**_place(request, pk))
    return _to_files(pk)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.withdraw_complement")
def withdraw_complement(request: HttpRequest, pk: UUID, complement_id: UUID) -> HttpResponse:
    """Take out a complement that nobody decided yet; the page offers to put it back."""
    found = reach.own_complement(request.user, pk, complement_id)
    services.withdraw_complement(complement=found, by=request.user, at=clock.now())
    return _to_files(pk)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.put_complement_back")
def put_complement_back(request: HttpRequest, pk: UUID, complement_id: UUID) -> HttpResponse:
    """Undo that."""
    found = reach.own_complement(request.user, pk, complement_id)
    try:
        services.put_complement_back(complement=found, by=request.user, at=clock.now())
    except RuleBroken as problem:
        return _complement_page(request, pk, forms.ComplementForm(), problem_of(problem), status=problem.status)
    return _to_files(pk)
