from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    label = "billing"

    def ready(self) -> None:
        """Tell the floor what it must call: paid invoices, who reviewed them, who may read their files."""
        from billing import finding, payables, rules, services
        from billing.models import ComplementDecision, InvoiceDecision
        from billing.selectors import replay, visibility
        from portal import queue
        from portal.listing.search import register_findable
        from portal.people.registry import on_moved, register_bindings, register_reach
        from portal.rulebook.replay import register_recount, register_replay
        from portal.treasury import registry

        # Orders that wait for a physician's RFC name no party: they never bar a sign-up (S0.2).
        register_reach(visibility.reached_parties)
        register_bindings("billing.CareOrder.insurer", "billing.Complement.party")
        register_bindings("billing.Invoice.party", "billing.Invoice.insurer")
        register_bindings("billing.Bundle.party")
        register_bindings("billing.PhysicianProfile.party", "billing.SchemeAssignment.party")
        on_moved(services.end_what_was_begun)
        registry.register_purpose(payables.DIGITAL_ORDERS)
        registry.register_ledger(*rules.LEDGER_CODES)
        registry.register_payable(payables.INVOICE)
        self._tell_dates_and_papers()
        self._tell_rules_and_notices()
        queue.register_drain("invoice_decisions", InvoiceDecision)
        queue.register_undo("invoice_decisions", services.undo_invoice_decision)
        queue.register_drain("complement_decisions", ComplementDecision)
        queue.register_undo("complement_decisions", services.undo_complement_decision)
        register_replay("withholding.", replay.withholding)
        register_recount("withholding.", replay.recount)
        register_findable(*finding.FINDABLES)

    def _tell_rules_and_notices(self) -> None:
        """Rules and their rows, the kind of value that is billing's own, what is told, which folios are given."""
        from billing import notices, shipped
        from billing.forms import SCHEME_FIELDS
        from billing.rules.schemes import WITHHOLDING
        from billing.sign_up import ASSISTANT, SIGN_UP
        from portal.access import Permission, Role
        from portal.folios.registry import register_prefix
        from portal.notices.registry import register_notices
        from portal.people.registry import register_helper, register_house_words, register_scope, register_sign_up
        from portal.rulebook.registry import register_rules, register_value_kind

        register_value_kind(WITHHOLDING, SCHEME_FIELDS)
        register_rules(shipped.FAMILIES, shipped.RULES, ends_with_activation=shipped.ENDS_WITH_ACTIVATION)
        register_notices(notices.GROUP, notices.NOTICES, audience=[Permission.SEE_OWN_BILLING])
        register_sign_up(SIGN_UP)
        register_helper(ASSISTANT)
        register_scope("orders:write", "Enviar órdenes de atención", role=Role.INSURER_API)
        register_scope("orders:read", "Leer órdenes de atención", role=Role.INSURER_API)
        register_scope("billing:read", "Leer órdenes, facturas, depósitos y complementos", own=True)
        register_scope("billing:write", "Facturar, subir complementos y, en la mesa, revisarlos", own=True)
        register_house_words("médico", "médica", "factura", "aseguradora")
        register_prefix("FA", "factura")
        register_prefix("OC", "orden tradicional o quirúrgica")

    def _tell_dates_and_papers(self) -> None:
        """Queues, deadlines and calendars, papers and who sees them, where an invoice is seen, what is imported."""
        from billing import panels, queues, selectors, services
        from billing.imports import DIGITAL_ORDERS
        from billing.models import ComplementDue
        from billing.selectors import feed, visibility
        from portal.calendars.registry import register_due, register_feed
        from portal.fiscal.registry import register_page
        from portal.imports.registry import register_import
        from portal.papers import registry as papers
        from portal.work.registry import register_panel, register_queue

        register_queue(*queues.QUEUES)
        register_panel(*panels.PANELS)
        register_due(ComplementDue, plan=selectors.reminders_of, remind=services.remind_complement)
        register_feed(feed.entries)
        register_page("billing.invoice", visibility.invoice_pages)
        papers.register_visibility(visibility.files)
        papers.register_document_visibility(visibility.documents)
        register_import(DIGITAL_ORDERS)
        for kind, label in visibility.KINDS.items():
            papers.register_kind(kind, label)
        papers.register_document_folio("FA")
        papers.register_standing("invoice_receipt", visibility.receipt_standing)
