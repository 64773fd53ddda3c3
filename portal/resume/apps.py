from typing import Any

from django.apps import AppConfig


class ResumeConfig(AppConfig):
    """Keeps what a form held when its session ended, and hears who signs in."""

    name = "portal.resume"
    label = "resume"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from portal import access
        from portal.resume import keeping

        access.register_resume(keeping.resume_at)
        user_logged_in.connect(_signed_in, dispatch_uid="resume")


def _signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    from portal.resume import keeping

    keeping.note_kept(request, user.pk)
