from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Names the drain, and has the texts of all notices looked for at start."""

    name = "portal.notices"
    label = "notices"

    def ready(self) -> None:
        from django.core import checks

        from portal import queue
        from portal.notices import registry
        from portal.notices.models import Notice

        checks.register(registry.check_texts)

        queue.register_drain("notices", Notice)
