from django.apps import AppConfig


class FiscalConfig(AppConfig):
    name = "portal.fiscal"
    label = "fiscal"

    def ready(self) -> None:
        """Let the examiner compile schemas and stylesheets once, before it forks."""
        from portal.fiscal import shipped
        from portal.listing.search import Findable, Found, How, Name, as_uuid, nobody, register_findable
        from portal.papers.examiner import register_warm_up
        from portal.people.registry import register_bindings
        from portal.rulebook.registry import register_rules

        # A folio fiscal has no page of its own: the audit page finds the acts on it.
        register_findable(
            Findable(
                "fiscal.taxreceipt",
                "Folios fiscales",
                (Name("uuid", How.WHOLE, as_uuid),),
                nobody,
                lambda row: Found(str(row), "", ""),
            )
        )
        register_warm_up("portal.fiscal.checks.warm_up")
        register_bindings("fiscal.TaxReceipt.party")
        register_rules(shipped.FAMILIES, shipped.RULES)
