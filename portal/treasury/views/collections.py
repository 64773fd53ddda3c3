"""Money that came in: files of movements, and the desk that says what each deposit pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock, listing
from portal.access import Permission, may, requires
from portal.design.asking import Question, asks
from portal.design.forms import Form, refuse
from portal.design.reviewing import Way
from portal.errors import RuleBroken
from portal.imports import selectors as imports
from portal.money import format_money
from portal.once.decorators import once_only
from portal.treasury import labels, questions, selectors, services
from portal.treasury.forms import DiscardForm, MatchForm, MovementsForm, SettleForm, UndoForm
from portal.treasury.listings import DEPOSITS, DEPOSITS_BY_AGE, MOVEMENT_FILES
from portal.treasury.models import CollectionAccount, Movement, MovementFile
from portal.treasury.queues import DEPOSITS_TO_MATCH
from portal.treasury.rules import collecting
from portal.work import selectors as work
from portal.work.asked import asked_of

_HOME = "Cobranza"


@requires(Permission.SEE_COLLECTIONS)
@require_safe
def deposits(request: HttpRequest) -> HttpResponseBase:
    """What came in and waits to be matched; what was matched, set aside, went out."""
    state = request.GET.get("estado", "waiting")
    tabs = [(label, key, state == key) for key, label in labels.DEPOSIT_TABS]
    may_match = may(request.user, Permission.MATCH_DEPOSITS)
    context = {"tabs": tabs, "kept": [("estado", state)], "may_match": may_match}
    return listing.answer(request, DEPOSITS, "treasury/deposits.html", context, state=state)


@requires(Permission.SEE_COLLECTIONS)
@require_safe
def deposits_by_age(request: HttpRequest) -> HttpResponseBase:
    """What waits, summed by how long it has waited."""
    context = {"crumbs": [(_HOME, reverse("treasury:deposits")), ("Por antigüedad", "")]}
    return listing.answer(request, DEPOSITS_BY_AGE, "treasury/deposits_by_age.html", context)


# What is searched on a deposit's own page; `buscar` is its list's filter, which comes along.
TARGETS = "objetivo"


def _deposit(request: HttpRequest, pk: UUID) -> Movement:
    rows = Movement.objects.visible_to(request.user).select_related("account", "file__run")  # type: ignore[arg-type]
    return get_object_or_404(rows, pk=pk)


def _standing(request: HttpRequest, movement: Movement) -> work.Standing:
    asked = asked_of(request)
    return work.standing(DEPOSITS_TO_MATCH.name, movement, user=request.user, at=clock.now(), asked=asked)


@requires(Permission.SEE_COLLECTIONS)
@require_safe
def deposit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What it may pay, with score and reason; what the bank says beside; the ways to decide below."""
    return _page(request, _deposit(request, pk))


def _page(request: HttpRequest, movement: Movement, *, status: int = 200, **forms: Any) -> HttpResponse:
    standing = _standing(request, movement)
    text = request.GET.get(TARGETS, "")[:100]
    chosen = forms["match"].data.getlist("targets") if "match" in forms else ()
    state, may_match = collecting.MovementState(movement.state), may(request.user, Permission.MATCH_DEPOSITS)
    waits, live = movement.is_waiting, selectors.live_allocation(movement)
    decides = may_match and waits and not standing.taken
    choices = selectors.choices_for(movement, text=text, values=chosen) if waits else []
    today = clock.today()
    return render(
        request,
        "treasury/deposit.html",
        {
            "work": standing,
            "movement": movement,
            "label": collecting.MOVEMENT.desk_label(state),
            "tone": collecting.MOVEMENT.tone(state),
            "proposal": selectors.proposal_told(movement, on=today),
            "searching": waits and not movement.proposal and not selectors.is_ahead(movement, on=today),
            "choices": choices,
            "text": text,
            "within": [*QueryDict(standing.narrowed).items()],
            "live": live,
            "live_figure": selectors.allocation_figure(movement, live),
            "events": selectors.deposit_events(movement),
            "may_decide": decides,
            "decided": {},
            "ways": _ways(movement, choices, forms) if decides else [],
            "may_undo": may_match,
            "refusal": "",
            "match": MatchForm(),
            **forms,
            "crumbs": [(_HOME, standing.list_address), (collecting.MOVEMENT.desk_label(state), "")],
        },
        status=status,
    )


