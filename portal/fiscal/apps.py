from django.apps import AppConfig


class FiscalConfig(AppConfig):
    name = "portal.fiscal"
    label = "fiscal"

    def ready(self) -> None:
        """Let the examiner compile schemas and stylesheets once, before it forks."""
        from portal.fiscal import finding, shipped
        from portal.listing.search import register_findable
        from portal.papers.examiner import register_warm_up
        from portal.people.registry import register_bindings
        from portal.rulebook.registry import register_rules

        register_findable(*finding.FINDABLES)
        register_warm_up("portal.fiscal.checks.warm_up")
        register_bindings("fiscal.TaxReceipt.party")
        register_rules(shipped.FAMILIES, shipped.RULES)
