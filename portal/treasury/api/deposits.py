"""The API of money that came in: files of movements, deposits and what becomes of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer, Instant, Money, With
from portal.api.calls import Asked, acts, at, lists, shows
from portal.imports.api import TOLD, run_calls
from portal.imports.models import ImportRun
from portal.listing import Link
from portal.treasury import forms, labels, selectors, services
from portal.treasury.listings import DEPOSITS, DEPOSITS_BY_AGE, MOVEMENT_FILES
from portal.treasury.models import CollectionAccount, Movement
from portal.treasury.rules import collecting

READ, WRITE = "treasury:read", "treasury:write"


class ShareTold(Answer):
    """What of a deposit went where: `key` is the folio of what it paid."""

    key = s.CharField()
    amount = Money(currency="currency")


class AllocationTold(Answer):
    """What became of a deposit; `by` is empty where the system did it."""

    id = s.UUIDField()
    act = s.ChoiceField([one.value for one in collecting.Act])
    result = s.CharField()
    comment = s.CharField()
    by = s.CharField(allow_null=True)
    at = Instant()
    shares = ShareTold(many=True)


class IncomingMoneyTold(Answer):
    """A movement of a collection account; `targets` is what the matcher proposes, each as `asignar` takes it."""

    id = s.UUIDField()
    account = s.CharField(source="account.code")
    on = s.DateField()
    amount = Money(currency="currency")
    currency = s.CharField()
    text = s.CharField()
    reference = s.CharField()
    tracking = s.CharField()
    state = s.ChoiceField(collecting.MOVEMENT.choices)
    score = s.IntegerField()
    reason = s.CharField()
    targets = s.ListField(child=s.CharField())
    allocation = AllocationTold(allow_null=True)

    def view(self, found: Movement) -> With:
        """As it stands now."""
        movement = Movement.objects.select_related("account").get(pk=found.pk)
        live = selectors.live_allocation(movement)
        shares = [With(one, currency=movement.currency) for one in live.shares.all()] if live else []
        told = live and With(live, by=str(live.by) if live.by else None, shares=shares)
        targets = [selectors.BETWEEN.join(pair) for pair in movement.proposal.get("targets", ())]
        return With(movement, reason=movement.proposal.get("message", ""), targets=targets, allocation=told)


def _deposit(asked: Asked, pk: UUID) -> Movement:
    return get_object_or_404(Movement.objects.visible_to(asked.by), pk=pk)


class MovementsCall(forms.MovementsForm):
    """A file of movements, and the account that it is of."""

    account = forms.AccountField()


def match(*, movement: Movement, targets: Sequence[str], by: Any, at: datetime) -> Movement:
    """Say what a deposit pays; of several things the oldest is paid first."""
    parts = selectors.parts_for(movement, targets)
    services.match_deposit(movement=movement, parts=parts, by=by, at=at)
    return movement


def discard(*, movement: Movement, comment: str, by: Any, at: datetime) -> Movement:
    """Set a deposit aside."""
    services.discard_deposit(movement=movement, comment=comment, by=by, at=at)
    return movement


def settle(*, movement: Movement, settles: CollectionAccount, fee: Any, by: Any, at: datetime) -> Movement:
    """Take a deposit for a network's lump sum."""
    services.settle_channel(movement=movement, settles=settles, fee=fee, by=by, at=at)
    return movement


def read(*, account: CollectionAccount, file: Any, by: Any, at: datetime) -> ImportRun:
    """Read a file of movements; it is applied by another call."""
    return services.read_movements_file(account=account, upload=file, by=by, at=at)


_ON: dict[str, Any] = {
    "scope": WRITE,
    "permission": P.MATCH_DEPOSITS,
    "find": _deposit,
    "thing": "movement",
    "answers": IncomingMoneyTold,
}
RESOURCES = (
    at(
        "depositos/",
        "api_deposits",
        lists(
            DEPOSITS,
            "Lo que llegó a las cuentas de cobranza",
            scope=READ,
            parts={"state": ("estado", dict(labels.DEPOSIT_TABS), "waiting")},
        ),
    ),
    at(
        "depositos/por-antiguedad/",
        "api_deposits_by_age",
        lists(DEPOSITS_BY_AGE, "Lo que espera destino, por antigüedad", scope=READ),
    ),
    at(
        "depositos/archivos/",
        "api_movement_files",
        lists(MOVEMENT_FILES, "Los archivos de movimientos", scope=READ),
        acts(
            read,
            "Leer un archivo de movimientos sin aplicarlo",
            scope=WRITE,
            permission=P.MATCH_DEPOSITS,
            takes=MovementsCall,
            **TOLD,
            status=201,
            leads=Link("treasury:api_movements_run"),
            example={"account": "mx-collections", "file": "@banco.csv"},
        ),
    ),
    *run_calls(
        "depositos/archivos/",
        "api_movements_run",
        kind=services.MOVEMENTS,
        permission=P.MATCH_DEPOSITS,
        read=READ,
        write=WRITE,
    ),
    at(
        "depositos/<uuid:pk>/",
        "api_deposit",
        shows(_deposit, "Un depósito", scope=READ, permission=P.SEE_COLLECTIONS, answers=IncomingMoneyTold),
    ),
    at(
        "depositos/<uuid:pk>/asignar/",
        "api_match_deposit",
        acts(
            match,
            "Asignar un depósito a uno o varios destinos",
            takes=forms.MatchForm,
            example={"targets": ["fichas:FP-2026-000123"]},
            **_ON,
        ),
    ),
    at(
        "depositos/<uuid:pk>/descartar/",
        "api_discard_deposit",
        acts(
            discard,
            "Apartar un depósito que no es de nadie aquí",
            takes=forms.DiscardForm,
            example={"comment": "Es de otra empresa."},
            **_ON,
        ),
    ),
    at(
        "depositos/<uuid:pk>/liquidar/",
        "api_settle_channel",
        acts(
            settle,
            "Tomar un depósito como la liquidación de una red de cobro",
            takes=forms.SettleForm,
            example={"settles": "mx-stores", "fee": "10.00"},
            **_ON,
        ),
    ),
    at(
        "depositos/<uuid:pk>/deshacer/",
        "api_undo_deposit",
        acts(
            services.undo_deposit,
            "Deshacer lo que se hizo con un depósito",
            takes=forms.UndoForm,
            example={"allocation": "0198c0de-0000-7000-8000-000000000000"},
            **_ON,
        ),
    ),
)
