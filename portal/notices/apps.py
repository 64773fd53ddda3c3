from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Names the drain."""

    name = "portal.notices"
    label = "notices"

    def ready(self) -> None:
        from portal import queue
        from portal.notices.models import Notice

        queue.register_drain("notices", Notice)
