"""The owner's bank account and the reviewers' view of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock, listing, queue
from portal.access import Permission, requires
from portal.design.asking import Question, asks
from portal.design.detailing import told_of
from portal.design.forms import refuse
from portal.design.reviewing import Way
from portal.errors import RuleBroken
from portal.listing.paging import WHOSE
from portal.once.decorators import once_only
from portal.papers.selectors import page_links
from portal.people.models import Party
from portal.states import Ball
from portal.treasury import labels, questions, rules, selectors, services
from portal.treasury.forms import AccountForm, ReviewForm
from portal.treasury.listings import ACCOUNTS
from portal.treasury.models import BankAccount
from portal.treasury.queues import ACCOUNTS_TO_REVIEW
from portal.work import selectors as work
from portal.work.asked import asked_of


def _use(request: HttpRequest) -> selectors.Use:
    """The account that `?uso=` and `?persona=` name; 404 where it is not theirs."""
    user: Any = request.user
    use = selectors.use_of(user, purpose=request.GET.get("uso"), party=request.GET.get(WHOSE))
    if use is None:
        raise Http404
    return use


def _tabs(request: HttpRequest, here: selectors.Use) -> list[tuple[str, str, bool]]:
    """A tab for each account of somebody who manages several."""
    user: Any = request.user
    held = selectors.uses_of(user)
    names = selectors.names_of(held) if len(held) > 1 else {}
    return [(name, one.page(), one == here) for one, name in names.items()]


def _own_accounts(request: HttpRequest) -> QuerySet[BankAccount]:
    user: Any = request.user
    return BankAccount.objects.of_owners(user.party_ids(Permission.MANAGE_OWN_ACCOUNT))


def _page_of(request: HttpRequest, account: BankAccount) -> str:
    user: Any = request.user
    return selectors.page_of(user, purpose=account.purpose, party_id=account.party_id)


@requires(Permission.MANAGE_OWN_ACCOUNT)
@require_GET
def my_account(request: HttpRequest) -> HttpResponse:
    """Cuenta bancaria: the account of record, the one under way, what comes next (S0.4-S0.8)."""
    at = clock.now()
    use = _use(request)
    party, purpose = Party.objects.get(pk=use.party_id), use.purpose
    mine = selectors.my_account(party=party, purpose=purpose.code, at=at)
    shown = mine.under_way or mine.current or mine.refused
    label, tone = selectors.standing(mine, shown)
    return render(
        request,
        "treasury/my_account.html",
        {
            "mine": mine,
            "shown": shown,
            "told": told_of(stand)
            if shown and (stand := rules.ACCOUNT.at(shown.state)).ball is not Ball.NOBODY
            else None,
            "party": party,
            "purpose": purpose,
            "tabs": _tabs(request, use),
            "capture": (capture := use.page("treasury:capture_account")),
            "steps": _steps(capture) if mine.to_submit else [],
            "answers": _answers(mine, capture, at) if mine.to_submit else [],
            "label": label,
            "tone": tone,
            "age": selectors.statement_age(shown, on=clock.date_in(at)) if shown else None,
            "events": selectors.account_events(shown, at=at) if shown else [],
            "hold": selectors.hold_figure(mine.current) if mine.on_hold else None,
            "stoppable": selectors.stoppable(shown, at=at),
            "returned": selectors.returned_to(shown),
        },
    )


def _answers(mine: selectors.MyAccount, capture: str, at: datetime) -> list[tuple[str, str, str]]:
    assert mine.under_way is not None  # what is to be submitted
    return selectors.answers_of(mine.under_way, capture, on=clock.date_in(at))


def _steps(capture: str) -> list[tuple[str, str]]:
    """The one flow of an account: what proves it, a last look, sent."""
    return [("CLABE y estado de cuenta", capture), ("Revisa y envía", ""), ("Enviada", "")]


@requires(Permission.MANAGE_OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
@once_only("treasury.capture_account")
def capture_account(request: HttpRequest) -> HttpResponse:
    """CLABE + statement, judged at once; a refusal answers 422 with each check and keeps only what is right."""
    use = _use(request)
    party = Party.objects.get(pk=use.party_id)
    is_kept = selectors.kept_statement(party=party, at=clock.now()) is not None
    form = AccountForm(request.POST or None, request.FILES or None, is_kept=is_kept)
    findings: tuple[Any, ...] = ()
    if request.method == "POST" and (form.is_valid() or "statement" not in form.errors):
        try:
            services.capture_account(
                party=party,
                purpose=use.purpose.code,
                clabe=form.cleaned_data.get("clabe", ""),
                upload=form.cleaned_data["statement"],
                by=request.user,
                at=clock.now(),
            )
            return redirect(use.page())
        except RuleBroken as refusal:
            form.errors.pop("clabe", None)
            refuse(form, refusal)
            findings = labels.errors_first(refusal.findings)
            return _capture_page(request, form, party, use, findings, status=refusal.status)
    return _capture_page(request, form, party, use, findings, status=422 if form.is_bound else 200)


def _capture_page(
    request: HttpRequest, form: AccountForm, party: Party, use: selectors.Use, findings: Any, *, status: int
) -> HttpResponse:
    at = clock.now()
    mine = selectors.my_account(party=party, purpose=use.purpose.code, at=at)
    kept = selectors.kept_statement(party=party, at=at)
    if kept:
        form.expect_kept()
    return render(
        request,
        "treasury/capture_account.html",
        {
            "form": form,
            "party": party,
            "purpose": use.purpose,
            "findings": findings,
            "kept": kept and [kept],
            "steps": _steps(""),
            "is_change": mine.current is not None or selectors.returned_to(mine.under_way) is not None,
            "crumbs": [("Cuenta bancaria", use.page()), ("Registrar cuenta bancaria", "")],
        },
        status=status,
    )


@requires(Permission.MANAGE_OWN_ACCOUNT, fresh=True)
@require_POST
@once_only("treasury.submit_account")
def submit_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand the captured account to the reviewers; needs a fresh confirmation of who one is (MO-06)."""
    account = get_object_or_404(_own_accounts(request), pk=pk)
    services.submit_account(account=account, by=request.user, at=clock.now())
    return redirect("treasury:account_sent", pk=account.pk)


