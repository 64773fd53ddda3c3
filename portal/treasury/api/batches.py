"""What the API offers of payments: what is owed, batches from the choice to the bank's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Found, Instant, Money, With
from portal.api.calls import Asked, acts, at, gives, lists, shows
from portal.imports.api import run_calls
from portal.imports.rules import RUN
from portal.listing.columns import Link
from portal.papers.views import download_of
from portal.people import rules as people_rules
from portal.treasury import forms, registry, rules, selectors, services
from portal.treasury.answers import answer_of
from portal.treasury.listings import BATCHES, PAYABLES, PAYABLES_BY_DAY
from portal.treasury.models import BankFile, BankResult, Payable, PaymentBatch, Transfer
from portal.treasury.rules import attention

READ, ACT = "treasury:read", people_rules.ACTING_SCOPE


class PayableTold(Answer):
    """Something that is owed; `wait` says why it cannot be paid now, `ask` whom to ask about it."""

    id = s.UUIDField(source="payable.pk")
    reference = s.CharField(source="payable.reference")
    party = s.CharField(source="payable.party.name")
    amount = Money(source="payable.amount", currency="payable.currency")
    due_on = s.DateField(source="payable.due_on")
    wait = s.CharField()
    until = Instant(allow_null=True)
    since = Instant(allow_null=True)
    ask = s.CharField()


class AuthoriserTold(Answer):
    """Somebody who may authorise today; `kept_from` says what of these they may not."""

    name = s.CharField()
    kept_from = s.CharField()


class Payables(Answer):
    """What can be paid now, what waits, and who could authorise it today; `against` says what stands against that."""

    ready = PayableTold(many=True)
    waiting = PayableTold(many=True)
    authorisers = AuthoriserTold(many=True)
    against = s.CharField()


class DayTold(Answer):
    """What falls due on a day and stands in no batch; `begins` is another day for what is late."""

    on = s.DateField()
    begins = s.DateField()
    count = s.IntegerField()
    total = Money(currency="currency")
    is_late = s.BooleanField()


class Agenda(Answer):
    """Days of the next four weeks on which something falls due, after what is late."""

    days = DayTold(many=True)


class TransferTold(Answer):
    """One transfer of a batch."""

    id = s.UUIDField()
    number = s.IntegerField()
    tracking = s.CharField()
    holder = s.CharField()
    last4 = s.CharField()
    amount = Money(currency="currency")
    state = s.ChoiceField(rules.TRANSFER.choices)
    pays = s.ListField(child=s.CharField())
    paid_on = s.DateField(allow_null=True)
    reason = s.CharField()


class ActsTold(Answer):
    """What you can do on a batch now; `why_not` where you may not approve it."""

    approve = s.BooleanField()
    cancel = s.BooleanField()
    export = s.BooleanField()
    download = s.BooleanField()
    upload = s.BooleanField()
    send = s.BooleanField()
    withdraw = s.BooleanField()
    why_not = s.CharField()


class BankFileTold(Answer):
    """The file for the bank: made, downloaded first and sent, each with who and when. `sent_by` is empty where the
    bank's answer said it."""

    number = s.IntegerField()
    sha256 = s.CharField()
    made_by = s.CharField(source="exported_by")
    made_at = Instant(source="exported_at")
    downloaded_by = s.CharField(allow_null=True)
    downloaded_at = Instant(allow_null=True)
    sent_by = s.CharField(allow_null=True)
    sent_at = Instant(allow_null=True)


class ReasonTold(Answer):
    """Why a transfer is looked at first."""

    why = s.ChoiceField(list(attention.Why))
    text = s.CharField()


class AttentionTold(Answer):
    """A transfer that is looked at first."""

    transfer = s.UUIDField(source="transfer.pk")
    reasons = ReasonTold(many=True)