def _ways(movement: Movement, choices: Sequence[object], forms: Mapping[str, Any]) -> list[Way]:
    """How a deposit is decided: it pays what was chosen on the page, is a network's lump sum, or is nobody's here."""
    ways = [Way("Asignar depósito", key="a", of="asignar")] if choices else []
    if owing := selectors.channels_for(movement):
        owes = [f"{account.label} debe {format_money(owed, account.currency)}." for account, owed in owing]
        settle = forms.get("settle") or SettleForm()
        settle.fields["settles"].help_text = " ".join(owes)
        action = reverse("treasury:settle_channel", args=[movement.pk])
        opens = "Es de una red de cobro"
        ways.append(Way("Registrar liquidación", action=action, kind="secondary", key="l", opens=opens, form=settle))
    discard, action = forms.get("discard") or DiscardForm(), reverse("treasury:discard_deposit", args=[movement.pk])
    ways.append(Way("Apartar depósito", action=action, kind="secondary", key="p", opens="No es de nadie", form=discard))
    return ways


def _decided(
    request: HttpRequest, pk: UUID, name: str, form: Form, act: Callable[..., object], *, said: str
) -> HttpResponse:
    """What somebody decides of a deposit, on to the next one; refused, its page with the form under its `name`."""
    movement = _deposit(request, pk)
    if not form.is_valid():
        return _page(request, movement, status=422, **{name: form})
    try:
        act(movement=movement, **form.cleaned_data)
    except RuleBroken as refusal:
        refuse(form, refusal)
        told = {name: form, "refusal": refusal.message}
        return _page(request, _deposit(request, pk), status=refusal.status, **told)
    messages.success(request, said)
    return redirect(_standing(request, movement).onwards)


@requires(Permission.MATCH_DEPOSITS)
@require_POST
@once_only("treasury.match_deposit")
def match_deposit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a deposit pays; of several things the oldest is paid first."""

    def match(movement: Movement, targets: list[str]) -> None:
        parts = selectors.parts_for(movement, targets)
        services.match_deposit(movement=movement, parts=parts, by=request.user, at=clock.now())

    return _decided(request, pk, "match", MatchForm(request.POST), match, said="Depósito asignado.")


@requires(Permission.MATCH_DEPOSITS)
@require_POST
@once_only("treasury.discard_deposit")
def discard_deposit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a deposit aside, with a comment."""
    act = partial(services.discard_deposit, by=request.user, at=clock.now())
    return _decided(request, pk, "discard", DiscardForm(request.POST), act, said="Depósito apartado.")


@requires(Permission.MATCH_DEPOSITS)
@require_POST
@once_only("treasury.settle_channel")
def settle_channel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a deposit for the lump sum of a network."""
    act = partial(services.settle_channel, by=request.user, at=clock.now())
    return _decided(request, pk, "settle", SettleForm(request.POST), act, said="Liquidación registrada.")


@requires(Permission.MATCH_DEPOSITS)
@require_POST
@once_only("treasury.undo_deposit")
def undo_deposit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what became of a deposit: it waits again."""
    movement, form = _deposit(request, pk), UndoForm(request.POST)
    if not form.is_valid():
        return _page(request, movement, status=422)
    services.undo_deposit(movement=movement, by=request.user, at=clock.now(), **form.cleaned_data)
    messages.success(request, "Deshecho: el depósito espera otra vez.")
    return redirect("treasury:deposit", pk=pk)


# --- files -----------------------------------------------------------------------------------------------------------


