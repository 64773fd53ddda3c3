"""The web server dies while a family fills and sends a claim, a worker while it examines a large file of one.

In a town of its own, whose rows factories made.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from claims import services
from portal import clock
from portal.papers import services as papers
from portal.papers import store
from portal.papers.services import files
from portal.papers.tasks import examine_files
from tests.factories import claims as a
from tests.faults import invariants
from tests.faults.ground import Browser, Web
from tests.faults.test_web_killed import killed_then_again
from tests.faults.test_workers_killed import die_then_finish, told
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


def test_n18_a_large_file_whose_worker_dies_while_it_is_examined_is_examined_and_sent_with_its_claim(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.papers.services.examining.EXAMINED_AT_ONCE", 10)
    family = a.a_family()
    claim, at = a.a_whole_draft(family), clock.now()
    upload = a.upload("estudio.pdf", makers.pdf("Estudio de la clínica"))
    file = services.add_file(claim=claim, upload=upload, document="other", by=family.user, at=at).file
    report = files.ask_examiner(
        content=b"".join(store.read(file)), name="estudio.pdf", kinds={"pdf"}, check=file.check_path, context={}
    )
    monkeypatch.setattr(files, "ask_examiner", lambda **_told: report)  # a child must not start an examiner only to die
    assert file.verdict == "pending"
    assert die_then_finish(examine_files, "papers_storedfile", (4, 9, 14)) == 3
    file.refresh_from_db()
    assert (file.verdict, told("papers.file_examined", file)) == ("accepted", 1)
    sent = services.submit_claim(claim=claim, consented=True, by=family.user, at=at)
    assert sent.folio and sent.submissions.get().items.filter(file=file).count() == 1
    invariants.folios_have_no_gap()
    papers.sweep(older_than=timedelta(seconds=-60))
    assert b"".join(store.read(file)).startswith(b"%PDF")
