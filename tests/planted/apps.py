from django.apps import AppConfig


class PlantedConfig(AppConfig):
    name = "tests.planted"
    label = "planted"

    def ready(self) -> None:
        """Declare everything that is the app's own."""
        from portal.access import Permission
        from portal.folios.registry import register_prefix
        from portal.imports.registry import register_import
        from portal.listing.search import register_findable
        from portal.notices.registry import register_notices
        from portal.people.registry import register_bindings, register_scope
        from portal.rulebook.registry import register_rules
        from portal.treasury import registry as treasury
        from portal.work.registry import register_queue
        from tests.planted import declares, rules, shipped

        register_rules(shipped.FAMILIES, shipped.RULES)
        register_prefix("VI", "viático")
        register_notices(
            "Viáticos", {"planted/approved": "Autorizamos un viático"}, audience=[Permission.MANAGE_OWN_TEAM]
        )
        register_scope("trips:read", "Leer viáticos", own=True)
        register_bindings("planted.Trip.party")
        treasury.register_purpose(declares.TRAVEL)
        treasury.register_ledger(*rules.LEDGER_CODES)
        treasury.register_payable(declares.TRIP)
        register_import(declares.TRIPS)
        register_findable(*declares.FINDABLES)
        register_queue(declares.TRIPS_TO_APPROVE)
