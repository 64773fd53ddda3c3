from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "portal.papers"
    label = "papers"

    def ready(self) -> None:
        from portal import queue
        from portal.listing.search import register_findable
        from portal.papers import finding
        from portal.papers.models import IssuedDocument, StoredFile
        from portal.people.registry import register_bindings

        queue.register_drain("examinations", StoredFile)
        queue.register_drain("documents", IssuedDocument)
        register_findable(*finding.FINDABLES)
        register_bindings("papers.StoredFile.party", "papers.IssuedDocument.party")