class BatchTold(Answer):
    """A payment batch: its total, who acted on it, its transfers, and what to look at before it is authorised."""

    id = s.UUIDField()
    folio = s.CharField(allow_null=True)
    name = s.CharField()
    state = s.ChoiceField(rules.BATCH.choices)
    total = Money(currency="currency")
    count = s.IntegerField()
    approvals_needed = s.IntegerField()
    prepared_by = s.CharField()
    prepared_at = Instant()
    locked_at = Instant(allow_null=True)
    posted_at = Instant(allow_null=True)
    transfers = TransferTold(many=True)
    look_first = AttentionTold(many=True)
    acts = ActsTold()
    file = BankFileTold(allow_null=True)

    def view(self, found: With) -> With:
        """With its transfers, as they stand now."""
        batch = PaymentBatch.objects.select_related("prepared_by").get(pk=found.pk)
        bank_file = selectors.bank_file_of(batch)
        transfers = selectors.transfers_of(batch)
        pays = [With(one, pays=sorted(item.payable.reference for item in one.items.all())) for one in transfers]
        told = {"transfers": pays, "acts": selectors.acts_on(batch, by=found.by), "file": bank_file}
        first = selectors.look_first(batch, transfers, on=clock.today())
        return With(batch, name=str(batch), prepared_by=str(batch.prepared_by), look_first=first, **told)


class OwedTold(Answer):
    """Something that is owed: what for, who accepted it, where it stands; `tries` are the batches that had it."""

    id = s.UUIDField()
    reference = s.CharField()
    party = s.CharField(source="party.name")
    amount = Money(currency="currency")
    due_on = s.DateField()
    due_rule = s.CharField()
    state = s.ChoiceField(rules.PAYABLE.choices)
    reason = s.CharField()
    accepted_by = s.CharField(allow_null=True)
    accepted_at = Instant(allow_null=True)
    concepts = s.ListField(child=s.CharField())
    tries = s.ListField(child=s.UUIDField())

    def view(self, found: Payable) -> With:
        """With what its app says of it."""
        payable = Payable.objects.select_related("party").get(pk=found.pk)
        accepted = registry.accepted([payable]).get(payable.pk)
        return With(
            payable,
            accepted_by=accepted and accepted["by"],
            accepted_at=accepted and accepted["at"],
            concepts=[line["concept"] for line in registry.advice_lines([payable])],
            tries=[one.batch_id for one in selectors.tries_of(payable)],
        )


class ResultRow(Answer):
    """What the bank says of one transfer."""

    tracking = s.CharField()
    outcome = s.ChoiceField(["paid", "rejected", "returned"])
    on = s.DateField()
    amount = s.CharField()


class ResultTold(Answer):
    """A bank answer that was read: what applying it does, and what stays out.

    A file whose headings nobody knows tells them, and the columns that it lacks: say of its `run` which is which.
    """

    id = s.UUIDField()
    run = s.UUIDField(source="run_id")
    batch = s.UUIDField(source="batch_id")
    sha256 = s.CharField(source="run.sha256")
    state = s.ChoiceField(RUN.choices, source="run.state")
    applies = ResultRow(many=True)
    left_out = Found(many=True)
    unanswered = s.IntegerField()
    unknown_headings = s.ListField(child=s.CharField())
    missing_columns = s.ListField(child=s.CharField())
    read_at = Instant(source="run.read_at")
    closed_at = Instant(source="run.closed_at", allow_null=True)

    def view(self, found: BankResult) -> With:
        """Beside the transfers it answers."""
        read = BankResult.objects.select_related("run").get(pk=found.pk)
        told = answer_of(read)
        left = [one.as_json() for one in told.left_out]
        asks = read.run.headings  # until somebody says which heading is which column
        return With(
            read,
            applies=[one["row"] for one in told.rows],
            left_out=left,
            unanswered=told.unanswered,
            unknown_headings=asks.get("foreign", []),
            missing_columns=asks.get("lacking", []),
        )


def _batch(asked: Asked, pk: UUID) -> PaymentBatch:
    return get_object_or_404(PaymentBatch.objects.visible_to(asked.by), pk=pk)


def _transfer(asked: Asked, pk: UUID) -> Transfer:
    return get_object_or_404(Transfer, pk=pk, batch__in=PaymentBatch.objects.visible_to(asked.by))


def _owed(asked: Asked, pk: UUID) -> Payable:
    return get_object_or_404(Payable.objects.visible_to(asked.by), pk=pk)


