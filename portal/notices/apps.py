from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Names the drain, and has the texts of all notices looked for at start."""

    name = "portal.notices"
    label = "notices"

    def ready(self) -> None:
        from django.core import checks

        from portal import queue
        from portal.access import Permission
        from portal.notices import registry
        from portal.notices.models import Notice

        checks.register(registry.check_texts)
        arrived = {"work_arrived": "Llegó trabajo a una de tus filas"}
        registry.register_notices("Trabajo de la mesa", arrived, audience=[Permission.SEE_DESK])
        registry.register_mails("digest")

        queue.register_drain("notices", Notice)