@requires(Permission.SEE_COLLECTIONS)
@require_safe
def movement_files(request: HttpRequest) -> HttpResponseBase:
    """Files of movements that were read, and what became of each."""
    may_match = may(request.user, Permission.MATCH_DEPOSITS)
    context = {"crumbs": [(_HOME, reverse("treasury:deposits")), ("Archivos", "")], "may_match": may_match}
    return listing.answer(request, MOVEMENT_FILES, "treasury/movement_files.html", context)


@requires(Permission.MATCH_DEPOSITS)
@require_http_methods(["GET", "POST"])
@once_only("treasury.read_movements")
def read_movements(request: HttpRequest) -> HttpResponse:
    """Read a file of the account of `?cuenta=` without applying it."""
    accounts = list(CollectionAccount.objects.exclude(formats=[]).order_by("code"))
    account = next((one for one in accounts if one.code == request.GET.get("cuenta", accounts[0].code)), None)
    if account is None:
        raise Http404
    form = MovementsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = services.read_movements_file(
                account=account, upload=form.cleaned_data["file"], by=request.user, at=clock.now()
            )
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            if run.stood_before:
                messages.info(request, "Ese archivo ya lo teníamos: aquí está como quedó.")
            return redirect("imports:run", pk=run.pk)
    context = {
        "form": form,
        "tabs": [(one.label, one.code, one == account) for one in accounts],
        "waiting": imports.waiting(request.user, services.MOVEMENTS),  # type: ignore[arg-type]
        "crumbs": [
            (_HOME, reverse("treasury:deposits")),
            ("Archivos", reverse("treasury:movement_files")),
            ("Importar", ""),
        ],
    }
    return render(request, "treasury/read_movements.html", context, status=422 if form.is_bound else 200)


def _file(request: HttpRequest, pk: UUID) -> MovementFile:
    rows = MovementFile.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(rows.select_related("account", "run__file", "run__read_by", "run__sender"), pk=pk)


def _apply_question(request: HttpRequest, pk: UUID) -> Question:
    return questions.apply_movements(_file(request, pk))


@requires(Permission.SEE_COLLECTIONS)
@require_safe
def movement_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a file that was read brings: sums, row errors; what of it was matched once it entered."""
    return _file_page(request, _file(request, pk))


def _file_page(request: HttpRequest, file: MovementFile, *, refusal: str = "", status: int = 200) -> HttpResponse:
    stands, may_act = imports.standing(file.run), may(request.user, Permission.MATCH_DEPOSITS)
    return render(
        request,
        "treasury/movement_file.html",
        {
            "file": file,
            "run": file.run,
            "facts": selectors.file_told(file),
            "told": selectors.file_standing(file, applies=may_act),
            "wrong": imports.wrong_rows(file.run)[: imports.LISTED],
            "applying": questions.apply_movements(file),
            "stands": stands,
            "may_match": may_act,
            "may_apply": may_act and stands["may_apply"],
            "may_cancel": may_act and file.run.is_open,
            "refusal": refusal,
            "crumbs": [
                (_HOME, reverse("treasury:deposits")),
                ("Archivos", reverse("treasury:movement_files")),
                (file.run.file.display_name if file.run.file else "", ""),
            ],
        },
        status=status,
    )


@requires(Permission.MATCH_DEPOSITS)
@require_POST
@asks(_apply_question)
@once_only("treasury.apply_movements")
def apply_movements(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let what is new in a file enter the books; what it pays is asked of each deposit right after."""
    file = _file(request, pk)
    try:
        file = services.apply_movements(file=file, by=request.user, at=clock.now())
    except RuleBroken as problem:
        return _file_page(request, _file(request, pk), refusal=problem.message, status=problem.status)
    if not file.run.is_open:  # else a drain applies it, and its page says so
        done = "Archivo aplicado. Lo seguro se asigna solo en unos segundos; lo demás te espera aquí."
        messages.success(request, done)
    return redirect("treasury:movement_file", pk=pk)
