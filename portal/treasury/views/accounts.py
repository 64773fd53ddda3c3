"""The owner's bank account and the reviewers' view of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock, listing, queue
from portal.access import Permission, requires
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.papers.selectors import page_links
from portal.people.models import Party
from portal.people.selectors import get_own_party
from portal.states import Ball
from portal.treasury import labels, questions, rules, selectors, services
from portal.treasury.forms import AccountForm, ReviewForm
from portal.treasury.listings import ACCOUNTS
from portal.treasury.models import BankAccount
from portal.treasury.queues import ACCOUNTS_TO_REVIEW
from portal.treasury.registry import AccountPurpose
from portal.work import selectors as work
from portal.work.asked import asked_of


def _own_party(request: HttpRequest) -> Party:
    """The party whose accounts this person manages."""
    user: Any = request.user
    return get_own_party(user, Permission.MANAGE_OWN_ACCOUNT)


def _purpose(request: HttpRequest, party: Party) -> tuple[AccountPurpose, list[tuple[str, str, bool]]]:
    """What the account of `?uso=` is for (the first of the party's without it), and a tab each where it has several.

    404 for a purpose that is not theirs.
    """
    user: Any = request.user
    own = selectors.purposes_of(user, party)
    asked = request.GET.get("uso", own[0].code if own else "")
    chosen = next((one for one in own if one.code == asked), None)
    if chosen is None:
        raise Http404
    return chosen, [(one.label, one.code, one is chosen) for one in own] if len(own) > 1 else []


@requires(Permission.MANAGE_OWN_ACCOUNT)
@require_GET
def my_account(request: HttpRequest) -> HttpResponse:
    """Cuenta bancaria: the account of record, the one under way, what comes next (S0.4-S0.8)."""
    at = clock.now()
    party = _own_party(request)
    purpose, tabs = _purpose(request, party)
    mine = selectors.my_account(party=party, purpose=purpose.code, at=at)
    shown = mine.under_way or mine.current or mine.refused
    label, tone = selectors.standing(mine, shown)
    return render(
        request,
        "treasury/my_account.html",
        {
            "mine": mine,
            "shown": shown,
            "party": party,
            "purpose": purpose,
            "tabs": tabs,
            "capture": selectors.account_page(purpose.code, "treasury:capture_account"),
            "label": label,
            "tone": tone,
            "age": selectors.statement_age(shown, on=clock.date_in(at)) if shown else None,
            "events": selectors.account_events(shown, at=at) if shown else [],
            "hold": selectors.hold_figure(mine.current) if mine.on_hold else None,
            "stoppable": selectors.stoppable(shown, at=at),
            "returned": selectors.returned_to(shown),
        },
    )


@requires(Permission.MANAGE_OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
@once_only("treasury.capture_account")
def capture_account(request: HttpRequest) -> HttpResponse:
    """CLABE + statement, judged at once; a refusal answers 422 with each check and keeps only what is right."""
    party = _own_party(request)
    purpose, _tabs = _purpose(request, party)
    is_kept = selectors.kept_statement(party=party, at=clock.now()) is not None
    form = AccountForm(request.POST or None, request.FILES or None, is_kept=is_kept)
    findings: tuple[Any, ...] = ()
    if request.method == "POST" and (form.is_valid() or "statement" not in form.errors):
        try:
            services.capture_account(
                party=party,
                purpose=purpose.code,
                clabe=form.cleaned_data.get("clabe", ""),
                upload=form.cleaned_data["statement"],
                by=request.user,
                at=clock.now(),
            )
            return redirect(selectors.account_page(purpose.code))
        except RuleBroken as refusal:
            form.errors.pop("clabe", None)
            refuse(form, refusal)
            findings = labels.errors_first(refusal.findings)
            return _capture_page(request, form, party, purpose, findings, status=refusal.status)
    return _capture_page(request, form, party, purpose, findings, status=422 if form.is_bound else 200)


def _capture_page(
    request: HttpRequest, form: AccountForm, party: Party, purpose: AccountPurpose, findings: Any, *, status: int
) -> HttpResponse:
    at = clock.now()
    mine = selectors.my_account(party=party, purpose=purpose.code, at=at)
    kept = selectors.kept_statement(party=party, at=at)
    if kept:
        form.expect_kept()
    return render(
        request,
        "treasury/capture_account.html",
        {
            "form": form,
            "party": party,
            "purpose": purpose,
            "findings": findings,
            "kept": kept and [kept],
            "is_change": mine.current is not None or selectors.returned_to(mine.under_way) is not None,
            "crumbs": [("Cuenta bancaria", selectors.account_page(purpose.code)), ("Registrar cuenta", "")],
        },
        status=status,
    )


@requires(Permission.MANAGE_OWN_ACCOUNT, fresh=True)
@require_POST
@once_only("treasury.submit_account")
def submit_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand the captured account to the reviewers; needs a fresh confirmation of who one is (MO-06)."""
    account = get_object_or_404(BankAccount.objects.of_owner(_own_party(request)), pk=pk)
    services.submit_account(account=account, by=request.user, at=clock.now())
    messages.success(request, "Tu cuenta entró a revisión. Te avisaremos por correo y en Avisos.")
    return redirect(selectors.account_page(account.purpose))


@requires(Permission.MANAGE_OWN_ACCOUNT, fresh=True)
@require_POST
@once_only("treasury.cancel_change")
def cancel_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a change of account back, in review or while its hold runs (N10)."""
    account = get_object_or_404(BankAccount.objects.of_owner(_own_party(request)), pk=pk)
    try:
        services.cancel_change(account=account, by=request.user, at=clock.now())
    except RuleBroken as refusal:
        if refusal.code == queue.WAITS:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Detuviste el cambio. Tus pagos siguen en tu cuenta de antes.")
    return redirect(selectors.account_page(account.purpose))


@requires(Permission.REVIEW_ACCOUNTS)
@require_GET
def account_reviews(request: HttpRequest) -> HttpResponseBase:
    """Accounts handed in, those in review first."""
    state = request.GET.get("estado", "in_review")
    tabs = [(label, key, state == key) for key, label in labels.REVIEW_TABS]
    context = {"tabs": tabs, "kept": [("estado", state)]}
    return listing.answer(request, ACCOUNTS, "treasury/account_reviews.html", context, state=state)


def _handed_in(request: HttpRequest, pk: UUID) -> BankAccount:
    visible = BankAccount.objects.visible_to(request.user).exclude(submitted_at=None)
    return get_object_or_404(visible.select_related("party", "statement", "replaces", "submitted_by"), pk=pk)


def _reject_question(request: HttpRequest, pk: UUID) -> Question:
    return questions.reject_account(_handed_in(request, pk))


@requires(Permission.REVIEW_ACCOUNTS)
@require_http_methods(["GET", "POST"])
@asks(_reject_question)
@once_only("treasury.review_account")
def account_review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Split view: the statement's pages at the left, data and checks at the right, approve or reject."""
    account = _handed_in(request, pk)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.review_account(
                account=account,
                decision=form.cleaned_data["decision"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
                undo_for=queue.undo_time(),
            )
        except RuleBroken as refusal:
            refuse(form, refusal)
            return _review_page(request, account, form, status=refusal.status)
        if not queue.undo_time():
            messages.success(request, "Listo: quedó registrada tu decisión.")
        return redirect(_standing(request, account).onwards)
    return _review_page(request, account, form, status=422 if form.is_bound else 200)


def _standing(request: HttpRequest, account: BankAccount) -> work.Standing:
    user, asked = request.user, asked_of(request)
    return work.standing(ACCOUNTS_TO_REVIEW.name, account, user=user, at=clock.now(), asked=asked)


def _review_page(request: HttpRequest, account: BankAccount, form: ReviewForm, *, status: int) -> HttpResponse:
    at, standing = clock.now(), _standing(request, account)
    return render(
        request,
        "treasury/account_review.html",
        {
            "work": standing,
            "account": account,
            "form": form,
            "at": at,
            "pages": page_links(account.statement),
            "findings": labels.for_reviewer(account.found),
            "waits": rules.ACCOUNT.at(account.state).ball is Ball.US,
            "label": rules.ACCOUNT.desk_label(account.state),
            "tone": rules.ACCOUNT.tone(account.state),
            "age": selectors.statement_age(account, on=clock.date_in(at)),
            "twins": selectors.same_clabe(account),
            "returned": selectors.returned_to(account),
            "reviews": selectors.reviews_of(account),
            "rejecting": questions.reject_account(account),
            "decided": selectors.decision_about(account),
            "events": selectors.account_events(account, at=at),
            "mine_to_review": standing.waits,
            "crumbs": [("Cuentas bancarias", standing.list_address), (account.holder, "")],
        },
        status=status,
    )
