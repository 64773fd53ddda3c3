from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "portal.help"
    label = "help"

    def ready(self) -> None:
        """Let messages be found."""
        from portal.help import finding
        from portal.listing.search import register_findable

        register_findable(*finding.FINDABLES)