def _told(asked: Asked, batch: PaymentBatch) -> With:
    return With(batch, by=asked.by)


def _result(asked: Asked, pk: UUID, result: UUID) -> BankResult:
    rows = BankResult.objects.select_related("run__file", "run__read_by", "batch")
    return get_object_or_404(rows, pk=result, batch=_batch(asked, pk))


def _choices(asked: Asked) -> dict[str, Any]:
    due = forms.due_asked(asked.query, on=clock.today())
    ready, waiting = selectors.choices_for_batch(by=asked.by, at=asked.at, due=due)
    told = selectors.who_authorises([row.payable for row in ready], by=asked.by, at=asked.at)
    return {"ready": ready, "waiting": waiting, "authorisers": told.people, "against": told.against}


def prepare(*, payables: Sequence[str], by: Any, at: datetime) -> PaymentBatch:
    """Put the chosen payables into a batch."""
    chosen = Payable.objects.visible_to(by).filter(pk__in=payables)
    return services.prepare_batch(payables=chosen.order_by("pk"), by=by, at=at)


def read_result(*, batch: PaymentBatch, result: Any, by: Any, at: datetime) -> BankResult:
    """Read the bank's answer; it is applied by another call."""
    return services.read_bank_result(batch=batch, upload=result, by=by, at=at)


def write_file(*, batch: PaymentBatch, by: Any, at: datetime) -> PaymentBatch:
    """Write the bank's file, once."""
    return services.export_bank_file(batch=batch, by=by, at=at).batch


def _download(asked: Asked, pk: UUID) -> StreamingHttpResponse:
    """The very bytes; each download is recorded."""
    bank_file = get_object_or_404(BankFile, batch=_batch(asked, pk))
    noted = services.note_download(bank_file=bank_file, by=asked.by, at=asked.at)
    return download_of(noted.file)


def _payable_choices(asked: Asked, _thing: Any) -> dict[str, Any]:
    ready, _ = selectors.choices_for_batch(by=asked.by, at=asked.at)
    return {"choices": [str(row.payable.pk) for row in ready]}


_ON_BATCH: dict[str, Any] = {"scope": ACT, "find": _batch, "thing": "batch", "answers": BatchTold, "after": _told}
_DUE = {
    "desde": "Lo que vence desde este día (AAAA-MM-DD).",
    "hasta": "Lo que vence hasta este día.",
    "moneda": "MXN o CLP.",
}

