from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "memberships"
    label = "memberships"

    def ready(self) -> None:
        """Tell the floor which rules, folios, parties, dates and accounts of the books are memberships' own."""
        from memberships import imports, notices, selectors, services, shipped
        from memberships.models import BirthdayDue, DuesDue, PriceDue
        from memberships.selectors import feed
        from portal.access import Permission
        from portal.calendars.registry import register_due, register_feed
        from portal.folios.registry import register_prefix
        from portal.imports.registry import register_import
        from portal.notices.registry import register_mails, register_notices
        from portal.people.registry import register_bindings
        from portal.rulebook.registry import register_rules

        register_rules(shipped.FAMILIES, shipped.RULES)
        register_prefix("ME", "membresía")
        register_prefix("FP", "ficha de pago")
        register_prefix("DV", "devolución")
        register_bindings(
            "memberships.CardAttempt.party",
            "memberships.CoveredPerson.party",
            "memberships.Plan.party",
            "memberships.Refund.party",
            "memberships.Slip.party",
        )
        self._tell_treasury()
        register_import(imports.AFFILIATIONS)
        register_import(imports.CERTIFICATES)
        register_feed(feed.entries)
        register_due(DuesDue, plan=selectors.reminders_of, remind=services.remind_dues)
        register_due(BirthdayDue, plan=selectors.birthday_reminders, remind=services.remind_birthday)
        register_due(PriceDue, plan=selectors.price_reminders, remind=services.remind_price)
        register_notices(notices.GROUP, notices.NOTICES, audience=[Permission.SEE_OWN_MEMBERSHIP])
        register_mails(*notices.MAILS, audience=[Permission.SEE_OWN_MEMBERSHIP])
        self._tell_papers_and_search()

    def _tell_treasury(self) -> None:
        """Accounts of the books, what its people are paid back and where, what deposits may pay."""
        from memberships import payables, rules, selectors, services
        from portal.treasury import registry as treasury

        treasury.register_ledger(*rules.LEDGER_CODES)
        treasury.register_purpose(payables.PURPOSE)
        treasury.register_payable(payables.REFUND)
        treasury.register_candidates(
            treasury.Candidates(
                kind="memberships",
                liability=rules.ledger.CREDIT,
                nouns=("membresía", "membresías"),
                offers=selectors.offered_to_deposits,
                targets=selectors.targets_of_deposits,
                find=selectors.find_for_deposits,
                matched=services.hear_matched,
                undone=services.hear_undone,
            )
        )

    def _tell_papers_and_search(self) -> None:
        """Who sees which papers, how a card stands, what is found, what a credential of the API is for."""
        from memberships import finding, queues, sign_up, visibility
        from memberships.panels import PANELS
        from portal.access import Role
        from portal.listing.search import register_findable
        from portal.papers import registry as papers
        from portal.people.registry import register_consent, register_scope, register_sign_up
        from portal.work.registry import register_panel, register_queue

        register_sign_up(sign_up.SIGN_UP)
        register_consent(sign_up.PRIVACY, sign_up.PRIVACY_LABEL)
        register_findable(*finding.FINDABLES)
        register_panel(*PANELS)
        register_queue(*queues.QUEUES)
        papers.register_document_visibility(visibility.documents)
        papers.register_visibility(visibility.files)
        for kind, label in visibility.KINDS.items():
            papers.register_kind(kind, label)
        for kind in (visibility.CARD, visibility.CONSTANCIA):
            papers.register_standing(kind, visibility.member_standing)
        papers.register_standing(visibility.RECEIPT, visibility.receipt_standing)
        papers.register_standing(visibility.SLIP, visibility.slip_standing)
        register_scope("certificates:write", "Entregar certificados de sus pólizas", role=Role.INSURER_API)
        register_scope("memberships:read", "Leer membresías, mensualidades y planes", own=True)
        register_scope(
            "memberships:write", "Hacer fichas de pago, cancelar membresías y, en la mesa, cambiar planes", own=True
        )
