"""The room's place in the house."""

from __future__ import annotations

from django.apps import AppConfig


class ProofsConfig(AppConfig):
    """Papers that prove an RFC, and RFCs that move to their owner."""

    name = "portal.proofs"
    label = "proofs"

    def ready(self) -> None:
        """Say who reads these papers, and what they bind."""
        from portal.notices.registry import register_mails
        from portal.papers.registry import register_visibility
        from portal.people.registry import on_moved, register_bindings
        from portal.proofs import selectors, services

        register_visibility(selectors.visible_files)
        register_bindings("proofs.RfcPaper.party", "proofs.RfcMove.party")
        on_moved(services.end_papers)
        register_mails("rfc_move_asked", "rfc_paper_returned")
