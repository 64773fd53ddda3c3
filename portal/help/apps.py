from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "portal.help"
    label = "help"

    def ready(self) -> None:
        """Let messages be found and taken, tell which days stand in a calendar, gather every app's guides and kinds."""
        from django.core import checks

        from portal import modules
        from portal.calendars.registry import register_feed
        from portal.design.words import WORDS, Word
        from portal.folios.registry import register_prefix
        from portal.help import finding, guides, queues, registry, rules, selectors, shipped
        from portal.listing.search import register_findable
        from portal.notices.registry import register_notices
        from portal.rulebook.registry import register_rules
        from portal.work.registry import register_queue

        register_findable(*finding.FINDABLES)
        register_feed(selectors.entries)
        register_queue(queues.MESSAGES_TO_ANSWER)
        register_rules(shipped.FAMILIES, shipped.RULES)
        answers = {"contact_received": "Recibimos tu mensaje", "contact_answered": "Contestamos tu mensaje"}
        register_notices("Mensajes de contacto", answers)
        register_prefix(rules.FOLIO_PREFIX, "queja o sugerencia")
        said = [module for _, module in modules.named("guides")]
        for module in sorted(said, key=lambda one: one is guides):  # what every app needs stands below what each says
            for row in getattr(module, "GUIDES", ()):
                rules.GUIDES.declare(row[0], rules.Guide(*row))
        for module in sorted(said, key=lambda one: one is not guides):
            for code, word in getattr(module, "CONTACT_KINDS", ()):
                rules.KINDS.declare(code, word)
            for code, why in getattr(module, "ANSWERED_HERE", ()):
                rules.ELSEWHERE.declare(code, why)
            for row in getattr(module, "WORDS", ()):
                WORDS.declare(row[0], Word(*row))
        checks.register(registry.check_guides)