RESOURCES = (
    at(
        "mesa/pagos/",
        "api_batches",
        lists(BATCHES, "Lotes de pago", scope=READ),
        acts(
            prepare,
            "Preparar un lote con lo que se puede pagar",
            scope=ACT,
            permission=P.PREPARE_PAYMENTS,
            takes=forms.BatchForm,
            given=_payable_choices,
            answers=BatchTold,
            after=_told,
            status=201,
            leads=Link("treasury:api_batch"),
            example={"payables": ["0198c0de-0000-7000-8000-000000000000"]},
        ),
    ),
    at(
        "mesa/pagos/por-pagar/",
        "api_payables",
        shows(
            _choices,
            "Qué se puede pagar ahora, qué espera y quién lo puede autorizar hoy",
            scope=READ,
            permission=P.PREPARE_PAYMENTS,
            answers=Payables,
            query=_DUE,
        ),
    ),
    at(
        "mesa/pagos/agenda/",
        "api_agenda",
        shows(
            lambda asked: {"days": selectors.agenda(at=asked.at)},
            "Lo que vence en cuatro semanas, por día",
            scope=READ,
            permission=P.PREPARE_PAYMENTS,
            answers=Agenda,
        ),
    ),
    at("mesa/pagos/por-pagar/lista/", "api_payables_list", lists(PAYABLES, "Lo que está por pagar", scope=READ)),
    at(
        "mesa/pagos/por-pagar/por-dia/",
        "api_payables_by_day",
        lists(PAYABLES_BY_DAY, "Lo que está por pagar, sumado por día y persona", scope=READ),
    ),
    at(
        "mesa/pagos/por-pagar/<uuid:pk>/",
        "api_payable",
        shows(_owed, "Algo que se debe", scope=READ, permission=P.SEE_PAYMENTS, answers=OwedTold),
    ),
    at(
        "mesa/pagos/<uuid:pk>/",
        "api_batch",
        shows(
            lambda asked, pk: _told(asked, _batch(asked, pk)),
            "Un lote",
            scope=READ,
            permission=P.SEE_PAYMENTS,
            answers=BatchTold,
        ),
    ),
    at(
        "mesa/pagos/<uuid:pk>/autorizar/",
        "api_approve_batch",
        acts(
            services.approve_batch,
            "Autorizar el total de un lote que preparó otra persona",
            permission=P.APPROVE_PAYMENTS,
            takes=forms.ApproveForm,
            given=lambda asked, batch: {"currency": batch.currency},
            fresh=True,
            example={"total": "1170.00"},
            **_ON_BATCH,
        ),
    ),
    at(
        "mesa/pagos/transferencias/<uuid:pk>/quitar/",
        "api_withdraw_transfer",
        acts(
            services.withdraw_transfer,
            "Quitar una transferencia de un lote antes de autorizarlo",
            scope=ACT,
            permission=P.APPROVE_PAYMENTS,
            find=_transfer,
            thing="transfer",
            takes=forms.WithdrawForm,
            answers=BatchTold,
            after=_told,
            example={"reason": "La cuenta bancaria cambió ayer y nadie lo confirmó."},
        ),
    ),
    at(
        "mesa/pagos/<uuid:pk>/cancelar/",
        "api_cancel_batch",
        acts(
            services.cancel_batch,
            "Cancelar un lote",
            permission=(P.PREPARE_PAYMENTS, P.APPROVE_PAYMENTS),
            takes=forms.CancelForm,
            example={"reason": "Falta un papel."},
            **_ON_BATCH,
        ),
    ),
    at(
        "mesa/pagos/<uuid:pk>/archivo/",
        "api_export_bank_file",
        acts(write_file, "Generar el archivo para el banco", permission=P.PREPARE_PAYMENTS, fresh=True, **_ON_BATCH),
    ),
    at(
        "mesa/pagos/<uuid:pk>/archivo/descargar/",
        "api_download_bank_file",
        gives(
            _download,
            "Descargar el archivo para el banco; cada vez queda registrada",
            scope=ACT,
            permission=P.PREPARE_PAYMENTS,
            media="text/csv",
            method="POST",
            fresh=True,
            repeats=True,
        ),
    ),
    at(
        "mesa/pagos/<uuid:pk>/archivo/enviado/",
        "api_note_sent",
        acts(
            services.note_sent, "Decir que el archivo ya se subió al banco", permission=P.PREPARE_PAYMENTS, **_ON_BATCH
        ),
    ),
    at(
        "mesa/pagos/<uuid:pk>/respuesta/",
        "api_read_result",
        acts(
            read_result,
            "Leer la respuesta del banco sin aplicarla",
            scope=ACT,
            permission=P.PREPARE_PAYMENTS,
            find=_batch,
            thing="batch",
            takes=forms.ResultForm,
            answers=ResultTold,
            status=201,
            example={"result": "@respuesta.csv"},
        ),
    ),
    at(
        "mesa/pagos/<uuid:pk>/respuesta/<uuid:result>/",
        "api_bank_result",
        shows(_result, "Qué hace una respuesta leída", scope=READ, permission=P.PREPARE_PAYMENTS, answers=ResultTold),
    ),
    at(
        "mesa/pagos/<uuid:pk>/respuesta/<uuid:result>/aplicar/",
        "api_import_result",
        acts(
            services.import_bank_result,
            "Aplicar una respuesta leída",
            scope=ACT,
            permission=P.PREPARE_PAYMENTS,
            find=_result,
            thing="result",
            answers=BatchTold,
            after=_told,
        ),
    ),
    *run_calls(
        "mesa/pagos/respuestas/",
        "api_answers_run",
        kind=services.ANSWERS,
        permission=P.PREPARE_PAYMENTS,
        read=READ,
        write=ACT,
    ),
)
