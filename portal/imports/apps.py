from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "portal.imports"
    label = "imports"

    def ready(self) -> None:
        """Tell people whom an import binds, and papers who reads its file."""
        from portal.imports.selectors import visible_files
        from portal.papers.registry import register_visibility
        from portal.people.registry import register_bindings

        register_bindings("imports.ImportRun.sender", "imports.KnownHeading.sender")
        register_visibility(visible_files)
