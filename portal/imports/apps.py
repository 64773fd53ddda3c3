from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "portal.imports"
    label = "imports"

    def ready(self) -> None:
        """Tell people whom an import binds, papers who reads its file, the queue and the inbox of long ones."""
        from portal import queue
        from portal.access import Permission
        from portal.imports.models import ImportTask
        from portal.imports.selectors import visible_files
        from portal.notices.registry import register_notices
        from portal.papers.registry import register_visibility
        from portal.people.registry import register_bindings

        register_bindings("imports.ImportRun.sender", "imports.KnownHeading.sender")
        register_visibility(visible_files)
        queue.register_drain("imports", ImportTask)
        told = {"import_ready": "Se leyó o se aplicó un archivo largo que subiste"}
        register_notices("Archivos largos", told, audience=[Permission.SEE_DESK])
