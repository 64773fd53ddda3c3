"""The web server dies while a family fills and sends a claim; in a town of its own, whose rows factories made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.papers import services as papers
from tests.factories import claims as a
from tests.faults import invariants
from tests.faults.ground import Browser, Web
from tests.faults.test_web_killed import killed_then_again
from tests.faults.town import Town
from tests.papers import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_n18_a_claim_filled_and_sent_by_a_web_that_dies_keeps_its_files_and_gets_one_folio(
    place: Town, web: Web
) -> None:
    family = a.a_family()
    claim, browser = a.a_whole_draft(family), Browser(web.port, family.user)
    page, paper = f"/tramites/borradores/{claim.pk}/", makers.pdf("Informe de la clínica")
    killed_then_again(browser, f"{page}archivos/other/", {"files": ("informe.pdf", paper)}, (8, 20, 32))
    killed_then_again(browser, f"{page}revisar/", {"consent": "on"}, (9, 30, 60))
    claim.refresh_from_db()
    assert claim.state == "submitted" and claim.folio.startswith("RB-")
    assert claim.submissions.get().items.filter(file__original_name="informe.pdf").count() == 1
    assert claim.lines.count() == claim.segments.count() == 1
    invariants.folios_have_no_gap()
    papers.sweep(older_than=timedelta(seconds=-60))
