"""Treasury's place in the house."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from portal.access import Permission

_BINDINGS = (
    "treasury.AllocationShare.party",
    "treasury.BankAccount.party",
    "treasury.LedgerAccount.party",
    "treasury.Payable.party",
    "treasury.Transfer.party",
)
# What guards accounts and payments always comes by mail.
_MAILS = (
    "treasury/account_change_asked",
    "treasury/account_change_stopped",
    "treasury/account_changed",
    "treasury/account_rejected",
    "treasury/account_validated",
    "treasury/payment_rejected",
    "treasury/payment_returned",
)
_DESK_MAILS = (
    "desk/batch_answered",
    "desk/batch_approved",
    "desk/batch_cancelled",
    "desk/batch_shrunk",
    "desk/batch_stopped",
    "desk/batch_stopped_outside",
    "desk/batch_undone",
    "desk/batch_waits",
)


class TreasuryConfig(AppConfig):
    """Says which stored papers treasury shows to whom."""

    name = "portal.treasury"
    label = "treasury"

    def ready(self) -> None:
        """Register what only treasury knows."""
        from portal import queue
        from portal.folios.registry import register_prefix
        from portal.imports.registry import register_import
        from portal.listing.search import register_findable
        from portal.notices.registry import register_mails, register_notices
        from portal.papers.examiner import register_warm_up
        from portal.papers.registry import register_document_visibility, register_kind, register_visibility
        from portal.people.registry import on_moved, register_bindings, register_under_way
        from portal.rulebook.registry import register_rules
        from portal.treasury import finding, rules, shipped
        from portal.treasury.imports import BANK_ANSWERS
        from portal.treasury.models import AccountDecision
        from portal.treasury.registry import register_ledger
        from portal.treasury.selectors import under_way_to
        from portal.treasury.services import end_accounts, undo_account_decision

        register_findable(*finding.FINDABLES)
        register_ledger(rules.BANK)
        register_import(BANK_ANSWERS)
        _register_collections()
        _register_work()
        on_moved(end_accounts)
        register_under_way(under_way_to)
        register_bindings(*_BINDINGS)
        queue.register_drain("account_decisions", AccountDecision)
        queue.register_undo("account_decisions", undo_account_decision)
        register_warm_up("portal.treasury.statement.warm_up")
        register_visibility(visible_files)
        register_document_visibility(visible_documents)
        register_kind("payment-advice", "Aviso de pago")
        register_rules(shipped.FAMILIES, shipped.RULES)
        register_prefix("LP", "lote de pago")
        _register_scopes()
        register_notices(
            "Pagos", {"treasury/paid": "El banco confirmó un depósito"}, audience=[Permission.SEE_OWN_PAYMENTS]
        )
        register_mails(*_MAILS, audience=[Permission.SEE_OWN_PAYMENTS])
        register_mails(*_DESK_MAILS, audience=[Permission.PREPARE_PAYMENTS, Permission.APPROVE_PAYMENTS])


def _register_work() -> None:
    """What waits for whom, at the desk and at the home of whoever is paid."""
    from portal.treasury import panels, queues
    from portal.work.registry import register_panel, register_queue

    register_queue(*queues.QUEUES)
    register_panel(*panels.PANELS)


def _register_collections() -> None:
    """What comes in: its accounts of the books, its files, the drain that asks what deposits pay."""
    from portal import queue
    from portal.imports.registry import register_import
    from portal.treasury.imports import MOVEMENTS
    from portal.treasury.models import MatchRun
    from portal.treasury.registry import register_ledger
    from portal.treasury.rules import collecting

    register_ledger(*collecting.LEDGER)
    register_import(MOVEMENTS)
    queue.register_drain("deposits", MatchRun)


def _register_scopes() -> None:
    """What a person's own credential may be for here; acting on payments is people's (AU-08)."""
    from portal.people.registry import register_scope

    register_scope("treasury:read", "Leer cuentas bancarias y lotes de pago", own=True)
    register_scope("treasury:write", "Registrar cuentas bancarias y, en la mesa, revisarlas", own=True)


def visible_files(user: Any) -> Any:
    """Statements: their owner and the reviewers. Bank answers: the payments desk. Files of
    movements: collections. A bank file holds whole CLABEs:
    nobody reads it here, its preparer downloads it on the batch's page, where it is recorded."""
    from django.db.models import Q

    from portal.treasury.models import BankAccount, BankResult, MovementFile

    seen = Q(pk__in=BankAccount.objects.visible_to(user).values("statement"))
    if Permission.SEE_PAYMENTS in user.permissions:
        seen |= Q(pk__in=BankResult.objects.values("run__file"))
    if Permission.SEE_COLLECTIONS in user.permissions:
        seen |= Q(pk__in=MovementFile.objects.values("run__file"))
    return seen


def visible_documents(user: Any) -> Any:
    """Payment advices: the payments desk, and whoever sees what they pay; they name bank and last digits (B10)."""
    from django.db.models import Q

    from portal.treasury import registry
    from portal.treasury.models import Payable, Transfer

    if Permission.SEE_PAYMENTS in user.permissions:
        return Q(kind="payment-advice")
    if not any(user.party_ids(kind.see) for kind in registry.payable_kinds()):
        return Q(pk__in=[])
    seen = Transfer.objects.filter(items__payable__in=Payable.objects.visible_to(user), advice__isnull=False)
    return Q(kind="payment-advice", pk__in=seen.values("advice"))
