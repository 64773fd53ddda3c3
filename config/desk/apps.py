from collections.abc import Sequence

from django.apps import AppConfig

from portal.help.registry import FindingGroup, register_findings


class DeskConfig(AppConfig):
    name = "config.desk"
    label = "desk"

    def ready(self) -> None:
        """Tell the help pages what is looked at in a file."""
        register_findings(_findings)


def _findings() -> Sequence[FindingGroup]:
    from config.desk import findings

    return findings.for_people()
