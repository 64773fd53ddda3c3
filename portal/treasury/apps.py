"""Treasury's place in the house."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    """Says which stored papers treasury shows to whom."""

    name = "portal.treasury"
    label = "treasury"

    def ready(self) -> None:
        """Register what only treasury knows."""
        from portal import queue
        from portal.listing.search import register_findable
        from portal.papers.examiner import register_warm_up
        from portal.papers.registry import register_document_visibility, register_kind, register_visibility
        from portal.people.registry import on_moved, register_bindings, register_under_way
        from portal.treasury import finding
        from portal.treasury.models import AccountDecision
        from portal.treasury.selectors import under_way_to
        from portal.treasury.services import end_accounts, undo_account_decision

        register_findable(*finding.FINDABLES)
        on_moved(end_accounts)
        register_under_way(under_way_to)
        register_bindings("treasury.BankAccount.party", "treasury.LedgerAccount.party")
        register_bindings("treasury.Payable.party", "treasury.Transfer.party")
        queue.register_drain("account_decisions", AccountDecision)
        queue.register_undo("account_decisions", undo_account_decision)
        register_warm_up("portal.treasury.statement.warm_up")
        register_visibility(visible_files)
        register_document_visibility(visible_documents)
        register_kind("payment-advice", "Aviso de pago")


def visible_files(user: Any) -> Any:
    """Statements: their owner and the reviewers. Bank answers: the payments desk. A bank file holds whole CLABEs:
    nobody reads it here, its preparer downloads it on the batch's page, where it is recorded."""
    from django.db.models import Q

    from portal.access import Permission
    from portal.treasury.models import BankAccount, BankResult

    seen = Q(pk__in=BankAccount.objects.visible_to(user).values("statement"))
    if Permission.SEE_PAYMENTS in user.permissions:
        seen |= Q(pk__in=BankResult.objects.values("file"))
    return seen


def visible_documents(user: Any) -> Any:
    """Payment advices name bank and last digits: whoever manages the account, and the payments desk (B10)."""
    from django.db.models import Q

    from portal.access import Permission

    if Permission.SEE_PAYMENTS in user.permissions:
        return Q(kind="payment-advice")
    return Q(kind="payment-advice", party__in=user.proved_party_ids(Permission.MANAGE_OWN_ACCOUNT))
