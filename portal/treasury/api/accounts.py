"""Bank accounts by the API: the own one, and their reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer, Found, Instant
from portal.api.calls import Asked, acts, at, lists, shows
from portal.listing.paging import WHOSE
from portal.people import rules as people_rules
from portal.people.models import Party
from portal.treasury import forms, labels, rules, selectors, services
from portal.treasury.listings import ACCOUNTS
from portal.treasury.models import BankAccount

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


def _use(asked: Asked) -> tuple[Party, str]:
    """The account that `?uso=` and `?persona=` name: its party and its purpose; 404 where it is not theirs."""
    use = selectors.use_of(asked.by, purpose=asked.query.get("uso"), party=asked.query.get(WHOSE))
    if use is None:
        raise Http404
    return Party.objects.get(pk=use.party_id), use.purpose.code


def _own_accounts(asked: Asked) -> Any:
    party, purpose = _use(asked)
    return selectors.my_account(party=party, purpose=purpose, at=asked.at)


def _own_account(asked: Asked, pk: UUID) -> BankAccount:
    return get_object_or_404(BankAccount.objects.of_owners(asked.by.party_ids(P.MANAGE_OWN_ACCOUNT)), pk=pk)


def _handed_in(asked: Asked, pk: UUID) -> BankAccount:
    visible = BankAccount.objects.visible_to(asked.by).exclude(submitted_at=None)
    return get_object_or_404(visible.select_related("party", "statement", "replaces", "submitted_by"), pk=pk)


def capture(*, use: tuple[Party, str], clabe: str, statement: Any, by: Any, at: datetime) -> BankAccount:
    """Keep a CLABE and the statement that proves it."""
    party, purpose = use
    return services.capture_account(party=party, purpose=purpose, clabe=clabe, upload=statement, by=by, at=at)


def _is_kept(asked: Asked, use: tuple[Party, str]) -> dict[str, Any]:
    return {"is_kept": selectors.kept_statement(party=use[0], at=asked.at) is not None}


_WHAT_FOR = {
    "uso": "Para qué es la cuenta bancaria; si falta, el primero de tus usos.",
    WHOSE: "De quién es, si actúas por varias personas; si falta, de quien espera un pago, o la primera.",
}
_OWN: dict[str, Any] = {
    "scope": ACT,
    "permission": P.MANAGE_OWN_ACCOUNT,
    "find": _own_account,
    "thing": "account",
    "answers": AccountTold,
    "fresh": True,
}

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
            "Registrar una cuenta bancaria con su estado de cuenta",
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
        acts(services.submit_account, "Enviar tu cuenta bancaria a revisión", **_OWN),
    ),
    at(
        "cuenta-bancaria/<uuid:pk>/detener/",
        "api_cancel_change",
        acts(services.cancel_change, "Detener un cambio de cuenta bancaria", **_OWN),
    ),
    at(
        "mesa/cuentas/",
        "api_account_reviews",
        lists(
            ACCOUNTS,
            "Cuentas bancarias en la mesa",
            scope=READ,
            parts={"state": ("estado", dict(labels.REVIEW_TABS), "in_review")},
        ),
    ),
    at(
        "mesa/cuentas/<uuid:pk>/",
        "api_account_review",
        shows(
            _handed_in, "Una cuenta bancaria en la mesa", scope=READ, permission=P.REVIEW_ACCOUNTS, answers=AccountTold
        ),
    ),
    at(
        "mesa/cuentas/<uuid:pk>/decidir/",
        "api_review_account",
        acts(
            services.review_account,
            "Aprobar o rechazar una cuenta bancaria",
            scope=WRITE,
            permission=P.REVIEW_ACCOUNTS,
            find=_handed_in,
            thing="account",
            takes=forms.ReviewForm,
            answers=AccountTold,
            example={"decision": "approved", "reason": ""},
        ),
    ),
)
