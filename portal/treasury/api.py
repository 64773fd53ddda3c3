"""Treasury's part of the API: the own bank account, its reviews, and batches from the choice to the bank's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer, Found, Instant, Money, With
from portal.api.calls import Asked, acts, at, gives, lists, shows
from portal.imports.rules import RUN
from portal.listing.columns import Link
from portal.papers.views import download_of
from portal.people import rules as people_rules
from portal.people.models import Party
from portal.people.selectors import get_own_party
from portal.treasury import forms, labels, rules, selectors, services
from portal.treasury.answers import answer_of
from portal.treasury.listings import ACCOUNTS, BATCHES, PAYABLES, PAYABLES_BY_DAY
from portal.treasury.models import BankAccount, BankFile, BankResult, Payable, PaymentBatch

READ, WRITE, ACT = "treasury:read", "treasury:write", people_rules.ACTING_SCOPE


class AccountTold(Answer):
    """A bank account; its CLABE is never told whole."""

    id = s.UUIDField()
    holder = s.CharField()
    bank = s.CharField(source="bank_name")
    last4 = s.CharField()
    state = s.ChoiceField(rules.ACCOUNT.choices)
    statement_on = s.DateField(allow_null=True)
    findings = Found(many=True)
    statement = s.UUIDField(source="statement_id")
    submitted_at = Instant(allow_null=True)
    decided_at = Instant(allow_null=True)
    usable_from = Instant(allow_null=True)
    reason = s.CharField()

    def view(self, found: BankAccount) -> BankAccount:
        """As it stands now."""
        return BankAccount.objects.get(pk=found.pk)


class OwnAccounts(Answer):
    """The account that is paid, the one under way, and the last that was refused."""

    current = AccountTold(allow_null=True)
    under_way = AccountTold(allow_null=True)
    refused = AccountTold(allow_null=True)
    on_hold = s.BooleanField()


class PayableTold(Answer):
    """Something that is owed; `wait` says why it cannot be paid now."""

    id = s.UUIDField(source="payable.pk")
    reference = s.CharField(source="payable.reference")
    party = s.CharField(source="payable.party.name")
    amount = Money(source="payable.amount", currency="payable.currency")
    due_on = s.DateField(source="payable.due_on")
    wait = s.CharField()
    until = Instant(allow_null=True)


class Payables(Answer):
    """What can be paid now, and what waits."""

    ready = PayableTold(many=True)
    waiting = PayableTold(many=True)


class TransferTold(Answer):
    """One transfer of a batch."""

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
    why_not = s.CharField()


class BatchTold(Answer):
    """A payment batch: its total, who acted on it, its transfers."""

    id = s.UUIDField()
    folio = s.CharField(allow_null=True)
    state = s.ChoiceField(rules.BATCH.choices)
    total = Money(currency="currency")
    count = s.IntegerField()
    approvals_needed = s.IntegerField()
    prepared_by = s.CharField()
    prepared_at = Instant()
    locked_at = Instant(allow_null=True)
    posted_at = Instant(allow_null=True)
    transfers = TransferTold(many=True)
    acts = ActsTold()
    file = s.CharField(allow_null=True)

    def view(self, found: With) -> With:
        """With its transfers, as they stand now."""
        batch = PaymentBatch.objects.select_related("prepared_by").get(pk=found.pk)
        bank_file = selectors.bank_file_of(batch)
        pays = [
            With(one, pays=sorted(item.payable.reference for item in one.items.all()))
            for one in selectors.transfers_of(batch)
        ]
        told = {"transfers": pays, "acts": selectors.acts_on(batch, by=found.by)}
        return With(batch, prepared_by=str(batch.prepared_by), file=bank_file and bank_file.sha256, **told)


class ResultRow(Answer):
    """What the bank says of one transfer."""

    tracking = s.CharField()
    outcome = s.ChoiceField(["paid", "rejected", "returned"])
    on = s.DateField()
    amount = s.CharField()


class ResultTold(Answer):
    """A bank answer that was read: what applying it does, and what stays out.

    A file whose headings nobody knows tells them, and the columns that it lacks: say on its page which is which.
    """

    id = s.UUIDField()
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


def _party(asked: Asked) -> Party:
    return get_own_party(asked.by, P.MANAGE_OWN_ACCOUNT)


def _use(asked: Asked) -> tuple[Party, str]:
    """The party whose accounts this person manages, and what `?uso=` names, or the first of its purposes."""
    party = _party(asked)
    own = selectors.purposes_of(asked.by, party)
    wanted = asked.query.get("uso", own[0].code if own else "")
    if wanted not in {one.code for one in own}:
        raise Http404
    return party, wanted


def _own_accounts(asked: Asked) -> Any:
    party, purpose = _use(asked)
    return selectors.my_account(party=party, purpose=purpose, at=asked.at)


def _own_account(asked: Asked, pk: UUID) -> BankAccount:
    return get_object_or_404(BankAccount.objects.of_owner(_party(asked)), pk=pk)


def _handed_in(asked: Asked, pk: UUID) -> BankAccount:
    visible = BankAccount.objects.visible_to(asked.by).exclude(submitted_at=None)
    return get_object_or_404(visible.select_related("party", "statement", "replaces", "submitted_by"), pk=pk)


def _batch(asked: Asked, pk: UUID) -> PaymentBatch:
    return get_object_or_404(PaymentBatch.objects.visible_to(asked.by), pk=pk)


def _told(asked: Asked, batch: PaymentBatch) -> With:
    return With(batch, by=asked.by)


def _result(asked: Asked, pk: UUID, result: UUID) -> BankResult:
    rows = BankResult.objects.select_related("run__file", "run__read_by", "batch")
    return get_object_or_404(rows, pk=result, batch=_batch(asked, pk))


def _choices(asked: Asked) -> dict[str, Any]:
    ready, waiting = selectors.choices_for_batch(by=asked.by, at=asked.at)
    return {"ready": ready, "waiting": waiting}


def prepare(*, payables: Sequence[str], by: Any, at: datetime) -> PaymentBatch:
    """Put the chosen payables into a batch."""
    chosen = Payable.objects.visible_to(by).filter(pk__in=payables)
    return services.prepare_batch(payables=chosen.order_by("pk"), by=by, at=at)


def capture(*, use: tuple[Party, str], clabe: str, statement: Any, by: Any, at: datetime) -> BankAccount:
    """Keep a CLABE and the statement that proves it."""
    party, purpose = use
    return services.capture_account(party=party, purpose=purpose, clabe=clabe, upload=statement, by=by, at=at)


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


def _is_kept(asked: Asked, use: tuple[Party, str]) -> dict[str, Any]:
    return {"is_kept": selectors.kept_statement(party=use[0], at=asked.at) is not None}


_WHAT_FOR = {"uso": "Para qué es la cuenta; si falta, la primera de tus usos."}
_OWN: dict[str, Any] = {
    "scope": ACT,
    "permission": P.MANAGE_OWN_ACCOUNT,
    "find": _own_account,
    "thing": "account",
    "answers": AccountTold,
    "fresh": True,
}
_ON_BATCH: dict[str, Any] = {"scope": ACT, "find": _batch, "thing": "batch", "answers": BatchTold, "after": _told}

RESOURCES = (
    at(
        "cuenta-bancaria/",
        "api_my_account",
        shows(
            _own_accounts,
            "Tu cuenta bancaria",
            scope=READ,
            permission=P.MANAGE_OWN_ACCOUNT,
            answers=OwnAccounts,
            query=_WHAT_FOR,
        ),
        acts(
            capture,
            "Registrar una cuenta con su estado de cuenta",
            scope=WRITE,
            permission=P.MANAGE_OWN_ACCOUNT,
            find=_use,
            thing="use",
            query=_WHAT_FOR,
            takes=forms.AccountForm,
            given=_is_kept,
            answers=AccountTold,
            status=201,
            keeps=True,
            example={"clabe": "012180098765432105", "statement": "@estado.pdf"},
        ),
    ),
    at(
        "cuenta-bancaria/<uuid:pk>/enviar/",
        "api_submit_account",
        acts(services.submit_account, "Enviar tu cuenta a revisión", **_OWN),
    ),
    at(
        "cuenta-bancaria/<uuid:pk>/detener/",
        "api_cancel_change",
        acts(services.cancel_change, "Detener un cambio de cuenta", **_OWN),
    ),
    at(
        "mesa/cuentas/",
        "api_account_reviews",
        lists(
            ACCOUNTS,
            "Cuentas en la mesa",
            scope=READ,
            parts={"state": ("estado", dict(labels.REVIEW_TABS), "in_review")},
        ),
    ),
    at(
        "mesa/cuentas/<uuid:pk>/",
        "api_account_review",
        shows(_handed_in, "Una cuenta en la mesa", scope=READ, permission=P.REVIEW_ACCOUNTS, answers=AccountTold),
    ),
    at(
        "mesa/cuentas/<uuid:pk>/decidir/",
        "api_review_account",
        acts(
            services.review_account,
            "Aprobar o rechazar una cuenta",
            scope=WRITE,
            permission=P.REVIEW_ACCOUNTS,
            find=_handed_in,
            thing="account",
            takes=forms.ReviewForm,
            answers=AccountTold,
            example={"decision": "approved", "reason": ""},
        ),
    ),
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
            "Qué se puede pagar ahora y qué espera",
            scope=READ,
            permission=P.PREPARE_PAYMENTS,
            answers=Payables,
        ),
    ),
    at("mesa/pagos/por-pagar/lista/", "api_payables_list", lists(PAYABLES, "Lo que está por pagar", scope=READ)),
    at(
        "mesa/pagos/por-pagar/por-dia/",
        "api_payables_by_day",
        lists(PAYABLES_BY_DAY, "Lo que está por pagar, sumado por día y persona", scope=READ),
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
            fresh=True,
            example={"total": "1170.00"},
            **_ON_BATCH,
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
)
