from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "portal.papers"
    label = "papers"

    def ready(self) -> None:
        from portal import queue
        from portal.folios.registry import register_prefix
        from portal.listing.registry import on_long_file
        from portal.listing.search import register_findable
        from portal.notices.registry import register_notices
        from portal.notices.services import register_documents
        from portal.papers import finding, selectors, shipped
        from portal.papers.models import IssuedDocument, ListExport, StoredFile
        from portal.papers.registry import register_document_folio, register_visibility
        from portal.papers.views import offer_export
        from portal.people.registry import register_bindings
        from portal.rulebook.registry import register_rules

        queue.register_drain("examinations", StoredFile)
        queue.register_drain("documents", IssuedDocument)
        register_findable(*finding.FINDABLES)
        queue.register_drain("exports", ListExport)
        register_visibility(selectors.own_exports)
        register_documents(
            rendered=selectors.rendered_documents, load=selectors.rendered_pdf, load_file=selectors.stored_pdf
        )
        register_notices("Listas largas", {"list_ready": "Está lista una lista larga que pediste"})
        register_rules(shipped.FAMILIES, shipped.RULES)
        register_prefix("DO", "documento emitido")
        register_document_folio("DO")
        on_long_file(offer_export)
        register_bindings("papers.StoredFile.party", "papers.IssuedDocument.party")
