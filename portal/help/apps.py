from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "portal.help"
    label = "help"

    def ready(self) -> None:
        """Let messages be found, and tell which days stand in a person's calendar."""
        from portal.calendars.registry import register_feed
        from portal.help import finding, selectors
        from portal.listing.search import register_findable

        register_findable(*finding.FINDABLES)
        register_feed(selectors.entries)
