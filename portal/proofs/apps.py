"""The room's place in the house."""

from __future__ import annotations

from django.apps import AppConfig


class ProofsConfig(AppConfig):
    """Papers that prove an RFC, and RFCs that move to their owner."""

    name = "portal.proofs"
    label = "proofs"

    def ready(self) -> None:
        """Say who reads these papers, what they bind, and what waits at the desk."""
        from portal.notices.registry import register_mails
        from portal.papers.registry import register_visibility
        from portal.people.registry import on_moved, register_bindings
        from portal.proofs import queues, selectors, services
        from portal.work.registry import register_queue

        register_visibility(selectors.visible_files)
        register_bindings("proofs.RfcPaper.party", "proofs.RfcMove.party")
        on_moved(services.end_papers)
        register_queue(*queues.QUEUES)
        register_mails("rfc_move_asked", "rfc_paper_returned")