@requires(Permission.MANAGE_OWN_ACCOUNT)
@require_GET
def account_sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was sent, when, what comes next; an ordinary page, so that it may be loaded again."""
    own = _own_accounts(request).exclude(submitted_at=None)
    account = get_object_or_404(own.select_related("statement"), pk=pk)
    page = _page_of(request, account)
    if rules.ACCOUNT.at(account.state).ball is not Ball.US:
        return redirect(page)  # decided meanwhile
    context = {
        "facts": selectors.sent_facts(account),
        "page": page,
        "steps": _steps(""),
        "next_steps": labels.after_sending(is_change=account.replaces_id is not None),
        "state": rules.ACCOUNT.label(account.state),
        "tone": rules.ACCOUNT.tone(account.state),
        "crumbs": [("Cuenta bancaria", page), ("Enviada", "")],
    }
    return render(request, "treasury/account_sent.html", context)


@requires(Permission.MANAGE_OWN_ACCOUNT, fresh=True)
@require_POST
@once_only("treasury.cancel_change")
def cancel_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a change of account back, in review or while its hold runs (N10)."""
    account = get_object_or_404(_own_accounts(request), pk=pk)
    try:
        services.cancel_change(account=account, by=request.user, at=clock.now())
    except RuleBroken as refusal:
        if refusal.code == queue.WAITS:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Detuviste el cambio. Tus pagos siguen en tu cuenta bancaria de antes.")
    return redirect(_page_of(request, account))


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
    """What the machine says, what was typed against the statement, its pages beside; approve or reject."""
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


NOT_MINE = "Esta cuenta bancaria espera a otra persona: ya la revisaste o la registraste tú."


def _ways(account: BankAccount, form: ReviewForm) -> list[Way]:
    """How a reviewer decides a bank account: approve it, or say why not."""
    return [
        Way("Aprobar cuenta bancaria", name="decision", value="approved", key="a"),
        Way(
            opens="Rechazar",
            form=form,
            fields=("reason",),
            kind="danger",
            key="r",
            question=questions.reject_account(account),
            read_by="Así lo lee quien registró la cuenta bancaria:",
        ),
    ]


def _review_page(request: HttpRequest, account: BankAccount, form: ReviewForm, *, status: int) -> HttpResponse:
    at, standing, decided = clock.now(), _standing(request, account), selectors.decision_about(account)
    waits = rules.ACCOUNT.at(account.state).ball is Ball.US
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
            "label": rules.ACCOUNT.desk_label(account.state),
            "tone": rules.ACCOUNT.tone(account.state),
            "twins": [twin.party.name for twin in selectors.same_clabe(account)],
            "heads": ("Lo que registró", "Lo que se lee en el PDF"),
            "facts": selectors.account_facts(account, on=clock.date_in(at)),
            "returned": selectors.returned_to(account),
            "reviews": selectors.reviews_of(account),
            "decided": decided,
            "ways": _ways(account, form) if standing.may_decide else [],
            "not_mine": NOT_MINE if waits and not decided.get("waits") and not standing.waits else "",
            "events": selectors.account_events(account, at=at),
            "crumbs": [("Cuentas bancarias", standing.list_address), (account.holder, "")],
        },
        status=status,
    )
