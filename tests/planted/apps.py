from django.apps import AppConfig


class PlantedConfig(AppConfig):
    name = "tests.planted"
    label = "planted"

    def ready(self) -> None:
        """Declare everything that is the app's own."""
        from portal.access import Permission
        from portal.calendars.registry import register_due, register_feed
        from portal.folios.registry import register_prefix
        from portal.imports.registry import register_import
        from portal.listing.search import register_findable
        from portal.notices.registry import register_notices
        from portal.papers.registry import register_document_folio, register_kind, register_standing
        from portal.people.registry import register_bindings, register_scope, register_sign_up
        from portal.rulebook.registry import register_rules
        from portal.rulebook.replay import register_replay
        from portal.treasury import registry as treasury
        from portal.work.registry import register_queue
        from tests.planted import declares, dues, rules, shipped
        from tests.planted.models import TripDue

        register_rules(shipped.FAMILIES, shipped.RULES)
        register_prefix("VI", "viático")
        register_notices("Viáticos", declares.NOTICES, audience=[Permission.MANAGE_OWN_TEAM])
        register_scope("trips:read", "Leer viáticos", own=True)
        register_bindings("planted.Trip.party")
        treasury.register_purpose(declares.TRAVEL)
        treasury.register_ledger(*rules.LEDGER_CODES)
        treasury.register_payable(declares.TRIP)
        register_import(declares.TRIPS)
        register_findable(*declares.FINDABLES)
        register_queue(declares.TRIPS_TO_APPROVE)
        register_sign_up(declares.SIGN_UP)
        register_replay(rules.CAP, dues.replay_cap)
        register_due(TripDue, plan=dues.reminders_of, remind=dues.remind_trip)
        register_feed(dues.entries)
        register_kind(declares.SLIP, "Orden de viático")
        register_document_folio("VI")
        register_standing(declares.SLIP, dues.slip_standing)
