from collections.abc import Sequence

from django.apps import AppConfig

from portal.help.registry import FindingGroup, register_findings


class DeskConfig(AppConfig):
    name = "config.desk"
    label = "desk"

    def ready(self) -> None:
        """Tell the help pages what is looked at in a file, and let people be found."""
        from config.desk import finding
        from portal.listing.search import register_findable

        register_findings(_findings)
        register_findable(*finding.FINDABLES)


def _findings() -> Sequence[FindingGroup]:
    from config.desk import findings

    return findings.for_people()
