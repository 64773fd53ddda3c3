from django.apps import AppConfig


class FiscalConfig(AppConfig):
    name = "portal.fiscal"
    label = "fiscal"

    def ready(self) -> None:
        """Let the examiner compile schemas and stylesheets once, before it forks, and an XML be read by people."""
        from portal.fiscal import finding, selectors, shipped
        from portal.listing.search import register_findable
        from portal.papers.examiner import register_warm_up
        from portal.papers.registry import register_receipt
        from portal.people.registry import register_bindings
        from portal.rulebook.registry import register_rules

        register_findable(*finding.FINDABLES)
        register_receipt("xml", selectors.receipt_of_file)
        register_warm_up("portal.fiscal.checks.warm_up")
        register_bindings("fiscal.TaxReceipt.party")
        register_rules(shipped.FAMILIES, shipped.RULES)
