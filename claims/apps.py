from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "claims"
    label = "claims"

    def ready(self) -> None:
        """Tell the floor which rules, folios, texts, parties, papers and notices are claims' own."""
        from claims import finding, notices, panels, services, shipped, texts, visibility
        from portal.access import Permission
        from portal.fiscal.registry import register_page
        from portal.folios.registry import register_prefix
        from portal.listing.search import register_findable
        from portal.notices.registry import register_notices
        from portal.papers import registry as papers
        from portal.people.registry import register_bindings, register_consent, register_scope
        from portal.rulebook.registry import register_rules
        from portal.work.registry import register_panel

        register_rules(shipped.FAMILIES, shipped.RULES)
        register_prefix("RB", "reembolso")
        register_prefix("PR", "evento programado")
        register_scope("claims:read", "Leer trámites", own=True)
        register_scope("claims:write", "Presentar y retirar trámites", own=True)
        register_scope("claims:decide", "Tomar y dictaminar trámites", own=True)
        register_bindings(
            "claims.Claim.payee", "claims.Hospital.insurer", "claims.InsurerLink.insurer", "claims.Submission.party"
        )
        self._tell_the_door()
        for kind, label in texts.TEXT_LABELS.items():
            register_consent(kind, label)
        register_notices(notices.GROUP, notices.NOTICES, audience=[Permission.SEE_OWN_CLAIMS])
        papers.register_visibility(visibility.files)
        papers.register_document_visibility(visibility.documents)
        for kind, label in visibility.KINDS.items():
            papers.register_kind(kind, label)
        papers.register_document_folio("RB", "PR")
        papers.on_examined("claim-file", services.hear_examined)
        papers.register_standing("claim_receipt", visibility.receipt_standing)
        papers.register_standing("claim_letter", visibility.letter_standing)
        papers.register_standing("claim_documents", visibility.request_standing)
        register_findable(*finding.FINDABLES)
        register_panel(*panels.PANELS)
        self._tell_desk_and_books()
        self._tell_imports_and_dates()
        register_page("claims.claiminvoice", visibility.invoice_pages)

    def _tell_the_door(self) -> None:
        """How an insured person gets an account."""
        from claims.selectors.registering import asks_birth
        from claims.services.registering import tell_birth
        from portal.people.registry import register_bindings, register_door, register_first_password
        from portal.people.rules import Door

        told = "Para presentar y seguir gastos médicos. Te pedimos lo que dice tu certificado, y tu correo."
        register_door(Door("asegurado", "Persona asegurada", told, "claims:register"))
        register_bindings("claims.PolicyRegistration.insurer")
        register_first_password(asks_birth, tell_birth)

    def _tell_desk_and_books(self) -> None:
        """What waits at the desk, what is owed and booked, what always comes by mail."""
        from claims import notices, payables, queues, rules, selectors, services
        from claims.models import ClaimDue
        from portal.access import Permission
        from portal.calendars.registry import register_due
        from portal.notices.registry import register_mails, register_notices
        from portal.treasury.registry import register_ledger, register_payable
        from portal.work.registry import register_queue

        register_queue(*queues.QUEUES)
        register_mails(*notices.MAILS, audience=[Permission.SEE_OWN_CLAIMS])
        register_notices(notices.DESK_GROUP, notices.DESK_NOTICES, audience=[Permission.DECIDE_CLAIMS])
        register_due(ClaimDue, plan=selectors.reminders_of, remind=services.remind_claim)
        register_ledger(*rules.LEDGER_CODES)
        register_payable(payables.CLAIM)

    def _tell_imports_and_dates(self) -> None:
        """The tables that are taken in, and the dates of a family's calendar."""
        from claims import imports
        from claims.selectors import feed
        from portal.calendars.registry import register_feed
        from portal.imports.registry import register_import

        register_import(imports.HOSPITALS)
        register_import(imports.OPENINGS)
        register_feed(feed.entries)
