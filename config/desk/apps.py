from collections.abc import Sequence

from django.apps import AppConfig

from portal.help.registry import FindingGroup, register_findings


class DeskConfig(AppConfig):
    name = "config.desk"
    label = "desk"

    def ready(self) -> None:
        """Tell the help pages what is looked at in a file, let people be found, and begin an auditor's home."""
        from django.core import checks

        from config.desk import checks as own
        from config.desk import finding, panels
        from portal.listing.search import register_findable
        from portal.work.registry import register_panel

        register_findings(_findings)
        register_findable(*finding.FINDABLES)
        register_panel(*panels.PANELS)
        checks.register(own.check_menu)
        checks.register(own.check_schedule, deploy=True)  # celery makes each command slower to start


def _findings() -> Sequence[FindingGroup]:
    from config.desk import findings

    return findings.for_people()
